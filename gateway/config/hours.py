"""`[hours]`: when offices work."""

from typing import Annotated, Literal

import msgspec

from gateway.config.sentence import doc


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Office hours (giờ hành chính) and what they move."""

    sessions: Annotated[
        tuple[str, ...], doc("sessions of a working day, opening in, closing out")
    ] = (
        "07:30-11:30",
        "13:30-17:30",
    )
    workdays: Annotated[tuple[str, ...], doc("ordinary working days")] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
    )
    break_is_outside: Annotated[bool, doc("the midday break counts as outside")] = True
    normalise_sending: Annotated[
        bool, doc("sending times move too (S1 art. 7.3), not only receiving (S2 art. 10.2)")
    ] = True
    sent_when: Annotated[
        Literal["entered", "acknowledged"],
        doc("sent when it entered the node, or when first acknowledged (S2 art. 10.1)"),
    ] = "entered"
    calendar: Annotated[tuple[str, ...], doc("files of dated sessions, days off, worked days")] = (
        "config/calendar-vn.toml",
    )
    four_eyes: Annotated[
        bool, doc("a second administrator approves every change of the calendar")
    ] = False
