"""The corpus: one document in every form that was seen, and what must not be read.

``DOCUMENTS`` are all the same document, ``plain()``; ``REFUSED`` are messages with the code of the
finding that refuses them and, where it is sure, its pointer.
"""

import zipfile
from dataclasses import replace
from types import MappingProxyType

from tests.samples.edxml_forms import (
    EDOC,
    QCVN,
    SDK,
    SOAP,
    Element,
    leaf,
    no_prefix,
    one_prefix,
    written,
)
from tests.samples.edxml_messages import (
    BOILERPLATE,
    ENVELOPE,
    HEADER,
    MESSAGE,
    SOAP_FORM,
    TEXT,
    TRACE,
    XLINK,
    added,
    broken_lines,
    by_href,
    changed,
    dated,
    everywhere,
    ids,
    plain,
    renamed,
    second_file,
    soap,
    sorted_by,
    with_empty_elements,
    without_files_in_names,
    wrapped,
)

DOCUMENTS = MappingProxyType(
    {
        "as the SDK writes": written(plain()),
        "one default namespace": written(plain(), no_prefix(f' xmlns="{QCVN}"')),
        "one prefix everywhere": written(plain(), one_prefix("edXML", QCVN)),
        "another prefix": written(plain(), one_prefix("ns0", QCVN)),
        "the older namespace": written(plain(), one_prefix("edoc", EDOC)),
        "no namespace": written(plain(), no_prefix("")),
        "schema namespaces at the root": written(
            plain(),
            replace(
                SDK,
                declared=SDK.declared
                + ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                + ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
                + ' xsi:schemaLocation="http://127.0.0.1:9/a.xsd a.xsd"',
            ),
        ),
        "no declaration": written(plain(), replace(SDK, declaration="")),
        "byte order mark": b"\xef\xbb\xbf" + written(plain()),
        "line feeds": written(plain(), replace(SDK, line_end="\n")),
        "one line": written(plain(), replace(SDK, line_end="", indent="")),
        "spaces around texts": written(
            plain(), replace(SDK, before_text="\r\n      ", behind_text=" \t\r\n")
        ),
        "comments": everywhere(lambda each: each.but(markup="<!-- <x> -->")),
        "instructions": everywhere(lambda each: each.but(markup="<?axis seen?>")),
        "character data sections": written(
            plain().with_child(
                (*MESSAGE, "Subject"),
                lambda each: each.but(text="", markup=f"<![CDATA[{each.text}]]>"),
            )
        ),
        "elements sorted by name": sorted_by(lambda each: each.name),
        "elements sorted the other way": sorted_by(lambda each: each.name, reverse=True),
        "spelled Business": renamed(
            {
                "Bussiness": "Business",
                "BussinessDocType": "BusinessDocType",
                "BussinessDocReason": "BusinessDocReason",
            }
        ),
        "no Bussiness": changed(TRACE, lambda each: each.but(children=each.children[1:])),
        "Bussiness behind the hops": changed(
            TRACE, lambda each: each.but(children=each.children[::-1])
        ),
        "boilerplate signature": changed(
            HEADER, lambda each: each.but(markup=BOILERPLATE), no_prefix(f' xmlns="{QCVN}"')
        ),
        "signature below the root": changed(
            (), lambda each: each.but(markup=BOILERPLATE), no_prefix(f' xmlns="{QCVN}"')
        ),
        "empty digital signature": added(HEADER, Element(name="DigitalSignature")),
        "empty elements": with_empty_elements(),
        "cid: twice": ids("cid:cid:{}", "cid:cid:{}"),
        "cid: in the manifest alone": ids("cid:{}", "{}"),
        "cid: in the attachment alone": ids("{}", "cid:{}"),
        "capital CID:": ids("CID:{}", "cid: {}"),
        "identifiers that do not meet": ids("cid:a{}", "cid:b{}"),
        "one identifier for all": ids("cid:0", "cid:0"),
        "no identifiers": ids("", ""),
        "references by xlink:href": by_href("xlink:href", f' xmlns:xlink="{XLINK}"'),
        "references by href": by_href("href", ""),
        "no manifest": changed(ENVELOPE, lambda each: each.but(children=each.children[:1])),
        "names in the manifest alone": without_files_in_names(),
        "base64 in lines": broken_lines(),
        "files first": changed((), lambda each: each.but(children=each.children[::-1])),
        "wrapped and announced as zip": second_file(
            wrapped(TEXT, "0f8e.txt"), kind="application/zip"
        ),
        "wrapped and announced as what is inside": second_file(
            wrapped(TEXT, "0f8e.txt"), kind="application/pdf"
        ),
        "wrapped with an extension in capitals": second_file(
            wrapped(TEXT, "0f8e.TXT"), kind="application/zip"
        ),
        "wrapped below a folder": second_file(
            wrapped(TEXT, "../../tmp/0f8e.txt"), kind="application/zip"
        ),
        "wrapped without compression": second_file(
            wrapped(TEXT, "a.txt", method=zipfile.ZIP_STORED), kind="application/zip"
        ),
        "wrapped by a seekable writer": second_file(
            wrapped(TEXT, "a.txt", streamed=False), kind="application/zip"
        ),
        "announced as zip and not wrapped": second_file(
            TEXT, kind="application/zip", said="text/plain"
        ),
        "dates with dashes": dated("{y}-{m}-{d}"),
        "dates with the day first": dated("{d}/{m}/{y}"),
        "dates with single digits": dated("{y}/{m}/{n}"),
        "dates with a time": dated("{y}/{m}/{d} 00:00:00"),
        "dates of XML Schema": dated("{y}-{m}-{d}T00:00:00"),
        "dates with an offset": dated("{y}-{m}-{d}T00:00:00.000+07:00"),
        "an answer to nothing": added(MESSAGE, Element(name="ResponseFor")),
    }
)


