"""The bureau's feed against a bureau over real HTTP: nothing lost, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from monitoring import standing
from monitoring.bands import Band
from monitoring.feeds.bureau import (
    BureauClient,
    NotABureauEvent,
    band_of_company,
    parse_events,
)
from monitoring.feeds.contract import SourceBusy, SourceDown, SourceRefuses
from monitoring.sources.polling import poll
from monitoring.taking import take_events
from monitoring.watching import SourceLine, sources
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, SupplierId
from receivables.settings import BureauSettings
from sandbox.bureau.app import create_app
from sandbox.bureau.service import Bureau
from sandbox.bureau.store import Company
from sandbox.serving import serve
from tests.monitoring.conftest import TODAY, Watch
from tests.support.world import World

UID = "CHE123456788"
OTHER_UID = "CHE107787577"
UNKNOWN_UID = "CHE100000006"


def company(number: str, score: int | None = 70) -> Company:
    return Company(
        company_id=f"CH-{number}", registration_number=number, country="CH", name=f"{number} AG",
        score=score, credit_limit=25_000, currency="CHF", status="active",
        as_of=TODAY - timedelta(days=40),
    )  # fmt: skip


class BureauWatch(Watch):
    """A supplier whose debtors a bureau watches."""

    def __init__(self, world: World, bureau: Bureau, url: str) -> None:
        super().__init__(world)
        self.bureau, self.url = bureau, url

    def client(self, transport: httpx.BaseTransport | None = None) -> BureauClient:
        return BureauClient(self.url, username="quittance", password="sandbox", transport=transport)

    def company_of(self, number: str, supplier_id: SupplierId | None = None) -> DebtorId:
        return self.world.debtor(
            supplier_id=supplier_id or self.supplier_id, identifiers=(("UID", number),)
        )

    def poll(self, transport: httpx.BaseTransport | None = None) -> None:
        client = self.client(transport)
        poll(self.runtime, self.supplier_id, client)
        client.close()
        self.world.run_jobs()

    def rate(self, number: str, score: int | None, *, on: date = TODAY, **given: str) -> None:
        self.bureau.rate(number, score, as_of=on, **given)

    def scores(self, debtor_id: DebtorId) -> list[int | None]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            said = standing.history(session, self.supplier_id, debtor_id, "bureau")
        return [one.score for one in said]

    def source(self) -> SourceLine:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            (line,) = sources(session, self.supplier_id)
        return line


@pytest.fixture
def watch(world: World) -> Iterator[BureauWatch]:
    bureau = Bureau([company(UID), company(OTHER_UID)])
    with serve(create_app(bureau)) as served:
        yield BureauWatch(world, bureau, served.url)
    bureau.store.close()


def test_a_score_lowered_at_the_bureau_becomes_a_told_alert(watch):
    watch.staff(email="ada@rochat.example")
    debtor_id = watch.company_of(UID)
    watch.world.invoice("100.00 CHF", debtor_id=debtor_id, supplier_id=watch.supplier_id)
    watch.poll()
    assert watch.alerts() == []

    watch.rate(UID, 30)
    watch.poll()

    line = watch.only_alert().line
    assert (line.score_before, line.score_after, line.source) == (70, 30, "bureau")
    assert [mail.to_address for mail in watch.world.mail] == ["ada@rochat.example"]


def test_asking_again_when_nothing_happened_changes_nothing(watch):
    debtor_id = watch.company_of(UID)
    watch.rate(UID, 65, on=TODAY - timedelta(days=1))
    watch.poll()
    before = watch.scores(debtor_id)

    watch.poll()

    assert watch.scores(debtor_id) == before


def test_many_events_are_read_page_by_page(watch):
    debtor_id = watch.company_of(UID)
    watch.poll()
    for turn in range(210):
        watch.rate(UID, 60 + turn % 10)

    watch.poll()

    assert watch.scores(debtor_id) == [70, *(60 + turn % 10 for turn in range(210))]


def test_what_interrupts_the_reading_of_pages_loses_nothing(watch):
    """The second page is not answered; the next poll goes on where the first page ended."""
    debtor_id = watch.company_of(UID)
    watch.poll()
    for turn in range(110):
        watch.rate(UID, 60 + turn % 10)
    watch.poll(Interrupting(after_event_pages=1))
    assert len(watch.scores(debtor_id)) == 101
    assert watch.source().trouble.startswith("ReadTimeout")

    watch.poll()

    assert len(watch.scores(debtor_id)) == 111
    assert watch.source().trouble == ""


class Interrupting(httpx.HTTPTransport):
    """Answers so many pages of events, then no more."""

    def __init__(self, *, after_event_pages: int) -> None:
        super().__init__()
        self.left = after_event_pages

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            if self.left == 0:
                raise httpx.ReadTimeout("no answer", request=request)
            self.left -= 1
        return super().handle_request(request)


def test_a_busy_bureau_is_left_alone_for_as_long_as_it_asks(watch):
    debtor_id = watch.company_of(UID)
    watch.poll()
    watch.rate(UID, 65)
    watch.bureau.refuse(1, retry_after=120)
    watch.poll()

    watch.world.clock.advance(timedelta(seconds=119))
    watch.poll()
    assert watch.scores(debtor_id) == [70]

    watch.world.clock.advance(timedelta(seconds=1))
    watch.poll()
    assert watch.scores(debtor_id) == [70, 65]


def test_a_bureau_that_breaks_down_is_shown_as_trouble_and_asked_again(watch):
    debtor_id = watch.company_of(UID)
    watch.bureau.break_down(1)
    watch.poll()
    assert (watch.source().trouble, watch.source().last_success_at) == ("answered 503", None)

    watch.poll()

    assert watch.scores(debtor_id) == [70]
    assert watch.source().last_success_at == watch.runtime.clock.now()
    assert (watch.source().watched, watch.source().trouble) == (1, "")


def test_an_expired_token_is_replaced_on_the_way(watch):
    client = watch.client()
    assert client.find(UID) is not None

    watch.bureau.end_sessions()

    assert client.find(OTHER_UID) is not None
    client.close()


def test_a_wrong_password_is_a_refusal(watch):
    client = BureauClient(watch.url, username="quittance", password="wrong")

    with pytest.raises(SourceRefuses):
        client.find(UID)
    client.close()


def test_the_schedule_asks_for_every_supplier_that_has_companies(watch):
    settings = replace(
        watch.runtime.settings,
        bureau=BureauSettings(url=watch.url, username="quittance", password="sandbox"),
    )
    world = World(replace(watch.runtime, settings=settings))
    second = world.supplier(name="Another AG")
    ours, theirs = watch.company_of(UID), watch.company_of(UID, second)

    world.fire_schedules()
    world.advance(minutes=10)

    assert watch.scores(ours) == [70]
    with watch.runtime.reading(Scope(second)) as session:
        assert len(standing.history(session, second, theirs, "bureau")) == 1


def test_a_company_the_bureau_does_not_know_is_not_asked_about_every_time(watch):
    watch.company_of(UNKNOWN_UID)
    asked = Counting()
    watch.poll(asked)
    watch.poll(asked)
    assert asked.lookups == 1

    watch.world.clock.advance(timedelta(days=8))
    watch.bureau.store.seed([company(UNKNOWN_UID)])
    watch.poll(asked)

    assert asked.lookups == 2
    assert watch.source().watched == 1


class Counting(httpx.HTTPTransport):
    lookups = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.lookups += request.url.path == "/companies"
        return super().handle_request(request)


def test_an_insolvent_company_is_in_the_worst_band_whatever_its_score(watch):
    debtor_id = watch.company_of(UID)
    watch.poll()

    watch.rate(UID, 70, status="insolvent")
    watch.poll()

    with watch.runtime.reading(Scope(watch.supplier_id)) as session:
        now = standing.bands(session, watch.supplier_id)[debtor_id]
    assert now.band is Band.E
    assert watch.only_alert().line.band_after is Band.E


@pytest.mark.parametrize(
    ("score", "band"),
    [(100, "A"), (80, "A"), (79, "B"), (60, "B"), (59, "C"), (40, "C"), (39, "D"), (20, "D"),
     (19, "E"), (0, "E"), (None, "none")],
)  # fmt: skip
def test_the_bureaus_scale_is_mapped_to_bands(score, band):
    assert band_of_company(score, "active") == band


def events_json(bureau: Bureau) -> bytes:
    found = bureau.store.history("CH-" + UID)
    return json.dumps({"events": [event.as_json() for event in found]}).encode()


def test_an_event_that_is_pushed_and_polled_counts_once(watch):
    debtor_id = watch.company_of(UID)
    watch.poll()
    watch.rate(UID, 65)
    for _ in range(2):
        with watch.runtime.transaction(SYSTEM) as session:
            take_events(session, parse_events(events_json(watch.bureau)), clock=watch.world.clock)

    watch.poll()

    assert watch.scores(debtor_id) == [70, 65]


def test_a_pushed_event_reaches_every_supplier_of_the_company_and_no_other(watch):
    second, third = watch.world.supplier(name="B AG"), watch.world.supplier(name="C AG")
    watch.company_of(UID)
    watch.company_of(UID, second)
    watch.company_of(OTHER_UID, third)
    watch.rate(UID, 65)

    with watch.runtime.transaction(SYSTEM) as session:
        new = take_events(session, parse_events(events_json(watch.bureau)), clock=watch.world.clock)

    assert new == 2
    with watch.runtime.reading(Scope(third)) as session:
        assert standing.latest_readings(session, third) == []


GOOD = {
    "event_id": 1, "company_id": "CH-1", "registration_number": UID, "country": "CH",
    "name": "X AG", "as_of": "2026-11-02", "score": 30, "previous_score": 70, "limit": 1000,
    "currency": "CHF", "status": "active",
}  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"score": 101}, {"score": -1}, {"score": "30"}, {"score": 30.5}, {"as_of": "soon"},
     {"currency": "francs"}, {"limit": -5}, {"limit": 10**16}, {"event_id": 0},
     {"event_id": 10**20}, {"status": "x" * 41}, {"company_id": None}],
)  # fmt: skip
def test_an_event_that_no_bureau_would_send_is_refused(wrong):
    assert len(parse_events(json.dumps(GOOD).encode())) == 1

    with pytest.raises(NotABureauEvent):
        parse_events(json.dumps({**GOOD, **wrong}).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"\xff", b'{"events": 3}', b'{"events": [{}]}'])
def test_a_body_that_is_no_event_is_refused(body):
    with pytest.raises(NotABureauEvent):
        parse_events(body)


def answering(*answers: httpx.Response) -> BureauClient:
    waiting = [httpx.Response(200, json={"token": "t"}), *answers]
    return BureauClient(
        "http://bureau.example", username="u", password="p",
        transport=httpx.MockTransport(lambda _: waiting.pop(0)),
    )  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(200, text="<html>"), httpx.Response(200, json={}), httpx.Response(502),
     httpx.Response(200, json={"companies": [{**GOOD, "score": 4000}]})],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_a_breakdown(answer):
    with pytest.raises(SourceDown):
        answering(answer).find(UID)


@pytest.mark.parametrize("status", [302, 400, 403, 404])
def test_a_redirect_or_a_refusal_is_for_a_person_to_look_at(status):
    answer = httpx.Response(status, headers={"Location": "http://127.0.0.1/"})

    with pytest.raises(SourceRefuses):
        answering(answer).find(UID)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "90"}, timedelta(seconds=90)),
        ({}, timedelta(minutes=1)),
        ({"Retry-After": "soon"}, timedelta(minutes=1)),
        ({"Retry-After": "999999"}, timedelta(hours=6)),
        ({"Retry-After": "0"}, timedelta(seconds=1)),
        (
            {
                "Retry-After": "Mon, 02 Nov 2026 09:00:00 GMT",
                "Date": "Mon, 02 Nov 2026 08:50:00 GMT",
            },
            timedelta(minutes=10),
        ),
    ],
)
def test_a_busy_bureau_says_how_long(headers, pause):
    with pytest.raises(SourceBusy) as busy:
        answering(httpx.Response(429, headers=headers)).find(UID)

    assert busy.value.pause == pause
