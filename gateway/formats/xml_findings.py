"""What is said about bytes that are not XML as this house reads it."""

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
    vi="Gói tin không phải XML đúng cú pháp (dòng:cột {place}): {reason}.",
    en="The message is not well-formed XML (line:column {place}): {reason}.",
    remedy=_RESEND,
    remedy_en=_RESEND_EN,
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
