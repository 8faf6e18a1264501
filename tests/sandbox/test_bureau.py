from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.bureau import Bureau, Company, PushTo, RunningBureau, start
from sandbox.serving import serve

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def company(number: int, score: int | None = 70) -> Company:
    return Company(
        company_id=f"HS{number}",
        registration_number=f"CHE-100.200.{number}",
        country="CH",
        name=f"Atelier {number} Sàrl",
        score=score,
        credit_limit=10_000,
        currency="CHF",
        status="active",
        as_of=date(2026, 1, 5),
    )


@pytest.fixture
def running() -> Iterator[RunningBureau]:
    with start([company(301), company(302), company(303)], now=lambda: NOW) as bureau:
        yield bureau


@pytest.fixture
def customer(running: RunningBureau) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url) as client:
        known = {"username": "quittance", "password": "sandbox"}
        token = client.post("/authenticate", json=known).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        yield client


def test_nobody_is_told_anything_without_a_token(running: RunningBureau) -> None:
    for path in ["/companies", "/companies/HS301", "/monitoring/portfolios/p/events"]:
        assert httpx.get(running.url + path).status_code == 401
    wrong = {"username": "quittance", "password": "wrong"}
    assert httpx.post(f"{running.url}/authenticate", json=wrong).status_code == 401


def test_a_token_can_expire(running: RunningBureau, customer: httpx.Client) -> None:
    assert customer.get("/companies/HS301").status_code == 200

    running.bureau.end_sessions()

    assert customer.get("/companies/HS301").status_code == 401


def test_a_company_is_found_by_its_number(customer: httpx.Client) -> None:
    found = customer.get("/companies", params={"registration_number": "CHE-100.200.302"}).json()

    assert [one["company_id"] for one in found["companies"]] == ["HS302"]
    assert customer.get("/companies/HS302").json() == found["companies"][0]
    assert found["companies"][0]["score"] == 70
    assert customer.get("/companies/HS9").status_code == 404


def test_only_changes_of_watched_companies_are_told_page_by_page(
    running: RunningBureau, customer: httpx.Client
) -> None:
    watch = customer.post(
        "/monitoring/portfolios/p1/companies", json={"company_ids": ["HS301", "HS302", "HS9"]}
    ).json()
    assert watch == {"watched": ["HS301", "HS302"], "unknown": ["HS9"]}
    for number, score in [(301, 60), (303, 10), (302, 40), (301, 20)]:
        running.bureau.rate(f"CHE-100.200.{number}", score)

    url = "/monitoring/portfolios/p1/events"
    first = customer.get(url, params={"since": 0, "limit": 2}).json()
    assert [
        (one["company_id"], one["previous_score"], one["score"]) for one in first["events"]
    ] == [
        ("HS301", 70, 60),
        ("HS302", 70, 40),
    ]
    assert first["more"] is True

    last = customer.get(url, params={"since": first["next"], "limit": 2}).json()
    assert [(one["previous_score"], one["score"]) for one in last["events"]] == [(60, 20)]
    assert last["more"] is False
    assert customer.get(url, params={"since": last["next"]}).json()["events"] == []


def test_it_asks_for_patience_and_breaks_down_as_told(
    running: RunningBureau, customer: httpx.Client
) -> None:
    wish = {"status": 429, "times": 2, "retry_after": 7}
    httpx.post(f"{running.url}/_control/trouble", json=wish).raise_for_status()
    for _ in range(2):
        answer = customer.get("/companies/HS301")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")

    running.bureau.break_down(1)
    assert customer.get("/companies/HS301").status_code == 503
    assert customer.get("/companies/HS301").status_code == 200


def test_a_score_is_lowered_by_hand_on_the_page(
    running: RunningBureau, customer: httpx.Client
) -> None:
    assert "Atelier 301" in httpx.get(running.url, params={"name": "301"}).text
    url = f"{running.url}/bureau/HS301"

    answer = httpx.post(url, data={"score": "35", "limit": "5000", "status": "active"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/bureau/HS301")
    now = customer.get("/companies/HS301").json()
    assert (now["score"], now["limit"], now["as_of"]) == (35, 5000, "2026-11-21")
    assert "70 → 35" in httpx.get(url).text


@pytest.mark.parametrize("wrong", [{"score": "101"}, {"score": "x"}, {"status": "fine"}])
def test_nonsense_by_hand_changes_nothing(
    running: RunningBureau, customer: httpx.Client, wrong: dict[str, str]
) -> None:
    sent = {"score": "35", "limit": "", "status": "active"} | wrong

    assert httpx.post(f"{running.url}/bureau/HS301", data=sent).status_code == 400
    assert customer.get("/companies/HS301").json()["score"] == 70


class Receiver:
    """Who is pushed to: keeps what came, confirms when it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[str, bytes]] = []
        self.status = 200

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        headers = dict(scope["headers"])
        body = (await receive()).get("body", b"")
        self.came.append((headers[b"x-bureau-signature"].decode(), body))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_a_change_is_pushed_signed_until_it_is_confirmed() -> None:
    receiver = Receiver()
    receiver.status = 503
    with serve(receiver, lifespan="off") as served:
        push_to = PushTo(f"{served.url}/readings", "shared secret")
        bureau = Bureau([company(301)], push_to=push_to, now=lambda: NOW)
        bureau.rate("CHE-100.200.301", 35)
        bureau.rate("CHE-100.200.301", 20)

        assert bureau.push_pending() == 0
        receiver.status = 200
        assert bureau.push_pending() == 2
        assert bureau.push_pending() == 0

    signed, body = receiver.came[0]
    at = int(NOW.timestamp())
    expected = hmac.new(b"shared secret", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed == f"t={at},v1={expected}"
    assert [json.loads(sent)["score"] for _, sent in receiver.came] == [35, 35, 20]
    bureau.store.close()


def test_a_receiver_that_is_away_gets_it_later() -> None:
    with serve(Receiver(), lifespan="off") as gone:
        url = gone.url
    bureau = Bureau([company(301)], push_to=PushTo(url, "s"), now=lambda: NOW)
    bureau.rate("CHE-100.200.301", 35)

    assert bureau.push_pending() == 0
    assert len(bureau.store.unpushed()) == 1
    bureau.store.close()


def test_what_was_changed_outlives_the_process_and_a_new_seed(tmp_path: Path) -> None:
    file = tmp_path / "bureau.sqlite"
    before = Bureau([company(301)], path=file, now=lambda: NOW)
    before.rate("CHE-100.200.301", 35)
    before.store.close()

    after = Bureau([company(301), company(302)], path=file, now=lambda: NOW)
    assert [one.score for one in after.store.companies()] == [35, 70]
    after.store.close()


def test_a_score_of_nobody_or_out_of_range_is_refused() -> None:
    bureau = Bureau([company(301)])

    with pytest.raises(KeyError):
        bureau.rate("CHE-999", 10)
    with pytest.raises(ValueError, match="score"):
        bureau.rate("CHE-100.200.301", 101)
    bureau.store.close()
