"""Every error that crosses a floor of the house, in one tree.

    GatewayError
    ├── Refused         will never work as sent; carries findings
    │   └── NotFound    the thing is not there, or not for this caller
    ├── Conflict        the state of the thing forbids it now
    │   └── IllegalMove a transition that the state machine does not know
    ├── Unavailable     try again later; ``retry_after_s`` says when
    │   ├── Unreachable nobody answered: the way there is broken
    │   ├── Undecided    it may have been stored, nobody could say so in time
    │   └── UnavailableItem  the peer is well, and does not take this one thing now
    ├── Forbidden       the caller may not do this
    └── Misconfigured   an operator must mend the node

Expected outcomes of a room are values; these are for what interrupts it.
"""

from collections.abc import Sequence

from gateway.domain.findings import Finding


class GatewayError(Exception):
    """The root; ``code`` is stable and belongs to the public contract."""

    code = "internal"
    findings: tuple[Finding, ...] = ()  #: what is wrong, where, and how to mend it

    def __init__(self, message: str, *, code: str | None = None) -> None:
        """Keep *message*, one clear line for a person, and an optional narrower *code*."""
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class Refused(GatewayError):
    """What was asked breaks a rule and will never work as it is."""

    code = "refused"

    def __init__(
        self, message: str, *, code: str | None = None, findings: Sequence[Finding] = ()
    ) -> None:
        """Keep the *findings* that say what is wrong, where, and how to mend it."""
        super().__init__(message, code=code)
        self.findings = tuple(findings)


class NotFound(Refused):
    """The thing asked for does not exist, or not for this caller."""

    code = "not-found"


class Conflict(GatewayError):
    """The present state of the thing forbids what was asked."""

    code = "conflict"


class IllegalMove(Conflict):
    """The state machine knows no such transition."""

    code = "illegal-move"


class Unavailable(GatewayError):
    """It may work later."""

    code = "unavailable"

    def __init__(
        self, message: str, *, retry_after_s: float = 1.0, code: str | None = None
    ) -> None:
        """Say in *retry_after_s* seconds when it is worth another try."""
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class Unreachable(Unavailable):
    """Nobody answered there; whatever is heard from there next says that the way is mended."""


class Undecided(Unavailable):
    """The answer to a commit was lost: it may be stored, so whatever it refers to must stay."""


class UnavailableItem(Unavailable):
    """The peer answered as it should, and does not take this one thing now."""


class Forbidden(GatewayError):
    """The caller is known and may not do this."""

    code = "forbidden"

    def __init__(
        self, message: str, *, code: str | None = None, findings: Sequence[Finding] = ()
    ) -> None:
        """Keep the *findings* that say what may be done instead."""
        super().__init__(message, code=code)
        self.findings = tuple(findings)


class Misconfigured(GatewayError):
    """Only an operator can mend this."""

    code = "misconfigured"
