"""The sweep of a bucket: sets aside what no commit refers to, while any number of nodes submit.

An object is looked at when it is a day old, by the clock of the server alone: between putting a
file and the commit that refers to it lie seconds, so what is not known a day later never will be.
It is set aside under another name for a week, as in a folder, and then removed. One mark in the
bucket says up to which day all was looked at; nodes that sweep at the same time do no harm.
"""

from collections.abc import Callable
from datetime import timedelta

from gateway.domain.errors import NotFound
from gateway.storage.blobs import ORPHAN_LIFE
from gateway.storage.bucket import Bucket

_MARK = ".swept"
_ORPHANS = "orphans/"
_AGE = timedelta(days=1)
#: A node sweeps when nobody has for so long.
_EVERY = timedelta(hours=6)


def sweep(bucket: Bucket, is_known: Callable[[str], bool]) -> int:
    """Set aside the objects of days gone by to which no commit refers; return how many.

    Raises:
        Unavailable: the bucket does not answer; what was not looked at is the next time.
    """
    since = _mark(bucket)
    bucket.write(_MARK, since.encode())
    now, swept = bucket.modified_at(_MARK), 0
    for each in bucket.listing(after=since):
        if each.key[:1].isdigit() and now - each.modified_at >= _AGE and not is_known(each.key):
            bucket.move(each.key, _ORPHANS + each.key.replace("/", "-"))
            swept += 1
    for each in bucket.listing(_ORPHANS):
        if now - each.modified_at >= ORPHAN_LIFE:
            bucket.delete(each.key)
    # Keys are named by the day on which their file began to arrive.
    bucket.write(_MARK, max(since, f"{now - 2 * _AGE:%Y/%m/%d}").encode())
    return swept


def is_due(bucket: Bucket) -> bool:
    """Whether nobody has swept for a while, by the clock of the server."""
    try:
        swept_at = bucket.modified_at(_MARK)
    except NotFound:
        return True
    probe = ".clock"
    bucket.write(probe, b"")
    return bucket.modified_at(probe) - swept_at >= _EVERY


def _mark(bucket: Bucket) -> str:
    try:
        size = bucket.size(_MARK)
    except NotFound:
        return ""
    return bucket.read(_MARK, 0, size).decode() if size else ""
