"""What every answer carries, whatever its status: pages, refusals, faults of ours, files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from receivables.database import Scope
from receivables.errors import TemporarilyUnavailable
from receivables.web.static import FOLDER, static_url
from tests.security.town import DOORS, Town
from tests.support.faces import Browser

pytestmark = pytest.mark.once("headers are made without a database")

#: What may be kept by a browser, because it is nobody's secret.
PUBLIC = ("/static/", "/brand/", "/manifest.webmanifest", "/sw.js")
FACES = ("portal", "backoffice")


@dataclass
class BrokenDatabase:
    """Fails in the middle of every request, in one way or the other."""

    error: Exception
    kind: str = "sqlite"

    @contextmanager
    def reading(self, _scope: Scope) -> Iterator[Any]:
        raise self.error
        yield

    transaction = reading

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        yield


def broken(town: Town, error: Exception) -> Town:
    return replace(town, runtime=replace(town.runtime, database=BrokenDatabase(error)))


def check(answer: Any, path: str) -> None:
    headers = answer.headers
    policy = {
        part.split()[0]: part.split()[1:]
        for part in headers["content-security-policy"].split(";")
        if part.strip()
    }
    where = (answer.request.method, path, answer.status_code)
    assert policy["default-src"] == ["'none'"], where
    assert policy["frame-ancestors"] == ["'none'"], where
    sources = [source for values in policy.values() for source in values]
    assert not [one for one in sources if "unsafe" in one or one in ("*", "data:", "https:")], where
    if "script-src" in policy:
        assert policy["script-src"] == ["'self'"], where
        assert policy["base-uri"] == ["'none'"], where
        assert policy["object-src"] == ["'none'"], where
    assert headers["x-content-type-options"] == "nosniff", where
    assert headers["referrer-policy"] == "no-referrer", where
    assert headers["cross-origin-opener-policy"] == "same-origin", where
    assert headers["cross-origin-resource-policy"] == "same-origin", where
    assert "camera=()" in headers["permissions-policy"], where
    assert headers["strict-transport-security"].startswith("max-age=31536000"), where
    assert "server" not in headers, where
    assert "x-powered-by" not in headers, where
    if not path.startswith(PUBLIC) or answer.status_code >= 400:
        assert "no-store" in headers["cache-control"], where
    for name in ("content-security-policy", "x-content-type-options", "cache-control"):
        assert len(headers.get_list(name)) == 1, (where, name)


def _addresses(town: Town) -> list[tuple[str, str, str]]:
    here = town.debtors["near one"]
    given: dict[str, object] = {
        "number": here.numbers[0], "token": "x" * 43, "name": "0f766e.css",
        **{f"{name}_id": value for name, value in town.near.ids.items()},
    }  # fmt: skip
    listed = [
        (door.face, door.method, door.at(**given))
        for door in DOORS
        if door.path != "/alerts/stream"
    ]
    for face in FACES:
        listed += [
            (face, "GET", path)
            for path in (
                static_url("app.css"), "/static/app.css", "/static/no-such-file.css?v=1",
                "/static/", "/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml",
                "/no-such-page", f"/documents/{uuid4()}", "/brand/zzzzzz.css", "/%00", "/%FF",
                "/schema", "/schema/openapi.json", "/metrics", "/favicon.ico", "/robots.txt",
                "//", "/./", "/..", "/" + "a" * 8000, "/l/", "/static/%00", "/;x", "/?" + "q=" * 99,
            )
        ]  # fmt: skip
        listed += [(face, "DELETE", "/"), (face, "TRACE", "/"), (face, "POST", "/no-such-page")]
    return listed


def test_every_answer_is_armoured(https_town: Town) -> None:
    with https_town.both() as known, https_town.visitor() as one, https_town.staff() as two:
        strangers = {"portal": one, "backoffice": two}
        seen: set[int] = set()
        for face, method, path in _addresses(https_town):
            for browsers in (known, strangers):
                answer = browsers[face].request(method, path)
                assert answer.status_code < 500, (method, path)
                check(answer, path)
                seen.add(answer.status_code)
    assert seen >= {200, 303, 401, 403, 404, 405}, seen


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("secret of the inside"), 500), (TemporarilyUnavailable(), 503)],
)
def test_a_fault_of_ours_is_armoured_and_tells_nothing(
    https_town: Town, error: Exception, status: int
) -> None:
    fallen = broken(https_town, error)
    with https_town.both() as known:
        cookies = {face: dict(browser.cookies) for face, browser in known.items()}
    with fallen.visitor() as one, fallen.staff() as two:
        for browser, face in ((one, "portal"), (two, "backoffice")):
            for name, value in cookies[face].items():
                browser.cookies.set(name, value)
            for path in ("/", "/debtors" if face == "backoffice" else "/pay?currency=CHF"):
                answer = browser.get(path)
                assert answer.status_code == status, path
                check(answer, path)
                for word in ("secret of the inside", "Traceback", "RuntimeError", ".py"):
                    assert word not in answer.text
                if status == 503:
                    assert int(answer.headers.get("retry-after", "0")) > 0 or face == "backoffice"


def test_bodies_that_are_too_long_are_refused_with_413(https_town: Town) -> None:
    with https_town.both() as known:
        for face, browser in known.items():
            token = browser.token("/")
            before = https_town.counts()
            answer = browser.post(
                "/language",
                content=b"_csrf_token=" + token.encode() + b"&x=" + b"a" * (31 * 1024 * 1024),
                headers={
                    "Origin": browser.origin,
                    "Content-Type": "application/x-www-form-urlencoded",
                },
            )
            assert answer.status_code == 413, face
            check(answer, "/language")
            machine = "/webhooks/stripe" if face == "portal" else "/readings"
            answer = browser.post(machine, content=b"x" * 1_000_000)
            assert answer.status_code == 413, face
            check(answer, machine)
            assert https_town.counts() == before


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "pay.example.evil.example", "pay.example:80", "pay.example.", "localhost",
        "127.0.0.1", "", "pay.example@evil.example", "pay.example/x", "office.example",
    ],
)  # fmt: skip
def test_another_hosts_name_is_not_served(https_town: Town, host: str) -> None:
    with https_town.visitor("near one") as browser:
        for path in ("/", "/pay", https_town.debtors["near one"].link, "/static/app.css"):
            answer = browser.get(path, headers={"Host": host})
            assert answer.status_code == 421, path
            assert "set-cookie" not in answer.headers
            assert host not in answer.text or not host
            check(answer, path)


def test_a_host_in_another_spelling_or_a_forwarded_one_changes_nothing(https_town: Town) -> None:
    with https_town.visitor("near one") as browser:
        headers = {
            "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example",
            "X-Original-URL": "/settings/team", "X-Rewrite-URL": "/settings/team",
            "X-HTTP-Method-Override": "POST",
        }  # fmt: skip
        plain, tricked = browser.get("/"), browser.get("/", headers=headers)
        assert tricked.status_code == 200
        assert "evil.example" not in tricked.text
        assert plain.status_code == browser.get("/", headers={"Host": "PAY.example"}).status_code


def test_only_files_that_are_there_are_kept_for_long(https_town: Town) -> None:
    with https_town.visitor() as browser:
        for file in sorted(FOLDER.rglob("*")):
            if file.is_file():
                found = browser.get(static_url(str(file.relative_to(FOLDER))))
                assert found.status_code == 200
                assert "immutable" in found.headers["cache-control"]
                check(found, "/static/" + file.name)
        gone = browser.get("/static/app.css/../no-such.css?v=1")
        assert "immutable" not in gone.headers["cache-control"]


def test_the_icon_is_found_where_browsers_look_by_themselves(https_town: Town) -> None:
    for opened in (https_town.visitor, https_town.staff):
        with opened() as browser:
            led = browser.get("/favicon.ico")
            assert led.status_code == 308
            icon = browser.get(led.headers["location"])
            assert (icon.status_code, icon.headers["content-type"]) == (200, "image/png")


def test_documents_are_saved_and_never_run(https_town: Town) -> None:
    document = f"/documents/{https_town.near.ids['document']}"
    with https_town.visitor("near two") as debtor, https_town.staff(https_town.near.owner) as owner:
        for browser in (debtor, owner):
            answer = browser.get(document)
            assert answer.status_code == 200
            assert answer.headers["content-disposition"].startswith("attachment;")
            assert "sandbox" in answer.headers["content-security-policy"]
            check(answer, document)


assert Browser
