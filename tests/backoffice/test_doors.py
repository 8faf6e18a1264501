"""Every route, tried by those it is not for: strangers, other sites, other suppliers, readers.

Driven by the face's own list of handlers, so that a new page cannot be forgotten here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import func, select

from backoffice.app import HANDLERS
from receivables.database import SYSTEM
from receivables.history import EventRow
from receivables.ids import new_id
from tests.support.faces import Browser
from tests.support.failing import furnish_failing
from tests.support.keeping import Source, kept
from tests.support.office import Office, furnish, open_office
from tests.support.payments import Till

#: Need no session: the way in, what a browser installs, machines that prove themselves otherwise.
PUBLIC = {
    "/sign-in", "/sign-out", "/health", "/sw.js", "/manifest.webmanifest", "/readings",
    "/digests/off/{token:str}",
}  # fmt: skip
#: Of a machine, or of a mail program, by a signature: no form leads there.
SIGNED = {"/readings", "/digests/off/{token:str}"}
#: What a reader may change: nothing but what is their own.
OWN_AFFAIRS = {
    "/sign-in",
    "/sign-out",
    "/language",
    "/settings/password",
    "/settings/notifications",
    "/monitoring/alerts/{alert_id:uuid}/opened",
    "/push/subscriptions",
    "/push/subscriptions/forget",
    "/push/subscriptions/{subscription_id:uuid}/delete",
    "/push/subscriptions/{subscription_id:uuid}/test",
}
PARAMETER = re.compile(r"\{(\w+)_id:uuid\}")


def routes(method: str) -> list[str]:
    return sorted(
        path
        for handler in HANDLERS
        if isinstance(handler, HTTPRouteHandler) and method in handler.http_methods
        for path in handler.paths
    )


GETS, POSTS = routes("GET"), routes("POST")
FORMS = [path for path in POSTS if path not in SIGNED]
#: By parameter and method: everything that is addressed by an id.
ADDRESSED = [
    (method, path)
    for method, paths in (("GET", GETS), ("POST", POSTS))
    for path in paths
    if PARAMETER.search(path)
]


def filled(path: str, ids: dict[str, UUID]) -> str:
    return PARAMETER.sub(lambda found: str(ids[found[1]]), path)


def events(office: Office) -> int:
    with office.runtime.reading(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


@pytest.fixture
def office(till: Till, database_source: Source, database_url: str) -> Office:
    """With one of everything, a debtor who fails among them."""
    built: Office = kept(_with_a_failure, till, database_source, database_url)
    return replace(built, world=till.world, ids=dict(built.ids))


def _with_a_failure(till: Till) -> Office:
    office = furnish(open_office(till.world, name="Menuiserie Rochat SA"), till)
    furnish_failing(office)
    return office


@pytest.fixture
def neighbour(till: Till) -> Office:
    """Another supplier of the same installation, with as much."""
    office = furnish(open_office(till.world, name="Schreinerei Muster AG"), till)
    furnish_failing(office)
    return office


def test_all_methods_are_get_and_post() -> None:
    methods = {method for handler in HANDLERS for method in handler.http_methods}

    assert methods == {"GET", "POST"}


@pytest.mark.parametrize(
    "forgery", ["no token", "foreign token", "planted cookie", "cross-site", "origin", "plain text"]
)
@pytest.mark.once("what the armour lets through; no database decides it")
def test_every_form_is_refused_unless_a_page_of_ours_sent_it(bare: Office, forgery: str) -> None:
    unknown = {found: new_id() for path in FORMS for found in PARAMETER.findall(path)}
    with bare.signed_in() as victim, bare.signed_in(bare.reader) as attacker:
        good = victim.token()
        for path in FORMS:
            answer = _forge(victim, attacker, filled(path, unknown), forgery, good)
            assert answer == 403, path

        still_signed_in = victim.get("/")
    assert still_signed_in.status_code == 200


def _forge(victim: Browser, attacker: Browser, path: str, forgery: str, good: str) -> int:
    own = {"Origin": victim.origin}
    if forgery == "no token":
        return victim.post(path, data={"x": "1"}, headers=own).status_code
    if forgery == "foreign token":
        data = {"_csrf_token": attacker.token()}
        return victim.post(path, data=data, headers=own).status_code
    if forgery == "planted cookie":
        # The attacker's visit, as a sibling host could plant it, with the token that fits it.
        victim.cookies.set("backoffice-visit", "planted")
        data = {"_csrf_token": attacker.token()}
        answer = victim.post(path, data=data, headers=own)
        victim.cookies.delete("backoffice-visit")
        return answer.status_code
    if forgery == "cross-site":
        headers = {"Sec-Fetch-Site": "cross-site"}
        return victim.post(path, data={"_csrf_token": good}, headers=headers).status_code
    if forgery == "origin":
        headers = {"Origin": "https://evil.example"}
        return victim.post(path, data={"_csrf_token": good}, headers=headers).status_code
    headers = {**own, "Content-Type": "text/plain"}
    return victim.post(path, content=f"_csrf_token={good}", headers=headers).status_code


@pytest.mark.once("what the armour lets through; no database decides it")
def test_strangers_are_brought_to_the_sign_in_page_and_see_nothing(office: Office) -> None:
    with office.signed_in() as browser:
        browser.cookies.clear()
        for path in GETS:
            if path in PUBLIC:
                continue
            answer = browser.get(filled(path, office.ids))
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=/"), path
            assert answer.text == "" or "Dubois" not in answer.text


@pytest.mark.once("who may come in; no database decides it")
def test_a_fragment_asked_for_without_a_session_sends_the_whole_page_to_sign_in(
    bare: Office,
) -> None:
    with bare.signed_in() as browser:
        browser.cookies.clear()

        answer = browser.get("/debtors", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/debtors"


def combinations(
    path: str, own: dict[str, UUID], other: dict[str, UUID], unknown: dict[str, UUID]
) -> Iterator[tuple[str, str]]:
    """The path with at least one id of the other's, and the same with an unknown one there."""
    names = PARAMETER.findall(path)
    for choice in product((False, True), repeat=len(names)):
        if any(choice):
            foreign = {
                name: (other if is_foreign else own)[name]
                for name, is_foreign in zip(names, choice, strict=True)
            }
            nowhere = {
                name: (unknown if is_foreign else own)[name]
                for name, is_foreign in zip(names, choice, strict=True)
            }
            yield filled(path, foreign), filled(path, nowhere)