#: Identifiers of documents as they were seen.
IDENTIFIERS = (
    "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT",
    "020100107370,2025/10/13,2440/TĐ HĐQT",
    "H13.01,2026-11-20,7816/SNV-TTĐT",
    "000.00.01.H01,2018,10",
    "H13.01/2026/10",
    "3b2c9d9e-6f57-4b0c-9f9b-0a5b1d6f2c11",
    "GW-2026-000001",
)
#: Codes of agencies as they were seen.
AGENCY_CODES = (
    "000.00.00.H13",
    "002.00.20.H13",
    "28.22.H17",
    "01.02.G22",
    "02.29.W00",
    "001.00.20.TT2",
    "H13",
    "H13.01.02",
    "H55.242",
    "G12",
    "020100107370",
    "vxp.saas.03",
)

_PLAIN = written(plain())
_UNBOUND = by_href("xlink:href", "")
_TWO = changed(
    MESSAGE, lambda each: each.but(children=[*each.children, leaf("Subject", "V/v khác")])
)

#: Message, code of the finding and its pointer.
REFUSED = MappingProxyType(
    {
        "prefix without a namespace": (_UNBOUND, "xml-namespace", "71:46"),
        "junk in front": (b"1212" + _PLAIN, "xml-malformed", "1:1"),
        "an empty line in front": (b"\r\n" + _PLAIN, "xml-malformed", "2:6"),
        "cut off": (_PLAIN[: len(_PLAIN) // 2], "xml-malformed", None),
        "junk behind": (_PLAIN + b"x", "xml-malformed", None),
        "UTF-16": (
            _PLAIN.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
            "xml-encoding",
            "1:1",
        ),
        "UTF-16 undeclared": (
            _PLAIN.decode()
            .removeprefix('<?xml version="1.0" encoding="UTF-8"?>\r\n')
            .encode("utf-16-le"),
            "xml-encoding",
            "1:1",
        ),
        "another encoding declared": (
            _PLAIN.replace(b"UTF-8", b"windows-1258", 1),
            "xml-encoding",
            "1:1",
        ),
        "letters that are not UTF-8": (
            _PLAIN.replace("Ví Dụ".encode(), b"V\xed D\xf4", 1),
            "xml-malformed",
            None,
        ),
        "document type": (
            _PLAIN.replace(b"?>\r\n", b"?>\r\n<!DOCTYPE edXML>\r\n", 1),
            "xml-doctype",
            "2:1",
        ),
        "entities": (
            _PLAIN.replace(b"?>\r\n", b'?>\r\n<!DOCTYPE edXML [<!ENTITY x "x">]>\r\n', 1),
            "xml-doctype",
            "2:1",
        ),
        "external entity": (
            _PLAIN.replace(
                b"?>\r\n", b'?>\r\n<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\r\n', 1
            ),
            "xml-doctype",
            "2:1",
        ),
        "an inclusion": (
            _PLAIN.replace(
                b"<edXML:Subject>",
                b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
                b"<edXML:Subject>",
                1,
            ),
            "xml-include",
            None,
        ),
        "nesting": (
            _PLAIN.replace(b"<edXML:Content>", b"<a>" * 100 + b"<edXML:Content>", 1),
            "xml-too-deep",
            None,
        ),
        "a hundred thousand attributes": (
            _PLAIN.replace(
                b"<edXML:Content>",
                b"<edXML:Content " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b">",
                1,
            ),
            "xml-tag-too-long",
            None,
        ),
        "a huge name": (
            added(MESSAGE, Element(name="n" * 2_000)),
            "xml-name-too-long",
            None,
        ),
        "parts of MIME": (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n\r\n"
            + written(soap(), SOAP_FORM)
            + b"\r\n--x--\r\n",
            "xml-multipart",
            "1:1",
        ),
        "another root": (b"<html/>", "edxml-root", "/html"),
        "a SOAP envelope of something else": (
            f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode(),
            "edxml-header",
            "/edXML",
        ),
        "two subjects": (_TWO, "edxml-repeated", "/" + "/".join(("edXML", *MESSAGE, "Subject"))),
    }
)
