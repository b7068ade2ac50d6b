"""Signatures inside office packages (OOXML, ODF): found and reported, not verified.

They sign parts of the package by rules of their own, and none of them makes a document an
original: that is for signed PDF files (NĐ 30/2020/NĐ-CP art. 5.1, Annex I).
"""

import re
import zipfile
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import replace
from io import BytesIO
from itertools import islice

from asn1crypto import x509

from gateway.crypto.signer_info import MALFORMED, describe
from gateway.domain.signatures import Reason, Signature, SignatureReport

_ODF = "META-INF/documentsignatures.xml"
_OOXML = re.compile(r"_xmlsignatures/[^/]+\.xml")
_LARGEST = 1 << 20
_MOST = 20
_MOST_ENTRIES = 20_000
_OPENS = re.compile(rb"<(?:[\w.-]+:)?Signature[\s>]")
_CLOSES = b"Signature>"
_CERTIFICATE = re.compile(rb"X509Certificate>([A-Za-z0-9+/=\s]{100,20000})</")


def report_package(data: bytes) -> SignatureReport:
    """Return the signatures that the ZIP package *data* bears; none when it is no package."""
    found: list[Signature] = []
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            for entry in package.infolist()[:_MOST_ENTRIES]:
                kind = _kind(entry.filename)
                if kind and entry.file_size <= _LARGEST:
                    with package.open(entry) as stream:
                        found += _signatures(kind, entry.filename, stream.read(_LARGEST))
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, *MALFORMED):
        return SignatureReport(signatures=tuple(found[:_MOST]))
    return SignatureReport(signatures=tuple(found[:_MOST]))


def _kind(name: str) -> str:
    return "odf" if name == _ODF else "ooxml" if _OOXML.fullmatch(name) else ""


def _signatures(kind: str, name: str, xml: bytes) -> list[Signature]:
    found = []
    for opening in islice(_OPENS.finditer(xml), _MOST):
        end = xml.find(_CLOSES, opening.end())
        block = xml[opening.start() : end if end >= 0 else len(xml)]
        found.append(_described(kind, name, block))
    return found


def _described(kind: str, name: str, block: bytes) -> Signature:
    facts = Signature(kind=kind, reason=Reason.NOT_VERIFIED, name=name)
    certificate = _CERTIFICATE.search(block)
    if certificate is None:
        return facts
    try:
        der = b64decode(b"".join(certificate[1].split()), validate=True)
        return replace(describe(facts, x509.Certificate.load(der)), reason=Reason.NOT_VERIFIED)
    except (NotBase64, *MALFORMED):
        return facts
