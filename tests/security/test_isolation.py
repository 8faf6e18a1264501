"""What is another's does not exist: every route of both faces, every id of somebody else's.

Driven by the faces' own lists of handlers, so that a new address cannot be forgotten here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from receivables.ids import new_id
from tests.security.town import DOORS, OFFICE_DOORS, PORTAL_DOORS, Door, Town
from tests.support.browsing import text_of
from tests.support.faces import Browser

#: Addresses without an id, or with one that is nobody's: nothing of another's can be named there.
NOBODYS = {
    "/l/{token:str}", "/l/{token:str}/{errand:str}", "/brand/{name:str}",
    "/contacts/confirm/{token:str}", "/digests/off/{token:str}",
}  # fmt: skip
#: What names what in the portal.
IN_PORTAL = {
    "number": "numbers", "document_id": "documents", "payment_id": "payments",
    "dispute_id": "disputes", "upload_id": "uploads",
    "promise_id": "promises", "claim_id": "claims",
    "plan_id": "plans", "saved_method_id": "saved_methods",
}  # fmt: skip
#: A good form for every address of the backoffice, so that nothing but the id is wrong.
FORM = {
    "threshold": "40", "window_days": "30", "decision": "keep", "outcome": "sent",
    "role": "reader", "password": "a long and decent pass phrase",
}  # fmt: skip

ADDRESSED = [door for door in DOORS if door.names and door.path not in NOBODYS]


def test_every_address_with_a_name_in_it_is_probed(town: Town) -> None:
    for door in ADDRESSED:
        known = IN_PORTAL if door.face == "portal" else town.far.ids
        for name in door.names:
            assert name.removesuffix("_id") in known or name in known, f"no probe for {door}"


def _send(browser: Browser, door: Door, path: str, token: str) -> Any:
    if door.method == "GET":
        return browser.get(path)
    headers = {"Origin": browser.origin}
    return browser.post(path, data={**FORM, "_csrf_token": token}, headers=headers)


def _plain(text: str) -> str:
    """A page without what is different each time it is made."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text)
    return re.sub(r'(name="_csrf_token" value)="[^"]*"', r"\1", text)


def _same(theirs: Any, nobodys: Any) -> bool:
    def seen(answer: Any) -> tuple[int, str, dict[str, str]]:
        headers = {
            name: _plain(value)
            for name, value in answer.headers.items()
            if name not in ("x-request-id", "set-cookie", "content-length")
        }
        return answer.status_code, _plain(answer.text), headers

    return seen(theirs) == seen(nobodys)


def _pairs(door: Door, town: Town) -> Iterator[tuple[str, str]]:
    """The address with some ids of the other's, and with unknown ids in the same places."""
    for choice in product((False, True), repeat=len(door.names)):
        if not any(choice):
            continue
        theirs, nobodys = {}, {}
        for name, is_theirs in zip(door.names, choice, strict=True):
            key = name.removesuffix("_id")
            theirs[name] = town.far.ids[key] if is_theirs else town.near.ids[key]
            nobodys[name] = new_id() if is_theirs else town.near.ids[key]
        yield door.at(**theirs), door.at(**nobodys)


def test_the_backoffice_knows_nothing_of_another_supplier(town: Town) -> None:
    before, tried = town.contents(), 0
    with town.staff(town.near.owner) as browser:
        signed_in = town.contents()
        token = browser.token()
        for door in OFFICE_DOORS:
            if door not in ADDRESSED:
                continue
            for theirs, nobodys in _pairs(door, town):
                mine, unknown = (
                    _send(browser, door, theirs, token),
                    _send(browser, door, nobodys, token),
                )
                assert mine.status_code == 404, theirs
                assert _same(mine, unknown), theirs
                tried += 1
    assert tried >= 17
    assert town.contents() == signed_in, "an attempt left something behind"
    assert before["staff"] == signed_in["staff"]


@pytest.mark.parametrize(
    ("visitor", "owner"),
    [
        ("near one", "far one"),
        ("near one", "far two"),
        ("near one", "near two"),
        ("near two", "near one"),
    ],
)
def test_a_debtor_knows_nothing_of_another(town: Town, visitor: str, owner: str) -> None:
    """Neither of another supplier's debtors nor of the same supplier's others."""
    theirs, own, before, tried = town.debtors[owner], town.debtors[visitor], town.contents(), 0
    with town.visitor(visitor) as browser:
        for door in PORTAL_DOORS:
            if door not in ADDRESSED:
                continue
            (name,) = door.names
            kind = IN_PORTAL[name]
            for one in set(getattr(theirs, kind)) - set(getattr(own, kind)):
                unknown = "2019-99999" if kind == "numbers" else new_id()
                answer = browser.get(door.at(**{name: quote(str(one))}))
                nobodys = browser.get(door.at(**{name: unknown}))
                if door.path.endswith("/cancelled"):
                    # It asks nothing and tells nothing: the page it leads to refuses.
                    assert answer.headers["location"] == f"/payments/{one}/thanks"
                    answer = browser.get(answer.headers["location"])
                    nobodys = browser.get(nobodys.headers["location"])
                assert answer.status_code == 404, (door, one)
                assert _same(answer, nobodys), (door, one)
                tried += 1
    assert tried >= 1
    assert town.contents() == before


