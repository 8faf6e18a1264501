"""A source that falls silent is noticed once, told once, and may speak again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitoring.alerts.queries import alerts
from monitoring.feeds.sources import BODACC, BUREAU, COMPANIES_HOUSE, FILE, KBO, PAYMENTS
from monitoring.sources.freshness import freshness, never_used
from monitoring.sources.heartbeat import Pulse, Silence, rhythm_of, trouble_of
from monitoring.sources.listening import listen
from monitoring.sources.states import change, count, of_feed
from receivables.database import Scope
from tests.monitoring.conftest import TODAY, new_reading

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOURS = timedelta(hours=1)


def days_ago(*days: int) -> dict[date, int]:
    return {NOW.date() - timedelta(days=day): 3 for day in days}


@pytest.mark.parametrize(
    ("source", "pulse", "silence"),
    [
        (BUREAU, Pulse(first_asked_at=NOW - 90 * HOURS, last_success_at=NOW - 48 * HOURS), None),
        (BUREAU, Pulse(last_success_at=NOW - 49 * HOURS), "silent"),
        # It never let us in: silence is counted from the first time we asked.
        (BUREAU, Pulse(first_asked_at=NOW - 47 * HOURS), None),
        (BUREAU, Pulse(first_asked_at=NOW - 49 * HOURS), "silent"),
        # It used to say something every other day, and has not for a fortnight.
        (BODACC, Pulse(last_success_at=NOW, watched=9, answers=days_ago(25, 23, 21, 19, 17)),
         "empty"),
        (BODACC, Pulse(last_success_at=NOW, watched=9, answers=days_ago(9, 7, 5, 3, 1)), None),
        # Long pauses are its habit, or nobody knows its habit yet, or there is nobody to watch.
        (BODACC, Pulse(last_success_at=NOW, watched=9, answers=days_ago(27, 18, 17, 16, 15)), None),
        (BODACC, Pulse(last_success_at=NOW, watched=9, answers=days_ago(25)), None),
        (BODACC, Pulse(last_success_at=NOW, answers=days_ago(25, 24, 23, 22, 21)), None),
        # A register that is asked about each company answers every day.
        (COMPANIES_HOUSE, Pulse(first_asked_at=NOW - 99 * HOURS, last_success_at=NOW, watched=2),
         "empty"),
        (COMPANIES_HOUSE, Pulse(first_asked_at=NOW - 99 * HOURS, last_success_at=NOW, watched=2,
                                answers=days_ago(1)), None),
        (KBO, Pulse(newest_on=NOW.date() - timedelta(days=35)), None),
        (KBO, Pulse(newest_on=NOW.date() - timedelta(days=36)), "late"),
        (FILE, Pulse(deliveries=tuple(days_ago(30, 23, 16, 9))), None),
        (FILE, Pulse(deliveries=tuple(days_ago(36, 29, 22, 15))), "late"),
        (FILE, Pulse(deliveries=tuple(days_ago(200, 100))), None),
        (PAYMENTS, Pulse(deliveries=tuple(days_ago(400, 300, 200))), None),
    ],
)  # fmt: skip
def test_what_a_source_gives_is_held_against_what_it_usually_gives(source, pulse, silence):
    trouble = trouble_of(source, pulse, now=NOW)

    assert (trouble.silence.value if trouble else None) == silence


def test_the_rhythm_of_files_is_theirs():
    assert rhythm_of(sorted(days_ago(60, 30, 1))) == timedelta(days=59)
    assert rhythm_of(sorted(days_ago(3, 2, 1))) == timedelta(days=7)


def test_a_silence_lasts_from_one_beginning_however_often_one_looks():
    pulse = Pulse(last_success_at=NOW - 60 * HOURS)

    first, later = (trouble_of(BUREAU, pulse, now=NOW + turn * HOURS) for turn in (0, 30))

    assert first == later
    assert first is not None
    assert (first.silence, first.since) == (Silence.SILENT, NOW - 60 * HOURS)


def test_a_silent_source_is_one_alert_until_it_speaks_again(watch):
    def session():
        return watch.runtime.transaction(Scope(watch.supplier_id))

    def heard() -> list[str]:
        with session() as database:
            return listen(
                database, supplier_id=watch.supplier_id, asked={"bureau"}, clock=watch.world.clock
            )

    def open_alerts() -> list[tuple[str, str, bool]]:
        with watch.runtime.reading(Scope(watch.supplier_id)) as database:
            found = alerts(database, watch.supplier_id)
        return [(one.kind, one.source, one.retracted_at is not None) for one in found]

    now = watch.world.clock.now
    with session() as database:
        of_feed(database, watch.supplier_id, "bureau", now=now())
        change(database, watch.supplier_id, "bureau", last_success_at=now())
        count(database, watch.supplier_id, "bureau", 4, now=now())
        count(database, watch.supplier_id, "bureau", 2, now=now())
    watch.record(watch.debtor(), new_reading(50, source="ellisphere"))
    assert heard() == []

    watch.world.clock.advance(timedelta(hours=49))
    assert heard() == heard() == ["bureau"]
    assert open_alerts() == [("M-DEAD", "bureau", False)]

    with session() as database:
        change(database, watch.supplier_id, "bureau", last_success_at=now())
    assert heard() == []
    assert open_alerts() == [("M-DEAD", "bureau", True)]

    watch.world.clock.advance(timedelta(hours=49))
    assert heard() == ["bureau"]
    assert len(open_alerts()) == 2
    with watch.runtime.reading(Scope(watch.supplier_id)) as database:
        found = freshness(database, watch.supplier_id, {"bureau", "shab"}, now=now())
    assert [(one.source.key, one.answers, one.pulse.watched) for one in found] == [
        ("bureau", 6, 0), ("shab", 0, 0), ("ellisphere", 0, 1),
    ]  # fmt: skip
    assert found[2].pulse.deliveries == (TODAY,)
    assert "creditsafe" in {one.key for one in never_used(found)}
