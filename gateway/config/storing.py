"""`[storage]`, `[backup]`, `[retention]`, `[[removal]]`: where things lie, and for how long."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.config.sentence import doc


class Storage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cellar."""

    database: Annotated[str, doc("sqlite:///path or postgresql://…")] = "sqlite:///data/gateway.db"
    documents: Annotated[str, doc("file:path or s3://bucket/prefix")] = "file:data/documents"
    minimum_free_mb: Annotated[
        int, Meta(ge=0, description="free disk space under which submissions get 503")
    ] = 256
    behind_s: Annotated[
        float, Meta(gt=0, description="writes wait for longer than this: submissions get 503")
    ] = 5.0
    spool: Annotated[str, doc("folder for files on their way to a bucket")] = "data/spool"
    cache_mb: Annotated[
        int, Meta(ge=0, description="so much of what was just put into a bucket stays at hand")
    ] = 32
    s3_endpoint: Annotated[str, doc("https://… of the server of the bucket; empty: Amazon's")] = ""
    s3_region: Annotated[str, doc("region of the bucket")] = "us-east-1"
    s3_key_env: Annotated[
        str, doc("variable that holds the access key id; without env or file: AWS_ACCESS_KEY_ID")
    ] = ""
    s3_key_file: Annotated[str, doc("file that holds it")] = ""
    s3_secret_env: Annotated[
        str, doc("variable that holds the secret key; without: AWS_SECRET_ACCESS_KEY")
    ] = ""
    s3_secret_file: Annotated[str, doc("file that holds it")] = ""
    s3_ca_file: Annotated[
        str, doc("PEM file of the authorities believed there; empty: those of the machine")
    ] = ""
    s3_encryption: Annotated[
        Literal["", "AES256", "aws:kms", "aws:kms:dsse"],
        doc("what the server is told to encrypt files with; empty: as the bucket is set"),
    ] = ""
    s3_kms_key: Annotated[str, doc("key at the server's key service, for aws:kms")] = ""
    s3_conditional: Annotated[
        bool, doc("tell the server to write over nothing; false where it cannot (501)")
    ] = True
    s3_timeout_s: Annotated[
        float, Meta(gt=0, description="longest single request to it, of 5 MB at most")
    ] = 5.0


class Backup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies."""

    folder: Annotated[str, doc("where backups go; better another disk")] = "data/backup"
    every_h: Annotated[
        float, Meta(ge=0, description="hours between backups; 0: none by itself")
    ] = 24.0
    recipients: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^age1[0-9a-z]{58}$")], ...],
        doc("public keys (age1…) that backups are encrypted to; none: they are not"),
    ] = ()
    keep_daily: Annotated[int, Meta(ge=0, description="days of which one is kept")] = 7
    keep_weekly: Annotated[int, Meta(ge=0, description="weeks of which one is kept")] = 5
    keep_monthly: Annotated[int, Meta(ge=0, description="months of which one is kept")] = 12


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to what is old; how old stands in [[removal]]."""

    folder: Annotated[str, doc("where archive packages go; better another disk")] = "data/archive"
    audit_folder: Annotated[
        str, doc("where archived segments of the audit record are; keep them with the backups")
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
        doc("of the document; empty: any"),
    ] = ()
    types: Annotated[tuple[str, ...], doc("official abbreviations; empty: any")] = ()
    action: Annotated[
        Literal["remove", "archive"], doc("archive writes and verifies a package first")
    ] = "archive"
    decision: Annotated[str, doc("number of the decision that orders it")] = ""
