"""`gateway init`: a new node, whole or not at all.

Everything is made in a hidden folder beside its place and moved there in the end, the
configuration last: a failure, or a crash, leaves no half node that looks like a whole one.
"""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import click

import gateway as package
from gateway.bootstrap.administration import found, make_keys, open_rooms
from gateway.cli.node import operator
from gateway.cli.options import CONFIG_FILE, format_option
from gateway.cli.output import JSON, TABLE, show_record, working
from gateway.cli.settings import settings_text
from gateway.cli.trust_folders import make_trust_folders
from gateway.config import Config, Node, load
from gateway.domain.directory import Directory
from gateway.domain.directory_checks import code_findings, refuse
from gateway.domain.errors import Misconfigured, Refused
from gateway.domain.text import clean
from gateway.pipeline.initialise import Founded
from gateway.ports import Clock

#: What a node consists of; the last one makes it a node.
_PARTS = ("config", "data", CONFIG_FILE.name)
_SHIPPED = ("calendar-vn.toml", "agencies-vn.csv")


@click.command()
@click.argument(
    "directory",
    default=Path(),
    type=click.Path(path_type=Path, file_okay=False),
    metavar="[DIR]",
)
@click.option("--code", required=True, help="Code of the agency that runs the node, as H13.")
@click.option("--name", required=True, help="Its name.")
@format_option(TABLE, JSON)
def init(directory: Path, code: str, name: str, how: str) -> None:
    """Make a new node in DIR (default: here). Nothing that exists is overwritten."""
    directory = directory.absolute()
    with working("making keys and data …"):
        founded = make_node(directory, code=code, name=clean(name))
    record = {
        "directory": str(directory),
        "user_name": founded.user_name,
        "one_time_password": founded.one_time_password,
    }
    show_record(record, how)
    if how == TABLE:
        click.echo("The password is shown once. Next: gateway serve, gateway doctor", err=True)


def make_node(directory: Path, *, code: str, name: str, clock: Clock | None = None) -> Founded:
    """Make the node in *directory*, as of *clock*.

    Raises:
        Refused, Misconfigured: nothing is left then.
    """
    refuse(code_findings(Directory(), code))
    for part in _PARTS:
        if (directory / part).exists():
            raise Refused(f"{directory / part} exists; init overwrites nothing")
    is_new = not directory.exists()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _staging(directory) as staging:
            founded = _make(staging, code=code, name=name, clock=clock)
            _make_durable(staging)
            _move(staging, directory)
    except OSError as error:
        raise Misconfigured(f"{directory}: {error.strerror}: {error.filename}") from error
    finally:
        if is_new and directory.exists() and not any(directory.iterdir()):
            directory.rmdir()
    return founded


def found_node(config: Config, *, clock: Clock | None = None) -> Founded:
    """Make keys and data of the node of *config*, its root agency, its administrator."""
    make_keys(config, clock=clock)

    async def work() -> Founded:
        async with open_rooms(config, clock=clock) as node:
            return await found(node, operator(config))

    return asyncio.run(work())


def shipped_folder() -> Path:
    """Return the folder of the configuration that comes with the program."""
    return Path(package.__file__).parent.parent / "config"


def _make(folder: Path, *, code: str, name: str, clock: Clock | None) -> Founded:
    (folder / "config").mkdir()
    make_trust_folders(folder / "config" / "trust")
    (folder / "data").mkdir(mode=0o700)
    for name_of_file in _SHIPPED:
        shutil.copyfile(shipped_folder() / name_of_file, folder / "config" / name_of_file)
    shutil.copytree(shipped_folder() / "profiles", folder / "config" / "profiles")
    file = folder / CONFIG_FILE
    file.write_text(settings_text(Node(code=code, name=name)), "utf-8")
    return found_node(load(file), clock=clock)


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix=".gateway-init-", dir=directory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move(staging: Path, directory: Path) -> None:
    """Move the finished parts to their place; take back what was moved when one cannot be."""
    moved: list[Path] = []
    try:
        for part in _PARTS:
            (staging / part).rename(directory / part)
            moved.append(directory / part)
    except OSError:
        for path in moved:
            path.rename(staging / path.name)
        raise
    _sync(directory)


def _make_durable(folder: Path) -> None:
    for path in folder.rglob("*"):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
