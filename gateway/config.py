"""`gateway.toml` as frozen values: the only file that reads TOML, files of secrets or variables.

Every key is a field here with its sentence; `gateway init` writes the file from this module. An
unknown key is an error that names the key and its nearest known neighbour. Relative paths start
at the folder of the file. Secrets come by ``…_env`` or ``…_file`` only.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from gateway.domain.errors import Misconfigured
from gateway.domain.mail import is_address
from gateway.domain.peers import code_of_peer
from gateway.domain.retention import RECALL_RULE

EXTENSIONS = (
    "txt",
    "rtf",
    "doc",
    "docx",
    "odt",
    "csv",
    "xls",
    "xlsx",
    "ods",
    "ppt",
    "pptx",
    "odp",
    "pdf",
    "jpeg",
    "jpg",
    "png",
    "gif",
    "tif",
    "tiff",
    "zip",
)


def _doc(text: str) -> Meta:
    return Meta(description=text)


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who this node is."""

    code: Annotated[str, _doc("code of the agency that runs the node, root of its agencies")]
    name: Annotated[str, _doc("its name")] = ""
    timezone: Annotated[str, _doc("civil time of the node; turns the year of the numbers")] = (
        "Asia/Ho_Chi_Minh"
    )
    locale: Annotated[Literal["vi", "en"], _doc("language of pages and messages")] = "vi"


