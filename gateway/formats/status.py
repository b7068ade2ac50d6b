"""Writes status messages (gói tin trạng thái); they are read by the same reader as documents."""

from gateway.domain.document import StatusMessage
from gateway.formats.edxml_dates import write_date, write_time
from gateway.formats.edxml_names import STAFF
from gateway.formats.edxml_text import XmlText
from gateway.formats.edxml_writer import open_envelope, write_organisation


def write_status(status: StatusMessage) -> bytes:
    """Return *status* as an edXML message in the SDK's order: a header and nothing else.

    Raises:
        ValueError: a value holds a character that XML does not know.
    """
    xml = XmlText()
    open_envelope(xml)
    xml.open("MessageHeader")
    write_organisation(xml, "From", status.sender)
    xml.open("ResponseFor")
    xml.leaf("OrganId", status.to)
    xml.leaf("Code", status.number_notation)
    xml.leaf("DocumentId", status.document_id)
    day = status.promulgated_on
    xml.leaf("PromulgationDate", write_date(day) if day else None)
    xml.close("ResponseFor")
    if any(status.staff.get(key) for _, key in STAFF):
        xml.open("StaffInfo")
        for element, key in STAFF:
            xml.leaf(element, status.staff.get(key))
        xml.close("StaffInfo")
    xml.leaf("StatusCode", status.code)
    xml.leaf("Description", status.note)
    xml.leaf("Timestamp", write_time(status.at) if status.at else None)
    for name in ("MessageHeader", "edXMLHeader", "edXMLEnvelope"):
        xml.close(name)
    xml.prefix = ""
    xml.close("edXML")
    return xml.take()
