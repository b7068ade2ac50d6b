"""The command line: one file per family of commands, imported when it is called."""


def main() -> None:
    """Run the console script `gateway`."""
    from gateway.cli.root import gateway  # noqa: PLC0415 - `import gateway.cli` stays cheap

    gateway(prog_name="gateway")
