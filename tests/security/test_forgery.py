"""Nothing changes but by a form of ours: forgeries are refused, and looking writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from receivables.ids import new_id
from tests.security.town import DOORS, SIGNED, Door, Town
from tests.support.faces import Browser

FORMS = [door for door in DOORS if door.method != "GET" and door.path not in SIGNED]
GETS = [door for door in DOORS if door.method == "GET"]
#: Without end: a stream is left to tests of its own.
STREAMS = {"/alerts/stream"}


@dataclass
class Forgery:
    """What an attacker can make a victim's browser send; `fits` is the victim's own token."""

    headers: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    content: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)


def _forgeries(fits: str, foreign: str, origin: str) -> dict[str, Forgery]:
    own = {"Origin": origin}
    good = {"_csrf_token": fits}
    return {
        "no token": Forgery(own),
        "an empty token": Forgery(own, {"_csrf_token": ""}),
        "a token beyond ASCII": Forgery(own, {"_csrf_token": "é☃"}),
        "a header beyond ASCII": Forgery({**own, "X-CSRF-Token": b"\xe9"}),
        "another session's token": Forgery(own, {"_csrf_token": foreign}),
        "another session's token in the header": Forgery({**own, "X-CSRF-Token": foreign}),
        "planted cookies that fit": Forgery(
            own,
            {"_csrf_token": foreign},
            cookies={
                "backoffice-visit": "planted",
                "portal-stranger": "planted",
                "__Host-backoffice-session": "planted",
                "csrftoken": foreign,
            },
        ),
        "from another site": Forgery({**own, "Sec-Fetch-Site": "cross-site"}, good),
        "from a sibling host": Forgery({**own, "Sec-Fetch-Site": "same-site"}, good),
        "from a made-up place": Forgery({**own, "Sec-Fetch-Site": "elsewhere"}, good),
        "another origin": Forgery({"Origin": "https://evil.example"}, good),
        "an origin that begins alike": Forgery({"Origin": origin + ".evil.example"}, good),
        "the same host by another scheme": Forgery(
            {"Origin": origin.replace("http:", "ftp:").replace("https:", "http:")}, good
        ),
        "text/plain": Forgery({**own, "Content-Type": "text/plain"}, content=f"_csrf_token={fits}"),
        "no kind of content": Forgery({**own, "Content-Type": ""}, content=f"_csrf_token={fits}"),
        "JSON": Forgery({**own, "Content-Type": "application/json"}, content=json.dumps(good)),
        "JSON passed off as a form": Forgery(
            {**own, "Content-Type": "text/plain"}, content=json.dumps(good)
        ),
    }


KINDS = list(_forgeries("", "", ""))


def _send(browser: Browser, door: Door, path: str, forgery: Forgery) -> Any:
    for name, value in forgery.cookies.items():
        browser.cookies.set(name, value)
    if forgery.content is not None:
        answer = browser.request(
            door.method, path, content=forgery.content, headers=forgery.headers
        )
    else:
        answer = browser.request(door.method, path, data=forgery.fields, headers=forgery.headers)
    for name in forgery.cookies:
        browser.cookies.delete(name)
    return answer


def _path(town: Town, door: Door) -> str:
    """Something of the victim's own, so that a forged form would have an effect."""
    path: str = door.at(
        **{
            # What stands for a person by a signature, nobody has by chance.
            name: "x" if name == "token" else town.near.ids[name.removesuffix("_id")]
            for name in door.names
        }
    )
    return path


@pytest.mark.once("what the armour lets through; no database decides it")
def test_no_forged_form_gets_past_any_door(town: Town) -> None:
    with town.both() as victim, town.visitor("far one") as one, town.staff(town.far.owner) as two:
        tokens = {
            face: (browser.token(page), attacker.token(page))
            for face, browser, attacker, page in (
                ("portal", victim["portal"], one, "/"),
                ("backoffice", victim["backoffice"], two, "/"),
            )
        }
        before = town.contents()
        for door in FORMS:
            browser = victim[door.face]
            fits, foreign = tokens[door.face]
            for kind, forgery in _forgeries(fits, foreign, browser.origin).items():
                answer = _send(browser, door, _path(town, door), forgery)
                assert answer.status_code == 403, (str(door), kind)
                assert "set-cookie" not in answer.headers, (str(door), kind)
        assert town.contents() == before
        for browser in victim.values():
            assert browser.get("/").status_code == 200, "still signed in"


