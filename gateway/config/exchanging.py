"""`[relay]`, `[[axis]]`, `[[peer]]`, `[[office]]`, `[[profile]]`, `[screening]`: who gets what, and how."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.config.sentence import doc


class Relay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How deliveries are tried."""

    lanes: Annotated[int, Meta(ge=1, description="destinations served at the same time")] = 16
    send_timeout_s: Annotated[float, Meta(gt=0, description="longest single attempt")] = 60.0
    first_delay_s: Annotated[float, Meta(gt=0, description="pause after a first failure")] = 5.0
    longest_delay_s: Annotated[float, Meta(gt=0, description="pauses double up to this")] = 3600.0
    deadline_h: Annotated[float, Meta(gt=0, description="after this a delivery has failed")] = 72.0
    least_attempts: Annotated[
        int, Meta(ge=1, description="and never before so many attempts: clocks can jump")
    ] = 8
    receipt_deadline_h: Annotated[
        float, Meta(gt=0, description="handed over and not heard of for so long has failed")
    ] = 720.0
    poll_s: Annotated[float, Meta(gt=0, description="look for due work and incoming files")] = 1.0
    least_kb_s: Annotated[
        float,
        Meta(ge=0.1, description="a way to an axis or a node may be this slow, kB/s; not slower"),
    ] = 2.0
    most_waiting: Annotated[
        int, Meta(ge=1, description="of one destination; what would add to it gets 503")
    ] = 100_000
    directory_s: Annotated[
        float, Meta(gt=0, description="compare the lists of agencies with each axis so often")
    ] = 3600.0


class Axis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An axis or a peer node (trục liên thông)."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$", description="its name here")]
    adapter: Annotated[str, doc("adapter that speaks with it")]
    endpoint: Annotated[str, doc("address, or folder of the folder adapter")] = ""
    codes: Annotated[
        tuple[str, ...], doc('codes it serves with all below; "*" is all the rest')
    ] = ("*",)
    systemid: Annotated[str, doc("our name there")] = ""
    secret_env: Annotated[str, doc("variable that holds the secret")] = ""
    secret_file: Annotated[str, doc("file that holds the secret")] = ""
    ca_file: Annotated[
        str, doc("PEM file of the authorities believed there; empty: those of the machine")
    ] = ""
    client_certificate: Annotated[str, doc("PEM file of the certificate that we show there")] = ""
    client_key: Annotated[str, doc("PEM file of its private key")] = ""


class Peer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that must show its certificate."""

    agency: Annotated[str, doc("code of its credential here")]
    names: Annotated[
        tuple[str, ...], doc("common or host names of its certificate; empty: the code")
    ] = ()


class Office(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agency of this node is reached."""

    agency: Annotated[str, doc("its code")]
    delivery: Annotated[str, doc("pull, webhook, folder, desk, or another adapter")] = "pull"
    url: Annotated[str, doc("where a webhook posts to")] = ""
    folder: Annotated[str, doc("folder that the office and the node share")] = ""
    secret_env: Annotated[str, doc("variable that holds the webhook's secret")] = ""
    secret_file: Annotated[str, doc("file that holds the webhook's secret")] = ""
    profile: Annotated[str, doc("policy profile; empty: that of the agency above it")] = ""


class AgencyProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which policy profile an agency, with all below it, follows from day to day."""

    agency: Annotated[str, doc("its code")]
    name: Annotated[str, doc("profile: a file of screening.profiles, or one that is shipped")]
    since: Annotated[str, doc("first day, YYYY-MM-DD; empty: always")] = ""
    until: Annotated[str, doc("last day, YYYY-MM-DD; empty: for good")] = ""


class Screening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must not travel."""

    profile: Annotated[str, doc("policy profile of agencies that have none of their own")] = (
        "default"
    )
    profiles: Annotated[str, doc("folder of the node's profiles, beside those shipped")] = (
        "config/profiles"
    )
    macros: Annotated[Literal["refuse", "warn"], doc("office files with macros")] = "refuse"
    encrypted: Annotated[Literal["refuse", "warn"], doc("files that need a password")] = "refuse"
    clamd: Annotated[
        str, doc("virus scanner, unix:/path or tcp://host:port; empty: files are not scanned")
    ] = ""
    clamd_timeout_s: Annotated[float, Meta(gt=0, description="longest scan of one file")] = 10.0
    unscanned: Annotated[
        Literal["hold", "pass"], doc("when the scanner gives no answer; pass leaves a warning")
    ] = "hold"
