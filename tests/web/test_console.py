"""The console over HTTP: who comes in, whose forms are taken, what is kept apart."""

import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest

from gateway.domain.accounts import AccountState
from gateway.domain.exchange import Caller, Role
from tests.browser.desks import OPERATOR, PASSWORD, Desks, desks, send
from tests.nodes import OFFICE, OTHER, Answer

TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
ALERT = re.compile(r'role="alert".*?</div></div>', re.DOTALL)


class Browser:
    """A browser without a script: keeps cookies, fills forms in."""

    def __init__(self, people: Desks) -> None:
        """Begin without cookies."""
        self.people = people
        self._node = people.node
        self.cookies: dict[str, str] = {}

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return self._keep(await self._node.get(path, headers=self.headers(headers)))

    async def post(self, path: str, at: str | None = None, **fields: str) -> Answer:
        """Send a form that stands on the page *at*, with its token."""
        page = (await self.get(at or path)).body.decode()
        token = TOKEN.search(page)
        return await self.send(path, {"csrf": token[1] if token else "", **fields})

    async def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """Send fields as they are."""
        sent = self.headers(headers)
        return self._keep(await self._node.post(path, data=dict(fields), headers=sent))

    async def post_form(self, path: str, form: aiohttp.FormData) -> Answer:
        """Send a form with files as it is."""
        return self._keep(await self._node.post(path, data=form, headers=self.headers({})))

    async def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        """Sign in through the form."""
        return await self.post("/login", user_name=name, password=password)

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a request: the cookies and *more*."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {name.replace("_", "-"): value for name, value in more.items()} | {"Cookie": cookie}

    def _keep(self, answer: Answer) -> Answer:
        headers = answer.headers
        for line in headers.getall("Set-Cookie", []) if hasattr(headers, "getall") else []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer


async def _clerk(people: Desks, name: str | None = None) -> Browser:
    browser = Browser(people)
    answer = await browser.sign_in(name or people.tram)
    assert answer.status == 303
    return browser


async def test_a_form_without_its_token_is_refused(people: Desks) -> None:
    """Whatever the password."""
    fields = {"user_name": people.tram, "password": PASSWORD}

    assert (await Browser(people).send("/login", fields)).status == 403


async def test_a_token_is_of_one_browser(people: Desks) -> None:
    """Another's is worth nothing."""
    token = TOKEN.search((await Browser(people).get("/login")).body.decode())
    assert token is not None
    other = Browser(people)
    await other.get("/login")

    answer = await other.send(
        "/login", {"csrf": token[1], "user_name": people.tram, "password": PASSWORD}
    )

    assert answer.status == 403


async def test_a_form_from_another_site_is_refused(people: Desks) -> None:
    """Browsers say where a form comes from."""
    browser = Browser(people)
    token = TOKEN.search((await browser.get("/login")).body.decode())
    assert token is not None
    fields = {"csrf": token[1], "user_name": people.tram, "password": PASSWORD}

    assert (await browser.send("/login", fields, Sec_Fetch_Site="cross-site")).status == 403


async def test_a_clerk_comes_to_the_desk(people: Desks) -> None:
    """The duty first."""
    answer = await Browser(people).sign_in(people.tram)

    assert (answer.status, answer.headers["Location"]) == (303, f"/desk/{OFFICE}/inbox")


async def test_an_unknown_name_and_a_wrong_password_look_alike(people: Desks) -> None:
    """Names cannot be fished for."""
    answers = [await Browser(people).sign_in(name, "sai") for name in ("khongco.snv", people.tram)]

    told = [ALERT.search(each.body.decode()) for each in answers]
    assert [each.status for each in answers] == [403, 403]
    assert len({each[0] for each in told if each}) == 1


async def test_where_to_go_after_sign_in_is_a_page_of_ours(people: Desks) -> None:
    """Nobody is sent elsewhere by a link."""
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        browser = Browser(people)
        answer = await browser.post(
            "/login", user_name=people.tram, password=PASSWORD, next=target
        )

        assert answer.headers["Location"] == f"/desk/{OFFICE}/inbox"


