"""Whether a file is an edXML message, by its name and its first bytes, before anybody reads it.

A message is named ``*.edxml``, or its root's local name is ``edXML``, or it is a SOAP envelope
that holds the edXML header. What is damaged counts by what it was to be: a message in UTF-16, with
a document type or with junk before the root is still one, and reading it says what is wrong.
"""

import codecs
import re

from gateway.formats.attachments import canonical_extension

#: Bytes of the head that are looked at.
HEAD = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_TAG = re.compile(r"<(?:[A-Za-z_][\w.-]{0,200}:)?([A-Za-z_][\w.-]{0,200})(?=[\s/>])")
_HEADER = re.compile(r"<(?:[A-Za-z_][\w.-]{0,200}:)?(?:edXMLHeader|MessageHeader)[\s/>]")
#: What may stand before the root, by how it begins and ends.
_PROLOG = (("<!--", "-->"), ("<?", "?>"))
_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?:[\w.-]{1,200}:)?([\w.-]{1,200})")


def is_message(name: str, head: bytes) -> bool:
    """Whether a file *name* that begins with *head* is a message; any other is an attachment."""
    extension = canonical_extension(name)
    if extension == "edxml":
        return True
    text = _text(head[:HEAD])
    root = _root(text, lenient=extension == "xml")
    return root == "edXML" or (root == "Envelope" and _HEADER.search(text) is not None)


def _text(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head.decode(encoding, "replace").removeprefix("\ufeff")
    return head.decode("utf-8", "replace")


def _root(text: str, *, lenient: bool) -> str:
    """Return the local name of the root of *text*, "" when there is none.

    A *lenient* look takes the first tag for the root, whatever stands before it.
    """
    at = _after_prolog(text)
    if declared := _DOCTYPE.match(text, at):
        return declared[1]
    found = _TAG.search(text, at) if lenient else _TAG.match(text, at)
    return "" if found is None else found[1]


def _after_prolog(text: str) -> int:
    at, before = 0, -1
    while at != before:
        before = at
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        for begin, end in _PROLOG:
            if text.startswith(begin, at):
                closed = text.find(end, at + len(begin))
                at = len(text) if closed < 0 else closed + len(end)
    return at
