"""The element names of edXML that the reader and the writer share, and where metadata stands."""

from collections.abc import Mapping
from types import MappingProxyType

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

#: The element that holds a file.
CONTENT = "ContentTransferEncoded"

#: Other names for elements of the edXML form, of the right spelling and of the SOAP family: the
#: parent in the edXML form, and the name there. "" is above the root.
ALIASES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Envelope": ("", "edXMLEnvelope"),
        "Header": ("edXMLEnvelope", "edXMLHeader"),
        "Body": ("edXMLEnvelope", "edXMLBody"),
        "Manifest": ("edXMLBody", "edXMLManifest"),
        "Business": ("TraceHeaderList", "Bussiness"),
        "BusinessDocType": ("Bussiness", "BussinessDocType"),
        "BusinessDocReason": ("Bussiness", "BussinessDocReason"),
        "BusinessDocumentInfo": ("Bussiness", "BussinessDocumentInfo"),
    }
)

#: Organisation, in the order of writing: element and field.
ORGANISATION: tuple[tuple[str, str], ...] = (
    ("OrganId", "code"),
    ("OrganizationInCharge", "in_charge"),
    ("OrganName", "name"),
    ("OrganAdd", "address"),
    ("Email", "email"),
    ("Telephone", "telephone"),
    ("Fax", "fax"),
    ("Website", "website"),
)

#: StaffInfo of a status message, in the order of writing: element and key of ``staff``.
STAFF: tuple[tuple[str, str], ...] = (
    ("Department", "department"),
    ("DepartmentId", "department_id"),
    ("Staff", "staff"),
    ("StaffId", "staff_id"),
    ("Email", "email"),
    ("Mobile", "mobile"),
)

#: Elements of which the parent may have one; two would let two readers see two documents.
SINGLE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "edXML": frozenset({"edXMLEnvelope", "AttachmentEncoded"}),
        "edXMLEnvelope": frozenset({"edXMLHeader", "edXMLBody"}),
        "edXMLHeader": frozenset({"MessageHeader", "TraceHeaderList"}),
        "edXMLBody": frozenset({"edXMLManifest"}),
        "MessageHeader": frozenset(
            {
                "From",
                "DocumentId",
                "Code",
                "PromulgationInfo",
                "DocumentType",
                "Subject",
                "SignerInfo",
                "DueDate",
                "OtherInfo",
                "SteeringType",
                "StaffInfo",
                "StatusCode",
                "Description",
                "Timestamp",
            }
        ),
        "From": frozenset({"OrganId"}),
        "To": frozenset({"OrganId"}),
        "Code": frozenset({"CodeNumber", "CodeNotation"}),
        "PromulgationInfo": frozenset({"Place", "PromulgationDate"}),
        "DocumentType": frozenset({"Type", "TypeDetail", "TypeName"}),
        "SignerInfo": frozenset({"Competence", "Position", "FullName"}),
        "TraceHeaderList": frozenset({"Bussiness", "Paper"}),
        "Bussiness": frozenset({"DocumentId", "BussinessDocType", "BussinessDocReason", "Paper"}),
    }
)

_HEADER = "/edXML/edXMLEnvelope/edXMLHeader"
_MESSAGE = f"{_HEADER}/MessageHeader"
_BUSSINESS = f"{_HEADER}/TraceHeaderList/Bussiness"

#: Where a rule's JSON Pointer stands in a message; recipients are ``To``, ``To[2]``, …
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "/from": f"{_MESSAGE}/From/OrganId",
        "/metadata/to": f"{_MESSAGE}/To",
        "/document_id": f"{_MESSAGE}/DocumentId",
        "/metadata/type": f"{_MESSAGE}/DocumentType/TypeName",
        "/metadata/subject": f"{_MESSAGE}/Subject",
        "/metadata/number": f"{_MESSAGE}/Code/CodeNumber",
        "/metadata/notation": f"{_MESSAGE}/Code/CodeNotation",
        "/metadata/promulgated_on": f"{_MESSAGE}/PromulgationInfo/PromulgationDate",
        "/metadata/place": f"{_MESSAGE}/PromulgationInfo/Place",
        "/metadata/signer": f"{_MESSAGE}/SignerInfo",
        "/metadata/signer/competence": f"{_MESSAGE}/SignerInfo/Competence",
        "/metadata/signer/position": f"{_MESSAGE}/SignerInfo/Position",
        "/metadata/signer/full_name": f"{_MESSAGE}/SignerInfo/FullName",
        "/metadata/priority": f"{_MESSAGE}/OtherInfo/Priority",
        "/metadata/due_on": f"{_MESSAGE}/DueDate",
        "/metadata/reply_to": f"{_MESSAGE}/ResponseFor",
        "/metadata/pages": f"{_MESSAGE}/OtherInfo/PageAmount",
        "/metadata/copies": f"{_MESSAGE}/OtherInfo/PromulgationAmount",
        "/metadata/paper_copy": f"{_BUSSINESS}/Paper",
        "/metadata/business": _BUSSINESS,
        "/metadata/business/kind": f"{_BUSSINESS}/BussinessDocType",
        "/metadata/business/of": f"{_BUSSINESS}/DocumentId",
        "/metadata/business/reason": f"{_BUSSINESS}/BussinessDocReason",
        "/code": f"{_MESSAGE}/StatusCode",
        "/note": f"{_MESSAGE}/Description",
    }
)


def xml_place(pointer: str) -> str:
    """Return where *pointer* (``/metadata/to/0``) stands in an edXML message, else itself.

    Recipients are counted from 0 in a pointer and from 1 in a path of local names.
    """
    known = PLACES.get(pointer)
    if known is not None:
        return known
    parent, _, n = pointer.rpartition("/")
    if parent != "/metadata/to" or not n.isdecimal():
        return pointer
    nth = f"[{int(n) + 1}]" if int(n) else ""
    return f"{PLACES[parent]}{nth}/OrganId"


_CARRIED_OF_MESSAGE = (
    *(f"From/{name}" for name, _ in ORGANISATION),
    *(f"To/{name}" for name, _ in ORGANISATION),
    "DocumentId",
    "Code/CodeNumber",
    "Code/CodeNotation",
    "PromulgationInfo/Place",
    "PromulgationInfo/PromulgationDate",
    "DocumentType/TypeName",
    "Subject",
    "SignerInfo/Competence",
    "SignerInfo/Position",
    "SignerInfo/FullName",
    "DueDate",
    "OtherInfo/Priority",
    "OtherInfo/PromulgationAmount",
    "OtherInfo/PageAmount",
)
_CHANGED_RECEIVERS = "TraceHeaderList/Bussiness/BussinessDocumentInfo/ReceiverList/Receiver"
#: Leaves below edXMLHeader that have a field of their own in the model.
CARRIED = frozenset(
    {
        *(f"MessageHeader/{path}" for path in _CARRIED_OF_MESSAGE),
        "TraceHeaderList/TraceHeader/OrganId",
        "TraceHeaderList/TraceHeader/Timestamp",
        "TraceHeaderList/Paper",
        "TraceHeaderList/Bussiness/DocumentId",
        "TraceHeaderList/Bussiness/BussinessDocType",
        "TraceHeaderList/Bussiness/BussinessDocReason",
        "TraceHeaderList/Bussiness/Paper",
        "TraceHeaderList/Bussiness/ReplacementInfoList/ReplacementInfo/DocumentId",
        f"{_CHANGED_RECEIVERS}/OrganId",
        f"{_CHANGED_RECEIVERS}/ReceiverType",
    }
)