class Http(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The door."""

    host: Annotated[
        str, _doc("address to listen on; beyond loopback TLS or a proxy is needed")
    ] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="TCP port")] = 8080
    tls_certificate: Annotated[str, _doc("PEM file, reloaded when it changes; empty: no TLS")] = ""
    tls_key: Annotated[str, _doc("PEM file of the private key")] = ""
    peer_port: Annotated[
        int,
        Meta(ge=0, le=65535, description="port where nodes show their certificates; 0: none"),
    ] = 0
    trusted_proxies: Annotated[
        tuple[str, ...], _doc("addresses or networks of proxies that end TLS for us")
    ] = ()
    metrics_from: Annotated[
        tuple[str, ...], _doc("networks that may read /metrics beside loopback")
    ] = ()
    max_connections: Annotated[
        int, Meta(ge=1, description="open connections, more are closed at once")
    ] = 2000
    connections_of_address: Annotated[
        int, Meta(ge=1, description="the same of one address but loopback and trusted proxies")
    ] = 200
    head_timeout_s: Annotated[
        float, Meta(gt=0, description="in which the head of a request must be complete")
    ] = 10.0
    max_requests: Annotated[
        int, Meta(ge=1, description="requests served at once, more get 503 with Retry-After")
    ] = 512
    behind_s: Annotated[
        float, Meta(gt=0, description="submissions wait for longer than this: more get 503")
    ] = 3.0
    streams: Annotated[int, Meta(ge=1, description="open /events, more get 503")] = 1000
    streams_of_agency: Annotated[
        int, Meta(ge=1, description="open /events of one agency, more get 429")
    ] = 20
    large_uploads: Annotated[
        int,
        Meta(ge=1, description="bodies over 1 MB taken in at once, half of them of one agency"),
    ] = 48
    body_timeout_s: Annotated[
        float, Meta(gt=0, description="longest silence of a client that sends a body")
    ] = 30.0
    body_grace_s: Annotated[
        float, Meta(ge=0, description="a body may be slower than the least rate for so long")
    ] = 30.0
    body_least_kb_s: Annotated[
        float, Meta(gt=0, description="least average rate of a body, kB/s; slower gets 408")
    ] = 16.0


class Storage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cellar."""

    database: Annotated[str, _doc("sqlite:///path or postgresql://…")] = (
        "sqlite:///data/gateway.db"
    )
    documents: Annotated[str, _doc("file:path or s3://bucket/prefix")] = "file:data/documents"
    minimum_free_mb: Annotated[
        int, Meta(ge=0, description="free disk space under which submissions get 503")
    ] = 256
    behind_s: Annotated[
        float, Meta(gt=0, description="writes wait for longer than this: submissions get 503")
    ] = 5.0
    spool: Annotated[str, _doc("folder for files on their way to a bucket")] = "data/spool"
    cache_mb: Annotated[
        int, Meta(ge=0, description="so much of what was just put into a bucket stays at hand")
    ] = 32
    s3_endpoint: Annotated[str, _doc("https://… of the server of the bucket; empty: Amazon's")] = (
        ""
    )
    s3_region: Annotated[str, _doc("region of the bucket")] = "us-east-1"
    s3_key_env: Annotated[
        str, _doc("variable that holds the access key id; without env or file: AWS_ACCESS_KEY_ID")
    ] = ""
    s3_key_file: Annotated[str, _doc("file that holds it")] = ""
    s3_secret_env: Annotated[
        str, _doc("variable that holds the secret key; without: AWS_SECRET_ACCESS_KEY")
    ] = ""
    s3_secret_file: Annotated[str, _doc("file that holds it")] = ""
    s3_ca_file: Annotated[
        str, _doc("PEM file of the authorities believed there; empty: those of the machine")
    ] = ""
    s3_encryption: Annotated[
        Literal["", "AES256", "aws:kms", "aws:kms:dsse"],
        _doc("what the server is told to encrypt files with; empty: as the bucket is set"),
    ] = ""
    s3_kms_key: Annotated[str, _doc("key at the server's key service, for aws:kms")] = ""
    s3_conditional: Annotated[
        bool, _doc("tell the server to write over nothing; false where it cannot (501)")
    ] = True
    s3_timeout_s: Annotated[
        float, Meta(gt=0, description="longest single request to it, of 5 MB at most")
    ] = 5.0


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a sender may send. Sizes are binary: 1 MB = 1,048,576 bytes."""

    attachment_mb: Annotated[int, Meta(ge=1, description="one file, decoded, inclusive")] = 25
    total_mb: Annotated[int, Meta(ge=1, description="a whole body")] = 256
    attachments: Annotated[int, Meta(ge=1, description="files of one document")] = 50
    recipients: Annotated[int, Meta(ge=1, description="recipients of one document")] = 5000
    clock_tolerance_s: Annotated[
        int, Meta(ge=0, description="a date may be of the next day so long before midnight")
    ] = 300
    metadata_kb: Annotated[int, Meta(ge=1, le=1024, description="the metadata part")] = 1024
    extensions: Annotated[
        tuple[str, ...], _doc("allowed; p7s, p7m and a signed xml only beside another part")
    ] = EXTENSIONS
    archive_depth: Annotated[int, Meta(ge=1, le=4, description="1: no archive in an archive")] = 1
    archive_entries: Annotated[int, Meta(ge=1, le=20000, description="files of an archive")] = 1000
    archive_mb: Annotated[int, Meta(ge=1, description="what an archive may unpack to")] = 512
    archive_ratio: Annotated[
        int, Meta(ge=10, description="unpacked to packed, of a file that unpacks to over 1 MB")
    ] = 200
    inspectors: Annotated[
        int, Meta(ge=1, le=64, description="processes that inspect what is risky to read")
    ] = 2
    inspection_s: Annotated[
        float, Meta(gt=0, le=14, description="of one file; then of no other of the document")
    ] = 10.0
    inspection_mb: Annotated[
        int, Meta(ge=64, description="memory that the inspection of one file may take")
    ] = 120


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Office hours (giờ hành chính) and what they move."""

    sessions: Annotated[
        tuple[str, ...], _doc("sessions of a working day, opening in, closing out")
    ] = (
        "07:30-11:30",
        "13:30-17:30",
    )
    workdays: Annotated[tuple[str, ...], _doc("ordinary working days")] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    )
    break_is_outside: Annotated[bool, _doc("the midday break counts as outside")] = True
    normalise_sending: Annotated[
        bool, _doc("sending times move too (S1 art. 7.3), not only receiving (S2 art. 10.2)")
    ] = True
    sent_when: Annotated[
        Literal["entered", "acknowledged"],
        _doc("sent when it entered the node, or when first acknowledged (S2 art. 10.1)"),
    ] = "entered"
    calendar: Annotated[
        tuple[str, ...], _doc("files of dated sessions, days off, worked days")
    ] = ("config/calendar-vn.toml",)
    four_eyes: Annotated[
        bool, _doc("a second administrator approves every change of the calendar")
    ] = False


