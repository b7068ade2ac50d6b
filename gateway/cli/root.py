"""The root of all commands: finds them by name, and tells every error in one way.

An error is one clear line on standard error; exit status 1 for what was refused, 2 for wrong
usage. The findings of a refusal follow on standard output, in the format that was asked for.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from gateway.cli.output import FORMAT, JSON, Answered, show_findings, show_json, tell_error
from gateway.domain.errors import GatewayError, Refused
from gateway.domain.findings import Severity
from gateway.logs import configure_logs

#: Every command and where it lives; a module is imported when its command is called or listed.
COMMANDS = {
    "account": "gateway.cli.account:account",
    "agency": "gateway.cli.agency:agency",
    "audit": "gateway.cli.audit:audit",
    "backup": "gateway.cli.backup:backup",
    "calendar": "gateway.cli.calendar:calendar",
    "check": "gateway.cli.check:check",
    "client": "gateway.cli.client:client",
    "demo": "gateway.cli.demo:demo",
    "doctor": "gateway.cli.doctor.command:doctor",
    "export": "gateway.cli.export:export",
    "fetch": "gateway.cli.fetch:fetch",
    "held": "gateway.cli.held:held",
    "inbox": "gateway.cli.office:inbox",
    "incident": "gateway.cli.announcements:incident",
    "init": "gateway.cli.init:init",
    "maintenance": "gateway.cli.announcements:maintenance",
    "office": "gateway.cli.connecting:office",
    "queue": "gateway.cli.queue:queue",
    "receipt": "gateway.cli.receipt:receipt",
    "receipts": "gateway.cli.office:receipts",
    "restore": "gateway.cli.backup:restore",
    "retention": "gateway.cli.retention:retention",
    "send": "gateway.cli.send:send",
    "serve": "gateway.cli.serve:serve",
    "stats": "gateway.cli.stats:stats",
    "status": "gateway.cli.office:status",
    "store": "gateway.cli.store:store",
    "trust": "gateway.cli.trust:trust",
    "upgrade": "gateway.cli.upgrade:upgrade",
}


class Root(click.Group):
    """The group `gateway`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command *cmd_name*."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as in click
        """Run the command; tell what the house refuses."""
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            tell_error(_in_one_line(error))
            if isinstance(error, Answered) and ctx.meta.get(FORMAT) == JSON:
                show_json(error.body)
            elif isinstance(error, Refused):
                show_findings(error.findings, ctx)
            ctx.exit(1)

    def main(  # type: ignore[override] # click overloads it for its standalone mode
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        **extra: Any,  # noqa: ANN401 - as in click
    ) -> NoReturn:
        """Run the command line and leave with its exit status."""
        extra["standalone_mode"] = False
        configure_logs(level="WARNING")  # to standard error: standard output is for data
        try:
            status = super().main(args, prog_name, **extra)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            status = error.exit_code
        except click.UsageError as error:
            tell_error(f"{error.format_message()}{_see_help(error.ctx)}")
            status = error.exit_code
        except click.ClickException as error:
            tell_error(error.format_message())
            status = error.exit_code
        except click.Abort:
            tell_error("stopped")
            status = 130
        except BrokenPipeError:  # whoever read our output has left, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = 1
        sys.exit(status if isinstance(status, int) else 0)


#: The gravest first: what refuses is told before what is only remarked.
_GRAVITY = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def _in_one_line(error: GatewayError) -> str:
    """Return the message of *error*, with the first of its findings where it does not say it."""
    if not isinstance(error, Refused) or not error.findings:
        return error.message
    gravest = min(error.findings, key=lambda each: _GRAVITY.index(each.severity))
    first, more = gravest.message_en, len(error.findings) - 1
    told = error.message if first in error.message else f"{error.message}: {first}"
    return f"{told} (and {more} more)" if more else told


def _see_help(ctx: click.Context | None) -> str:
    return f" (see `{ctx.command_path} --help`)" if ctx is not None else ""


gateway = Root(
    name="gateway",
    help="Exchange official documents between state agencies: run a node, keep its directory, "
    "send and receive as an office.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
gateway = click.version_option(package_name="liaison-gateway", prog_name="gateway")(gateway)
