from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.dunning.rules import (
    Item,
    Line,
    Reason,
    Verdict,
    days_past_due,
    decide,
    dunnable,
    next_step,
    run_day,
    step_day,
)
from receivables.dunning.steps import THREE_MAILS as SCENARIO
from receivables.parties.presentation import language_for
from receivables.workdays import WEEKDAYS
from tests.support.dunning_cases import FRIDAY, account, chf, item, verdict_on

#: A Wednesday, so that D+3 is a Saturday, D+10 a Saturday and D-7 a Wednesday.
WEDNESDAY = date(2026, 11, 4)


class EveryDay:
    """A calendar on which people always work."""

    def is_working_day(self, day: date, country: str) -> bool:
        return True


class WithHolidays:
    """Weekdays, with holidays of each country."""

    def __init__(self, **days: set[date]) -> None:
        self._days = days

    def is_working_day(self, day: date, country: str) -> bool:
        return day.weekday() < 5 and day not in self._days.get(country, set())


def step_on(today: date, one: Item) -> Line:
    return next_step(SCENARIO, one, today, country="CH", calendar=WEEKDAYS)


def name_of(line_or_verdict: Line | Verdict) -> str | None:
    return line_or_verdict.step.name if line_or_verdict.step else None


@pytest.mark.parametrize(
    ("days_after_due", "step"),
    [(-8, None), (-7, "courtesy"), (0, "courtesy"), (1, None), (2, None), (3, "r1"), (9, "r1"),
     (10, "r2"), (400, "r2")],
)  # fmt: skip
def test_the_step_of_an_invoice_that_was_never_reminded_of_follows_the_calendar(
    days_after_due: int, step: str | None
) -> None:
    assert name_of(step_on(FRIDAY + timedelta(days=days_after_due), item())) == step


def test_a_step_that_was_taken_is_not_taken_again() -> None:
    reminded = item(taken=frozenset({"courtesy", "r1"}))

    assert step_on(FRIDAY + timedelta(days=9), reminded).reason is Reason.NOT_YET
    assert step_on(FRIDAY + timedelta(days=9), reminded).next_on == FRIDAY + timedelta(days=10)
    assert name_of(step_on(FRIDAY + timedelta(days=10), reminded)) == "r2"
    done = item(taken=frozenset({"r2"}))
    assert step_on(FRIDAY + timedelta(days=30), done).reason is Reason.NO_STEP_LEFT


def test_of_several_missed_steps_only_the_highest_is_taken_and_the_lower_are_marked() -> None:
    late = step_on(FRIDAY + timedelta(days=12), item())

    assert name_of(late) == "r2"
    assert [step.name for step in late.superseded] == ["courtesy", "r1"]
    assert late.reason is Reason.CAUGHT_UP


def test_a_courtesy_expires_when_the_invoice_falls_due() -> None:
    assert name_of(step_on(FRIDAY, item())) == "courtesy"
    assert step_on(FRIDAY + timedelta(days=1), item()).reason is Reason.NOT_YET


def test_an_invoice_that_comes_after_its_courtesy_day_is_news_enough() -> None:
    short_term = item(issued_on=FRIDAY - timedelta(days=5))

    assert step_on(FRIDAY - timedelta(days=4), short_term).step is None
    assert name_of(step_on(FRIDAY + timedelta(days=3), short_term)) == "r1"


def test_after_the_due_date_a_weekend_rolls_forward_and_before_it_back() -> None:
    courtesy, first, second = SCENARIO

    assert step_day(first, WEDNESDAY, "CH", WEEKDAYS) == date(2026, 11, 9)
    assert step_day(second, WEDNESDAY, "CH", WEEKDAYS) == date(2026, 11, 16)
    assert step_day(courtesy, date(2026, 11, 8), "CH", WEEKDAYS) == date(2026, 10, 30)


