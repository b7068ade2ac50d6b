"""`[notify]`, `[statistics]`, `[accounts]`: who is told, what is reported, who may sign in."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.config.sentence import doc


class Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Notices."""

    folder: Annotated[str, doc("where notices and reports are written")] = "data/notices"
    smtp_host: Annotated[str, doc("mail server; empty: nothing is sent by mail")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="its TCP port")] = 587
    smtp_tls: Annotated[
        Literal["starttls", "tls", "none"],
        doc("TLS after STARTTLS, from the first byte, or none, which takes no password"),
    ] = "starttls"
    smtp_ca_file: Annotated[
        str, doc("PEM file of the authorities believed there; empty: those of the machine")
    ] = ""
    smtp_user: Annotated[str, doc("user name there; empty: none is asked for")] = ""
    smtp_secret_env: Annotated[str, doc("variable that holds the password")] = ""
    smtp_secret_file: Annotated[str, doc("file that holds it")] = ""
    smtp_from: Annotated[str, doc("address that mails come from")] = ""
    smtp_timeout_s: Annotated[float, Meta(gt=0, description="longest step of one mail")] = 30.0
    smtp_deadline_h: Annotated[
        float, Meta(gt=0, description="a mail that is not taken for so long has failed")
    ] = 72.0
    to: Annotated[
        tuple[str, ...],
        doc("addresses that are told beside those of agencies and accounts"),
    ] = ()
    escalation: Annotated[
        tuple[str, ...],
        doc("addresses written to, one after the other, while no administrator acknowledges"),
    ] = ()
    escalate_minutes: Annotated[
        float, Meta(gt=0, description="an incident waits so long for each of them")
    ] = 30.0
    escalate_from: Annotated[
        Literal["minor", "major", "critical"], doc("the least grave incident that does")
    ] = "major"
    maintenance_h: Annotated[
        tuple[Annotated[float, Meta(gt=0)], ...],
        doc("hours before maintenance at which it is told again"),
    ] = (72.0, 24.0, 1.0)
    axis_minutes: Annotated[
        float, Meta(gt=0, description="an axis out of reach for so long is an incident")
    ] = 15.0
    well_minutes: Annotated[
        float, Meta(ge=0, description="an incident of the node's own closes when well for so long")
    ] = 5.0
    chain_h: Annotated[
        float, Meta(ge=0, description="the audit chain is recomputed so often; 0: by hand only")
    ] = 24.0
    clock_s: Annotated[
        float, Meta(ge=0, description="a clock that is off by more is an incident; 0: not watched")
    ] = 30.0
    ntp_servers: Annotated[
        tuple[str, ...], doc("asked for the time, host or host:port; empty: only axes tell it")
    ] = ()


class Statistics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures."""

    reports: Annotated[
        tuple[Literal["month", "quarter", "half", "year"], ...],
        doc("periods of which a report is written to notify.folder once they are over"),
    ] = ("month", "quarter", "half", "year")
    public: Annotated[bool, doc("figures of past quarters are shown to everybody at /figures")] = (
        False
    )
    public_least: Annotated[
        int, Meta(ge=2, description="no count under this one is shown there")
    ] = 5
    public_per_minute: Annotated[
        int, Meta(ge=1, description="requests for them from one address, more get 429")
    ] = 60


class Accounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People."""

    name_rule: Annotated[
        Literal["initials", "one-middle"],
        doc("user names: every middle name gives its initial, or only the first (S0 3.2, S4 7.1)"),
    ] = "initials"
    name_suffix: Annotated[str, doc("behind the dot of user names; empty: the agency's")] = ""
    password_length: Annotated[
        int, Meta(ge=8, le=64, description="least length of a password, characters")
    ] = 12
    password_days: Annotated[
        int, Meta(ge=0, description="a password must be changed after so long; 0: never")
    ] = 180
    password_grace_days: Annotated[
        int, Meta(ge=1, description="an overdue change that is not made locks after so long")
    ] = 14
    unused_days: Annotated[
        int, Meta(ge=0, description="not put to use so long after issue is locked; 0: never")
    ] = 30
    idle_days: Annotated[
        int, Meta(ge=0, description="without sign-in for so long is revoked; 0: never")
    ] = 60
    warn_days: Annotated[int, Meta(ge=0, description="people are warned so long before")] = 7
    failures: Annotated[
        int, Meta(ge=3, description="wrong passwords or codes in a row that lock")
    ] = 5
    failures_lock_minutes: Annotated[
        int, Meta(ge=0, description="how long they lock; 0: until somebody unlocks")
    ] = 15
    second_factor: Annotated[
        tuple[Literal["admin", "auditor", "clerk", "viewer"], ...],
        doc("roles that need one-time codes; the others may use them"),
    ] = ("admin",)
    four_eyes: Annotated[bool, doc("a second administrator approves every right")] = False
    session_minutes: Annotated[
        int, Meta(ge=1, description="a session ends after so long without a request")
    ] = 30
    session_hours: Annotated[int, Meta(ge=1, description="and in any case after so long")] = 10
    sign_ins_per_minute: Annotated[
        int, Meta(ge=1, description="attempts to sign in from one address, more get 429")
    ] = 20
