"""What the node promises, and what it says when it cannot keep it: one function for each promise.

Texts are for everybody: what does not work, what to do meanwhile, what becomes of documents. How to
mend it is in the log and in what `gateway doctor` says.
"""

from collections.abc import Sequence
from datetime import timedelta

from gateway.domain.announcements import Severity
from gateway.domain.trouble import Health, Observation, Words

DISK, AXIS, CLOCK, CHAIN, BACKUP = "disk", "axis", "clock", "audit-chain", "backup"
TRUST, CERTIFICATE, GUARD = "trust", "certificate", "audit-guard"
_MB = 1 << 20
#: Of the least free space: under which a disk is nearly full, and over which it is well again.
_NEARLY, _WELL = 2, 3
#: A backup is overdue after so many periods, and well before so many.
_OVERDUE, _IN_TIME = 2.0, 1.5
#: What is seen once may be a slip.
_TWICE = timedelta(seconds=60)


def disk(*, machine: str, free_bytes: int, least_bytes: int) -> Observation:
    """Judge the disk of the documents; under the least space nothing is taken in any more."""
    full, free_mb = free_bytes < least_bytes, free_bytes // _MB
    nearly = free_bytes < _NEARLY * least_bytes
    well = free_bytes >= _WELL * least_bytes
    return Observation(
        cause=f"{DISK}:{machine}",
        health=Health.ILL if nearly else Health.WELL if well else Health.BETWEEN,
        severity=Severity.CRITICAL if full else Severity.MAJOR,
        vi=Words(
            text=f"Ổ đĩa lưu văn bản đã đầy (còn {free_mb} MB): tạm ngừng nhận văn bản mới"
            if full
            else f"Ổ đĩa lưu văn bản sắp đầy (còn {free_mb} MB): có thể phải ngừng nhận văn bản",
            meanwhile="Văn bản chưa gửi được thì giữ lại tại cơ quan; văn bản khẩn gửi bản giấy",
            afterwards="Gửi lại văn bản chưa gửi được; văn bản đã gửi không phải gửi lại",
        ),
        en=Words(
            text=f"The disk of the documents is full ({free_mb} MB left): nothing new is taken"
            if full
            else f"The disk of the documents is nearly full ({free_mb} MB left)",
            meanwhile="Keep what cannot be sent; send urgent documents on paper",
            afterwards="Send again what could not be sent; what was sent need not be",
        ),
    )


def axis(*, name: str, is_away: bool, patience: timedelta) -> Observation:
    """Judge whether an axis can be reached."""
    return Observation(
        cause=f"{AXIS}:{name}",
        health=Health.ILL if is_away else Health.WELL,
        patience=patience,
        vi=Words(
            text=f"Mất kết nối với trục liên thông {name}",
            meanwhile="Văn bản qua trục này được xếp hàng chờ; văn bản khẩn gửi bản giấy",
            afterwards="Văn bản đang chờ được chuyển tiếp tự động, không phải gửi lại",
        ),
        en=Words(
            text=f"The axis {name} cannot be reached",
            meanwhile="Documents for it wait in the queue; send urgent ones on paper",
            afterwards="What waits goes on by itself and need not be sent again",
        ),
    )


def clock(*, machine: str, health: Health, ahead_s: float) -> Observation:
    """Tell how the clock was judged; every time on record is taken from it."""
    off = f"{abs(ahead_s):.0f}"
    vi, en = ("nhanh", "ahead") if ahead_s > 0 else ("chậm", "behind")
    return Observation(
        cause=f"{CLOCK}:{machine}",
        health=health,
        patience=_TWICE,
        vi=Words(
            text=f"Đồng hồ của hệ thống chạy {vi} {off} giây: thời điểm gửi, nhận có thể bị sai",
            meanwhile="Ghi lại thời điểm gửi, nhận thực tế của văn bản có thời hạn",
        ),
        en=Words(
            text=f"The clock of the node is {off} seconds {en}: times on record may be wrong",
            meanwhile="Note yourself when documents with a term were sent and received",
        ),
    )