@pytest.mark.parametrize(
    "path", ["/account", f"/desk/{OFFICE}/inbox", "/admin/accounts", f"/desk/{OFFICE}/compose"]
)
async def test_a_stranger_is_sent_to_the_sign_in(people: Desks, path: str) -> None:
    """With the way back."""
    answer = await Browser(people).get(path)

    assert answer.status == 303
    assert answer.headers["Location"] == f"/login?next={path}"


@pytest.mark.parametrize("part", ["inbox", "outbox", "compose"])
async def test_another_agencys_desk_is_not_there(people: Desks, part: str) -> None:
    """As if it did not exist."""
    browser = await _clerk(people)

    assert (await browser.get(f"/desk/{OTHER}/{part}")).status == 404


async def test_another_agencys_document_is_not_there(people: Desks) -> None:
    """Not by its address, nor its files; nor can it be decided about."""
    theirs = await send(people.node, by=OTHER, to="H13")
    browser = await _clerk(people)
    document = f"/desk/{OFFICE}/documents/{theirs}"

    answers = [
        await browser.get(document),
        await browser.get(f"{document}/files/1"),
        await browser.post(document, at=f"/desk/{OFFICE}/inbox", deed="accept"),
    ]

    assert [each.status for each in answers] == [404, 404, 404]


async def test_a_clerk_is_no_administrator(people: Desks) -> None:
    """The pages of administrators are not there."""
    browser = await _clerk(people)

    assert (await browser.get("/admin/accounts")).status == 404


async def test_a_viewer_decides_nothing(people: Desks) -> None:
    """Sees the document, but no deed, and cannot send one."""
    await people.node.gateway.people.rights.grant(
        people.binh, OPERATOR, agency=OFFICE, role=Role.VIEWER, decision=None
    )
    document = f"/desk/{OFFICE}/documents/{await send(people.node)}"
    browser = await _clerk(people, people.binh)

    page = (await browser.get(document)).body.decode()
    answer = await browser.post(document, at="/account", deed="accept")

    assert 'value="accept"' not in page
    assert answer.status == 403


async def test_an_ended_session_is_worth_nothing(people: Desks) -> None:
    """After the sign-out the old cookie opens no page."""
    browser = await _clerk(people)
    kept = dict(browser.cookies)
    await browser.post("/logout", at="/account")
    browser.cookies = kept

    assert (await browser.get("/account")).status == 303


async def test_a_locked_person_is_out_at_once(people: Desks) -> None:
    """In the middle of work."""
    browser = await _clerk(people)
    await people.node.gateway.people.accounts.lock(people.tram, OPERATOR, decision="12/QĐ")

    assert (await browser.get(f"/desk/{OFFICE}/inbox")).status == 303


async def test_a_lost_account_is_blocked_without_signing_in(people: Desks) -> None:
    """By its password; a wrong one blocks nobody."""
    browser = Browser(people)
    wrong = await browser.post("/login/block", user_name=people.tram, proof="sai")
    right = await browser.post("/login/block", user_name=people.tram, proof=PASSWORD)

    account = await people.node.gateway.people.accounts.find(people.tram, OPERATOR)
    assert (wrong.status, right.status) == (403, 200)
    assert account.state is AccountState.LOCKED


async def test_pages_carry_the_security_headers(people: Desks) -> None:
    """No script but ours, no frame, nothing kept by proxies."""
    headers = (await Browser(people).get("/login")).headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


async def test_no_page_has_a_script_or_style_of_its_own(people: Desks) -> None:
    """The policy would not let it run."""
    browser = await _clerk(people)
    await send(people.node)
    for path in ("/login", "/account", f"/desk/{OFFICE}/inbox", f"/desk/{OFFICE}/compose"):
        page = (await browser.get(path)).body.decode()

        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|<style|\son[a-z]+=", page), path