# test_isolation asks the same of both faces.
@pytest.mark.proof
def test_what_is_another_suppliers_does_not_exist(office: Office, neighbour: Office) -> None:
    unknown = {name: new_id() for name in office.ids}
    # The last thing asked for is what a good form would send, so that only the id is wrong.
    data = {
        "threshold": "40", "window_days": "30", "decision": "keep", "outcome": "sent",
        "role": "reader", "password": "a long and decent pass phrase",
    }  # fmt: skip
    tried = 0
    with office.signed_in() as browser:
        token = browser.token()
        for method, path in ADDRESSED:
            for foreign, nowhere in combinations(path, office.ids, neighbour.ids, unknown):
                if method == "GET":
                    theirs, nobodys = browser.get(foreign), browser.get(nowhere)
                else:
                    form = {**data, "_csrf_token": token}
                    headers = {"Origin": browser.origin}
                    theirs = browser.post(foreign, data=form, headers=headers)
                    nobodys = browser.post(nowhere, data=form, headers=headers)
                assert (theirs.status_code, nobodys.status_code) == (404, 404), foreign
                assert theirs.text == nobodys.text, foreign
                assert _plain(theirs) == _plain(nobodys), foreign
                tried += 1
    assert tried >= 17
    with neighbour.signed_in() as browser:
        page = browser.get("/debtors/{debtor}".format(**neighbour.ids)).text
    assert "link valid until" in page, "nothing of the neighbour's was touched"


def _plain(answer: object) -> dict[str, str]:
    headers = dict(answer.headers)  # type: ignore[attr-defined]  # an httpx.Response
    return {name: value for name, value in headers.items() if name != "x-request-id"}


# test_isolation asks the same of both faces.
@pytest.mark.proof
def test_lists_and_search_show_ones_own_alone(office: Office, neighbour: Office) -> None:
    with office.signed_in() as browser:
        pages = [browser.get(path).text for path in GETS if not PARAMETER.search(path)
                 and path != "/alerts/stream"]  # fmt: skip
        found = browser.get("/search?q=Dubois").text

    assert found.count('href="/debtors/') >= 1
    for page in (*pages, found):
        for name in ("debtor", "invoice", "payment", "alert", "reminder", "job", "subscription"):
            assert str(neighbour.ids[name]) not in page
        assert "Schreinerei Muster AG" not in page


@pytest.mark.once("who may do what; no database decides it")
def test_readers_change_nothing_but_their_own_affairs(office: Office) -> None:
    before = events(office)
    with office.signed_in(office.reader) as browser:
        token = browser.token()
        for path in FORMS:
            if path in OWN_AFFAIRS:
                continue
            answer = browser.post(
                filled(path, office.ids),
                data={"_csrf_token": token},
                headers={"Origin": browser.origin},
            )
            assert answer.status_code == 403, path
            assert "Your role does not allow this" in answer.text, path

    assert events(office) == before


def test_collectors_work_and_leave_team_and_rules_to_the_owner(office: Office) -> None:
    for_owners = [
        path
        for path in FORMS
        if path.startswith(
            ("/settings/team", "/settings/jobs", "/settings/interest", "/monitoring/rules")
        )
    ]
    assert len(for_owners) >= 10
    with office.signed_in(office.collector) as browser:
        token = browser.token()
        for path in for_owners:
            answer = browser.post(
                filled(path, office.ids),
                data={"_csrf_token": token},
                headers={"Origin": browser.origin},
            )
            assert answer.status_code == 403, path
        worked = browser.submit(
            "/monitoring/alerts/{alert}/acknowledge".format(**office.ids), {"decision": "call"}
        )
    assert worked.status_code == 303


# test_headers asks for more, of both faces.
@pytest.mark.proof
def test_every_answer_wears_the_headers(office: Office) -> None:
    with office.signed_in() as browser:
        paths = [filled(path, office.ids) for path in GETS if path != "/alerts/stream"]
        answers = [browser.get(path) for path in (*paths, "/no/such/page", "/static/app.css")]
        answers.append(browser.post("/debtors", headers={"Origin": browser.origin}))

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, answer.url
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"], answer.url


def test_every_cookie_is_kept_from_scripts_and_other_sites(bare: Office) -> None:
    with bare.signed_in() as browser:
        browser.cookies.clear()
        set_cookies = browser.get("/sign-in").headers.get_list("set-cookie")
        token = browser.token("/sign-in")
        form = {"_csrf_token": token, "email": "x@y.example", "password": "wrong"}
        set_cookies += browser.post("/sign-in", data=form).headers.get_list("set-cookie")

    assert set_cookies
    for cookie in set_cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
