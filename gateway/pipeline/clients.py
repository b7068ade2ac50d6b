"""Credentials of programs: given once, looked up at every request, turned or revoked at once.

A credential has a bearer token for the REST API and a ``systemid`` with its secret for the VXP
API. Of the token only the hash is stored; the secret signs requests, so it is stored encrypted
and must be readable again. Neither is ever written to the audit chain. Who signs in is not
audited per request: what a request does is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Protocol

from gateway.domain.directory import Directory
from gateway.domain.directory_checks import open_agency, refuse
from gateway.domain.directory_findings import finding
from gateway.domain.errors import Conflict, Forbidden, NotFound, Refused
from gateway.domain.exchange import AuditEntry, Caller, Client, Role
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.domain.text import clean
from gateway.ports import Clock, Store, Transaction

#: The roles that a program may have; clerks and viewers are people.
PROGRAM_ROLES = (Role.OFFICE, Role.ADMIN, Role.AUDITOR)


class SecretBox(Protocol):
    """Keeps what must be readable again; opens for the same *purpose* only."""

    def encrypt(self, text: str, *, purpose: str) -> bytes:
        """Return *text* encrypted."""

    def decrypt(self, sealed: bytes, *, purpose: str) -> str:
        """Return the text again; raise Misconfigured when it was not encrypted here for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """How the parts of a credential are made; given by the wiring."""

    new_id: Callable[[], str]  #: at least six letters and digits, random
    new_token: Callable[[], str]
    new_secret: Callable[[], str]
    hash_token: Callable[[str], str]
    box: SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A client with what is shown once and never again."""

    client: Client
    token: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The room; equipped once by the wiring. Changes are for administrators alone."""

    store: Store
    clock: Clock
    zone: tzinfo
    mint: Mint

    async def authenticate(self, token: str, *, address: str | None = None) -> Caller | None:
        """Return who bears *token*, None for a token that is unknown or revoked.

        The token is found by its hash, so how long the search takes tells nothing about it.
        """
        token_hash = self.mint.hash_token(token)
        client = await self.store.read(lambda tx: tx.clients.by_token_hash(token_hash))
        if client is None or client.revoked_at is not None:
            return None
        return Caller(
            actor=f"client:{client.id}",
            agency=client.agency,
            role=client.role,
            address=address,
            client=client.id,
        )

    async def listing(self) -> list[Client]:
        """Return every credential, revoked ones included."""
        return await self.store.read(lambda tx: tx.clients.all())

    async def add(
        self,
        agency: str,
        caller: Caller,
        *,
        name: str,
        role: Role = Role.OFFICE,
        decision: str | None = None,
    ) -> Credential:
        """Give *agency* a credential.

        Raises:
            Refused: the agency is unknown or, for an office, closed; the name is empty.
        """
        _administrators_only(caller)
        wrong = [_NAME_MISSING.finding("/name")] if not clean(name) else []
        wrong += [] if role in PROGRAM_ROLES else [_ROLE_WRONG.finding("/role")]
        if wrong:
            raise Refused(
                "a credential needs a name and the role office, admin or auditor", findings=wrong
            )
        now, id_ = self.clock.now(), self.mint.new_id()
        token, secret = self.mint.new_token(), self.mint.new_secret()
        sealed = self.mint.box.encrypt(secret, purpose=_purpose(id_))
        day = now.astimezone(self.zone).date()

        def unit(tx: Transaction) -> Client:
            code = _agency_code(Directory(tx.directory.all()), agency, role, day)
            client = Client(
                id=id_,
                agency=code,
                name=clean(name),
                role=role,
                token_hash=self.mint.hash_token(token),
                systemid=f"sys.{code}.{id_[-6:]}",
                secret=sealed,
                created_at=now,
                decision=clean(decision or "") or None,
            )
            tx.clients.add(client)
            self._audit(tx, client, caller, "client-added")
            return client

        return Credential(client=await self.store.write(unit), token=token, secret=secret)

    async def rotate(self, client: str, caller: Caller) -> Credential:
        """Give *client* a new token and secret; the old ones are dead with the commit.

        Raises:
            NotFound: there is no such credential.
            Conflict: it is revoked.
        """
        _administrators_only(caller)
        token, secret = self.mint.new_token(), self.mint.new_secret()
        sealed = self.mint.box.encrypt(secret, purpose=_purpose(client))

        def unit(tx: Transaction) -> Client:
            found = _find(tx, client)
            if found.revoked_at is not None:
                raise Conflict(f"the credential {client} is revoked")
            turned = replace(found, token_hash=self.mint.hash_token(token), secret=sealed)
            tx.clients.save(turned)
            self._audit(tx, turned, caller, "client-rotated")
            return turned

        return Credential(client=await self.store.write(unit), token=token, secret=secret)

    async def revoke(self, client: str, caller: Caller) -> Client:
        """Make *client* worthless; a repeat changes nothing. Raise NotFound."""
        _administrators_only(caller)

        def unit(tx: Transaction) -> Client:
            found = _find(tx, client)
            if found.revoked_at is not None:
                return found
            revoked = replace(found, revoked_at=self.clock.now())
            tx.clients.save(revoked)
            self._audit(tx, revoked, caller, "client-revoked")
            return revoked

        return await self.store.write(unit)

    def secret_of(self, client: Client) -> str:
        """Return the secret with which *client* signs VXP requests."""
        return self.mint.box.decrypt(client.secret, purpose=_purpose(client.id))

    def _audit(self, tx: Transaction, client: Client, caller: Caller, operation: str) -> None:
        tx.audit.append(
            AuditEntry(
                at=self.clock.now(),
                actor=caller.actor,
                address=caller.address,
                action="changed",
                about=f"client:{client.id}",
                data={
                    "operation": operation,
                    "agency": client.agency,
                    "name": client.name,
                    "role": client.role.value,
                    "systemid": client.systemid,
                    "decision": client.decision,
                },
            )
        )


_NAME_MISSING = Statement(
    code="client-name",
    vi="Chưa có tên của phần mềm được cấp quyền kết nối.",
    en="The credential has no name.",
    remedy="Ghi tên phần mềm, ví dụ “Phần mềm QLVB Sở Nội vụ”.",
    remedy_en="Give the name of the program that will use it.",
    source="policy of the node, credentials",
)
_ROLE_WRONG = Statement(
    code="client-role",
    vi="Phần mềm chỉ được cấp vai trò office, admin hoặc auditor.",
    en="A program has the role office, admin or auditor.",
    remedy="Chọn một trong ba vai trò đó; người dùng có tài khoản riêng.",
    remedy_en="Choose one of these; people have accounts.",
    source="policy of the node, credentials",
)


def _purpose(client: str) -> str:
    return f"client:{client}"


def _administrators_only(caller: Caller) -> None:
    if caller.role is not Role.ADMIN:
        raise Forbidden("credentials are given by administrators")


def _find(tx: Transaction, client: str) -> Client:
    found = tx.clients.find(client)
    if found is None:
        raise NotFound(f"there is no credential {client}")
    return found


def _agency_code(directory: Directory, given: str, role: Role, day: date) -> str:
    """Return the code under which the agency *given* is listed; raise Refused.

    Who oversees may belong to an agency that is closed by now; who sends may not.
    """
    findings: list[Finding] = []
    agency = directory.find(given)
    if agency is None:
        findings.append(finding("agency-unknown", "/agency", code=given))
    elif role is Role.OFFICE:
        open_agency(directory, given, "/agency", day, findings)
    refuse(findings)
    return given if agency is None else agency.code