def test_a_public_holiday_of_the_debtors_country_rolls_as_a_weekend_does() -> None:
    labour_day = date(2026, 5, 1)
    calendar = WithHolidays(BE={labour_day}, FR={labour_day})
    _, first, _ = SCENARIO
    due_on = labour_day - timedelta(days=3)

    assert step_day(first, due_on, "BE", calendar) == date(2026, 5, 4)
    assert step_day(first, due_on, "GL", calendar) == labour_day


def test_nobody_is_written_to_on_a_day_off_even_to_catch_up() -> None:
    sunday = FRIDAY + timedelta(days=16)

    verdict = verdict_on(sunday, account(item()))

    assert (verdict.step, verdict.reason) == (None, Reason.NOT_A_WORKING_DAY)
    assert [line.reason for line in verdict.held] == [Reason.NOT_A_WORKING_DAY]
    assert verdict_on(sunday + timedelta(days=1), account(item())).step is not None


def test_somebody_who_was_never_reminded_gets_the_first_reminder_however_late() -> None:
    verdict = verdict_on(FRIDAY + timedelta(days=12), account(item()))

    assert name_of(verdict) == "r1"
    assert [name_of(line) for line in verdict.lines] == ["r2"]


@pytest.mark.parametrize(("last_level", "words"), [(None, "r1"), (0, "r1"), (1, "r2"), (2, "r2")])
def test_the_words_are_at_most_one_level_above_the_last(last_level: int | None, words: str) -> None:
    verdict = verdict_on(FRIDAY + timedelta(days=10), account(item(), last_level=last_level))

    assert name_of(verdict) == words


def test_five_invoices_at_three_levels_make_one_message_of_the_highest() -> None:
    monday = FRIDAY + timedelta(days=10)
    invoices = [
        item(1, due_on=monday - timedelta(days=3), taken=frozenset()),
        item(2, due_on=monday - timedelta(days=3)),
        item(3, due_on=monday - timedelta(days=10), taken=frozenset({"r1"})),
        item(4, due_on=monday + timedelta(days=7)),
        item(5, due_on=monday - timedelta(days=60), taken=frozenset({"r1", "r2"})),
    ]

    verdict = verdict_on(monday, account(*invoices, last_level=1))

    assert name_of(verdict) == "r2"
    assert [line.item.number for line in verdict.lines] == ["2026-1", "2026-2", "2026-3", "2026-5"]
    assert [line.item.number for line in verdict.coming] == ["2026-4"]
    assert {line.item.number: name_of(line) for line in verdict.taking} == {
        "2026-1": "r1", "2026-2": "r1", "2026-3": "r2", "2026-4": "courtesy",
    }  # fmt: skip
    assert verdict.total == chf("400.00")
    assert verdict.lines[-1].reason is Reason.LISTED


def test_paying_the_oldest_invoice_does_not_start_the_others_again() -> None:
    monday = FRIDAY + timedelta(days=10)
    younger = item(2, due_on=monday - timedelta(days=10), taken=frozenset({"courtesy", "r1"}))

    with_the_oldest = verdict_on(monday, account(item(1), younger, last_level=2))
    without = verdict_on(monday, account(younger, last_level=2))

    assert name_of(with_the_oldest) == name_of(without) == "r2"


def test_money_on_its_way_is_not_asked_for() -> None:
    today = FRIDAY + timedelta(days=10)
    partly = item(processing=chf("60.00"))
    wholly = item(2, processing=chf("100.00"))

    assert dunnable(partly) == chf("40.00")
    assert verdict_on(today, account(partly)).total == chf("40.00")
    held = verdict_on(today, account(wholly))
    assert (held.step, held.reason) == (None, Reason.PAYMENT_ON_ITS_WAY)


def test_more_on_its_way_than_outstanding_asks_for_nothing() -> None:
    assert dunnable(item(processing=chf("130.00"))) == chf("0.00")


