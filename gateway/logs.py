"""Logs for operators: a JSON object a line, or readable on a terminal. No content, no secrets."""

import logging
import os
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class StandardError:
    """Standard error, a line at a time; a line that its full disk cannot take is lost."""

    def write(self, text: str) -> int:
        """Write *text*, or lose it: a log is no reason to stop a document."""
        with suppress(OSError):
            os.write(2, text.encode(errors="backslashreplace"))
        return len(text)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""


def configure_logs(*, level: str = "INFO") -> None:
    """Send every log of the process to standard error, that of libraries in the same form."""
    number = logging.getLevelNamesMapping()[level]
    terminal = sys.stderr.isatty()
    last: structlog.typing.Processor = (
        # A traceback without local variables: they hold what senders wrote.
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if terminal
        else structlog.processors.JSONRenderer()
    )
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not terminal:
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", StandardError())),
        cache_logger_on_first_use=False,
    )
    libraries = logging.StreamHandler(cast("TextIO", StandardError()))
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[libraries], level=max(number, logging.WARNING))
