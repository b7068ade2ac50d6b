"""Signed files of honest people and their programs: none of them may be refused.

Layouts of many programs, keys of every kind, and what may be added after a signature.
"""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import PdfSignatureMetadata, signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.stamp import TextStampStyle

from gateway.crypto.pki import Key, Party, Wish, issue
from gateway.crypto.specimen import DatedSigner, Pen, sign_pdf, simple_signer
from tests.crypto.corpus import DAY, PLAIN, SIGNED, country
from tests.crypto.raw_pdf import body, paper, pen, signed, stream, tabled, update

FORM = b"<</Fields [6 0 R]/DA(/Helv 0 Tf 0 g)/DR<</Font<<>>>>>>"


def layouts() -> Iterator[tuple[str, bytes]]:
    """Yield signed files as various programs lay them out."""
    yield "table", signed()
    yield "xref-stream", sign_pdf(PLAIN, pen())
    yield "linearised", sign_pdf(_rewritten(linearize=True), pen())
    objects = pikepdf.ObjectStreamMode.generate
    yield "object-streams", sign_pdf(_rewritten(object_stream_mode=objects), pen())
    yield "qdf", sign_pdf(_rewritten(qdf=True), pen())
    yield "one-revision", _in_one_revision()
    yield "line-end-behind", signed() + b"\r\n"
    yield "zeros-behind", signed() + bytes(16)
    yield "lower-case-contents", _lower_case(signed())
    yield "archival", sign_pdf(_archival(), pen())
    yield "adbe-pkcs7", sign_pdf(tabled(), pen(is_pades=False))
    yield "sha512", sign_pdf(tabled(), pen(digest="sha512"))
    yield "encrypted-without-password", _encrypted()
    yield "reason-and-place-in-vietnamese", _with_words()
    yield "visible", _visible(tabled(), "NguoiKy")
    yield "stamped", sign_pdf(tabled(), pen(stamps=country().pki.stamps))


def _rewritten(**how: object) -> bytes:
    output = BytesIO()
    with pikepdf.open(BytesIO(PLAIN)) as pdf:
        pdf.save(output, **how)  # type: ignore[arg-type]
    return output.getvalue()


def _in_one_revision() -> bytes:
    """The form and the signature written with the document, as a scanner's program does."""
    copy = copy_into_new_writer(PdfFileReader(BytesIO(PLAIN)))
    signer = _signer("NguoiKy")
    return bytes(signer.sign_pdf(copy, output=BytesIO()).getvalue())


def _signer(field: str, **metadata: Any) -> DatedSigner:  # noqa: ANN401 - of the library
    chosen = pen(field)
    signer = DatedSigner(
        PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, **metadata),
        signer=simple_signer(chosen.party, chosen.chain),
    )
    signer.at = SIGNED
    return signer


def _lower_case(pdf: bytes) -> bytes:
    begin = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    end = pdf.index(b">", begin)
    return pdf[:begin] + pdf[begin:end].lower() + pdf[end:]


def _archival() -> bytes:
    """PDF/A: a colour profile, metadata, marked content."""
    with pikepdf.open(BytesIO(PLAIN)) as pdf:
        profile = pdf.make_stream(b"profile", N=3)
        intent = pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent,
            S=pikepdf.Name("/GTS_PDFA1"),
            OutputConditionIdentifier="sRGB",
            DestOutputProfile=profile,
        )
        pdf.Root.OutputIntents = pikepdf.Array([intent])
        pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "2", "B"
        output = BytesIO()
        pdf.save(output)
        return output.getvalue()


def _encrypted() -> bytes:
    """Only printing is forbidden: everybody can open it."""
    output = BytesIO()
    with pikepdf.open(BytesIO(PLAIN)) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="chu", user="", R=6))
    writer = IncrementalPdfFileWriter(BytesIO(output.getvalue()))
    writer.encrypt("")
    return bytes(_signer("NguoiKy").sign_pdf(writer, output=BytesIO()).getvalue())


def _with_words() -> bytes:
    signer = _signer(
        "NguoiKy", reason="Phê duyệt, ban hành", location="Thành phố Huế", name="Nguyễn Thị Ý"
    )
    writer = IncrementalPdfFileWriter(BytesIO(tabled()))
    return bytes(signer.sign_pdf(writer, output=BytesIO()).getvalue())


def _visible(pdf: bytes, field: str, who: str = "person") -> bytes:
    """A signature that shows a stamp on the page, as those of agencies do."""
    chosen = pen(field, who=who)
    signer = DatedSigner(
        PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES),
        signer=simple_signer(chosen.party, chosen.chain),
        stamp_style=TextStampStyle(stamp_text="Ky boi", text_box_style=TextBoxStyle()),
        new_field_spec=SigFieldSpec(field, box=(300, 50, 500, 120)),
    )
    signer.at = SIGNED
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    return bytes(signer.sign_pdf(writer, output=BytesIO()).getvalue())


