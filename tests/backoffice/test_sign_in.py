"""Sign-in: the way in, and everything that is not one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from backoffice.app import create_app
from receivables.database import SYSTEM, Scope
from receivables.parties import actions, passwords, sessions
from receivables.parties.sessions import SignInRefused
from receivables.parties.tables import Staff, StaffSession
from receivables.runtime import Runtime
from tests.support.builders import PASSWORD
from tests.support.faces import backoffice_client, browser, email_of, sign_in
from tests.support.office import Office
from tests.support.world import World


@pytest.fixture
def address(bare: Office) -> str:
    return email_of(bare.runtime, bare.owner)


def open_sessions(runtime: Runtime) -> int:
    with runtime.reading(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(StaffSession)) or 0


def test_somebody_who_signs_in_sees_today(bare: Office) -> None:
    with bare.signed_in() as visitor:
        answer = visitor.get("/")

    assert answer.status_code == 200
    assert "Menuiserie Rochat SA" in answer.text


def test_unknown_people_and_wrong_passwords_get_one_answer(bare: Office, address: str) -> None:
    with backoffice_client(bare.runtime) as visitor:
        wrong = sign_in(visitor, address, "not the password at all")
        unknown = sign_in(visitor, "n" + address[1:], "not the password at all")

    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace(address, "") == unknown.text.replace("n" + address[1:], "")
    assert len(wrong.content) == len(unknown.content)


@pytest.fixture
def statements(bare: Office) -> Iterator[list[str]]:
    """Every statement that reaches the database."""
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    event.listen(bare.runtime.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(bare.runtime.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("known", [True, False])
def test_one_password_is_verified_whether_or_not_the_person_exists(
    bare: Office, address: str, known: bool
) -> None:
    verified: list[str | None] = []

    def counting(password: str, password_hash: str | None) -> bool:
        verified.append(password_hash)
        return passwords.verify(password, password_hash)

    with pytest.raises(SignInRefused):
        sessions.sign_in(
            bare.runtime,
            email=address if known else "nobody@rochat.example",
            password="not the password at all",
            address="127.0.0.1",
            user_agent="",
            verify=counting,
        )

    assert len(verified) == 1
    assert (verified[0] is not None) is known


def test_verifying_against_nobody_costs_as_much_as_against_somebody() -> None:
    somebody = passwords.hash_password(PASSWORD)

    assert (
        somebody.rpartition("$")[0].rpartition("$")[0]
        == passwords.NOBODY.rpartition("$")[0].rpartition("$")[0]
    ), "the same algorithm and the same parameters"


@pytest.mark.parametrize("known", [True, False])
def test_as_many_statements_are_made_whether_or_not_the_person_exists(
    bare: Office, address: str, statements: list[str], known: bool
) -> None:
    with backoffice_client(bare.runtime) as visitor:
        token = visitor.token("/sign-in")
        statements.clear()
        form = {
            "_csrf_token": token,
            "email": address if known else "nobody@rochat.example",
            "password": "not the password at all",
        }
        visitor.post("/sign-in", data=form, headers={"Origin": visitor.origin})

    assert len([one for one in statements if "staff" in one]) == 1


def test_a_session_gets_a_new_secret_at_every_sign_in(bare: Office, address: str) -> None:
    with bare.signed_in() as visitor:
        first = visitor.cookies["backoffice-session"]
        visitor.submit("/sign-out")
        sign_in(visitor, address)
        second = visitor.cookies["backoffice-session"]

    assert first != second
    assert len(second) >= 43, "32 random bytes"


def test_a_session_planted_before_sign_in_is_not_the_one_after(bare: Office, address: str) -> None:
    with backoffice_client(bare.runtime) as visitor:
        visitor.cookies.set(
            "backoffice-session", "chosen-by-somebody-else", domain="localhost.local"
        )
        page = visitor.get("/sign-in")
        assert 'backoffice-session=""' in "".join(page.headers.get_list("set-cookie"))
        sign_in(visitor, address)
        held = {one.value for one in visitor.cookies.jar if one.name == "backoffice-session"}

    assert "chosen-by-somebody-else" not in held


def test_signing_out_ends_the_session_for_whoever_copied_it(bare: Office) -> None:
    with bare.signed_in() as visitor:
        stolen = visitor.cookies["backoffice-session"]
        answer = visitor.submit("/sign-out")
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert open_sessions(bare.runtime) == 0

        visitor.cookies.set("backoffice-session", stolen)
        assert visitor.get("/").status_code == 303


def test_a_session_ends_after_twelve_idle_hours(bare: Office, world: World) -> None:
    with bare.signed_in() as visitor:
        world.clock.advance(_hours(11))
        assert visitor.get("/").status_code == 200
        world.clock.advance(_hours(11))
        assert visitor.get("/").status_code == 200, "the look before has kept it alive"
        world.clock.advance(_hours(12))
        assert visitor.get("/").status_code == 303


@pytest.mark.once("the calendar")
def test_a_session_ends_after_seven_days_however_busy(bare: Office, world: World) -> None:
    with bare.signed_in() as visitor:
        for _ in range(16):
            assert visitor.get("/").status_code == 200
            world.clock.advance(_hours(10))
        world.clock.advance(_hours(9))
        assert visitor.get("/").status_code == 303


def _hours(count: int) -> timedelta:
    return timedelta(hours=count)


def test_who_leaves_is_signed_out_at_once(bare: Office) -> None:
    with bare.signed_in(bare.reader) as visitor:
        assert visitor.get("/").status_code == 200
        with bare.runtime.transaction(Scope(bare.supplier_id)) as session:
            actions.disable(
                session,
                supplier_id=bare.supplier_id,
                staff_id=bare.reader,
                clock=bare.runtime.clock,
            )
        assert visitor.get("/").status_code == 303
        assert sign_in(visitor, email_of(bare.runtime, bare.reader)).status_code == 422


def test_a_new_password_ends_every_session(bare: Office, address: str) -> None:
    fresh = "an even longer pass phrase, new"
    with bare.signed_in() as here, bare.signed_in() as elsewhere:
        answer = here.submit("/settings/password", {"current": PASSWORD, "password": fresh})
        assert answer.status_code == 303
        assert here.get("/").status_code == 303
        assert elsewhere.get("/").status_code == 303
        assert sign_in(elsewhere, address).status_code == 422
        assert sign_in(elsewhere, address, fresh).status_code == 303


def test_ones_own_password_is_changed_by_who_knows_it(bare: Office) -> None:
    with bare.signed_in() as visitor:
        form = {"current": "something else entirely", "password": "a perfectly good new one"}
        answer = visitor.submit("/settings/password", form)

        assert answer.status_code == 422
        assert "Your current password is another one." in answer.text
        assert visitor.get("/").status_code == 200


def test_the_eleventh_try_for_one_person_is_put_off_even_with_the_right_password(
    bare: Office, address: str
) -> None:
    with backoffice_client(bare.runtime) as visitor:
        for _ in range(10):
            assert sign_in(visitor, address, "not the password at all").status_code == 422
        right = sign_in(visitor, address)
        assert right.status_code == 429
        assert "Too many tries" in right.text
        assert sign_in(visitor, email_of(bare.runtime, bare.reader)).status_code == 303


def test_tries_are_counted_for_people_who_do_not_exist_too(bare: Office) -> None:
    with backoffice_client(bare.runtime) as visitor:
        statuses = [
            sign_in(visitor, "nobody@rochat.example", "not the password at all").status_code
            for _ in range(11)
        ]

    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example",
        "javascript:alert(1)", "\\\\evil.example", "/%0d%0aSet-Cookie: x", "//", "evil.example",
        "/ok\r\nLocation: https://evil.example",
    ],
)  # fmt: skip
def test_after_sign_in_one_stays_here(bare: Office, address: str, target: str) -> None:
    with backoffice_client(bare.runtime) as visitor:
        form = {"email": address, "password": PASSWORD, "next": target}
        answer = visitor.submit("/sign-in", form, page="/sign-in")

    location = answer.headers["location"]
    assert answer.status_code == 303
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location
    assert "set-cookie: x" not in str(answer.headers).lower()


def test_after_sign_in_one_is_where_one_wanted_to_go(bare: Office, address: str) -> None:
    with backoffice_client(bare.runtime) as visitor:
        led = visitor.get("/debtors?show=overdue&q=a").headers["location"]
        page = visitor.get(led)
        assert 'name="next" value="/debtors?show=overdue&amp;q=a"' in page.text
        form = {"email": address, "password": PASSWORD, "next": "/debtors?show=overdue&q=a"}
        answer = visitor.submit("/sign-in", form, page=led)

    assert answer.headers["location"] == "/debtors?show=overdue&q=a"


def test_a_link_in_a_webmail_finds_the_session_at_the_second_look(bare: Office) -> None:
    with backoffice_client(bare.runtime) as visitor:
        answer = visitor.get("/monitoring", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200
    assert answer.headers["refresh"] == "0;url=/monitoring"


def test_on_https_cookies_are_bound_to_the_host(bare: Office) -> None:
    web = replace(bare.runtime.settings.web, backoffice_url="https://office.example.com")
    settings = replace(bare.runtime.settings, web=web)
    app = create_app(replace(bare.runtime, settings=settings))

    with browser(app, "https://office.example.com") as visitor:
        sign_in(visitor, email_of(bare.runtime, bare.owner))
        names = {one.name for one in visitor.cookies.jar}
        cookie = visitor.get("/sign-in")

    assert names == {"__Host-backoffice-session"}
    assert cookie.status_code == 303


def test_other_host_names_are_not_served(bare: Office) -> None:
    with backoffice_client(bare.runtime) as visitor:
        answer = visitor.get("/sign-in", headers={"Host": "rebound.example"})

    assert answer.status_code == 421


def test_the_language_of_pages_is_the_persons_own(bare: Office) -> None:
    with bare.signed_in() as visitor:
        visitor.submit("/language", {"language": "de", "next": "/debtors"})
        with bare.runtime.reading(SYSTEM) as session:
            language = session.scalars(select(Staff.language).where(Staff.id == bare.owner)).one()
        visitor.submit("/language", {"language": "xx", "next": "//evil.example"})
        page = visitor.get("/debtors")

    assert language == "de"
    assert 'lang="de-CH"' in page.text
