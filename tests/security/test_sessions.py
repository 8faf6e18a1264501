"""Sessions and the cookies that carry them: never chosen by others, never longer than they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from portal.access import ABSOLUTE as VISIT_ABSOLUTE
from portal.access import IDLE as VISIT_IDLE
from receivables.database import SYSTEM, Scope
from receivables.ids import GrantId
from receivables.links.actions import revoke
from receivables.parties import actions
from receivables.parties.sessions import ABSOLUTE, IDLE
from receivables.parties.tables import Staff, StaffSession
from receivables.settings import BadSetting, read_web
from tests.security.town import DOORS, Town, debtor_of
from tests.support.builders import PASSWORD
from tests.support.faces import Browser, email_of, sign_in

COOKIE = "backoffice-session"


def reuse(town: Town, secret: str) -> int:
    """What a browser gets that has nothing but this secret."""
    with town.staff() as thief:
        thief.cookies.set(COOKIE, secret)
        return int(thief.get("/debtors").status_code)


def test_a_cookie_chosen_by_an_attacker_is_not_taken_over_at_sign_in(town: Town) -> None:
    planted = "attacker-chosen-session-0123456789abcdef"
    with town.staff() as victim:
        victim.cookies.set(COOKIE, planted)
        page = victim.get("/sign-in")
        assert page.status_code == 200
        victim.cookies.clear()
        victim.cookies.set(COOKIE, planted)
        victim.cookies.set("backoffice-visit", "planted too")
        token = victim.token("/sign-in")
        answer = victim.post(
            "/sign-in",
            data={
                "email": email_of(town.runtime, town.near.owner),
                "password": PASSWORD,
                "_csrf_token": token,
            },
            headers={"Origin": victim.origin},
        )
        made = answer.cookies.get(COOKIE)
    assert made != planted
    assert reuse(town, planted) == 303


def test_every_sign_in_makes_a_new_secret_and_ends_the_one_before(town: Town) -> None:
    with town.staff(town.near.owner) as browser:
        first = browser.cookies[COOKIE]
        assert reuse(town, first) == 200
        with town.staff(town.near.owner) as other:
            second = other.cookies[COOKIE]
            # The same browser signs in again: its old session ends, others stay.
            other.cookies.set("backoffice-visit", "x")
            token = other.token("/")
            again = other.post(
                "/sign-in",
                data={
                    "email": email_of(town.runtime, town.near.owner),
                    "password": PASSWORD,
                    "_csrf_token": token,
                },
                headers={"Origin": other.origin},
            )
            assert again.status_code == 303
            third = again.cookies[COOKIE]
    assert len({first, second, third}) == 3
    assert all(len(one) >= 43 for one in (first, second, third)), "256 bits"
    assert [reuse(town, one) for one in (first, second, third)] == [200, 303, 200]


def test_only_hashes_of_secrets_are_kept(town: Town) -> None:
    with town.staff(town.near.owner) as browser:
        secret = browser.cookies[COOKIE]
        assert secret not in repr(town.contents())
        with town.runtime.reading(SYSTEM) as session:
            hashes = [row.token_hash for row in session.query(StaffSession)]
        assert all(reuse(town, one) == 303 for one in hashes), "a hash opens nothing"


def test_after_sign_out_the_secret_opens_nothing(town: Town) -> None:
    with town.staff(town.near.owner) as browser:
        secret = browser.cookies[COOKIE]
        answer = browser.submit("/sign-out")
        assert answer.status_code == 303
        assert "cache" in answer.headers["clear-site-data"]
        assert f"{COOKIE}=" in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
    assert reuse(town, secret) == 303


def test_who_is_sent_away_is_out_at_once_everywhere(town: Town) -> None:
    person = town.near.collector
    with town.staff(person) as one, town.staff(person) as two:
        with town.runtime.transaction(Scope(town.near.supplier_id)) as session:
            actions.disable(
                session,
                supplier_id=town.near.supplier_id,
                staff_id=person,
                clock=town.runtime.clock,
            )
        assert one.get("/debtors").status_code == 303
        assert two.get("/debtors").status_code == 303
        with town.runtime.transaction(Scope(town.near.supplier_id)) as session:
            actions.enable(session, supplier_id=town.near.supplier_id, staff_id=person)
        assert one.get("/debtors").status_code == 303, "and does not come back by being enabled"


@pytest.mark.parametrize("change", ["role", "password"])
def test_a_change_of_role_or_password_ends_every_session(town: Town, change: str) -> None:
    person, supplier_id = town.near.reader, town.near.supplier_id
    with town.staff(person) as browser:
        with town.runtime.transaction(Scope(supplier_id)) as session:
            if change == "role":
                actions.change_role(
                    session, supplier_id=supplier_id, staff_id=person, role="collector"
                )
            else:
                kept = session.get(Staff, person)
                assert kept is not None
                actions.change_password(
                    session,
                    supplier_id=supplier_id,
                    staff_id=person,
                    password_hash=kept.password_hash,
                )
        assert browser.get("/debtors").status_code == 303


def test_a_session_ends_when_it_lies_idle(town: Town) -> None:
    clock = town.near.world.clock
    with town.staff(town.near.owner) as browser:
        clock.advance(IDLE - timedelta(seconds=1))
        assert browser.get("/debtors").status_code == 200
        clock.advance(IDLE - timedelta(seconds=1))
        assert browser.get("/debtors").status_code == 200, "used in between"
        clock.advance(IDLE)
        assert browser.get("/debtors").status_code == 303


def test_a_session_ends_for_good_however_much_it_is_used(town: Town) -> None:
    clock = town.near.world.clock
    with town.staff(town.near.owner) as browser:
        passed = timedelta()
        while passed + timedelta(hours=8) < ABSOLUTE:
            assert browser.get("/debtors").status_code == 200
            clock.advance(timedelta(hours=8))
            passed += timedelta(hours=8)
        clock.advance(ABSOLUTE - passed)
        assert browser.get("/debtors").status_code == 303


@pytest.mark.once("days pass")
def test_a_visit_to_the_portal_ends_when_it_lies_idle_and_for_good(town: Town) -> None:
    clock = town.near.world.clock
    _renew(town)
    with town.visitor("near one") as browser:
        clock.advance(VISIT_IDLE)
        assert browser.get("/").status_code == 401
    with town.visitor("near one") as browser:
        passed = timedelta()
        step = VISIT_IDLE - timedelta(minutes=1)
        while passed + step < VISIT_ABSOLUTE:
            assert browser.get("/").status_code == 200
            clock.advance(step)
            passed += step
        clock.advance(VISIT_ABSOLUTE - passed)
        assert browser.get("/").status_code == 401


def _renew(town: Town) -> None:
    """Links that have not run out, whatever time has passed meanwhile."""
    for name in ("near one", "near two"):
        town.debtors[name] = debtor_of(town, town.near, town.debtors[name].id)


def test_a_revoked_link_ends_the_visit_it_opened_at_once(town: Town) -> None:
    _renew(town)
    with town.visitor("near two") as browser:
        assert browser.get("/").status_code == 200
        grant = GrantId(UUID(browser.cookies["portal-visit"].split(".")[1]))
        with town.runtime.transaction(Scope(town.near.supplier_id)) as session:
            revoke(session, town.near.supplier_id, grant, clock=town.runtime.clock)
        assert browser.get("/").status_code == 401
        assert browser.get(town.debtors["near two"].link).status_code == 404
    _renew(town)


def _collect_cookies(browser: Browser, seen: list[str]) -> None:
    """Every Set-Cookie of what this browser is answered from now on."""
    browser.event_hooks["response"].append(
        lambda answer: seen.extend(answer.headers.get_list("set-cookie"))
    )


@pytest.mark.once("cookies; no database decides them")
def test_every_cookie_over_https_is_bound_to_its_host(https_town: Town) -> None:
    town = https_town
    _renew(town)
    with town.visitor() as debtor, town.staff() as owner:
        seen: list[str] = []
        for browser in (debtor, owner):
            _collect_cookies(browser, seen)
        debtor.get(town.debtors["near one"].link)
        debtor.submit("/language", {"language": "de", "next": "/"})
        town.near.world.clock.advance(timedelta(minutes=10))
        debtor.get("/")
        sign_in(owner, email_of(town.runtime, town.near.owner))
        owner.submit("/language", {"language": "en", "next": "/"})
        owner.submit("/monitoring/alerts/{alert}/acknowledge".format(**town.near.ids),
                     {"decision": "keep", "note": ""})  # fmt: skip
        owner.get("/")
        owner.submit("/sign-out")
        for browser in (debtor, owner):
            for door in DOORS:
                if door.method == "GET" and not door.names and door.path != "/alerts/stream":
                    browser.get(door.path)
    names = {one.split("=")[0] for one in seen}
    assert names >= {
        "__Host-portal-visit", "__Host-portal-language", "__Host-backoffice-session",
        "__Host-backoffice-visit", "__Host-backoffice-language", "__Host-backoffice-notice",
    }  # fmt: skip
    for one in seen:
        name, _, attributes = one.partition(";")
        parts = {part.strip().lower() for part in attributes.split(";")}
        assert name.startswith("__Host-"), one
        assert {"secure", "httponly", "path=/"} <= parts, one
        assert not [part for part in parts if part.startswith("domain")], one
        assert parts & {"samesite=lax", "samesite=strict"}, one
        if "session" in name and "max-age=0" not in parts:
            assert "samesite=strict" in parts, one


def test_over_https_a_cookie_without_the_prefix_is_nobodys(https_town: Town) -> None:
    """A sibling host or plain http can plant `backoffice-session`, but not `__Host-…`."""
    with https_town.staff(https_town.near.owner) as browser:
        secret = browser.cookies["__Host-backoffice-session"]
    with https_town.staff() as thief:
        thief.cookies.set("backoffice-session", secret)
        assert thief.get("/debtors").status_code == 303
        thief.cookies.set("backoffice-visit", "planted")
        assert "_csrf_token" in thief.get("/sign-in").text
        assert "planted" not in str(thief.get("/sign-in").headers.get("set-cookie"))


def test_on_this_machine_cookies_go_without_the_prefix(town: Town) -> None:
    with town.staff() as browser:
        cookie = browser.get("/sign-in").headers["set-cookie"]
    assert cookie.startswith("backoffice-visit=")
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie


def test_good_addresses_are_taken() -> None:
    for address in ("https://pay.example", "https://pay.example:8443", "http://localhost:8000"):
        env = {"PORTAL_URL": address, "BACKOFFICE_URL": "http://127.0.0.1:8001"}
        assert read_web({**env, "SESSION_SECRETS": SECRET.replace(" ", "-")}).portal_url == address


SECRET = "a secret that is long enough for the tests"


@pytest.mark.parametrize(
    "address",
    [
        "http://pay.example.com", "http://192.168.1.4:8000", "http://localhost.evil.example",
        "http://127.0.0.1.evil.example", "ftp://pay.example.com", "https://", "pay.example.com",
        "https://pay.example.com/path", "", "javascript:alert(1)", "http://0.0.0.0:8000",
        "http://127.evil.example", "https://user:password@pay.example.com",
        "https://pay.example.com?x", "https://pay.example.com#x", "https://pay.example.com\r\nX: y",
    ],
)  # fmt: skip
def test_a_face_is_not_served_at_an_address_that_is_not_safe(address: str) -> None:
    secret = SECRET.replace(" ", "-")
    env = {"BACKOFFICE_URL": "https://office.example", "SESSION_SECRETS": secret}
    with pytest.raises(BadSetting):
        read_web({**env, "PORTAL_URL": address})
    with pytest.raises(BadSetting):
        read_web({**env, "PORTAL_URL": "https://pay.example", "BACKOFFICE_URL": address})


@pytest.mark.parametrize("secrets", ["", " ", "short", f"{SECRET.replace(' ', '')} short"])
def test_weak_secrets_are_refused_at_the_start(secrets: str) -> None:
    env = {"PORTAL_URL": "https://pay.example", "BACKOFFICE_URL": "https://office.example"}
    with pytest.raises(BadSetting, match="SESSION_SECRETS"):
        read_web({**env, "SESSION_SECRETS": secrets})


def test_a_rotated_secret_still_opens_and_a_foreign_one_does_not(town: Town) -> None:
    _renew(town)
    with town.visitor("near one") as browser:
        cookie = browser.cookies["portal-visit"]

    def opens(*secrets: str) -> int:
        web = replace(town.runtime.settings.web, secrets=secrets)
        other = replace(
            town,
            runtime=replace(town.runtime, settings=replace(town.runtime.settings, web=web)),
        )
        with other.visitor() as later:
            later.cookies.set("portal-visit", cookie)
            return int(later.get("/").status_code)

    assert (
        opens("a new secret of 32 characters, or more", *town.runtime.settings.web.secrets) == 200
    )
    assert opens("a new secret of 32 characters, or more") == 401
