"""The whole of `gateway.toml`."""

from pathlib import Path

import msgspec

from gateway.config.exchanging import AgencyProfile, Axis, Office, Peer, Relay, Screening
from gateway.config.hours import Hours
from gateway.config.people import Accounts, Notify, Statistics
from gateway.config.serving import Http, Limits, Node, Traces
from gateway.config.signing import Keys, Signatures
from gateway.config.storing import Backup, Retention, RetentionRule, Storage


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `gateway.toml`."""

    node: Node
    http: Http = Http()
    storage: Storage = Storage()
    limits: Limits = Limits()
    hours: Hours = Hours()
    signatures: Signatures = Signatures()
    keys: Keys = Keys()
    relay: Relay = Relay()
    axis: tuple[Axis, ...] = ()
    peer: tuple[Peer, ...] = ()
    office: tuple[Office, ...] = ()
    profile: tuple[AgencyProfile, ...] = ()
    screening: Screening = Screening()
    backup: Backup = Backup()
    retention: Retention = Retention()
    removal: tuple[RetentionRule, ...] = ()
    notify: Notify = Notify()
    statistics: Statistics = Statistics()
    accounts: Accounts = Accounts()
    traces: Traces = Traces()
    folder: Path = Path()  #: where relative paths start; set by :func:`load`, not a key
    file: Path = Path("gateway.toml")  #: whence it was read; no key either

    def path(self, relative: str) -> Path:
        """Return *relative* as an absolute path from the folder of the file."""
        return (self.folder / relative).absolute()