@pytest.mark.once("what the armour lets through; no database decides it")
def test_the_same_forms_are_taken_from_our_own_pages(town: Town) -> None:
    """The counter-check: with its own token and origin a form gets past that door."""
    with town.both() as victim:
        for door in FORMS:
            if door.path in ("/sign-out", "/sign-in"):
                continue
            browser = victim[door.face]
            unknown = door.at(**dict.fromkeys(door.names, new_id()))
            answer = browser.submit(unknown)
            assert answer.status_code != 403, str(door)


@pytest.mark.parametrize("door", FORMS, ids=str)
@pytest.mark.once("what the armour lets through; no database decides it")
def test_a_visitor_without_any_cookie_has_no_token_that_holds(town: Town, door: Door) -> None:
    """A token that is bound to nothing would be everybody's."""
    open_face: Callable[[], Any] = town.visitor if door.face == "portal" else town.staff
    with open_face() as browser:
        seen = browser.get("/no-such-page").text + browser.get("/").text
        browser.cookies.clear()
        answer = browser.request(
            door.method,
            _path(town, door),
            data={"_csrf_token": ""},
            headers={"Origin": browser.origin},
        )
    assert answer.status_code == 403
    assert "_csrf_token" not in seen


def _queried(door: Door, town: Town) -> list[str]:
    here = town.debtors["near one"]
    token = here.link.removeprefix("/l/")
    given: dict[str, object] = {
        "number": here.numbers[0], "document_id": town.near.ids["document"], "token": token,
        "name": "0f766e.css",
    }  # fmt: skip
    given |= {f"{name}_id": value for name, value in town.near.ids.items() if name != "document"}
    path = door.at(**given)
    return [path, f"{path}?q=a&page=2&show=all&currency=CHF&cs=cs_test_x&after=x&next=/"]


@pytest.mark.once("each page again; what a reading transaction refuses is tested on both")
def test_looking_writes_nothing(town: Town) -> None:
    """GET and HEAD of every address, by those who may and by strangers: in reading transactions
    alone; every row compared.
    """
    refused: list[str] = []
    begun: list[bool] = []

    def watch(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            refused.append(statement)

    def listen(session: Session, *_: Any) -> None:
        begun.append(session.info["reading"])

    engine = town.runtime.database.engine
    with town.both() as known, town.visitor() as nobody, town.staff() as unknown:
        strangers = {"portal": nobody, "backoffice": unknown}
        town.till.world.run_jobs()
        before = town.contents()
        event.listen(engine, "before_cursor_execute", watch)
        event.listen(Session, "after_begin", listen)
        try:
            for door in GETS:
                if door.path in STREAMS:
                    continue
                plain, queried = _queried(door, town)
                for browser in (known[door.face], strangers[door.face]):
                    for method, path in (
                        ("GET", plain), ("HEAD", plain), ("OPTIONS", plain), ("GET", queried),
                    ):  # fmt: skip
                        answer = browser.request(method, path)
                        assert answer.status_code < 500, (method, path)
                        if method == "HEAD":
                            assert answer.content == b"", path
        finally:
            event.remove(engine, "before_cursor_execute", watch)
            event.remove(Session, "after_begin", listen)
        assert town.contents() == before
    assert not refused, refused
    assert len(begun) > 100
    assert all(begun)
    assert not town.till.world.run_jobs(), "nothing was left to be done later"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.once("what the armour lets through; no database decides it")
def test_methods_nobody_offers_do_nothing(town: Town, method: str) -> None:
    with town.both() as known:
        tokens = {face: browser.token("/") for face, browser in known.items()}
        before = town.contents()
        for door in DOORS:
            browser = known[door.face]
            path = _path(town, door) if door.method == "POST" else _queried(door, town)[0]
            headers = {"Origin": browser.origin, "X-CSRF-Token": tokens[door.face]}
            answer = browser.request(method, path, headers=headers)
            assert answer.status_code in (404, 405), (method, path)
        assert town.contents() == before
