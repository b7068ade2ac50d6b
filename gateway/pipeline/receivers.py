"""Which recipients an update adds and removes, by the codes of the directory."""

from dataclasses import replace

from gateway.domain.directory import Directory
from gateway.domain.document import BusinessKind, Metadata
from gateway.pipeline.submission import Submission, canonical_code
from gateway.pipeline.tying import earlier_document
from gateway.ports import Store


def with_receivers(
    metadata: Metadata, submission: Submission, directory: Directory, store: Store
) -> Metadata:
    """Return *metadata* with what they change; blocks, for worker threads.

    Data and files give the new list alone: whom it leaves out is removed. A message names the
    changes itself, and may go to some of the recipients only.
    """
    business = metadata.business
    if business.kind is not BusinessKind.UPDATE:
        return metadata
    added, removed = business.added, business.removed
    if submission.envelope is None:
        sender, of = canonical_code(submission.sender, directory), business.of or ""
        earlier = store.read_here(lambda tx: earlier_document(tx, sender, of))
        had = {each.agency for each in earlier.deliveries} if earlier is not None else set()
        has = {canonical_code(code, directory) for code in metadata.to}
        added, removed = tuple(sorted(has - had)), tuple(sorted(had - has))
    else:
        added = tuple(canonical_code(code, directory) for code in added)
        removed = tuple(canonical_code(code, directory) for code in removed)
    return replace(metadata, business=replace(business, added=added, removed=removed))
