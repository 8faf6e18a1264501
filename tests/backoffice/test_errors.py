"""What staff see when something is wrong, and what they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from receivables.database import Database
from receivables.web.face import LARGEST_BODY
from receivables.web.health import migration_state
from tests.support.faces import backoffice_client
from tests.support.office import Office


def test_an_unknown_page_is_a_page_too(bare: Office) -> None:
    with bare.signed_in() as browser:
        answer = browser.get("/no/such/page")

    assert answer.status_code == 404
    assert "This page does not exist" in answer.text


def test_more_than_a_form_may_hold_is_refused_in_plain_words(bare: Office) -> None:
    with bare.signed_in() as browser:
        answer = browser.post(
            "/invoices/import",
            content=b"x" * (LARGEST_BODY + 1),
            headers={"Origin": browser.origin, "Content-Type": "multipart/form-data; boundary=x"},
        )

    assert answer.status_code == 413
    assert "more than we take at once" in answer.text


@pytest.mark.parametrize("q", ["%00", "%ff%fe", "%ed%a0%80", "'%22%3B--", "%F0%9F%92%B8"])
def test_no_search_is_a_failure_of_ours(bare: Office, q: str) -> None:
    with bare.signed_in() as browser:
        for path in ("/search", "/debtors", "/invoices"):
            assert browser.get(f"{path}?q={q}").status_code == 200, path


@pytest.mark.parametrize(
    "email", ["a\0b@c.example", "\udc80@c.example".encode(errors="replace"), "💸"]
)
def test_no_address_is_a_failure_of_ours(bare: Office, email: str | bytes) -> None:
    with backoffice_client(bare.runtime) as browser:
        answer = browser.submit("/sign-in", {"email": email, "password": "x"}, page="/sign-in")

    assert answer.status_code == 422


def test_a_failure_of_ours_gives_a_code_and_no_inside(bare: Office) -> None:
    class Broken:
        """A database that fails in a way nobody foresaw."""

        def __init__(self, real: Database) -> None:
            self.real = real

        def reading(self, *_args: object) -> object:
            raise ZeroDivisionError("the secret inside of it")

    broken = replace(bare.runtime, database=Broken(bare.runtime.database))  # type: ignore[arg-type]
    with bare.signed_in() as browser:
        session = browser.cookies["backoffice-session"]
    with backoffice_client(broken) as browser:
        browser.cookies.set("backoffice-session", session)
        answer = browser.get("/")

    assert answer.status_code == 500
    assert "That went wrong on our side" in answer.text
    assert "please mention" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_without_a_database_health_is_503_and_says_which_part(bare: Office) -> None:
    class Away:
        """A database that cannot be reached."""

        def reading(self, *_args: object) -> object:
            from receivables.errors import TemporarilyUnavailable

            raise TemporarilyUnavailable("no connection")

    with backoffice_client(replace(bare.runtime, database=Away())) as browser:  # type: ignore[arg-type]
        health = browser.get("/health")
        page = browser.get("/", headers={"Cookie": "backoffice-session=x"})

    assert health.status_code == 503
    assert (health.json()["fit"], health.json()["database"]) == (False, "down")
    assert page.status_code == 503
    assert "Not possible just now" in page.text


def test_a_schema_of_another_version_is_told(tmp_path: object) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite://")
    with Session(engine) as session:
        assert migration_state(session, ("b",)) == "unknown"
        session.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        assert migration_state(session, ("b",)) == "behind"
        session.execute(text("INSERT INTO alembic_version VALUES ('a')"))
        assert migration_state(session, ("b",)) == "behind"
        session.execute(text("UPDATE alembic_version SET version_num = 'b'"))
        assert migration_state(session, ("b",)) == "current"
    engine.dispose()
