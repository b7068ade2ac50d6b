"""What a password that a person chooses must be.

Length and novelty protect; forced mixtures of signs do not, so none is asked for. How guessable a
password is, and whether it lies on the list of leaked ones, is found by equipment and told here.
"""

import unicodedata
from dataclasses import dataclass

from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.domain.text import fold

LONGEST_PASSWORD = 200
_SHORTEST_PERSONAL = 4
_SOURCE = "S4 art. 7.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """What an attacker's list makes of a password."""

    leaked: bool  #: it is on the list
    easy: bool  #: it is made of what lists hold


def normal(password: str) -> str:
    """Return *password* in the one form in which it is hashed, however it was typed."""
    return unicodedata.normalize("NFC", password)


def personal_words(*texts: str) -> tuple[str, ...]:
    """Return the words of *texts* (name, user name, agency) that a password must not lean on."""
    words = {word for text in texts for word in fold(text.replace(".", " ")).split()}
    joined = {fold(text).replace(" ", "") for text in texts}
    return tuple(sorted(each for each in words | joined if len(each) >= _SHORTEST_PERSONAL))


def password_findings(
    password: str, guessed: Guessed, *, least: int, personal: tuple[str, ...], is_old: bool
) -> list[Finding]:
    """Say what is wrong with a new *password*, everything at once."""
    bare = fold(password).replace(" ", "")
    findings = []
    if len(password) < least:
        findings.append(TOO_SHORT.finding("/password", least=least))
    if len(password) > LONGEST_PASSWORD:
        findings.append(TOO_LONG.finding("/password"))
    if is_old:
        findings.append(SAME.finding("/password"))
    if guessed.leaked:
        findings.append(LEAKED.finding("/password"))
    elif any(word in bare and len(word) * 2 >= len(bare) for word in personal):
        findings.append(PERSONAL.finding("/password"))
    elif guessed.easy:
        findings.append(EASY.finding("/password"))
    return findings


TOO_SHORT = Statement(
    code="account-password-short",
    vi="Mật khẩu ngắn hơn {least} ký tự.",
    en="The password is shorter than {least} characters.",
    remedy="Dùng vài từ không liên quan đến nhau, có thể có dấu và khoảng trắng.",
    remedy_en="Take several unrelated words; accents and spaces are welcome.",
    source=_SOURCE,
)
TOO_LONG = Statement(
    code="account-password-long",
    vi="Mật khẩu dài quá 200 ký tự.",
    en="The password is longer than 200 characters.",
    remedy="Rút ngắn mật khẩu.",
    remedy_en="Shorten it.",
    source="[accounts]; policy of the node",
)
SAME = Statement(
    code="account-password-same",
    vi="Mật khẩu mới trùng mật khẩu đang dùng.",
    en="The new password is the present one.",
    remedy="Đặt mật khẩu khác.",
    remedy_en="Choose another one.",
    source=_SOURCE,
)
LEAKED = Statement(
    code="account-password-leaked",
    vi="Mật khẩu nằm trong danh sách mật khẩu đã bị lộ.",
    en="The password is on the list of leaked passwords.",
    remedy="Đặt mật khẩu khác, không dùng lại mật khẩu của dịch vụ khác.",
    remedy_en="Choose another one, which you use nowhere else.",
    source="[accounts]; policy of the node",
)
PERSONAL = Statement(
    code="account-password-personal",
    vi="Mật khẩu chủ yếu là tên của bạn, tên tài khoản hoặc tên cơ quan.",
    en="The password is mostly your name, your user name or your agency's name.",
    remedy="Dùng từ không liên quan đến bạn.",
    remedy_en="Take words that have nothing to do with you.",
    source="[accounts]; policy of the node",
)
EASY = Statement(
    code="account-password-easy",
    vi="Mật khẩu dễ đoán.",
    en="The password is easy to guess.",
    remedy="Thêm vài từ không liên quan đến nhau, tránh dãy phím và ngày tháng.",
    remedy_en="Add unrelated words; avoid rows of keys and dates.",
    source="[accounts]; policy of the node",
)