@pytest.mark.parametrize(("left", "sent"), [("2.00", False), ("2.01", True)])
def test_a_trifle_is_not_worth_a_message(left: str, sent: bool) -> None:
    verdict = verdict_on(FRIDAY + timedelta(days=10), account(item(amount=left)))

    assert (verdict.step is not None) is sent
    assert sent or verdict.reason is Reason.TOLERANCE


@pytest.mark.parametrize(
    ("unapplied", "sent"),
    [("0.00", True), ("97.99", True), ("98.00", False), ("100.00", False), ("500.00", False)],
)
def test_no_demand_where_credits_cover_what_is_open(unapplied: str, sent: bool) -> None:
    of = account(item(), unapplied=chf(unapplied))
    verdict = verdict_on(FRIDAY + timedelta(days=10), of)

    assert (verdict.step is not None) is sent
    assert sent or verdict.reason is Reason.CREDIT_COVERS


@pytest.mark.parametrize("why", [Reason.NO_CONTACT, Reason.ADDRESS_DEAD])
def test_a_debtor_who_cannot_be_reached_is_held_with_the_reason(why: Reason) -> None:
    verdict = verdict_on(FRIDAY + timedelta(days=10), account(item(), unreachable=why))

    assert (verdict.step, verdict.reason) == (None, why)
    assert [line.reason for line in verdict.held] == [why]


def test_every_invoice_of_an_account_is_somewhere_with_a_reason() -> None:
    invoices = [item(n, due_on=FRIDAY + timedelta(days=7 * n - 28)) for n in range(1, 13)]

    for days in range(60):
        verdict = verdict_on(FRIDAY + timedelta(days=days), account(*invoices))
        placed = [*verdict.lines, *verdict.coming, *verdict.held]
        assert sorted(line.item.number for line in placed) == sorted(i.number for i in invoices)


def test_a_courtesy_asks_for_what_is_not_due_and_leaves_the_overdue_to_its_own_step() -> None:
    today = FRIDAY + timedelta(days=4)
    overdue = item(1, taken=frozenset({"courtesy", "r1"}))
    coming = item(2, due_on=today + timedelta(days=7))

    verdict = verdict_on(today, account(overdue, coming, last_level=1))

    assert name_of(verdict) == "courtesy"
    assert [line.item.number for line in verdict.lines] == ["2026-2"]
    assert [line.reason for line in verdict.held] == [Reason.NOT_YET]


@given(
    due_on=st.dates(date(2025, 1, 1), date(2035, 12, 31)),
    country=st.sampled_from(["CH", "BE", "FR"]),
    off=st.sets(st.integers(-20, 40), max_size=12),
)
@settings(max_examples=150, deadline=None)
def test_living_day_by_day_takes_each_step_once_in_order_and_never_on_a_day_off(
    due_on: date, country: str, off: set[int]
) -> None:
    calendar = WithHolidays(**{country: {due_on + timedelta(days=days) for days in off}})
    taken: list[tuple[str, date]] = []
    one = item(due_on=due_on, issued_on=due_on - timedelta(days=60))
    for days in range(-60, 60):
        today = due_on + timedelta(days=days)
        current = replace(one, taken=frozenset(name for name, _ in taken))
        verdict = decide(SCENARIO, account(current, country=country), today, calendar=calendar)
        again = decide(SCENARIO, account(current, country=country), today, calendar=calendar)
        assert verdict == again
        for line in verdict.taking:
            assert line.step is not None
            assert calendar.is_working_day(today, country)
            assert days >= line.step.offset_days or line.step.offset_days < 0
            assert line.step.offset_days > 0 or days <= 0
            taken.append((line.step.name, today))
    names = [name for name, _ in taken]
    assert len(names) == len(set(names))
    assert names == [step.name for step in SCENARIO if step.name in names]
    assert names[-1] == "r2"


