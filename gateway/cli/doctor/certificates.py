"""Keys and certificates: the node's own, former ones, TLS, time stamps, whom it trusts."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from gateway.bootstrap.administration import key_faults, open_rooms
from gateway.bootstrap.certificates import RECEIPTS, STAMPS, TLS, own_certificates
from gateway.bootstrap.receipts import former_certificates, stamp_anchors
from gateway.bootstrap.verification import read_trust
from gateway.cli.doctor.diagnosis import OK, WARNING, WRONG, Diagnosis, instant
from gateway.cli.doctor.texts import FAULT, NOTHING, REMEDIES, Text
from gateway.config import Config
from gateway.domain.errors import Misconfigured
from gateway.domain.signatures import (
    OwnCertificate,
    TrustedCertificate,
    days_left,
    is_expiring,
    warning_stage,
)
from gateway.pipeline.stamping import Delay

#: What replaces a certificate that ends.
SUCCESSORS = {
    "keys": Text(
        vi="Thay bằng chứng thư còn hạn dài hơn của cùng khóa, hoặc `gateway receipt new-key`.",
        en="put a certificate that lasts longer for the same key in its place, or "
        "`gateway receipt new-key`",
    ),
    "tls": Text(
        vi="Đặt chứng thư kế tiếp vào các tệp của [http]; không cần khởi động lại.",
        en="put its successor into the files of [http]; it is shown without a new start",
    ),
    "stamps": Text(
        vi="Đặt chứng thư kế tiếp bên cạnh; cả hai được dùng khi còn hạn.",
        en="put its successor beside it; both are used while both are valid",
    ),
    "trust": Text(
        vi="Đặt chứng thư kế tiếp bên cạnh; cả hai được dùng khi còn hạn.",
        en="put its successor beside it; both are used while both are valid",
    ),
}
LASTS = Text(vi="{file}: {subject}, có hiệu lực đến {end}", en="{file}: {subject}, valid to {end}")
LASTS_DAYS = Text(
    vi="{file}: {subject}, có hiệu lực đến {end}: còn {left} ngày, nhắc trước {stage} ngày",
    en="{file}: {subject}, valid to {end}: {left} days left, warned {stage} days ahead",
)
EXPIRED = Text(
    vi="{file}: {subject}, có hiệu lực đến {end}: đã hết hạn",
    en="{file}: {subject}, valid to {end}: it has expired",
)
FORMER = Text(
    vi="{subject}, số sê-ri {serial}, có hiệu lực đến {end}",
    en="{subject}, serial {serial}, valid to {end}",
)
STAMPED = Text(
    vi="{url}, {anchors} chứng thư tin cậy: mọi hồi báo đều có dấu",
    en="{url}, {anchors} certificates to trust: every receipt is stamped",
)
STAMPS_WAIT = Text(
    vi="{url}, {anchors} chứng thư tin cậy: hồi báo cũ nhất chưa có dấu là của {since}, còn "
    "{hours} giờ",
    en="{url}, {anchors} certificates to trust: the oldest without a stamp is of {since}, "
    "{hours} hours left",
)
TRUST_FAULT = Text(vi="Tệp không dùng được; nút báo nguyên văn: “{fault}”", en="{fault}")
TRUST_FAULT_MEND = Text(
    vi="Bỏ tệp ra, hoặc thay bằng tệp đúng.",
    en="take the file out, or put the right one in its place",
)
TRUSTED = Text(
    vi="{anchors} chứng thư gốc tin cậy, {others} chứng thư trung gian, {lists} danh sách thu hồi",
    en="{anchors} anchors, {others} intermediates, {lists} revocation lists",
)
TRUST_NOBODY = Text(
    vi="Đặt chứng thư của các cơ quan chứng thực mà đơn vị tin cậy vào {folders}.",
    en="put the certificates of the authorities you trust into {folders}",
)
TRUST_ENDS = Text(
    vi="{subject} hết hạn sau {left} ngày (nhắc trước {stage} ngày): {file}",
    en="{subject} expires in {left} days (warned {stage} days ahead): {file}",
)
TRUST_ENDED = Text(
    vi="{subject} đã hết hạn (nhắc trước {stage} ngày): {file}",
    en="{subject} has expired (warned {stage} days ahead): {file}",
)


def keys(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Look at the signing key, and for how long its certificate lasts."""
    faults = key_faults(config, now=now)
    for fault in faults:
        said = FAULT.filled(fault=fault)
        yield Diagnosis(check="keys", result=WRONG, said=said, remedy=REMEDIES["keys"])
    if faults:
        return
    mine = [each for each in own_certificates(config) if each.use == RECEIPTS]
    yield from (_lasting("keys", each, now) for each in mine)


