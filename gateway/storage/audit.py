"""The audit chain: append-only records, each bound to the one before by its hash."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, tzinfo

import msgspec

from gateway.domain.audit_chain import ORIGIN
from gateway.domain.audit_segment import Archived, Kept
from gateway.domain.canonical import digest
from gateway.domain.exchange import AuditEntry, AuditRecord, HistoryEvent
from gateway.domain.history import EVENTS
from gateway.ports import AuditSearch
from gateway.storage.guards import guards, told
from gateway.storage.rows import Connection, Parameters, Row, instant, json_text, legible_text

_COLUMNS = (
    "chain",
    "seq",
    "at",
    "actor",
    "address",
    "action",
    "object",
    "data",
    "previous",
    "hash",
)


class Audit:
    """See :class:`gateway.ports.Audit`. Writes to one chain; reads all."""

    def __init__(self, connection: Connection, *, chain: str, zone: tzinfo) -> None:
        """Append to *chain*; instants are written in *zone*, as they are handed out."""
        self._db = connection
        self._chain = chain
        self._zone = zone
        self._tip: tuple[int, str] | None = None
        connection.completed("append_audit", self._chained)

    def mark(self) -> tuple[int, str] | None:
        """Return the end of the chain as far as it is known, to rewind to."""
        return self._tip

    def rewind(self, tip: tuple[int, str] | None) -> None:
        """Go back to *tip*, None to read it anew: a transaction began, or a unit was undone."""
        self._tip = tip

    def append(self, entry: AuditEntry) -> None:
        """Append *entry*; its place in the chain is that of the commit."""
        self._db.put_off(
            "append_audit",
            {
                "chain": self._chain,
                "at": entry.at.astimezone(self._zone).isoformat(),
                "actor": entry.actor,
                "address": entry.address,
                "action": entry.action,
                "object": entry.about,
                "data": dict(entry.data),
            },
        )

    def _chained(self, entries: Sequence[Parameters]) -> list[Parameters]:
        """Return *entries* as records, each bound to the one before."""
        seq, previous = self._tip or self._read_tip()
        records: list[Parameters] = []
        for entry in entries:
            seq += 1
            record = {**entry, "seq": seq, "previous": previous}
            previous = digest(record)
            records.append(record | {"hash": previous, "data": json_text(entry["data"])})
        self._tip = (seq, previous)
        return records

    def history(self, document: str) -> list[HistoryEvent]:
        """Return the history of a document, oldest first."""
        events = []
        for *_, at, actor, action, text in self._db.all("audit_told", {"object": document}):
            if action not in EVENTS:
                continue
            data = msgspec.json.decode(text)
            legal_at = data.get("legal_at")
            events.append(
                HistoryEvent(
                    event=action,
                    at=datetime.fromisoformat(at),
                    legal_at=None if legal_at is None else datetime.fromisoformat(legal_at),
                    by=data.get("by") or actor,
                    to=data.get("to"),
                    note=data.get("note"),
                    actor=actor,
                )
            )
        return events

    def after(self, chain: str, seq: int, limit: int) -> list[AuditRecord]:
        """Return records after one, oldest first."""
        rows = self._db.all("audit_after", {"chain": chain, "seq": seq, "limit": limit})
        return [_record(row) for row in rows]

    def rows_after(self, chain: object, seq: object, limit: int) -> list[dict[str, object]]:
        """Return records after one as they lie there, whatever was done to them.

        ``data`` is None where the text is not one that a node wrote; any other text that is none
        is its bytes.
        """
        rows = self._db.untouched("audit_after", {"chain": chain, "seq": seq, "limit": limit})
        return [
            dict(zip(_COLUMNS, row, strict=True)) | {"data": _untouched(row[7])} for row in rows
        ]

    def newest_about(self, thing: str, limit: int) -> list[AuditRecord]:
        """Return the newest records about one thing, newest first."""
        rows = self._db.all("audit_about_newest", {"object": thing, "limit": limit})
        return [_record(row) for row in rows]

    def search(self, search: AuditSearch) -> list[AuditRecord]:
        """Return the records of a stretch of one chain that fit, newest first."""
        rows = self._db.all(
            "audit_search",
            {
                "chain": search.chain,
                "newest": search.newest,
                "oldest": search.oldest,
                "actor": None if search.actor is None else f"%{_literal(search.actor)}%",
                "action": search.action,
                "limit": search.limit,
            },
        )
        return [_record(row) for row in rows]

    def moves(self, thing: str) -> set[tuple[str, str]]:
        """Return action and instant, as UTC text, of the records about *thing*."""
        found = set()
        for row in self._db.untouched("audit_told", {"object": thing}):
            at, action = row[2], row[4]
            with suppress(TypeError, ValueError):
                found.add((str(action), str(instant(datetime.fromisoformat(at)))))
        return found

    def about(self, thing: str) -> list[AuditRecord]:
        """Return every record about *thing*, in the order of the chains."""
        return [_record(row) for row in self._db.all("audit_about", {"object": thing})]

    def told(self, thing: str) -> list[AuditRecord]:
        """Return what records say about *thing*, archived ones included, without their hashes."""
        return [
            AuditRecord(
                chain=chain,
                seq=seq,
                at=at,
                actor=actor,
                address=None,
                action=action,
                about=thing,
                data=_data(text),
                previous="",
                hash="",
            )
            for chain, seq, at, actor, action, text in self._db.all(
                "audit_told", {"object": thing}
            )
        ]

    def segments(self) -> list[Archived]:
        """Return the archived segments, chain by chain, oldest first."""
        return [
            Archived(
                chain=legible_text(row[0]),
                first=row[1],
                last=row[2],
                previous=legible_text(row[3]),
                hash=legible_text(row[4]),
                file=legible_text(row[5]),
                jws=legible_text(row[6]),
            )
            for row in self._db.untouched("audit_segments", {})
        ]

    def let_go(self, segment: Archived, kept: Sequence[str]) -> int:
        """Note an archived *segment*, keep what records of some actions say, let all go."""
        stretch = {"chain": segment.chain, "first": segment.first, "last": segment.last}
        row = {
            "previous": segment.previous,
            "hash": segment.hash,
            "file": segment.file,
            "jws": segment.jws,
        }
        self._db.run("add_audit_segment", stretch | row)
        self._db.run("keep_audit", stretch | {"actions": json_text(kept)})
        return self._db.run("let_audit_go", stretch)

    def kept(self, chain: str, after: int, last: int, limit: int) -> list[Kept]:
        """Return what stays at hand of archived records behind one and up to another."""
        wanted = {"chain": chain, "after": after, "last": last, "limit": limit}
        return [
            Kept(
                seq=row[0],
                at=row[1],
                actor=row[2],
                action=row[3],
                about=row[4],
                data=_untouched(row[5]),
            )
            for row in self._db.untouched("audit_kept", wanted)
        ]

    def chains(self) -> dict[str, int]:
        """Return the chains with the number of the newest record of each."""
        rows = self._db.untouched("audit_chains", {})
        return {legible_text(chain): newest for chain, newest in rows}

    def things_after(self, chain: str, seq: int, limit: int) -> tuple[int, list[str]]:
        """Return what the records behind *seq* are about, and the number of the last of them."""
        found = {"chain": chain, "seq": seq, "limit": limit}
        rows = self._db.all("audit_objects", found)
        return (rows[-1][0] if rows else seq), list(dict.fromkeys(row[1] for row in rows))

    def holds(self, seq: int, stated: str) -> bool:
        """Whether the record of that number and hash is there."""
        rows = self.rows_after(self._chain, seq - 1, 1)
        return [row["hash"] for row in rows if row["chain"] == self._chain] == [stated]

    def lost_guards(self) -> list[str]:
        """Return the names of the triggers that are gone, or not what the node laid down."""
        there = {name: told(texts) for name, *texts in self._db.all("triggers", {})}
        return [
            each.name for each in guards(self._db.dialect) if there.get(each.name) != each.mark
        ]

    def restore_guards(self, names: Sequence[str]) -> None:
        """Put the triggers *names* back, whatever took their place."""
        for each in guards(self._db.dialect):
            for statement in each.script if each.name in names else ():
                self._db.define(statement)

    def began_at(self) -> datetime | None:
        """Return when the oldest record was made, archived ones included."""
        rows = self._db.all("audit_began", {})
        return min((datetime.fromisoformat(row[0]) for row in rows), default=None)

    def newest_at(self) -> str | None:
        """Return when the newest record was made, None when there is none."""
        rows = self.rows_after(self._chain, self._read_tip()[0] - 1, 1)
        return str(rows[0]["at"]) if rows else None

    def _read_tip(self) -> tuple[int, str]:
        row = self._db.one("audit_tip", {"chain": self._chain})
        return (0, ORIGIN) if row is None else (int(row[0]), str(row[1]))


def _record(row: Row) -> AuditRecord:
    return AuditRecord(
        chain=row[0],
        seq=row[1],
        at=row[2],
        actor=row[3],
        address=row[4],
        action=row[5],
        about=row[6],
        data=_data(row[7]),
        previous=row[8],
        hash=row[9],
    )


def _untouched(text: object) -> object:
    """Return what a column of data says, None unless it is just what would be written for that."""
    if not isinstance(text, str):
        return None
    try:
        data = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return data if json_text(data) == text else None


def _data(text: str) -> dict[str, object]:
    """Return what a record holds; what somebody made unreadable is shown, and fits no hash."""
    try:
        return dict(msgspec.json.decode(text, type=dict[str, object]))
    except msgspec.DecodeError:
        return {"unreadable": text}


def _literal(text: str) -> str:
    """Return *text* for LIKE with ``!`` as the sign before what is meant literally."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