@given(
    days=st.lists(st.integers(-10, 40), min_size=1, max_size=25, unique=True).map(sorted),
)
@settings(max_examples=200, deadline=None)
def test_an_engine_that_runs_only_on_some_days_takes_each_step_at_most_once_and_never_goes_back(
    days: list[int],
) -> None:
    taken: set[str] = set()
    levels: list[int] = []
    for day in days:
        verdict = decide(
            SCENARIO, account(item(taken=frozenset(taken))), FRIDAY + timedelta(days=day),
            calendar=EveryDay(),
        )  # fmt: skip
        for line in verdict.taking:
            assert line.step is not None
            assert line.step.name not in taken
            levels.append(line.step.level)
            taken |= {line.step.name, *(step.name for step in line.superseded)}
    assert levels == sorted(set(levels))
    assert (2 in levels) == (days[-1] >= 10)


ZONES = [
    "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
    "Pacific/Apia", "UTC",
]  # fmt: skip


def first_ticks(zone: str, first: datetime, last: datetime) -> dict[date, datetime]:
    """For each day of a zone, the first quarter of an hour at which its run may begin."""
    found: dict[date, datetime] = {}
    tick = first
    while tick < last:
        day = run_day(tick, zone)
        if day is not None:
            found.setdefault(day, tick)
        tick += timedelta(minutes=15)
    return found


#: Weeks in which some zone changes its clocks, and month, leap-day and year ends.
WEEKS = [(2, 25), (3, 6), (3, 24), (4, 1), (9, 30), (10, 24), (10, 31), (12, 27)]


@pytest.mark.parametrize("zone", ZONES)
def test_there_is_one_run_a_day_about_a_day_apart_whatever_the_clocks_do(zone: str) -> None:
    for year in range(2025, 2036):
        for month, day in WEEKS:
            start = datetime(year, month, day, tzinfo=UTC)
            # The first day seen may have begun before the window did.
            (_, *whole) = sorted(first_ticks(zone, start, start + timedelta(days=9)).items())
            for (day_before, before), (day_after, after) in itertools.pairwise(whole):
                assert day_after - day_before == timedelta(days=1)
                assert timedelta(hours=20) <= after - before <= timedelta(hours=28)


def test_no_run_begins_at_night() -> None:
    assert run_day(datetime(2026, 11, 2, 6, 59, tzinfo=UTC), "Europe/Zurich") is None
    assert run_day(datetime(2026, 11, 2, 7, 0, tzinfo=UTC), "Europe/Zurich") == date(2026, 11, 2)
    assert run_day(datetime(2026, 11, 2, 19, 0, tzinfo=UTC), "Europe/Zurich") is None
    assert run_day(datetime(2026, 11, 1, 22, 0, tzinfo=UTC), "Pacific/Apia") == date(2026, 11, 2)


@pytest.mark.parametrize(
    "due_on", [date(2027, 1, 31), date(2027, 2, 28), date(2028, 2, 29), date(2026, 12, 31)]
)
def test_month_ends_are_days_like_others(due_on: date) -> None:
    _, first, _ = SCENARIO

    assert (step_day(first, due_on, "CH", EveryDay()) - due_on).days == 3
    assert days_past_due(due_on, step_day(first, due_on, "CH", EveryDay())) == 3


@pytest.mark.parametrize(
    ("contact", "debtor", "country", "supplier", "expected"),
    [
        ("de", "fr", "FR", "en", "de"),
        (None, "fr", "DE", "de", "fr"),
        (None, None, "FR", "de", "fr"),
        (None, None, "JP", "de", "de"),
        (None, None, "JP", "ja", "en"),
        ("rm", "fr", "CH", "de", "fr"),
    ],
)
def test_the_language_is_the_contacts_then_the_debtors_then_the_countrys_then_ours(
    contact: str | None, debtor: str | None, country: str, supplier: str, expected: str
) -> None:
    chosen = language_for(contact=contact, debtor=debtor, country=country, supplier=supplier)

    assert chosen == expected
