"""What stands behind the end of a file: nothing, what writers leave there, or another file."""

#: What other kinds of files begin with. Phones put films and further pictures behind a picture.
_OTHER = (b"pk\x03\x04", b"%pdf-", b"mz", b"\x7felf", b"rar!", b"7z\xbc\xaf", b"<html", b"<script")
#: Bytes that are looked at.
LOOKED_AT = 64


def is_another_file(behind: bytes) -> bool:
    """Whether *behind*, the bytes after the end of a file, begin a file of another kind."""
    return behind[:LOOKED_AT].lstrip(b"\0 \r\n\t").lower().startswith(_OTHER)
