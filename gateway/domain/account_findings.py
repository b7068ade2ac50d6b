"""Why a change of an account is refused: the findings and their words."""

from collections.abc import Sequence

from gateway.domain.accounts import PERSON_ROLES
from gateway.domain.errors import Refused
from gateway.domain.exchange import Role
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement

NAME_MISSING = Statement(
    code="account-name-missing",
    vi="Chưa có họ và tên đầy đủ, hoặc họ tên không có chữ cái nào.",
    en="The full name is missing or has no letters.",
    remedy="Nhập họ, tên đệm và tên có dấu.",
    remedy_en="Give family name, middle names and given name with their accents.",
    source="S0 art. 3.2",
)
NAME_LONG = Statement(
    code="account-name-long",
    vi="Họ và tên dài quá 100 ký tự hoặc có ký tự không được phép.",
    en="The full name is longer than 100 characters or holds a character that is not allowed.",
    remedy="Kiểm tra và nhập lại.",
    remedy_en="Check it and type it again.",
    source="[accounts]; policy of the node",
)
USER_NAME_WRONG = Statement(
    code="account-user-name",
    vi="Tên tài khoản chỉ gồm chữ thường không dấu, chữ số, dấu chấm, gạch nối; dài 3 đến 64.",
    en="A user name has small letters without accents, digits, dots and hyphens, 3 to 64 of them.",
    remedy="Để trống để hệ thống tạo từ họ tên.",
    remedy_en="Leave it out and it is made from the full name.",
    source="S0 art. 3.2",
)
AGENCY_MISSING = Statement(
    code="account-agency-missing",
    vi="Chưa chọn cơ quan.",
    en="No agency is chosen.",
    remedy="Chọn cơ quan nơi người này làm việc.",
    remedy_en="Choose the agency where the person works.",
    source="S0 art. 3.2; S3 art. 9.4",
)
ROLE_MISSING = Statement(
    code="account-role-missing",
    vi="Chưa chọn vai trò.",
    en="No role is chosen.",
    remedy="Chọn việc mà người này được làm; không có vai trò mặc định.",
    remedy_en="Choose what the person may do; there is no default.",
    source="S3 art. 9.4; [accounts]",
)
ROLE_WRONG = Statement(
    code="account-role",
    vi="Vai trò của người dùng là admin, auditor, clerk hoặc viewer.",
    en="The role of a person is admin, auditor, clerk or viewer.",
    remedy="Chọn một trong bốn vai trò.",
    remedy_en="Choose one of the four.",
    source="[accounts]; policy of the node",
)
MAIL_WRONG = Statement(
    code="account-mail",
    vi="Địa chỉ thư điện tử không đúng.",
    en="This is no mail address.",
    remedy="Nhập một địa chỉ như vanthu@example.gov.vn, hoặc để trống để không nhận thư.",
    remedy_en="Give one address such as vanthu@example.gov.vn, or nothing for no mail.",
    source="S1 art. 11.1",
)
REASON_MISSING = Statement(
    code="account-reason-missing",
    vi="Chưa có số quyết định hoặc lý do.",
    en="The number of the decision, or the reason, is missing.",
    remedy="Nhập số, ký hiệu quyết định hoặc văn bản đề nghị.",
    remedy_en="Give number and notation of the decision or of the request.",
    source="S3 art. 9.4; S4 art. 7.3.1c",
)
RECEIVER_WRONG = Statement(
    code="account-receiver",
    vi="Người nhận bàn giao phải là tài khoản đang hoạt động của cùng cơ quan.",
    en="Whoever takes over must have an active account of the same agency.",
    remedy="Chọn thủ trưởng đơn vị.",
    remedy_en="Name the head of the unit.",
    source="S3 art. 9.4, 10.2",
)


NAME_TAKEN = Statement(
    code="account-name-taken",
    vi="Tên tài khoản {user_name} đã có người dùng. Đề nghị: {proposed}.",
    en="The user name {user_name} is taken. Proposed: {proposed}.",
    remedy="Đặt tên {proposed} hoặc tên khác rồi báo cho người dùng.",
    remedy_en="Give --user-name {proposed} or another name, and tell the person.",
    source="S4 art. 7.1",
)


def chosen_role(role: Role | None, wrong: Sequence[Finding] = ()) -> Role:
    """Return the role chosen for a person; no choice is made for anybody.

    Raises:
        Refused: none was chosen, or one that people do not have, or something else is *wrong*.
    """
    if role in PERSON_ROLES and not wrong:
        return role
    bad = [] if role in PERSON_ROLES else [(ROLE_WRONG if role else ROLE_MISSING).finding("/role")]
    findings = [*wrong, *bad]
    raise Refused(findings[0].message_en, code=findings[0].code, findings=findings)


def name_taken(user_name: str, proposed: str) -> Finding:
    """Say that a user name is given, and propose another (S4 art. 7.1)."""
    return NAME_TAKEN.finding("/user_name", user_name=user_name, proposed=proposed)
