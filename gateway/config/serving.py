"""`[node]`, `[http]`, `[limits]`: who the node is, where it listens, what it takes."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.config.sentence import doc

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


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who this node is."""

    code: Annotated[str, doc("code of the agency that runs the node, root of its agencies")]
    name: Annotated[str, doc("its name")] = ""
    timezone: Annotated[str, doc("civil time of the node; turns the year of the numbers")] = (
        "Asia/Ho_Chi_Minh"
    )
    locale: Annotated[Literal["vi", "en"], doc("language of pages and messages")] = "vi"


class Http(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The door."""

    host: Annotated[str, doc("address to listen on; beyond loopback TLS or a proxy is needed")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(ge=0, le=65535, description="TCP port")] = 8080
    tls_certificate: Annotated[str, doc("PEM file, reloaded when it changes; empty: no TLS")] = ""
    tls_key: Annotated[str, doc("PEM file of the private key")] = ""
    peer_port: Annotated[
        int,
        Meta(ge=0, le=65535, description="port where nodes show their certificates; 0: none"),
    ] = 0
    trusted_proxies: Annotated[
        tuple[str, ...], doc("addresses or networks of proxies that end TLS for us")
    ] = ()
    metrics_from: Annotated[
        tuple[str, ...], doc("networks that may read /metrics beside loopback")
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
        tuple[str, ...], doc("allowed; p7s, p7m and a signed xml only beside another part")
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


class Traces(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spans of requests, rooms and deliveries for OpenTelemetry; needs liaison-gateway[traces]."""

    endpoint: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^/?#@\s]+(/[^?#\s]*)?)?$",
            description="collector of OTLP over HTTP, as http://127.0.0.1:4318/v1/traces; empty: none",
        ),
    ] = ""
    share: Annotated[
        float, Meta(ge=0, le=1, description="of the requests and deliveries that are told")
    ] = 1.0
    timeout_s: Annotated[float, Meta(gt=0, description="longest wait for the collector")] = 5.0
    token_env: Annotated[str, doc("variable that holds the bearer token of the collector")] = ""
    token_file: Annotated[str, doc("file that holds it")] = ""
