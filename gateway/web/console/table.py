"""The one table of the console's addresses: method, path, handler, and who may."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from gateway.config import Config
from gateway.domain.sessions import Stage
from gateway.web.auth import networks
from gateway.web.console.agency_search import AgencySearch
from gateway.web.console.compose import ComposePages
from gateway.web.console.desk import DeskPages
from gateway.web.console.follow_up import FollowUpPages
from gateway.web.console.guard import (
    ADMINS,
    CLERKS,
    CLERKS_SEND,
    DESK,
    EVERYBODY,
    SIGNED_IN,
    Access,
    Guard,
    Handler,
    at,
    told_to_people,
)
from gateway.web.console.lists import ListPages
from gateway.web.console.oversight import Oversight, oversight_rows
from gateway.web.console.own import OwnPages
from gateway.web.console.pages import Pages
from gateway.web.console.public import PublicFiguresPages
from gateway.web.console.registers import RegisterPages
from gateway.web.console.sign_in import SignInPages
from gateway.web.console.staff import StaffPages
from gateway.web.console.static import StaticFiles
from gateway.web.quotas import Uploads

Row = tuple[str, str, Handler, Access]


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The handlers of all pages."""

    sign_in: SignInPages
    own: OwnPages
    staff: StaffPages
    lists: ListPages
    desk: DeskPages
    registers: RegisterPages
    follow_up: FollowUpPages
    compose: ComposePages
    events: Handler
    oversight: Oversight
    public: PublicFiguresPages


def add_console(
    application: web.Application, config: Config, uploads: Uploads, events: Handler
) -> None:
    """Add the console to *application*; *events* streams what happens to a desk."""
    static = StaticFiles()
    pages, agencies = Pages(static), AgencySearch()
    console = Console(
        sign_in=SignInPages(pages),
        own=OwnPages(pages),
        staff=StaffPages(pages),
        lists=ListPages(pages, agencies),
        desk=DeskPages(pages),
        registers=RegisterPages(pages),
        follow_up=FollowUpPages(pages),
        compose=ComposePages(pages, uploads, agencies),
        events=events,
        oversight=Oversight.with_pages(pages),
        public=PublicFiguresPages(
            pages, per_minute=config.statistics.public_per_minute, monotonic=time.monotonic
        ),
    )
    guard = Guard(pages, networks(config.http.trusted_proxies, key="trusted_proxies"))
    application.middlewares.append(told_to_people(guard))
    application.router.add_get("/static/{name:.+}", static.serve)
    for method, path, handler, access in rows(console):
        guarded = guard(handler, access)
        application.router.add_route(method, path, guarded)
        if method == "GET":
            application.router.add_route("HEAD", path, guarded)


def rows(to: Console) -> Sequence[Row]:
    """Return the table."""
    desk, document = "/desk/{agency}", "/desk/{agency}/documents/{id}"
    account = "/admin/accounts/{name}"
    return [
        ("GET", "/", to.sign_in.start, EVERYBODY),
        ("GET", "/figures", to.public.show, EVERYBODY),
        ("GET", "/figures.json", to.public.data, EVERYBODY),
        ("GET", "/login", to.sign_in.form, EVERYBODY),
        ("POST", "/login", to.sign_in.sign_in, EVERYBODY),
        ("GET", "/login/code", to.sign_in.code_form, at(Stage.CODE)),
        ("POST", "/login/code", to.sign_in.code, at(Stage.CODE)),
        ("GET", "/login/password", to.sign_in.password_form, at(Stage.PASSWORD)),
        ("POST", "/login/password", to.sign_in.password, at(Stage.PASSWORD)),
        ("GET", "/login/second-factor", to.sign_in.enrol_form, at(Stage.ENROL, Stage.OPEN)),
        ("POST", "/login/second-factor", to.sign_in.enrol, at(Stage.ENROL, Stage.OPEN)),
        ("GET", "/login/block", to.sign_in.block_form, EVERYBODY),
        ("POST", "/login/block", to.sign_in.block, EVERYBODY),
        ("POST", "/logout", to.sign_in.sign_out, EVERYBODY),
        ("GET", "/account", to.own.account, SIGNED_IN),
        ("POST", "/account/password", to.own.password, SIGNED_IN),
        ("POST", "/account/second-factor/drop", to.own.drop_second_factor, SIGNED_IN),
        ("POST", "/account/sessions", to.own.end_session, SIGNED_IN),
        ("POST", "/account/mail", to.own.mail, SIGNED_IN),
        ("POST", "/account/notices", to.own.read_notices, SIGNED_IN),
        ("POST", "/account/block", to.own.block, SIGNED_IN),
        ("GET", "/admin/accounts", to.staff.listing, ADMINS),
        ("GET", "/admin/accounts/new", to.staff.new, ADMINS),
        ("POST", "/admin/accounts/new", to.staff.add, ADMINS),
        ("GET", account, to.staff.one, ADMINS),
        ("POST", account, to.staff.act, ADMINS),
        ("GET", desk, to.lists.start, DESK),
        ("GET", f"{desk}/inbox", to.lists.inbox, DESK),
        ("GET", f"{desk}/outbox", to.lists.outbox, DESK),
        ("GET", f"{desk}/events", to.events, DESK),
        ("GET", f"{desk}/registers/{{box:in|out}}", to.registers.register, DESK),
        ("GET", f"{desk}/registers/{{box:in|out}}.xlsx", to.registers.workbook, DESK),
        ("GET", f"{desk}/registers/follow", to.follow_up.register, DESK),
        ("GET", f"{desk}/registers/follow.xlsx", to.follow_up.workbook, DESK),
        ("GET", f"{desk}/agencies", to.compose.agencies, DESK),
        ("POST", f"{desk}/compose/check", to.compose.check, CLERKS),
        ("GET", f"{desk}/compose", to.compose.form, CLERKS),
        ("POST", f"{desk}/compose", to.compose.send, CLERKS_SEND),
        ("GET", document, to.desk.document, DESK),
        ("POST", document, to.desk.decide, CLERKS),
        ("GET", f"{document}/files/{{n}}", to.desk.file, DESK),
        ("GET", f"{document}/receipts/{{receipt}}", to.desk.receipt, DESK),
        *oversight_rows(to.oversight, to.events),
    ]