def keys() -> Iterator[tuple[str, bytes]]:
    """Yield files signed with every kind of key that is strong enough."""
    for name, key in (
        ("rsa-2048", rsa.generate_private_key(65537, 2048)),
        ("rsa-3072", rsa.generate_private_key(65537, 3072)),
        ("p-256", ec.generate_private_key(ec.SECP256R1())),
        ("p-384", ec.generate_private_key(ec.SECP384R1())),
        ("p-521", ec.generate_private_key(ec.SECP521R1())),
        ("brainpool-256", ec.generate_private_key(ec.BrainpoolP256R1())),
        ("brainpool-384", ec.generate_private_key(ec.BrainpoolP384R1())),
    ):
        yield name, sign_pdf(tabled(), replace(pen(), party=owner(key)))
    edwards = owner(ed25519.Ed25519PrivateKey.generate())  # type: ignore[arg-type]
    yield "ed25519", sign_pdf(tabled(), replace(pen(digest="sha512"), party=edwards))
    yield "rsa-pss", _with_pss()


def owner(key: Key, **more: object) -> Party:
    """Return somebody with *key*, certified by the intermediate."""
    wish = Wish(
        common_name="Đặng Thị Ỷ",
        organisation="Sở Thí Dụ",
        valid_from=SIGNED - 300 * DAY,
        valid_to=SIGNED + 700 * DAY,
    )
    return issue(replace(wish, **more), issuer=country().pki.intermediate, key=key)  # type: ignore[arg-type]


def _with_pss() -> bytes:
    party = owner(rsa.generate_private_key(65537, 2048))
    plain = simple_signer(party, (country().pki.intermediate,))
    signer = _signer("NguoiKy", md_algorithm="sha256")
    signer.signer = signers.SimpleSigner(
        signing_cert=plain.signing_cert,
        signing_key=plain.signing_key,
        cert_registry=plain.cert_registry,
        prefer_pss=True,
    )
    writer = IncrementalPdfFileWriter(BytesIO(tabled()))
    return bytes(signer.sign_pdf(writer, output=BytesIO()).getvalue())


def additions() -> Iterator[tuple[str, bytes]]:
    """Yield files to which something permitted was added after the signature."""
    yield "agency-signs", sign_pdf(signed(), pen("CoQuan", who="agency"))
    yield "agency-signs-visibly", _visible(signed(), "CoQuan", who="agency")
    twice = sign_pdf(signed(), pen("CoQuan", who="agency"))
    yield "a-third-signs", sign_pdf(twice, pen("DonVi", who="agency"))
    certified = signed(certify=MDPPerm.FILL_FORMS)
    yield "agency-signs-what-is-certified", sign_pdf(certified, pen("CoQuan", who="agency"))
    yield "form-filled", _filled(pen())
    yield "certified-form-filled", _filled(pen(certify=MDPPerm.FILL_FORMS))
    yield "note-on-what-permits-notes", with_note(signed(certify=MDPPerm.ANNOTATE))
    yield "blank-update", update(signed(), {})


def _filled(chosen: Pen) -> bytes:
    """A form with one text field, signed, then filled in."""
    writer = IncrementalPdfFileWriter(BytesIO(tabled()))
    name = generic.NameObject
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    field = generic.DictionaryObject(
        {
            name("/FT"): name("/Tx"),
            name("/T"): generic.pdf_string("SoDen"),
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (70, 70, 200, 90))),
            name("/P"): page,
            name("/F"): generic.NumberObject(4),
        }
    )
    reference = writer.add_object(field)
    form = generic.DictionaryObject(
        {
            name("/Fields"): generic.ArrayObject([reference]),
            name("/DA"): generic.pdf_string("/Helv 0 Tf 0 g"),
        }
    )
    writer.root[name("/AcroForm")] = writer.add_object(form)
    writer.update_root()
    page.get_object()[name("/Annots")] = generic.ArrayObject([reference])
    writer.mark_update(page)
    draft = BytesIO()
    writer.write(draft)
    pdf = sign_pdf(draft.getvalue(), chosen)
    number, look = reference.idnum, paper(pdf).size
    filled = body(pdf, number).removesuffix(b">>") + b"/V(1487)/AP<</N %d 0 R>>>>" % look
    appearance = stream(
        b"/Tx BMC BT /Helv 12 Tf (1487) Tj ET EMC",
        b"/Type/XObject/Subtype/Form/BBox[0 0 130 20]",
    )
    return update(pdf, {number: filled, look: appearance})


def with_note(pdf: bytes) -> bytes:
    """Return *pdf* with a sticky note on its page."""
    at = paper(pdf)
    note = at.size
    page = body(pdf, at.page).replace(
        b"/Annots [ %d 0 R ]" % at.field, b"/Annots [ %d 0 R %d 0 R ]" % (at.field, note)
    )
    dictionary = b"<</Type/Annot/Subtype/Text/Rect[500 800 520 820]/F 28/Contents(Da xem)>>"
    return update(pdf, {at.page: page, note: dictionary})


HONEST = dict([*layouts(), *keys(), *additions()])
