"""VXP systems: who signs a request, and for which codes it speaks.

A system holds the agency of its credential, codes that an administrator granted it by name, and
codes that it registered below those. It never speaks for a code that another system registered,
even one of the same agency. A code that it gave up it may register again, no other closed one.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from hashlib import sha256

from gateway.domain import directory_plan
from gateway.domain.codes import from_legacy
from gateway.domain.directory import Agency, Directory
from gateway.domain.directory_plan import AgencyChanges
from gateway.domain.errors import Forbidden, NotFound, Refused
from gateway.domain.exchange import AuditEntry, Caller, Client, Role
from gateway.domain.text import clean
from gateway.domain.wire import HeldCode, System
from gateway.pipeline.agencies import record_changes
from gateway.pipeline.submission import canonical_code
from gateway.ports import Clock, Run, Store, Transaction

_NOBODY = b"no system has this secret, which costs the time of one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What registerAgency says of an agency; only the code is needed for one that is known."""

    code: str
    parent: str = ""
    name: str = ""
    mail: str = ""
    mobile: str = ""
    fax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VxpSystems:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    run: Run
    snapshot: Callable[[], tuple[int, Directory]]  #: the directory with its version
    secret_of: Callable[[Client], str]

    async def authenticate(self, systemid: str, signed: bytes, signature: str) -> System:
        """Return the system that signed the bytes *signed*; the comparison takes constant time.

        Raises:
            Forbidden: no such system, a wrong signature, or a credential that is revoked.
        """
        client = await self.store.read(lambda tx: tx.clients.by_system(systemid))
        usable = client is not None and client.revoked_at is None and client.role is Role.OFFICE
        secret = self.secret_of(client).encode() if client is not None and usable else _NOBODY
        expected = hmac.new(secret, signed, sha256).hexdigest()
        given = signature.strip().lower()
        is_signed = hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
        if client is None or not usable or not is_signed:
            raise Forbidden(
                "Chữ ký hoặc systemid không đúng / wrong signature or systemid",
                code="vxp-signature",
            )
        return await self._system(client)

    async def register(self, asked: Registration, system: System, caller: Caller) -> Agency:
        """Enter an agency below a code of *system*, update one of its own, or reopen it.

        Raises:
            Refused: with findings `agency-…`: not below its codes, another's, or malformed.
        """
        now = self.clock.now()
        day = now.astimezone(self.zone).date()
        known_as = await self.run(self.snapshot)

        def unit(tx: Transaction) -> Agency:
            directory = _newest(tx, known_as)
            held = _held_by(tx, system.client.id)
            known = directory.find(asked.code)
            if known is None:
                changed, operation = _enter(directory, asked, held, day), "add"
            else:
                mine = _own(held, known, system, is_closed=known.is_closed(day))
                changed, operation = _update(directory, known, asked, mine, day), "patch"
            record_changes(tx, directory, [changed], operation=operation, caller=caller, at=now)
            earlier = held.get(changed.code)
            by_grant = earlier is not None and not earlier.registered
            tx.vxp.put_code(
                HeldCode(
                    client=system.client.id,
                    code=changed.code,
                    written=asked.code,
                    registered=not by_grant,
                ),
                now,
            )
            return changed

        return await self.store.write(unit)

    async def give_up(self, code: str, system: System, caller: Caller) -> None:
        """Close an agency that *system* registered; a repeat changes nothing.

        Raises:
            Refused: the code is not one that this system registered, or has agencies below it.
        """
        now = self.clock.now()
        day = now.astimezone(self.zone).date()
        known_as = await self.run(self.snapshot)

        def unit(tx: Transaction) -> None:
            directory = _newest(tx, known_as)
            known = directory.find(code)
            held = _held_by(tx, system.client.id).get("" if known is None else known.code)
            if known is None or held is None or not held.registered:
                raise _foreign(code, system)
            if held.deleted:
                return
            if not known.is_closed(day):
                changed = directory_plan.close(directory, known.code, on=day)
                record_changes(tx, directory, changed, operation="close", caller=caller, at=now)
            tx.vxp.put_code(replace(held, deleted=True), now)

        await self.store.write(unit)

    async def grant(self, client: str, code: str, caller: Caller) -> HeldCode:
        """Let the system of a credential speak for *code*, beside the agency that it was given.

        Raises:
            NotFound: there is no such credential, or no such agency.
        """
        _administrators_only(caller)
        now = self.clock.now()

        def unit(tx: Transaction) -> HeldCode:
            found, agency = _grantee(tx, client), Directory(tx.directory.all()).find(code)
            if agency is None:
                raise NotFound(f"there is no agency {code}", code="agency-unknown")
            held = HeldCode(client=found.id, code=agency.code, written=code)
            tx.vxp.put_code(held, now)
            self._audit(tx, found, agency.code, caller, "code-granted")
            return held

        return await self.store.write(unit)

    async def withdraw(self, client: str, code: str, caller: Caller) -> HeldCode:
        """Take *code* from the system of a credential; raise NotFound when it does not hold it."""
        _administrators_only(caller)

        def unit(tx: Transaction) -> HeldCode:
            found = _grantee(tx, client)
            held = _held_by(tx, found.id)
            agency = canonical_code(code, Directory(tx.directory.all()))
            if agency not in held or agency == found.agency:
                raise NotFound(f"the credential {client} was not granted {code}")
            tx.vxp.drop_code(found.id, agency)
            self._audit(tx, found, agency, caller, "code-withdrawn")
            return held[agency]

        return await self.store.write(unit)

    async def _system(self, client: Client) -> System:
        """Return what *client* holds; its own agency is entered with its first request."""
        codes = await self.store.read(lambda tx: tx.vxp.codes(client.id))
        if all(each.code != client.agency for each in codes):
            own = HeldCode(client=client.id, code=client.agency, written=client.agency)
            now = self.clock.now()
            await self.store.write(lambda tx: tx.vxp.put_code(own, now))
            codes.append(own)
        return System(
            client=client,
            codes={each.code: each for each in codes if not each.deleted},
            deleted={each.code: each for each in codes if each.deleted},
        )

    def _audit(
        self, tx: Transaction, client: Client, code: str, caller: Caller, operation: str
    ) -> None:
        tx.audit.append(
            AuditEntry(
                at=self.clock.now(),
                actor=caller.actor,
                address=caller.address,
                action="changed",
                about=f"client:{client.id}",
                data={"operation": operation, "agency": code, "systemid": client.systemid},
            )
        )