#: With which the names of agencies begin. As people write them, with accents: without, "vụ" would
#: be the family name Vũ and "trường" Trương; and without accents what is no family name then.
AGENCY_WORDS = (
    "ủy ban",
    "uỷ ban",
    "ubnd",
    "hđnd",
    "hội đồng",
    "bộ",
    "sở",
    "cục",
    "chi cục",
    "tổng cục",
    "vụ",
    "văn phòng",
    "phòng",
    "thanh tra",
    "trung tâm",
    "viện",
    "học viện",
    "trường",
    "bệnh viện",
    "tỉnh ủy",
    "thành ủy",
    "huyện ủy",
    "quận ủy",
    "thị ủy",
    "đảng ủy",
    "liên đoàn",
    "công đoàn",
    "mặt trận",
    "hội",
    "tòa án",
    "kho bạc",
    "bảo hiểm xã hội",
    "công an",
    "thuế",
    "hải quan",
    "chính phủ",
    "quốc hội",
    "tổng công ty",
    "công ty",
    "quỹ",
    "đài",
    "tạp chí",
    "nhà xuất bản",
    "cơ quan",
    "đơn vị",
    "tổ chức",
    "ban quản lý",
    "ban chỉ đạo",
    "ban dân tộc",
    "ban tổ chức",
    "ban tuyên giáo",
    "ban nội chính",
    "ban cơ yếu",
    "uy ban",
    "hdnd",
    "hoi dong",
    "so",
    "bo",
    "cuc",
    "chi cuc",
    "tong cuc",
    "van phong",
    "trung tam",
    "hoc vien",
    "benh vien",
    "tinh uy",
    "thanh uy",
    "huyen uy",
    "quan uy",
    "dang uy",
    "lien doan",
    "cong doan",
    "co quan",
    "don vi",
    "to chuc",
    "ban quan ly",
    "agency",
    "department",
    "ministry",
    "office",
    "people's committee",
    "organisation",
    "organization",
)


