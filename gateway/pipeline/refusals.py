"""Refusals of what came by an axis: each recipient of ours tells the origin with status 02.

Source: QĐ 28/2018/QĐ-TTg art. 9.1; the reason travels in the Description.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.characters import legible
from gateway.domain.document import Message, Organisation, StatusMessage
from gateway.domain.errors import Conflict, GatewayError, Refused
from gateway.domain.findings import Severity
from gateway.domain.lifecycle import STATUS_OF, DeliveryState
from gateway.domain.routing import Routes
from gateway.domain.rules.mechanism import Reference
from gateway.pipeline.submission import canonical_code
from gateway.ports import Clock, Reply, Run

_LONGEST_NOTE = 2000
#: Replies to one message; more recipients than that were not refused one by one.
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Writes the replies; equipped once by the wiring."""

    clock: Clock
    routes: Routes
    reference: Callable[[], Reference]
    run: Run
    compose_status: Callable[[StatusMessage], bytes]

    async def __call__(
        self, message: Message | None, error: GatewayError, *, to: str | None = None
    ) -> tuple[Reply, ...]:
        """Return a status 02 of every recipient of ours, or of the one that the hop was for.

        What only went astray is answered by nobody.
        """
        if message is None or not isinstance(error, Refused | Conflict):
            return ()
        return await self.run(lambda: self._replies(message, error, to))

    def _replies(self, message: Message, error: GatewayError, to: str | None) -> tuple[Reply, ...]:
        directory = self.reference().directory
        ours = [
            each.code
            for each in message.recipients
            if self.routes.is_ours(each.code, directory)
            and directory.find(each.code) is not None
            and (
                to is None or canonical_code(each.code, directory) == canonical_code(to, directory)
            )
        ]
        note = legible(_reason(error), limit=_LONGEST_NOTE)
        return tuple(self._reply(message, code, note) for code in dict.fromkeys(ours[:_MOST]))

    def _reply(self, message: Message, code: str, note: str) -> Reply:
        metadata = message.metadata
        status = StatusMessage(
            sender=Organisation(code=code),
            to=message.sender.code,
            code=STATUS_OF[DeliveryState.REFUSED],
            document_id=message.document_id,
            number_notation=f"{metadata.number or ''}/{metadata.notation}",
            promulgated_on=metadata.promulgated_on,
            note=note,
            at=self.clock.now(),
        )
        return Reply(sender=code, to=message.sender.code, body=self.compose_status(status))


def _reason(error: GatewayError) -> str:
    errors = [each for each in error.findings if each.severity is Severity.ERROR]
    said = [f"[{each.code}] {each.message} {each.remedy}".strip() for each in errors]
    return "; ".join(said) or f"[{error.code}] {error.message}"
