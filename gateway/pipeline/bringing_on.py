"""Bringing on: a node brings a document that it brought before to further recipients."""

from dataclasses import dataclass, replace

from gateway.domain.document import BusinessKind
from gateway.domain.errors import Conflict, Unavailable
from gateway.domain.exchange import Document
from gateway.pipeline.dispatch import Dispatch, ids_together
from gateway.pipeline.examination import nobody_here
from gateway.pipeline.judged import Judged, further, lost_content
from gateway.pipeline.repeats import DOCUMENT_ID_KNOWN
from gateway.pipeline.resting import key_of, key_of_sender
from gateway.pipeline.spooled import Spooled
from gateway.pipeline.submission import canonical_code, meant
from gateway.pipeline.tying import obey_early, recall
from gateway.ports import Clock, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class BringingOn:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    dispatch: Dispatch
    spooled: Spooled

    async def __call__(self, judged: Judged, known: Document) -> Document:
        """Bring *known* to those who are yet to get it; content that nobody needs is discarded.

        Once all before them were asked for it, it opens again with the content that comes now.
        """
        submission = judged.submission
        keys = submission.keys if judged.reopens else ()
        async with self.spooled.unless_stored(keys):
            extended = await self._extend(judged, known)
        if extended.envelope != submission.envelope:  # another hop brought the content meanwhile
            await self.spooled.discard(keys)
        return extended

    async def _extend(self, judged: Judged, known: Document) -> Document:
        """Let a node bring a document that it brought before to further recipients."""
        channel, directory = judged.submission.channel, judged.directory
        wanted = meant(judged.submission, directory)
        new = further(judged.submission, known, directory)
        if channel.only is None or not new:
            return known
        routes = self.dispatch.movement.routes
        ways = [routes.way_to(code, directory) for code in new]
        if not any(ways) or (len(channel.only) > 1 and not all(ways)):
            raise nobody_here()
        now = self.clock.now()

        def unit(tx: Transaction) -> Document:
            current = tx.documents.find(known.id) or known
            extended = self.dispatch.extend(
                tx,
                self._reopened(tx, current, judged) if lost_content(current) else current,
                wanted,
                directory=directory,
                at=now,
                arrived_by=channel.origin if channel.is_axis else None,
                caller=channel.caller,
                new_id=ids_together(),
            )
            obey_early(tx, self.dispatch.movement, extended, at=now)
            if extended.business is BusinessKind.RECALL:
                recipients = [canonical_code(code, directory) for code in new]
                recall(tx, self.dispatch.movement, extended, recipients, at=now)
            return extended

        keys = key_of(known.id), key_of_sender(known.sender)
        return await self.store.write(unit, rests_on=keys)

    def _reopened(self, tx: Transaction, document: Document, judged: Judged) -> Document:
        """Give a recalled *document* the content of the submission, for who is yet to have it.

        Raises:
            Unavailable: it was recalled after the submission was judged; the next try brings it.
            Conflict: another document bears its identifier by now.
        """
        if not judged.reopens:
            raise Unavailable("the document was recalled meanwhile", retry_after_s=1)
        submission, named = judged.submission, document.document_id
        other = None if named is None else tx.documents.by_identifier(document.sender, named)
        is_new = document.business is BusinessKind.NEW
        if is_new and other is not None and other.id != document.id:
            raise Conflict(
                f"{document.sender} has sent another document as {named}", code=DOCUMENT_ID_KNOWN
            )
        content = replace(
            document,
            envelope=submission.envelope,
            sha256=submission.envelope_sha256,
            size=submission.envelope_size,
            attachments=judged.examined.attachments,
            removal=None,
        )
        tx.documents.regain_content(content)
        return content
