"""What is said about bytes that are not XML as this house reads it."""

import re

from gateway.domain.rules.mechanism import Statement

_SOURCE = "XML 1.0; QCVN 102:2016/BTTTT"
_RESEND = (
    "Xuất lại gói tin từ phần mềm quản lý văn bản rồi gửi lại; nếu vẫn lỗi, báo nhà cung cấp."
)
_RESEND_EN = "Export the message from the office software and send it again; if it fails again, \
tell its vendor."

MALFORMED = Statement(
    code="xml-malformed",
    source=_SOURCE,
    vi="Gói tin không phải XML đúng cú pháp (dòng:cột {place}): {explained}.",
    en="The message is not well-formed XML (line:column {place}): {reason}.",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)
NAMESPACE = Statement(
    code="xml-namespace",
    source="Namespaces in XML 1.0 section 7; QCVN 102:2016/BTTTT",
    vi="Gói tin dùng sai không gian tên XML (dòng:cột {place}): {explained}.",
    en="The message is not namespace-well-formed (line:column {place}): {reason}.",
    remedy="Khai báo không gian tên (xmlns:…) cho mọi tiền tố được dùng trong gói tin.",
    remedy_en="Declare a namespace (xmlns:…) for every prefix that the message uses.",
)
EMPTY = Statement(
    code="xml-empty",
    source=_SOURCE,
    vi="Gói tin rỗng, không có nội dung XML.",
    en="The message is empty.",
    remedy="Gửi lại gói tin đầy đủ.",
    remedy_en="Send the whole message again.",
)
ENCODING = Statement(
    code="xml-encoding",
    source="TT 39/2017/TT-BTTTT item 2.7 (UTF-8)",
    vi="Gói tin dùng bảng mã {encoding}; chỉ nhận UTF-8.",
    en="The message is encoded in {encoding}; only UTF-8 is read.",
    remedy="Lưu gói tin bằng bảng mã UTF-8 (Unicode) rồi gửi lại.",
    remedy_en="Save the message in UTF-8 and send it again.",
)
MULTIPART = Statement(
    code="xml-multipart",
    source="RFC 2387; POST /documents takes application/xml",
    vi="Đây là gói MIME nhiều phần, không phải tệp XML.",
    en="This is a MIME message of several parts, not XML.",
    remedy="Gửi gói tin edXML có tệp đính kèm nằm trong phần tử AttachmentEncoded.",
    remedy_en="Send an edXML message that holds its files in AttachmentEncoded.",
)
DOCTYPE = Statement(
    code="xml-doctype",
    source=_SOURCE,
    vi="Gói tin có khai báo DOCTYPE hoặc thực thể (dòng:cột {place}); không được phép.",
    en="The message declares a document type or entities (line:column {place}); it must not.",
    remedy="Bỏ khai báo DOCTYPE khỏi gói tin.",
    remedy_en="Remove the document type declaration.",
)
TAG = Statement(
    code="xml-tag-too-long",
    source="limit of the node",
    vi="Có thẻ hoặc chú thích XML dài quá {limit} byte (dòng:cột {place}).",
    en="A tag or comment is longer than {limit} bytes (line:column {place}).",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)
CDATA = Statement(
    code="xml-cdata-too-long",
    source="limit of the node",
    vi="Có khối CDATA dài quá {limit} byte (dòng:cột {place}).",
    en="A CDATA section is longer than {limit} bytes (line:column {place}).",
    remedy="Ghi nội dung tệp base64 trực tiếp trong phần tử, không dùng CDATA.",
    remedy_en="Write the base64 of a file as plain text of its element, without CDATA.",
)
MARKUP = Statement(
    code="xml-markup-too-long",
    source="limit of the node",
    vi="Các thẻ XML chiếm quá {limit} byte (dòng:cột {place}).",
    en="The tags take more than {limit} bytes (line:column {place}).",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)
REFERENCES = Statement(
    code="xml-too-many-references",
    source="limit of the node",
    vi="Gói tin có quá {limit} tham chiếu ký tự dạng &#…; (dòng:cột {place}).",
    en="The message has more than {limit} character references (line:column {place}).",
    remedy="Ghi chữ tiếng Việt và nội dung base64 trực tiếp, không dùng tham chiếu ký tự.",
    remedy_en="Write letters and base64 as they are, without character references.",
)
NAME = Statement(
    code="xml-name-too-long",
    source="limit of the node",
    vi="Tên phần tử XML (kể cả không gian tên) dài quá {limit} ký tự (dòng:cột {place}).",
    en="The name of an element, with its namespace, has more than {limit} characters \
(line:column {place}).",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)
INCLUDE = Statement(
    code="xml-include",
    source="QCVN 102:2016/BTTTT; XInclude 1.0 is no part of it",
    vi="Gói tin tham chiếu nội dung bên ngoài bằng XInclude, không được phép (dòng:cột {place}).",
    en="The message includes content from elsewhere by XInclude (line:column {place}).",
    remedy="Đưa nội dung vào chính gói tin, bỏ phần tử include.",
    remedy_en="Put the content into the message itself and drop the element include.",
)
DEPTH = Statement(
    code="xml-too-deep",
    source="limit of the node",
    vi="Các phần tử XML lồng nhau quá {limit} cấp (dòng:cột {place}).",
    en="Elements are nested deeper than {limit} levels (line:column {place}).",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)