def chain(*, broken_at: str | None) -> Observation:
    """Judge the audit chain by the newest check; *broken_at* is the first wrong record."""
    return Observation(
        cause=CHAIN,
        health=Health.WELL if broken_at is None else Health.ILL,
        severity=Severity.CRITICAL,
        vi=Words(
            text=f"Nhật ký hệ thống không còn toàn vẹn (từ bản ghi {broken_at}); đang được xác minh",
            meanwhile="Lưu giữ các hồi báo đã nhận; đó là bằng chứng độc lập với hệ thống",
        ),
        en=Words(
            text=f"The audit chain is broken at record {broken_at}; it is being looked into",
            meanwhile="Keep the receipts that you have: they prove without the node",
        ),
    )


def guard(*, lost: Sequence[str]) -> Observation:
    """Judge whether the database still refuses to change the record: *lost* names triggers."""
    names = ", ".join(lost)
    return Observation(
        cause=GUARD,
        health=Health.ILL if lost else Health.WELL,
        severity=Severity.CRITICAL,
        vi=Words(
            text=f"Cơ sở dữ liệu không còn tự ngăn việc sửa, xóa nhật ký hệ thống: {names}",
            meanwhile="Lưu giữ các hồi báo đã nhận; đó là bằng chứng độc lập với hệ thống",
        ),
        en=Words(
            text=f"The database no longer refuses to change the audit record: {names}",
            meanwhile="Keep the receipts that you have: they prove without the node",
        ),
    )


def backup(*, age: timedelta, every: timedelta) -> Observation:
    """Judge how old the newest backup is."""
    hours = int(age / timedelta(hours=1))
    ill, well = age > _OVERDUE * every, age <= _IN_TIME * every
    return Observation(
        cause=BACKUP,
        health=Health.ILL if ill else Health.WELL if well else Health.BETWEEN,
        vi=Words(
            text=f"Việc sao lưu dữ liệu bị chậm: bản sao lưu gần nhất cách đây {hours} giờ",
            meanwhile="Việc gửi, nhận văn bản vẫn bình thường; giữ bản gốc tại cơ quan",
        ),
        en=Words(
            text=f"Backups are overdue: the newest is {hours} hours old",
            meanwhile="Documents go on as usual; keep the originals",
        ),
    )


def trust(*, expired: Sequence[str]) -> Observation:
    """Judge whether signatures can be judged: *expired* names lists, or that no anchor is left."""
    names = ", ".join(expired)
    return Observation(
        cause=TRUST,
        health=Health.ILL if expired else Health.WELL,
        vi=Words(
            text=f"Không xác minh được chữ ký số vì dữ liệu tin cậy đã hết hạn: {names}",
            meanwhile="Văn bản ký số có thể bị tạm giữ chờ xử lý; văn bản khẩn gửi bản giấy",
            afterwards="Văn bản tạm giữ được xử lý tiếp, không phải gửi lại",
        ),
        en=Words(
            text=f"Signatures cannot be judged, trust data has expired: {names}",
            meanwhile="Signed documents may be held for a while; send urgent ones on paper",
            afterwards="What is held goes on and need not be sent again",
        ),
    )


def certificate(*, expired: Sequence[str]) -> Observation:
    """Judge the certificates that the node itself lives by."""
    names = ", ".join(expired)
    return Observation(
        cause=CERTIFICATE,
        health=Health.ILL if expired else Health.WELL,
        severity=Severity.CRITICAL,
        vi=Words(
            text=f"Chứng thư của hệ thống đã hết hạn: {names}",
            meanwhile="Kết nối hoặc hồi báo có thể bị từ chối; văn bản khẩn gửi bản giấy",
        ),
        en=Words(
            text=f"A certificate of the node has expired: {names}",
            meanwhile="Connections or receipts may be refused; send urgent documents on paper",
        ),
    )
