"""`[signatures]`, `[keys]`: whose signatures count, and how the node signs."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.config.sentence import doc

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

    trust: Annotated[tuple[str, ...], doc("folders of trust anchors")] = ("config/trust",)
    revocation: Annotated[
        Literal["require", "prefer"],
        doc("without a current CRL or OCSP response nothing is decided, or it counts as good"),
    ] = "require"
    revocation_folder: Annotated[str, doc("where fetched revocation lists are kept")] = (
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
        tuple[str, ...], doc("further places of lists, beside those in trusted certificates")
    ] = ()
    claimed_time: Annotated[
        Literal["unproven", "accepted"],
        doc("whether a signing time without time stamp proves what was valid then"),
    ] = "unproven"
    allow_sha1: Annotated[bool, doc("accept SHA-1 in signatures and certificates")] = False
    least_rsa_bits: Annotated[int, Meta(ge=512, description="shorter RSA keys are too weak")] = (
        2048
    )
    person_marks: Annotated[
        tuple[str, ...],
        doc("attributes of a person's certificate, `name` or `name:beginning`; these count first"),
    ] = ("given_name", "surname", "title", "user_id:CCCD", "user_id:CMND", "serial_number:CCCD")
    agency_marks: Annotated[
        tuple[str, ...], doc("the same of an agency's; so is a name equal to its organisation")
    ] = ("organization_identifier", "user_id:MST", "user_id:MDD")
    agency_words: Annotated[
        tuple[str, ...],
        doc("with which the names of agencies begin; accents count, case does not"),
    ] = AGENCY_WORDS
    agency_codes: Annotated[
        tuple[str, ...],
        doc(
            "attributes that hold the agency's code, `name` or `name:before`; else names are compared"
        ),
    ] = ("organization_identifier", "user_id:MDD")
    unmarked: Annotated[
        Literal["person", "unknown"], doc("who a certificate without any mark belongs to")
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

    certificate: Annotated[str, doc("chain of the signing key, PEM")] = "config/node.crt"
    key_file: Annotated[str, doc("signing key, PEM, P-256")] = "config/secrets/node.key"
    former: Annotated[
        tuple[str, ...], doc("files or folders of certificates that signed receipts before")
    ] = ()
    tsa_url: Annotated[
        str,
        Meta(
            pattern="^(https?://.+)?$",
            description="authority (RFC 3161) that stamps receipts, http(s)://…; empty: none",
        ),
    ] = ""
    tsa_trust: Annotated[
        tuple[str, ...], doc("files or folders of certificates that its stamps must come of")
    ] = ("config/trust/timestamp",)
    tsa_every_s: Annotated[
        float, Meta(gt=0, description="receipts of so long are stamped together")
    ] = 60.0
    tsa_timeout_s: Annotated[float, Meta(gt=0, description="longest wait for its answer")] = 20.0
    tsa_limit_h: Annotated[
        float, Meta(gt=0, description="a receipt without a stamp for so long is an error")
    ] = 24.0
    secret_file: Annotated[str, doc("key that encrypts stored secrets")] = (
        "config/secrets/node.secret"  # noqa: S105 - a path
    )