def tls(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Look at the certificate that the node shows."""
    shown = [each for each in own_certificates(config) if each.use == TLS]
    yield from (_lasting("tls", each, now) for each in shown)


def _lasting(check: str, certificate: OwnCertificate, now: datetime) -> Diagnosis:
    """Warn 60, 30, 14 and 7 days ahead; what the node shows or signs with must be valid.

    Who judges time stamps may keep an old certificate beside the new one.
    """
    left, stage = days_left(certificate, now), warning_stage(certificate, now)
    values = {
        "file": certificate.file,
        "subject": certificate.subject,
        "end": certificate.valid_to.date().isoformat(),
        "left": left,
        "stage": stage,
    }
    if stage is None:
        return Diagnosis(check=check, result=OK, said=LASTS.filled(**values))
    said = LASTS_DAYS if left >= 0 else EXPIRED
    return Diagnosis(
        check=check,
        result=WARNING if left >= 0 or check == STAMPS else WRONG,
        said=said.filled(**values),
        remedy=SUCCESSORS[check],
    )


def former(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """List the certificates that signed receipts before; they verify those for ever."""
    for each in former_certificates(config):
        said = FORMER.filled(
            subject=each.subject.rfc4514_string(),
            serial=f"{each.serial_number:x}",
            end=each.not_valid_after_utc.date().isoformat(),
        )
        yield Diagnosis(check="former", result=OK, said=said)


def stamps(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Tell how long receipts have waited for their time stamps, where they get any."""
    if not config.keys.tsa_url:
        return
    anchors = len(stamp_anchors(config))
    judging = [each for each in own_certificates(config) if each.use == STAMPS]
    yield from (_lasting("stamps", each, now) for each in judging if is_expiring(each, now))
    delay = asyncio.run(_delay(config))
    hours = round(delay.left / timedelta(hours=1), 1)
    late = delay.left < timedelta(hours=config.keys.tsa_limit_h / 2)
    since = instant(config, delay.since) if delay.since else None
    said = STAMPS_WAIT if since else STAMPED
    yield Diagnosis(
        check="stamps",
        result=WRONG if delay.left <= timedelta() or not anchors else WARNING if late else OK,
        said=said.filled(url=config.keys.tsa_url, anchors=anchors, since=since, hours=hours),
        remedy=REMEDIES["stamps"] if late or not anchors else NOTHING,
    )


async def _delay(config: Config) -> Delay:
    async with open_rooms(config) as gateway:
        return await gateway.stamping.delay()


def trust(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Look at the folders of trusted certificates."""
    for name in config.signatures.trust:
        if not config.path(name).is_dir():
            raise Misconfigured(f"{config.path(name)}: there is no such folder")
    trust = read_trust(config)
    for fault in trust.faults:
        said, remedy = TRUST_FAULT.filled(fault=fault), TRUST_FAULT_MEND
        yield Diagnosis(check="trust", result=WARNING, said=said, remedy=remedy)
    entries = trust.listing()
    expiring = [each for each in entries if is_expiring(each, now)]
    yield from (_expiring(each, now) for each in expiring)
    anchors = sum(1 for each in entries if each.is_anchor)
    folders = ", ".join(str(config.path(name)) for name in config.signatures.trust)
    yield Diagnosis(
        check="trust",
        result=OK if anchors else WARNING,
        said=TRUSTED.filled(anchors=anchors, others=len(entries) - anchors, lists=len(trust.crls)),
        remedy=NOTHING if anchors else TRUST_NOBODY.filled(folders=folders),
    )


def _expiring(certificate: TrustedCertificate, now: datetime) -> Diagnosis:
    """Warn 60, 30, 14 and 7 days ahead; an expired one still serves what was signed in time."""
    left, stage = days_left(certificate, now), warning_stage(certificate, now)
    said = TRUST_ENDS if left >= 0 else TRUST_ENDED
    return Diagnosis(
        check="trust",
        result=WARNING,
        said=said.filled(
            subject=certificate.subject, left=left, stage=stage, file=certificate.file
        ),
        remedy=SUCCESSORS["trust"],
    )
