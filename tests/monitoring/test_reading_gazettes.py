"""Gazettes are read once for all suppliers, resumed where they stopped, and let alone when busy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from monitoring.feeds.bodacc import BodaccClient
from monitoring.feeds.shab import ShabClient
from monitoring.insolvency.kinds import EventKind
from monitoring.sources.gazettes import read_bodacc, read_shab
from monitoring.sources.tasks import delete_what_is_no_longer_public
from monitoring.tables import FeedState
from receivables.database import SYSTEM, Scope
from receivables.settings import GazetteSettings
from sandbox.gazettes import Company, RunningGazettes, start
from tests.support.publications import Reader, published
from tests.support.world import World

RHONE = Company(number="552100554", country="FR", name="Ateliers du Rhône SARL", city="Lyon")
AARE = Company(number="CHE109322551", country="CH", name="Holzbau Aare AG", city="Bern")
NAMESAKE = Company(number="CHE107787577", country="CH", name="Holzbau Aare AG", city="Olten")
TODAY = date(2026, 11, 2)


@pytest.fixture
def gazettes(clock) -> Iterator[RunningGazettes]:
    with start([RHONE, AARE, NAMESAKE], now=clock.now) as running:
        yield running


def state_of(reader: Reader, feed: str) -> FeedState:
    with reader.runtime.reading(Scope(reader.supplier_id)) as session:
        state = session.scalars(
            select(FeedState).where(
                FeedState.supplier_id == reader.supplier_id, FeedState.feed == feed
            )
        ).one()
        session.expunge(state)
        return state


def test_the_french_gazette_is_asked_once_for_all_who_sell_to_a_company(runtime, clock, gazettes):
    first, second = Reader(runtime), Reader(runtime)
    debtors = [
        first.debtor(("SIREN", RHONE.number)),
        second.debtor(("SIRET", f"{RHONE.number}00013")),
    ]
    opened = gazettes.gazettes.publish(RHONE.number, "liquidation", on=date(2025, 3, 4))
    client = BodaccClient(gazettes.url)

    read_bodacc(runtime, client)
    read_bodacc(runtime, client)

    for reader, debtor_id in zip((first, second), debtors, strict=True):
        assert list(reader.told(debtor_id)) == [("recorded", "liquidation")]
        state = state_of(reader, "bodacc")
        assert (state.cursor, state.last_success_at) == (TODAY.isoformat(), clock.now())
        assert state.answers == {TODAY.isoformat(): 1}

    gazettes.gazettes.take_back(opened.serial)
    clock.advance(timedelta(hours=2))
    read_bodacc(runtime, client)

    assert first.states() == {opened.reference: "retracted", "A202603062": "stands"}
    assert list(second.told(debtors[1]))[-1] == ("retracted", "liquidation")
    client.close()


def test_a_busy_gazette_is_let_alone_and_one_that_is_down_is_told(runtime, clock, gazettes):
    reader = Reader(runtime)
    reader.debtor(("SIREN", RHONE.number))
    gazettes.gazettes.publish(RHONE.number, "liquidation")
    client = BodaccClient(gazettes.url)

    gazettes.gazettes.refuse(1, retry_after=90)
    read_bodacc(runtime, client)
    read_bodacc(runtime, client)
    assert state_of(reader, "bodacc").paused_until == clock.now() + timedelta(seconds=90)
    assert reader.rows() == []

    clock.advance(timedelta(seconds=91))
    gazettes.gazettes.break_down(1)
    read_bodacc(runtime, client)
    assert state_of(reader, "bodacc").last_error == "answered 503"

    read_bodacc(runtime, client)
    assert [row.event for row in reader.rows()] == ["liquidation"]
    assert state_of(reader, "bodacc").last_error == ""
    client.close()


def test_the_swiss_gazette_is_read_one_a_second_in_goes_until_nothing_is_left(
    runtime, clock, gazettes
):
    reader, other = Reader(runtime), Reader(runtime)
    debtor_id = reader.debtor(("UID", AARE.number), country="CH", name="Anders AG")
    namesake = other.debtor(country="CH", name="HOLZBAU AARE")
    for what in ("KK01", "KK02", "KK04", "HR03"):
        gazettes.gazettes.publish(AARE.number, what)
    waited: list[float] = []
    client = ShabClient(gazettes.url)

    goes = []
    while not goes or goes[-1]:
        goes.append(read_shab(runtime, client, wait=waited.append, most=3))

    assert goes == [True, False]
    listed, fetched, looked_up = 2 + 2, 4, 1
    goes_begun = 2
    assert waited == [1.0] * (listed + fetched + looked_up - goes_begun)
    assert sorted(kind for _what, kind in reader.told(debtor_id)) == [
        "call_to_creditors", "claims_list", "provisional_opening", "struck_off",
    ]  # fmt: skip
    call = next(row for row in reader.rows() if row.event == "call_to_creditors")
    assert call.claims_until == TODAY + timedelta(days=30)
    assert {row.state for row in other.rows()} == {"candidate"}
    assert list(other.told(namesake)) == []
    assert state_of(reader, "shab").cursor == TODAY.isoformat()

    waited.clear()
    gazettes.gazettes.take_back(1)
    assert read_shab(runtime, client, wait=waited.append) is False
    assert len(waited) == 1, "what was fetched once is not fetched again"
    assert list(reader.told(debtor_id))[-1] == ("retracted", "provisional_opening")
    client.close()


def test_what_was_published_before_we_knew_a_company_is_looked_up_by_name_and_told_by_number(
    runtime, gazettes
):
    reader = Reader(runtime)
    gazettes.gazettes.publish(AARE.number, "KK01", on=date(2025, 1, 9))
    gazettes.gazettes.publish(NAMESAKE.number, "KK01", on=date(2025, 1, 9))
    debtor_id = reader.debtor(("UID", AARE.number), country="CH", name="Holzbau Aare AG")
    waited: list[float] = []
    client = ShabClient(gazettes.url)

    read_shab(runtime, client, wait=waited.append)
    read_shab(runtime, client, wait=waited.append)

    assert list(reader.told(debtor_id)) == [("recorded", "provisional_opening")]
    assert len(waited) == 1 + 1 + 2 + 1, "two lists, one look-up, two publications; two lists"
    client.close()


def test_what_is_named_is_read_within_a_quarter_of_an_hour_and_what_expires_goes_at_night(
    runtime, clock, gazettes
):
    named = GazetteSettings(bodacc_url=gazettes.url, every=timedelta(minutes=15))
    world = World(replace(runtime, settings=replace(runtime.settings, gazettes=named)))
    reader = Reader(runtime)
    debtor_id = reader.debtor(("SIREN", RHONE.number))
    world.advance(minutes=16)
    gazettes.gazettes.publish(RHONE.number, "safeguard")
    reader.take(published("short", EventKind.AUCTION, public_until=TODAY + timedelta(days=2)))

    world.advance(minutes=16)

    assert ("recorded", "safeguard") in reader.told(debtor_id)
    assert len(reader.rows()) == 2
    clock.advance(timedelta(days=2))
    with runtime.transaction(SYSTEM) as session:
        delete_what_is_no_longer_public.enqueue(session, now=clock.now())
    world.run_jobs()
    assert [row.event for row in reader.rows()] == ["safeguard"]
