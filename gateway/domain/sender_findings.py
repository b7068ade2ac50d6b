"""Why a message is not taken from whoever brought it: it speaks for somebody else."""

from gateway.domain.errors import Forbidden
from gateway.domain.rules.mechanism import Statement

_SOURCE = "QĐ 28/2018/QĐ-TTg art. 9.1, 10.2 (a)"

NOT_YOURS = Statement(
    code="agency-sender",
    source=_SOURCE,
    vi="Cơ quan gửi trong gói tin là “{code}”, nhưng kết nối này là của “{agency}”.",
    en="The message is from {code!r}, the credential is of {agency!r}.",
    remedy="Ghi đúng mã cơ quan vào From/OrganId, hoặc dùng thông tin kết nối của cơ quan đó.",
    remedy_en="Write the agency's code into From/OrganId, or use that agency's credential.",
)
OURS = Statement(
    code="agency-sender",
    source=_SOURCE,
    vi="“{code}” là cơ quan của nút này, văn bản của cơ quan này không đến từ trục.",
    en="{code!r} is an agency of this node: its documents do not come from an axis.",
    remedy="Gửi bằng kết nối của chính cơ quan tại nút này.",
    remedy_en="Send with the agency's own credential at this node.",
)
BEHIND_ANOTHER = Statement(
    code="agency-sender",
    source=_SOURCE,
    vi="“{code}” thuộc một trục khác, trục này không gửi thay được.",
    en="{code!r} is behind another axis, this one does not speak for it.",
    remedy="Gửi qua trục phục vụ cơ quan đó, hoặc sửa mã cơ quan gửi.",
    remedy_en="Send over the axis that serves the agency, or mend the sender's code.",
)
ELSEWHERE = Statement(
    code="agency-sender",
    source=_SOURCE,
    vi="“{code}” được phục vụ qua trục: nút của chính cơ quan đó cấp mã cho văn bản của mình.",
    en="{code!r} is reached over an axis: its own node numbers its documents.",
    remedy="Gửi tại nút của cơ quan đó.",
    remedy_en="Send at the node of that agency.",
)


def forbidden_sender(why: Statement, *, code: str, agency: str = "") -> Forbidden:
    """Return the refusal of a message from *code* that *why* tells, with its finding."""
    found = why.finding("/from", code=code, agency=agency)
    return Forbidden(found.message_en, code=found.code, findings=[found])
