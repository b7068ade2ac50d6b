"""`python -m gateway` is the console script `gateway`."""

from gateway.cli import main

main()
