"""The directory over HTTP: everybody reads it, administrators change it.

The directory is read from the snapshot that the rules use, so that a list costs no query. Every
change goes through the room, which plans, stores and audits it in one unit; therefore one PATCH
does one thing: it corrects fields, or moves the agency, or closes it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, UnsetType

from gateway.domain.directory import Agency, AgencyKind, Directory
from gateway.domain.directory_findings import finding
from gateway.domain.directory_plan import AgencyChanges
from gateway.domain.errors import NotFound, Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.pipeline.agencies import public_form
from gateway.web.agency_list import AgencyList, Wanted
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import json_response, known_parameters, page_size, read_json

Text = Annotated[str, msgspec.Meta(max_length=500)]
Code = Annotated[str, msgspec.Meta(max_length=64)]
Contact = Annotated[
    dict[Annotated[str, msgspec.Meta(max_length=50)], Text], msgspec.Meta(max_length=20)
]

_FILTERS = ("after", "limit", "parent", "q", "kind", "open")
_LONGEST_QUERY = 200
_SWITCH = {None: None, "true": True, "false": False}
_DAY = timedelta(days=1)


class NewAgency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agency to enter; without ``code`` the next free one below ``parent`` is assigned."""

    name: Text = ""
    parent: Code | None = None
    code: Code | None = None
    legacy_code: Code | None = None
    legacy_provisional: bool = False  #: true: ``legacy_code`` is only the reversal, as we make it
    short_name: Text | None = None
    kind: AgencyKind | None = None
    valid_from: date | None = None  #: today when it is not given
    valid_to: date | None = None
    successor: Code | None = None
    contact: Contact | None = None
    decision: Text | None = None


class AgencyPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes; what is left out stays, null empties."""

    name: Text | UnsetType = UNSET
    short_name: Text | UnsetType | None = UNSET
    legacy_code: Code | UnsetType | None = UNSET
    kind: AgencyKind | UnsetType = UNSET
    contact: Contact | UnsetType | None = UNSET
    decision: Text | UnsetType | None = UNSET
    parent: Code | UnsetType | None = UNSET
    valid_to: date | UnsetType | None = UNSET
    successor: Code | UnsetType | None = UNSET


class Agencies:
    """The handlers."""

    def __init__(self, *, timeout_s: float) -> None:
        """Wait *timeout_s* seconds for the body of a change."""
        self._timeout_s = timeout_s
        self._list = AgencyList(Directory())

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Return a page of agencies in the order of their codes, closed ones included."""
        wanted = _wanted(request)
        gateway = request.app[GATEWAY]
        today = gateway.clock.now().astimezone(gateway.zone).date()

        def page() -> tuple[list[Agency], str | None]:
            directory = gateway.directory()
            if self._list.directory is not directory:
                self._list = AgencyList(directory)
            return self._list.page(wanted, today)

        items, following = await gateway.run(page)
        return json_response({"items": [public_form(each) for each in items], "next": following})

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Return the agency of a code in either form; a closed one names its successor."""
        known_parameters(request)
        return json_response(public_form(await _agency(request)))

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Enter a new agency."""
        known_parameters(request)
        body = await read_json(request, NewAgency, timeout_s=self._timeout_s)
        if body.valid_to is not None or body.successor is not None:
            raise _refused(_BORN_CLOSED.finding("/valid_to"))
        agency = await request.app[GATEWAY].agencies.add(
            request[CALLER],
            name=body.name,
            code=body.code,
            parent=body.parent,
            legacy_code=None if body.legacy_provisional else body.legacy_code,
            short_name=body.short_name,
            kind=body.kind,
            contact=body.contact,
            decision=body.decision,
            on=body.valid_from,
        )
        return _answer(agency, status=201)

    async def patch(self, request: web.Request) -> web.StreamResponse:
        """Correct fields of an agency, or move it, or close it; answer what it is now."""
        known_parameters(request)
        body = await read_json(request, AgencyPatch, timeout_s=self._timeout_s)
        agency = await _agency(request)
        changes = _changes(body, agency)
        moves = body.parent is not UNSET and body.parent != agency.parent
        ends = body.valid_to is not UNSET and body.valid_to != agency.valid_to
        if body.successor is not UNSET and body.successor != agency.successor and not ends:
            raise _refused(_SUCCESSOR_ALONE.finding("/successor"))
        if moves + ends + bool(changes.keys() - {"decision"}) > 1:
            raise _refused(_ONE_CHANGE.finding(""))
        rooms, caller = request.app[GATEWAY].agencies, request[CALLER]
        if moves:
            if not isinstance(body.parent, str):
                raise _refused(_NO_PARENT.finding("/parent"))
            moved = await rooms.move(
                agency.code, caller, parent=body.parent, decision=changes.get("decision")
            )
            return _answer(moved[0])
        if ends:
            return _answer(await self._close(request, agency, body, changes.get("decision")))
        return _answer(await rooms.patch(agency.code, caller, changes) if changes else agency)

    async def _close(
        self, request: web.Request, agency: Agency, body: AgencyPatch, decision: str | None
    ) -> Agency:
        last = body.valid_to
        if not isinstance(last, date) or last == date.max:
            raise _refused(_NO_END.finding("/valid_to"))
        return await request.app[GATEWAY].agencies.close(
            agency.code,
            request[CALLER],
            successor=None if body.successor is UNSET else body.successor,
            decision=decision,
            on=last + _DAY,
        )