class Signatures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trust."""

    trust: Annotated[tuple[str, ...], _doc("folders of trust anchors")] = ("config/trust",)
    revocation: Annotated[
        Literal["require", "prefer"],
        _doc("without a current CRL or OCSP response nothing is decided, or it counts as good"),
    ] = "require"
    revocation_folder: Annotated[str, _doc("where fetched revocation lists are kept")] = (
        "data/revocation"
    )
    crl_every_h: Annotated[
        float, Meta(ge=0, description="fetch the lists of trusted authorities so often; 0: never")
    ] = 0.0
    ocsp_every_h: Annotated[
        float,
        Meta(ge=0, description="ask so often about those who signed lately; 0: never"),
    ] = 0.0
    crl_urls: Annotated[
        tuple[str, ...], _doc("further places of lists, beside those in trusted certificates")
    ] = ()
    claimed_time: Annotated[
        Literal["unproven", "accepted"],
        _doc("whether a signing time without time stamp proves what was valid then"),
    ] = "unproven"
    allow_sha1: Annotated[bool, _doc("accept SHA-1 in signatures and certificates")] = False
    least_rsa_bits: Annotated[int, Meta(ge=512, description="shorter RSA keys are too weak")] = (
        2048
    )
    person_marks: Annotated[
        tuple[str, ...],
        _doc(
            "attributes of a person's certificate, `name` or `name:beginning`; these count first"
        ),
    ] = ("given_name", "surname", "title", "user_id:CCCD", "user_id:CMND", "serial_number:CCCD")
    agency_marks: Annotated[
        tuple[str, ...], _doc("the same of an agency's; so is a name equal to its organisation")
    ] = ("organization_identifier", "user_id:MST", "user_id:MDD")
    agency_words: Annotated[
        tuple[str, ...],
        _doc("with which the names of agencies begin; accents count, case does not"),
    ] = AGENCY_WORDS
    agency_codes: Annotated[
        tuple[str, ...],
        _doc(
            "attributes that hold the agency's code, `name` or `name:before`; else names are compared"
        ),
    ] = ("organization_identifier", "user_id:MDD")
    unmarked: Annotated[
        Literal["person", "unknown"], _doc("who a certificate without any mark belongs to")
    ] = "person"
    workers: Annotated[int, Meta(ge=1, le=64, description="processes that verify")] = 2
    verify_timeout_s: Annotated[
        float, Meta(gt=0, description="longest verification of one file")
    ] = 20.0
    verify_memory_mb: Annotated[
        int, Meta(ge=64, description="memory that one verification may use")
    ] = 768


class Keys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The node's own keys."""

    certificate: Annotated[str, _doc("chain of the signing key, PEM")] = "config/node.crt"
    key_file: Annotated[str, _doc("signing key, PEM, P-256")] = "config/secrets/node.key"
    former: Annotated[
        tuple[str, ...], _doc("files or folders of certificates that signed receipts before")
    ] = ()
    tsa_url: Annotated[
        str,
        Meta(
            pattern="^(https?://.+)?$",
            description="authority (RFC 3161) that stamps receipts, http(s)://…; empty: none",
        ),
    ] = ""
    tsa_trust: Annotated[
        tuple[str, ...], _doc("files or folders of certificates that its stamps must come of")
    ] = ("config/trust/timestamp",)
    tsa_every_s: Annotated[
        float, Meta(gt=0, description="receipts of so long are stamped together")
    ] = 60.0
    tsa_timeout_s: Annotated[float, Meta(gt=0, description="longest wait for its answer")] = 20.0
    tsa_limit_h: Annotated[
        float, Meta(gt=0, description="a receipt without a stamp for so long is an error")
    ] = 24.0
    secret_file: Annotated[str, _doc("key that encrypts stored secrets")] = (
        "config/secrets/node.secret"  # noqa: S105 - a path
    )


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
    adapter: Annotated[str, _doc("adapter that speaks with it")]
    endpoint: Annotated[str, _doc("address, or folder of the folder adapter")] = ""
    codes: Annotated[
        tuple[str, ...], _doc('codes it serves with all below; "*" is all the rest')
    ] = ("*",)
    systemid: Annotated[str, _doc("our name there")] = ""
    secret_env: Annotated[str, _doc("variable that holds the secret")] = ""
    secret_file: Annotated[str, _doc("file that holds the secret")] = ""
    ca_file: Annotated[
        str, _doc("PEM file of the authorities believed there; empty: those of the machine")
    ] = ""
    client_certificate: Annotated[str, _doc("PEM file of the certificate that we show there")] = ""
    client_key: Annotated[str, _doc("PEM file of its private key")] = ""


class Peer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that must show its certificate."""

    agency: Annotated[str, _doc("code of its credential here")]
    names: Annotated[
        tuple[str, ...], _doc("common or host names of its certificate; empty: the code")
    ] = ()


class Office(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agency of this node is reached."""

    agency: Annotated[str, _doc("its code")]
    delivery: Annotated[str, _doc("pull, webhook, folder, desk, or another adapter")] = "pull"
    url: Annotated[str, _doc("where a webhook posts to")] = ""
    folder: Annotated[str, _doc("folder that the office and the node share")] = ""
    secret_env: Annotated[str, _doc("variable that holds the webhook's secret")] = ""
    secret_file: Annotated[str, _doc("file that holds the webhook's secret")] = ""
    profile: Annotated[str, _doc("policy profile; empty: that of the agency above it")] = ""


class AgencyProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which policy profile an agency, with all below it, follows from day to day."""

    agency: Annotated[str, _doc("its code")]
    name: Annotated[str, _doc("profile: a file of screening.profiles, or one that is shipped")]
    since: Annotated[str, _doc("first day, YYYY-MM-DD; empty: always")] = ""
    until: Annotated[str, _doc("last day, YYYY-MM-DD; empty: for good")] = ""


class Screening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must not travel."""

    profile: Annotated[str, _doc("policy profile of agencies that have none of their own")] = (
        "default"
    )
    profiles: Annotated[str, _doc("folder of the node's profiles, beside those shipped")] = (
        "config/profiles"
    )
    macros: Annotated[Literal["refuse", "warn"], _doc("office files with macros")] = "refuse"
    encrypted: Annotated[Literal["refuse", "warn"], _doc("files that need a password")] = "refuse"
    clamd: Annotated[
        str, _doc("virus scanner, unix:/path or tcp://host:port; empty: files are not scanned")
    ] = ""
    clamd_timeout_s: Annotated[float, Meta(gt=0, description="longest scan of one file")] = 10.0
    unscanned: Annotated[
        Literal["hold", "pass"], _doc("when the scanner gives no answer; pass leaves a warning")
    ] = "hold"


class Backup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies."""

    folder: Annotated[str, _doc("where backups go; better another disk")] = "data/backup"
    every_h: Annotated[
        float, Meta(ge=0, description="hours between backups; 0: none by itself")
    ] = 24.0
    recipients: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^age1[0-9a-z]{58}$")], ...],
        _doc("public keys (age1…) that backups are encrypted to; none: they are not"),
    ] = ()
    keep_daily: Annotated[int, Meta(ge=0, description="days of which one is kept")] = 7
    keep_weekly: Annotated[int, Meta(ge=0, description="weeks of which one is kept")] = 5
    keep_monthly: Annotated[int, Meta(ge=0, description="months of which one is kept")] = 12


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to what is old; how old stands in [[removal]]."""

    folder: Annotated[str, _doc("where archive packages go; better another disk")] = "data/archive"
    audit_folder: Annotated[
        str, _doc("where archived segments of the audit record are; keep them with the backups")
    ] = "data/audit-archive"
    every_h: Annotated[
        float, Meta(ge=0, description="hours between runs by the rules; 0: only by command")
    ] = 24.0
    batch: Annotated[
        int, Meta(ge=1, le=1000, description="documents whose content goes in one commit")
    ] = 50


class RetentionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """After how long the content of some documents is removed; the first rule that fits holds."""

    name: Annotated[
        str,
        Meta(
            pattern="^[a-z0-9][a-z0-9-]{0,39}$",
            description="its name, as it stands in the record; recall is taken",
        ),
    ]
    days: Annotated[
        int, Meta(ge=0, le=36_500, description="since the last thing happened; 0: kept for good")
    ]
    states: Annotated[
        tuple[Literal["refused", "accepted", "closed", "recalled"], ...],
        _doc("of the document; empty: any"),
    ] = ()
    types: Annotated[tuple[str, ...], _doc("official abbreviations; empty: any")] = ()
    action: Annotated[
        Literal["remove", "archive"], _doc("archive writes and verifies a package first")
    ] = "archive"
    decision: Annotated[str, _doc("number of the decision that orders it")] = ""


class Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Notices."""

    folder: Annotated[str, _doc("where notices and reports are written")] = "data/notices"
    smtp_host: Annotated[str, _doc("mail server; empty: nothing is sent by mail")] = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535, description="its TCP port")] = 587
    smtp_tls: Annotated[
        Literal["starttls", "tls", "none"],
        _doc("TLS after STARTTLS, from the first byte, or none, which takes no password"),
    ] = "starttls"
    smtp_ca_file: Annotated[
        str, _doc("PEM file of the authorities believed there; empty: those of the machine")
    ] = ""
    smtp_user: Annotated[str, _doc("user name there; empty: none is asked for")] = ""
    smtp_secret_env: Annotated[str, _doc("variable that holds the password")] = ""
    smtp_secret_file: Annotated[str, _doc("file that holds it")] = ""
    smtp_from: Annotated[str, _doc("address that mails come from")] = ""
    smtp_timeout_s: Annotated[float, Meta(gt=0, description="longest step of one mail")] = 30.0
    smtp_deadline_h: Annotated[
        float, Meta(gt=0, description="a mail that is not taken for so long has failed")
    ] = 72.0
    to: Annotated[
        tuple[str, ...],
        _doc("addresses that are told beside those of agencies and accounts"),
    ] = ()
    escalation: Annotated[
        tuple[str, ...],
        _doc("addresses written to, one after the other, while no administrator acknowledges"),
    ] = ()
    escalate_minutes: Annotated[
        float, Meta(gt=0, description="an incident waits so long for each of them")
    ] = 30.0
    escalate_from: Annotated[
        Literal["minor", "major", "critical"], _doc("the least grave incident that does")
    ] = "major"
    maintenance_h: Annotated[
        tuple[Annotated[float, Meta(gt=0)], ...],
        _doc("hours before maintenance at which it is told again"),
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
        tuple[str, ...], _doc("asked for the time, host or host:port; empty: only axes tell it")
    ] = ()


class Statistics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures."""

    reports: Annotated[
        tuple[Literal["month", "quarter", "half", "year"], ...],
        _doc("periods of which a report is written to notify.folder once they are over"),
    ] = ("month", "quarter", "half", "year")
    public: Annotated[
        bool, _doc("figures of past quarters are shown to everybody at /figures")
    ] = False
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
        _doc(
            "user names: every middle name gives its initial, or only the first (S0 3.2, S4 7.1)"
        ),
    ] = "initials"
    name_suffix: Annotated[str, _doc("behind the dot of user names; empty: the agency's")] = ""
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
        _doc("roles that need one-time codes; the others may use them"),
    ] = ("admin",)
    four_eyes: Annotated[bool, _doc("a second administrator approves every right")] = False
    session_minutes: Annotated[
        int, Meta(ge=1, description="a session ends after so long without a request")
    ] = 30
    session_hours: Annotated[int, Meta(ge=1, description="and in any case after so long")] = 10
    sign_ins_per_minute: Annotated[
        int, Meta(ge=1, description="attempts to sign in from one address, more get 429")
    ] = 20


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
    folder: Path = Path()  #: where relative paths start; set by :func:`load`, not a key
    file: Path = Path("gateway.toml")  #: whence it was read; no key either

    def path(self, relative: str) -> Path:
        """Return *relative* as an absolute path from the folder of the file."""
        return (self.folder / relative).absolute()


#: Fields of the whole that are no keys.
_NO_KEYS = ("folder", "file")


