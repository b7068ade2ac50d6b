"""The console of people: pages rendered on the server, forms that work without a script."""