def _newest(tx: Transaction, known: tuple[int, Directory]) -> Directory:
    """Return the directory of this transaction; read whole only when it changed meanwhile."""
    version, directory = known
    return directory if tx.directory.version() == version else Directory(tx.directory.all())


def _held_by(tx: Transaction, client: str) -> dict[str, HeldCode]:
    return {each.code: each for each in tx.vxp.codes(client)}


def _enter(
    directory: Directory, asked: Registration, held: dict[str, HeldCode], day: date
) -> Agency:
    """Return the new agency that *asked* describes, under its code of QĐ 20/2020 where it has one."""
    modern = from_legacy(asked.code)
    code = modern or asked.code
    upper = _nearest_above(code, held)
    if upper is None:
        raise Refused(
            f"Mã {asked.code} không nằm dưới mã nào đã cấp cho hệ thống này / "
            f"{asked.code} is not below a code that this system was granted",
            code="vxp-code",
        )
    return directory_plan.add(
        directory,
        name=clean(asked.name) or asked.code,
        on=day,
        code=code,
        parent=_parent_in(directory, code, upper),
        allow_gap=True,
        legacy_code=asked.code if modern is not None else None,
        contact=_contact(asked),
    )


def _nearest_above(code: str, held: dict[str, HeldCode]) -> str | None:
    """Return the longest code of the system under which *code* lies by its own form."""
    above = [each.code for each in held.values() if code.startswith(f"{each.code}.")]
    return max(above, key=len, default=None)


def _parent_in(directory: Directory, code: str, upper: str) -> str:
    """Return the nearest listed agency above *code*; levels between need not exist."""
    above = code.rpartition(".")[0]
    while len(above) > len(upper) and above not in directory:
        above = above.rpartition(".")[0]
    return above


def _own(held: dict[str, HeldCode], known: Agency, system: System, *, is_closed: bool) -> HeldCode:
    """Return the hold of the system on a listed agency; raise Refused when it has none.

    What an administrator closed stays closed: only what the system gave up itself reopens.
    """
    mine = held.get(known.code)
    if mine is None:
        raise _foreign(known.code, system)
    if is_closed and mine.registered and not mine.deleted:
        after = f", đơn vị kế thừa {known.successor}" if known.successor else ""
        raise Refused(
            f"Mã {known.code} đã bị cơ quan quản lý đóng{after} / "
            f"{known.code} was closed by an administrator",
            code="vxp-closed",
        )
    return mine


def _update(
    directory: Directory, known: Agency, asked: Registration, mine: HeldCode, day: date
) -> Agency:
    if known.is_closed(day):
        (known,) = directory_plan.reopen(directory, known.code, on=day)
        directory = directory.changed([known])
    changes: AgencyChanges = {}
    if clean(asked.name):
        changes["name"] = asked.name
    contact = _contact(asked)
    if contact:
        changes["contact"] = {**(known.contact or {}), **contact}
    return directory_plan.patch(directory, known.code, changes) if changes else known


def _contact(asked: Registration) -> dict[str, str]:
    given = {"email": asked.mail, "phone": asked.mobile, "fax": asked.fax}
    return {key: clean(text) for key, text in given.items() if clean(text)}


def _foreign(code: str, system: System) -> Refused:
    return Refused(
        f"Mã {code} không phải do hệ thống {system.client.systemid} đăng ký / "
        f"{code} was not registered by this system; an administrator can grant it",
        code="vxp-code",
    )


def _grantee(tx: Transaction, client: str) -> Client:
    found = tx.clients.find(client)
    if found is None:
        raise NotFound(f"there is no credential {client}")
    return found


def _administrators_only(caller: Caller) -> None:
    if caller.role is not Role.ADMIN:
        raise Forbidden("codes are granted by administrators")