async def test_cookies_are_for_the_node_alone(people: Desks) -> None:
    """No script reads them, no other site sends them."""
    answer = await Browser(people).get("/login")

    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


async def test_guessing_is_slowed_down(desk_folder: Path) -> None:
    """Beyond the limit of an address: 429 with Retry-After."""
    async with desks(desk_folder, accounts={"sign_ins_per_minute": 2}) as served:
        browser = Browser(served)
        answers = [await browser.sign_in("khongco", "sai") for _ in range(3)]

    assert [each.status for each in answers] == [403, 403, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


async def test_the_language_is_kept(people: Desks) -> None:
    """Vietnamese until somebody chooses otherwise."""
    browser = Browser(people)
    first = (await browser.get("/login")).body.decode()
    await browser.get("/login?lang=en")
    later = (await browser.get("/login")).body.decode()

    assert ('<html lang="vi"' in first, '<html lang="en"' in later) == (True, True)


async def test_an_administrator_gives_an_account(people: Desks) -> None:
    """The user name is made, the password shown; an equal name comes back with a proposal."""
    browser = await _clerk(people, people.quang)
    await browser.post("/login/code", code=people.code())
    fields = {"name": "Đỗ Thị Ước", "agency": OFFICE, "role": "clerk", "decision": "12/QĐ"}

    given = await browser.post("/admin/accounts/new", **fields)
    again = await browser.post("/admin/accounts/new", **fields)

    assert "dtuoc.snv" in given.body.decode()
    assert (again.status, "dtuoc2.snv" in again.body.decode()) == (422, True)


async def test_administrators_find_no_deed_for_themselves(people: Desks) -> None:
    """Neither on the page of their own account nor by a form that they send all the same."""
    browser = await _clerk(people, people.quang)
    await browser.post("/login/code", code=people.code())

    own = await browser.get(f"/admin/accounts/{people.quang}")
    other = await browser.get(f"/admin/accounts/{people.tram}")
    answer = await browser.post(f"/admin/accounts/{people.quang}", "/account", deed="reset")

    reset = 'name="deed" value="reset"'
    assert [reset in each.body.decode() for each in (own, other)] == [False, True]
    assert answer.status == 403


async def test_an_account_that_was_used_is_not_called_unused(people: Desks) -> None:
    """What is unlocked waits for the next sign-in; only what never had one is unused."""
    accounts = people.node.gateway.people.accounts
    await _clerk(people)
    await accounts.lock(people.tram, OPERATOR, decision="12/QĐ")
    await accounts.unlock(people.tram, OPERATOR, decision="13/QĐ")
    browser = await _clerk(people, people.quang)
    await browser.post("/login/code", code=people.code())

    pages = [
        (await browser.get(f"/admin/accounts/{name}?lang=vi")).body.decode()
        for name in (people.tram, people.newcomer)
    ]

    again = ["nếu chưa đăng nhập lại" in each for each in pages]
    unused = ["nếu chưa dùng" in each for each in pages]
    assert (again, unused) == ([True, False], [False, True])


async def test_blocking_the_own_account_is_confirmed(people: Desks) -> None:
    """On the page that it leads to."""
    browser = await _clerk(people)

    answer = await browser.post("/account/block", "/account")
    page = await browser.get(answer.headers["Location"])

    assert (answer.status, "Tài khoản của bạn đã khóa" in page.body.decode()) == (303, True)


async def test_the_menu_names_its_icons(people: Desks) -> None:
    """Where there is room for icons alone, the name is read out, and shown to whoever points."""
    browser = await _clerk(people)

    page = (await browser.get(f"/desk/{OFFICE}/inbox")).body.decode()

    menu = page[page.index('id="menu"') : page.index("</nav>", page.index('id="menu"'))]
    titles = re.findall(r'<a href="[^"]*" title="([^"]+)"', menu)
    names = re.findall(r"</svg><span>([^<]+)</span>", menu)
    assert (titles, len(titles)) == (names, menu.count("<a "))


async def test_what_people_do_is_recorded_under_their_account(people: Desks) -> None:
    """Every deed has one author."""
    document = await send(people.node)
    browser = await _clerk(people)
    await browser.get(f"/desk/{OFFICE}/documents/{document}/files/1")
    await browser.post(f"/desk/{OFFICE}/documents/{document}", deed="accept")

    auditor = Caller(actor="x", agency="H13", role=Role.AUDITOR)
    records = await people.node.gateway.lookup.audit(auditor, after=("", 0), limit=500)
    deeds = {
        each.action: each.actor
        for each in records
        if each.action in {"viewed", "downloaded", "accepted"}
    }
    me = f"account:{people.tram}"
    assert deeds == {"downloaded": me, "viewed": me, "accepted": me}


async def test_an_unfinished_form_stores_nothing(people: Desks) -> None:
    """A form with files needs its token, too."""
    browser = await _clerk(people)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("subject", "không có mã")
    form.add_field("attachment", b"x", filename="a.txt")
    headers = browser.headers({})

    answer = await people.node.post(f"/desk/{OFFICE}/compose", data=form, headers=headers)

    assert answer.status == 403


async def test_a_form_that_is_sent_twice_is_one_document(people: Desks) -> None:
    """A double click, or a browser that asks again."""
    browser = await _clerk(people)
    page = (await browser.get(f"/desk/{OFFICE}/compose")).body.decode()
    action = re.search(r'action="([^"]*nonce=[^"]*)"', page)
    token = TOKEN.search(page)
    assert action is not None
    assert token is not None

    places = [
        (
            await people.node.post(action[1], data=_letter(token[1]), headers=browser.headers({}))
        ).headers["Location"]
        for _ in range(2)
    ]

    assert places[0] == places[1]


def _letter(token: str) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    fields = {
        "csrf": token,
        "type": "CV",
        "notation": "SNV-VP",
        "promulgated_on": "2026-11-20",
        "subject": "Báo cáo",
        "full_name": "Lê Hoàng Yến",
        "position": "Giám đốc",
        "place": "Ví Dụ",
        "to": OTHER,
    }
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("attachment", b"xin chao", filename="cong-van.txt")
    return form


async def test_who_is_shut_out_reads_the_time_in_force(desk_folder: Path) -> None:
    """Not a time that is written into the page."""
    async with desks(desk_folder, accounts={"failures_lock_minutes": 7}) as served:
        answer = await Browser(served).sign_in(served.tram, "sai")

    assert "chờ 7 phút" in answer.body.decode()


async def test_an_address_that_leads_nowhere_is_a_page_for_people(people: Desks) -> None:
    """With the menu of whoever is signed in."""
    browser = await _clerk(people)

    answer = await browser.get("/nonsuch", Accept="text/html,*/*;q=0.8")

    page = answer.body.decode()
    assert (answer.status, "Không có trang này" in page) == (404, True)
    assert f'href="/desk/{OFFICE}/inbox"' in page


async def test_an_address_that_leads_nowhere_is_json_for_programs(people: Desks) -> None:
    """Whoever asks for no page, and whoever asks below the API."""
    browser = Browser(people)

    answers = [
        await browser.get("/nonsuch", Accept="*/*"),
        await browser.get("/api/v1/nonsuch", Accept="text/html"),
    ]

    assert [each.status for each in answers] == [404, 404]
    assert all(b'"code":"not-found"' in each.body for each in answers)


async def test_an_error_keeps_the_menu_of_whoever_is_signed_in(people: Desks) -> None:
    """It names the own agency, not the one of the address."""
    browser = await _clerk(people)

    page = (await browser.get(f"/desk/{OTHER}/inbox")).body.decode()

    assert f'href="/desk/{OFFICE}/inbox"' in page
    assert "Sở Tài chính" not in page


async def test_a_page_that_only_takes_forms_says_so(people: Desks) -> None:
    """With what is allowed."""
    answer = await (await _clerk(people)).get("/logout", Accept="text/html")

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert "Không mở được trang này" in answer.body.decode()