ELEMENTS = Statement(
    code="xml-too-many-elements",
    source="limit of the node",
    vi="Gói tin có quá {limit} phần tử XML (dòng:cột {place}).",
    en="The message has more than {limit} elements (line:column {place}).",
    remedy="Chia danh sách nơi nhận thành nhiều gói tin.",
    remedy_en="Split the recipients over several messages.",
)
SIBLINGS = Statement(
    code="xml-too-many-siblings",
    source="limit of the node",
    vi="Một phần tử có quá {limit} phần tử con (dòng:cột {place}).",
    en="An element has more than {limit} children (line:column {place}).",
    remedy="Chia danh sách nơi nhận thành nhiều gói tin.",
    remedy_en="Split the recipients over several messages.",
)
ATTRIBUTES = Statement(
    code="xml-too-many-attributes",
    source="limit of the node",
    vi="Có quá nhiều thuộc tính XML, tối đa {limit} trên một phần tử (dòng:cột {place}).",
    en="Too many attributes, at most {limit} on one element (line:column {place}).",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)
TEXT = Statement(
    code="xml-text-too-long",
    source="limit of the node",
    vi="Phần thông tin (ngoài tệp đính kèm) dài quá {limit} ký tự (dòng:cột {place}).",
    en="The texts outside of attachments have more than {limit} characters (line:column {place}).",
    remedy="Rút ngắn trích yếu, nội dung; chuyển phần dài vào tệp đính kèm.",
    remedy_en="Shorten the subject and other texts; move long text into an attachment.",
)
BLANKS = Statement(
    code="xml-too-many-blanks",
    source="limit of the node",
    vi="Giữa các phần tử có quá {limit} ký tự trống (dòng:cột {place}).",
    en="There are more than {limit} blanks between elements (line:column {place}).",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
)

_NOTHING = 4
_CUT = "gói tin bị cắt cụt, thiếu phần cuối"
#: What libxml2 finds wrong, by the number of its error (xmlParserErrors), in a clerk's words.
_REASONS = {
    _NOTHING: "có nội dung khác đứng trước phần tử gốc, hoặc đây không phải tệp XML",
    5: "còn nội dung thừa sau phần tử gốc",
    9: "có ký tự điều khiển mà XML không cho phép",
    26: "dùng một thực thể chưa khai báo",
    38: "có dấu “<” trong giá trị thuộc tính, cần viết là “&lt;”",
    39: "giá trị thuộc tính không nằm trong dấu nháy",
    40: "giá trị thuộc tính không có dấu nháy kết thúc",
    42: "một thuộc tính xuất hiện hai lần",
    62: "có chuỗi “]]>” trong nội dung, cần viết là “]]&gt;”",
    64: "khai báo XML “<?xml …?>” không nằm ở đầu tệp",
    65: "thiếu dấu cách giữa các thuộc tính",
    68: "sau dấu “<” hoặc “&” không có tên; hai dấu này cần viết là “&lt;” và “&amp;”",
    73: "một thẻ thiếu dấu “>”",
    76: "thẻ mở và thẻ đóng không khớp nhau",
    80: "có “--” trong chú thích",
    81: "có byte không đúng bảng mã UTF-8",
}


def explain_malformed(number: int, words: str, *, at_end: bool) -> str:
    """Return in Vietnamese what libxml2 says as *number*; *words* are its own, in English.

    What only the end of the message brings to light is a cut, whatever was cut.
    """
    is_cut = at_end and number != _NOTHING
    return _CUT if is_cut else _REASONS.get(number, words)


_PREFIX = re.compile(r"[Pp]refix (\S{1,60})")


def explain_namespace(words: str) -> str:
    """Return in Vietnamese what libxml2 says of a namespace in its own *words*, in English."""
    prefix = _PREFIX.search(words)
    if prefix is None:
        return "khai báo hoặc tên có dấu “:” không hợp lệ"
    return f"tiền tố “{prefix[1]}” chưa được khai báo"
