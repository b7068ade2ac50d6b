"""Texts of small bodies: what people wrote may hold nothing that no register can hold."""

from collections.abc import Mapping

from gateway.domain.characters import first_unfit
from gateway.domain.errors import Refused
from gateway.domain.rules.mechanism import Statement


def check_texts(prose: Mapping[str, str | None], lines: Mapping[str, str]) -> None:
    """Refuse control, invisible and broken characters, by the pointers of the texts.

    *prose* may hold tabs and line ends, *lines* may not.

    Raises:
        Refused: one or more texts hold such a character (422).

    Source: TT 39/2017/TT-BTTTT item 2.7 (UTF-8, TCVN 6909:2001); XML 1.0 section 2.2, because a
    report travels on as a message.
    """
    texts = [(pointer, text or "", True) for pointer, text in prose.items()]
    texts += [(pointer, text, False) for pointer, text in lines.items()]
    unfit = [
        _UNFIT.finding(pointer, code_point=found.code_point, position=found.position)
        for pointer, text, is_prose in texts
        if (found := first_unfit(text, prose=is_prose)) is not None
    ]
    if unfit:
        raise Refused("a text holds a character that is not allowed", findings=unfit)


_UNFIT = Statement(
    code="status-wrong",
    source="TT 39/2017/TT-BTTTT item 2.7; XML 1.0 section 2.2",
    vi="Nội dung có ký tự không được phép.",
    en="The text holds a character that is not allowed.",
    remedy="Xóa ký tự {code_point} ở vị trí {position} hoặc gõ lại nội dung.",
    remedy_en="Delete {code_point} at position {position}, or type the text again.",
)