def load(file: Path) -> Config:
    """Read *file* into a :class:`Config`.

    Raises:
        Misconfigured: the file is missing or unreadable, a key is unknown or a value wrong.
    """
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise Misconfigured(
            f"{file}: there is no such file; `gateway init` makes one, --config names another"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{file}: {error}") from error
    return parse(raw, file=file)


def parse(raw: Mapping[str, Any], *, file: Path) -> Config:
    """Turn the tables *raw* of *file* into a :class:`Config`; errors as in :func:`load`."""
    for problem in _unknown_keys(raw, Config, ""):
        raise Misconfigured(f"{file}: {problem}")
    try:
        config = msgspec.convert(
            {key: value for key, value in raw.items() if key not in _NO_KEYS}, Config
        )
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{file}: {error}".replace("`$.", "`").replace("$.", "")) from error
    config = msgspec.structs.replace(config, folder=file.absolute().parent, file=file.absolute())
    for problem in _contradictions(config):
        raise Misconfigured(f"{file}: {problem}")
    return config


def secret(*, env: str, file: Path | None) -> str | None:
    """Return the secret that the variable *env* or *file* holds, None when neither is named.

    Raises:
        Misconfigured: what is named holds nothing.
    """
    if env:
        value = os.environ.get(env, "")
        if not value:
            raise Misconfigured(f"the variable {env} that should hold a secret is not set")
        return value
    if file is not None:
        try:
            return file.read_text("utf-8").strip()
        except OSError as error:
            raise Misconfigured(f"{file}: cannot read the secret: {error.strerror}") from error
    return None


def _unknown_keys(raw: Mapping[str, Any], struct: type[msgspec.Struct], at: str) -> Iterator[str]:
    known = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key in _NO_KEYS if struct is Config else ():
        del known[key]
    for key, value in raw.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
            yield f"unknown key `{at}{key}`{hint}"
            continue
        inner = _struct_of(known[key].type)
        tables = value if isinstance(value, list) else [value]
        for table in tables if inner is not None else []:
            if isinstance(table, Mapping) and inner is not None:
                yield from _unknown_keys(table, inner, f"{at}{key}.")


def _struct_of(kind: object) -> type[msgspec.Struct] | None:
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None


def _contradictions(config: Config) -> Iterator[str]:
    if bool(config.http.tls_certificate) != bool(config.http.tls_key):
        yield "`http.tls_certificate` and `http.tls_key` go together"
    for office in config.office:
        if office.delivery == "webhook" and not office.url:
            yield f"the webhook of `{office.agency}` needs `url`"
        if office.delivery == "webhook" and not (office.secret_env or office.secret_file):
            yield f"the webhook of `{office.agency}` needs `secret_env` or `secret_file`"
        if office.delivery == "folder" and not office.folder:
            yield f"the folder delivery of `{office.agency}` needs `folder`"
    agencies = [office.agency for office in config.office]
    for agency in sorted({code for code in agencies if agencies.count(code) > 1}):
        yield f"`{agency}` has more than one [[office]]"
    yield from _bucket_faults(config.storage)
    yield from _mail_faults(config.notify)
    yield from _profiles_at_once(config)
    yield from _removals_without_reason(config)
    yield from _nodes_apart(config)


def _bucket_faults(storage: Storage) -> Iterator[str]:
    if storage.s3_kms_key and not storage.s3_encryption.startswith("aws:kms"):
        yield '`storage.s3_kms_key` needs `s3_encryption = "aws:kms"`'
    if storage.s3_endpoint and not storage.s3_endpoint.startswith(("https://", "http://")):
        yield "`storage.s3_endpoint` begins with https://"
    named = bool(storage.s3_key_env or storage.s3_key_file)
    if named != bool(storage.s3_secret_env or storage.s3_secret_file):
        yield "`storage.s3_key_…` and `storage.s3_secret_…` go together"


def _mail_faults(notify: Notify) -> Iterator[str]:
    for key in ("to", "escalation"):
        for address in getattr(notify, key):
            if not is_address(address):
                yield f"`notify.{key}`: `{address}` is no mail address"
    if not notify.smtp_host:
        return
    if not is_address(notify.smtp_from):
        yield "`notify.smtp_from` is the address that mails come from, as lienthong@example.gov.vn"
    has_secret = bool(notify.smtp_secret_env or notify.smtp_secret_file)
    if has_secret != bool(notify.smtp_user):
        yield "`notify.smtp_user` and `notify.smtp_secret_…` go together"
    if has_secret and notify.smtp_tls == "none":
        yield '`notify.smtp_tls = "none"` would show the password on the way'


def _nodes_apart(config: Config) -> Iterator[str]:
    names = [axis.name for axis in config.axis]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the axis `{name}` stands twice"
    for axis in config.axis:
        if bool(axis.client_certificate) != bool(axis.client_key):
            yield f"`client_certificate` and `client_key` of `{axis.name}` go together"
    if config.peer and not config.http.peer_port:
        yield "[[peer]] needs `http.peer_port`, where certificates of nodes are shown"
    codes: list[str] = []
    for peer in config.peer:
        try:
            codes.append(code_of_peer(peer.agency))
        except ValueError as error:
            yield f"[[peer]] {error}"
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"`{code}` has more than one [[peer]]"


def _removals_without_reason(config: Config) -> Iterator[str]:
    names = [each.name for each in config.removal]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[removal]] `{name}` stands twice"
    for each in config.removal:
        if each.name == RECALL_RULE:
            yield f"[[removal]] `{each.name}` is what recalls are called in the record"
        if each.days and not each.decision.strip():
            yield f"[[removal]] `{each.name}` needs `decision`: nothing is destroyed without one"


def _profiles_at_once(config: Config) -> Iterator[str]:
    chosen = [(each.agency, each.since) for each in config.profile]
    chosen += [(office.agency, "") for office in config.office if office.profile]
    for agency, since in sorted({each for each in chosen if chosen.count(each) > 1}):
        yield f"`{agency}` has more than one profile since {since or 'always'}"