def _changes(body: AgencyPatch, agency: Agency) -> AgencyChanges:
    """Return the fields of *body* that differ from those of *agency*."""
    changes: AgencyChanges = {}
    if body.name is not UNSET and body.name != agency.name:
        changes["name"] = body.name
    if body.short_name is not UNSET and body.short_name != agency.short_name:
        changes["short_name"] = body.short_name
    if body.legacy_code is not UNSET and body.legacy_code != agency.legacy_code:
        changes["legacy_code"] = body.legacy_code
    if body.kind is not UNSET and body.kind is not agency.kind:
        changes["kind"] = body.kind
    if body.contact is not UNSET and _plain(body.contact) != _plain(agency.contact):
        changes["contact"] = body.contact
    if body.decision is not UNSET and body.decision != agency.decision:
        changes["decision"] = body.decision
    return changes


def _plain(contact: Mapping[str, str] | None) -> dict[str, str]:
    return dict(contact or {})


async def _agency(request: web.Request) -> Agency:
    gateway, code = request.app[GATEWAY], request.match_info["code"]
    directory = await gateway.run(gateway.directory)
    agency = await gateway.run(partial(directory.find, code))
    if agency is None:
        unknown = finding("agency-unknown", "/code", code=code)
        raise NotFound(unknown.message_en, code=unknown.code, findings=[unknown])
    return agency


def _wanted(request: web.Request) -> Wanted:
    known_parameters(request, *_FILTERS)
    query = request.query
    if query.get("open") not in _SWITCH:
        raise HttpProblem(400, "bad-parameter", "`open` is `true` or `false`")
    kind = query.get("kind")
    if kind is not None and kind not in set(AgencyKind):
        known = ", ".join(AgencyKind)
        raise HttpProblem(400, "bad-parameter", f"`kind` is one of {known}")
    return Wanted(
        after=query.get("after"),
        limit=page_size(request),
        parent=query.get("parent"),
        words=query.get("q", "")[:_LONGEST_QUERY],
        kind=None if kind is None else AgencyKind(kind),
        is_open=_SWITCH[query.get("open")],
    )


def _answer(agency: Agency, *, status: int = 200) -> web.Response:
    headers = {"Location": f"/api/v1/agencies/{agency.code}"} if status == 201 else None  # noqa: PLR2004 - it is new
    return json_response(public_form(agency), status=status, headers=headers)


def _refused(reason: Finding) -> Refused:
    return Refused(reason.message_en, code=reason.code, findings=[reason])


_BORN_CLOSED = Statement(
    code="agency-new-closed",
    vi="Cơ quan mới phải đang hoạt động, chưa có ngày kết thúc và cơ quan kế thừa.",
    en="A new agency is open: it has neither a last day nor a successor.",
    remedy="Thêm cơ quan trước, sau đó đóng bằng PATCH, hoặc nhập từ tệp CSV.",
    remedy_en="Add it first and close it with PATCH, or import a CSV file.",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
)
_SUCCESSOR_ALONE = Statement(
    code="agency-successor-alone",
    vi="Chỉ ghi cơ quan kế thừa khi đóng cơ quan.",
    en="A successor is given when the agency is closed, not by itself.",
    remedy="Gửi `successor` cùng với `valid_to`.",
    remedy_en="Send `successor` together with `valid_to`.",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
)
_ONE_CHANGE = Statement(
    code="agency-one-change",
    vi="Mỗi yêu cầu chỉ làm một việc: sửa thông tin, chuyển cấp trên, hoặc đóng cơ quan.",
    en="One request does one thing: it corrects fields, moves the agency, or closes it.",
    remedy="Gửi từng thay đổi trong một yêu cầu riêng.",
    remedy_en="Send each change in a request of its own.",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
)
_NO_PARENT = Statement(
    code="agency-parent-missing",
    vi="Không thể chuyển cơ quan ra khỏi mọi cơ quan cấp trên.",
    en="An agency cannot be moved out from under every parent.",
    remedy="Nhập mã cơ quan cấp trên mới.",
    remedy_en="Give the code of the new parent.",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
)
_NO_END = Statement(
    code="agency-end-missing",
    vi="Cơ quan đã đóng không mở lại bằng cách xóa ngày kết thúc.",
    en="A closed agency is not opened again by emptying its last day.",
    remedy="Nhập ngày cuối cùng cơ quan còn hiệu lực, ví dụ 2026-06-30.",
    remedy_en="Give the last day on which the agency is valid, such as 2026-06-30.",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
)
