"""Who is told when: pure, from what people chose."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerts.rules import Severity
from monitoring.telling.choices import (
    MOST_SINGLY,
    Choice,
    News,
    Pace,
    Person,
    Portfolio,
    Where,
    in_waking_hours,
    local_instant,
    tellings,
)
from monitoring.telling.escalation import Step, Unheeded, heirs, steps_due, worked_later
from receivables.ids import StaffId, new_id
from receivables.workdays import HOLIDAYS

ZURICH = Where("Europe/Zurich", "CH", HOLIDAYS)
ADA, BO, CY = (StaffId(new_id()) for _ in range(3))
#: Hypothesis draws naive instants.
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2026, 2028))


def at(text: str, zone: str = "Europe/Zurich") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def person(staff_id=ADA, *, is_admin=False, chose=None, **given):
    mine = {(Portfolio.MINE, severity): choice for severity, choice in (chose or {}).items()}
    return Person(staff_id=staff_id, is_admin=is_admin, choices=mine, **given)


def told(news, people, now, where=ZURICH):
    return tellings(news, people, now=at(now), where=where)


# 2026-11-05 is a Thursday.
@pytest.mark.parametrize(
    ("severity", "now", "due"),
    [
        (Severity.CRITICAL, "2026-11-05T03:00", "2026-11-05T03:00"),
        (Severity.HIGH, "2026-11-05T07:00", "2026-11-05T07:00"),
        (Severity.HIGH, "2026-11-05T19:59", "2026-11-05T19:59"),
        (Severity.HIGH, "2026-11-05T20:00", "2026-11-06T07:00"),
        (Severity.HIGH, "2026-11-06T23:00", "2026-11-07T07:00"),
        (Severity.MEDIUM, "2026-11-05T07:29", "2026-11-05T07:30"),
        (Severity.MEDIUM, "2026-11-05T07:30", "2026-11-06T07:30"),
        (Severity.LOW, "2026-11-06T12:00", "2026-11-09T07:30"),
        (Severity.LOW, "2026-12-24T12:00", "2026-12-28T07:30"),
        (Severity.INFO, "2026-11-05T12:00", "2026-11-09T07:30"),
        # Christmas 2028 is a Monday: the week begins on Tuesday.
        (Severity.INFO, "2028-12-20T12:00", "2028-12-26T07:30"),
    ],
)
def test_the_usual_hours_are_those_of_the_specification(severity, now, due):
    (telling,) = told(News(severity=severity), [person()], now)

    assert telling.due_at == at(due)
    assert (telling.slot is None) == (severity in (Severity.CRITICAL, Severity.HIGH))
    assert telling.push == (severity in (Severity.CRITICAL, Severity.HIGH))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # The clocks go forward on 29 March 2026 at 02:00, and back on 25 October at 03:00.
        ("2026-03-28T23:00", "2026-03-29T05:00:00+00:00"),
        ("2026-10-24T23:00", "2026-10-25T06:00:00+00:00"),
    ],
)
def test_seven_in_the_morning_is_seven_by_the_clock_whatever_the_clocks_did(now, due):
    (telling,) = told(News(severity=Severity.HIGH), [person()], now)

    assert telling.due_at == datetime.fromisoformat(due)


def test_an_hour_the_clocks_skip_is_the_next_one_and_a_repeated_one_the_first():
    skipped = local_instant(date(2026, 3, 29), time(2, 30), "Europe/Zurich")
    repeated = local_instant(date(2026, 10, 25), time(2, 30), "Europe/Zurich")

    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert repeated == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(
    now=st.datetimes(min_value=FIRST, max_value=LAST),
    begins=st.times(), ends=st.times(),
    zone=st.sampled_from(["Europe/Zurich", "America/Sao_Paulo", "Asia/Kolkata", "UTC"]),
)  # fmt: skip
def test_waking_hours_put_off_by_a_day_at_most_and_end_in_them(now, begins, ends, zone):
    instant = now.replace(tzinfo=UTC)

    due = in_waking_hours(instant, (begins, ends), zone)

    # A day and the hour that clocks may go back.
    assert instant <= due <= instant + timedelta(hours=25)
    assert in_waking_hours(due, (begins, ends), zone) == due


@given(
    st.sampled_from(Severity),
    st.lists(
        st.tuples(
            st.booleans(), st.sampled_from(Pace), st.booleans(), st.booleans(), st.booleans()
        ),
        min_size=1, max_size=5,
    ),
)  # fmt: skip
def test_of_what_is_critical_somebody_always_hears_at_once_whatever_people_chose(severity, chosen):
    """The first is an administrator: a supplier always has one."""
    people = [
        person(
            StaffId(new_id()), is_admin=is_admin or number == 0, wants_digests=digests,
            chose={severity: Choice(pace, mail=mail, push=push)},
        )
        for number, (is_admin, pace, mail, push, digests) in enumerate(chosen)
    ]  # fmt: skip

    found = told(News(severity=severity), people, "2026-11-05T12:00")

    assert len({telling.staff_id for telling in found}) == len(found)
    assert all(telling.mail or telling.push for telling in found)
    if severity is Severity.CRITICAL:
        assert any(telling.slot is None for telling in found)


def test_who_looks_after_the_debtor_hears_and_others_as_far_as_they_chose_to():
    news = News(severity=Severity.HIGH, owner=BO)
    curious = Person(
        staff_id=CY, is_admin=False,
        choices={(Portfolio.OTHERS, Severity.HIGH): Choice(Pace.DAILY)},
    )  # fmt: skip

    found = told(news, [person(ADA, is_admin=True), person(BO), curious], "2026-11-05T12:00")

    assert [(one.staff_id, one.slot and one.slot.kind) for one in found] == [
        (BO, None), (CY, "daily"),
    ]  # fmt: skip


def test_a_debtor_whose_colleague_has_left_is_everybodys():
    news = News(severity=Severity.HIGH, owner=CY)

    assert len(told(news, [person(ADA), person(BO)], "2026-11-05T12:00")) == 2


def test_a_silent_source_is_told_to_administrators_even_if_they_chose_nothing():
    nothing = dict.fromkeys(Severity, Choice(Pace.NOT))
    people = [person(ADA, is_admin=True, chose=nothing), person(BO)]

    found = told(News(severity=Severity.HIGH, for_admins=True), people, "2026-11-05T12:00")

    assert [one.staff_id for one in found] == [ADA]


def test_what_a_notice_of_a_mass_change_tells_of_comes_together_and_wakes_nobody():
    news = News(severity=Severity.CRITICAL, in_mass=True)

    (first,) = told(news, [person()], "2026-11-05T12:00")
    (later,) = told(news, [person(flooded_at=at("2026-11-05T12:10"))], "2026-11-05T12:11")

    assert (first.push, first.slot.kind, first.due_at) == (False, "flood", at("2026-11-05T12:10"))
    assert later.due_at == at("2026-11-05T13:10")


def test_after_twenty_in_an_hour_the_rest_comes_together_but_for_what_is_critical():
    flooded = [person(told_lately=MOST_SINGLY)]

    (high,) = told(News(severity=Severity.HIGH), flooded, "2026-11-05T12:00")
    (critical,) = told(News(severity=Severity.CRITICAL), flooded, "2026-11-05T12:00")

    assert high.slot.kind == "flood"
    assert critical.slot is None


def test_who_ended_digests_is_sent_none_and_still_hears_of_what_is_urgent():
    ended = [person(wants_digests=False)]

    assert told(News(severity=Severity.LOW), ended, "2026-11-05T12:00") == []
    assert len(told(News(severity=Severity.HIGH), ended, "2026-11-05T12:00")) == 1


@pytest.mark.parametrize(
    ("raised", "deputy_from"),
    [
        ("2026-11-05T09:00", "2026-11-05T13:00"),
        ("2026-11-05T03:00", "2026-11-05T12:00"),
        ("2026-11-05T16:00", "2026-11-06T10:00"),
        ("2026-11-06T17:30", "2026-11-09T11:30"),
        ("2026-11-07T12:00", "2026-11-09T12:00"),
    ],
)
def test_the_deputy_is_told_after_four_hours_of_work(raised, deputy_from):
    since = at(raised)
    unheeded = Unheeded(severity=Severity.CRITICAL, since=since, admin_told_at=since)

    assert worked_later(since, timedelta(hours=4), ZURICH) == at(deputy_from)
    assert steps_due(unheeded, at(deputy_from) - timedelta(seconds=1), ZURICH) == []
    assert steps_due(unheeded, at(deputy_from), ZURICH) == [Step.DEPUTY]


def test_administrators_are_told_after_a_day_and_only_of_what_is_critical():
    since = at("2026-11-06T17:00")
    day_later = since + timedelta(hours=24)

    critical = Unheeded(severity=Severity.CRITICAL, since=since, deputy_told_at=since)
    assert steps_due(critical, day_later, ZURICH) == [Step.ADMIN]
    assert steps_due(critical, day_later - timedelta(seconds=1), ZURICH) == []
    high = Unheeded(severity=Severity.HIGH, since=since)
    assert steps_due(high, day_later + timedelta(days=9), ZURICH) == []


def test_without_a_deputy_the_administrators_stand_in():
    people = [person(ADA, is_admin=True), person(BO), person(CY)]

    assert heirs(Step.DEPUTY, [BO], people, {BO: CY}) == [CY]
    assert heirs(Step.DEPUTY, [BO], people, {}) == [ADA]
    assert heirs(Step.DEPUTY, [BO], people[:2], {BO: CY}) == [ADA]
    assert heirs(Step.ADMIN, [BO], people, {BO: CY}) == [ADA]