def test_another_debtors_invoices_are_neither_chosen_nor_paid(town: Town) -> None:
    """Numbers of another's in the fields of one's own forms."""
    theirs, own = town.debtors["far one"], town.debtors["near one"]
    foreign = [number for number in theirs.numbers if number not in own.numbers]
    asked = [("currency", "CHF"), *(("invoice", number) for number in foreign)]
    with town.visitor("near one") as browser:
        selection = browser.get("/selection", params=asked)
        page = browser.get("/pay", params=asked)
    assert selection.status_code == 200
    assert page.status_code == 200
    for number in foreign:
        assert number not in text_of(selection)
        assert number not in text_of(page), "seen elsewhere than in the page's own address"


@pytest.mark.parametrize("owner", ["far one", "near one"])
def test_an_attempt_of_anothers_is_not_taken_up(town: Town, owner: str) -> None:
    """The hidden field says which attempt a form belongs to: a foreign one must open nothing."""
    stolen = town.debtors[owner].payments[0]
    visitor = "near one" if owner == "far one" else "near two"
    before = town.contents()
    with town.visitor(visitor) as browser:
        account = browser.get("/").text
        token = browser.token("/pay?currency=" + _currency(account))
        form = {
            "_csrf_token": token, "currency": _currency(account), "choice": "all",
            "attempt": str(stolen),
        }  # fmt: skip
        answer = browser.post("/pay", data=form, headers={"Origin": browser.origin})
    assert answer.status_code == 303
    assert str(stolen) not in answer.headers["location"]
    after = town.contents()
    theirs = [row for row in before["payments"] if stolen in row]
    assert theirs, "there is something to be taken up"
    assert theirs == [row for row in after["payments"] if stolen in row]
    assert len(after["payments"]) == len(before["payments"]) + 1, "a form starts its own attempt"


def _currency(account: str) -> str:
    return "EUR" if 'value="EUR"' in account else "CHF"


def test_lists_search_and_stream_show_ones_own_alone(town: Town) -> None:
    """What has a field to search in is searched for everything; what has none is asked all the
    same, once.
    """
    far = [str(one) for one in town.far.ids.values()]
    searched: list[str] = []
    with town.staff(town.near.owner) as browser:
        for door in OFFICE_DOORS:
            if door.method == "GET" and not door.names and door.path != "/alerts/stream":
                queries = ["", "?q=%25&show=all"]
                for query in queries:
                    page = browser.get(door.at() + query)
                    assert page.status_code in (200, 303), (door, query)
                    assert not [one for one in far if one in page.text], (door, query)
                    assert "Schreinerei Muster" not in page.text
                    if not query and 'name="q"' in page.text:
                        searched.append(door.path)
                        queries += ["?q=a", "?q=Muster", "?q=%25", "?q=_"]
                    if not query and "show=all" in page.text:
                        queries.append("?show=all")
    assert len(searched) > 3


def test_a_stolen_cookie_of_one_face_opens_nothing_of_the_other(town: Town) -> None:
    with town.both() as browsers:
        visit = browsers["portal"].cookies["portal-visit"]
        session = browsers["backoffice"].cookies["backoffice-session"]
        with town.staff() as stranger:
            for name in ("backoffice-session", "backoffice-visit"):
                stranger.cookies.set(name, visit)
            assert stranger.get("/debtors").status_code == 303
        with town.visitor() as stranger:
            stranger.cookies.set("portal-visit", session)
            assert stranger.get("/").status_code == 401


@pytest.mark.parametrize("flip", range(0, 60, 7))
def test_a_visit_with_one_character_changed_is_nobodys(town: Town, flip: int) -> None:
    """The cookie names the supplier and the grant in the open; its signature keeps it honest."""
    with town.visitor("near one") as browser:
        cookie = browser.cookies["portal-visit"]
        other = "a" if cookie[flip] != "a" else "b"
        browser.cookies.set("portal-visit", cookie[:flip] + other + cookie[flip + 1 :])
        jar = {one.value for one in browser.cookies.jar if one.name == "portal-visit"}
        browser.cookies.clear()
        browser.cookies.set("portal-visit", next(one for one in jar if one != cookie))
        assert browser.get("/").status_code == 401


def test_unknown_ids_of_every_shape_are_not_found(town: Town) -> None:
    with town.both() as browsers:
        for door in ADDRESSED:
            if door.method != "GET" or door.path.endswith("/cancelled"):
                continue
            for value in (uuid4(), "0", "-1", "x" * 300, "%27%20OR%201=1", "null", "%00", "%FF"):
                given = dict.fromkeys(door.names, value)
                answer = browsers[door.face].get(door.at(**given))
                assert answer.status_code in (400, 404), (str(door), value)
