"""What a day asks for about a standing plan, decided from the ledger and from what was said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.plans.folding import Receipt, standing_of
from receivables.plans.keeping import Act, Kept, ToDo, Told, day_of_work, due_acts, notice_before
from receivables.plans.states import PlanState
from receivables.workdays import WEEKDAYS
from tests.support.builders import money
from tests.support.plan_rules import instalments


def _kept(today: date, *paid: str, told: tuple[Told, ...] = (), state="active", **given):
    schedule = instalments("300.00", "300.00", "300.00")
    receipts = [
        Receipt(on=one.due_on, amount=money(f"{amount} CHF"), instalment_id=one.instalment_id)
        for one, amount in zip(schedule, paid, strict=False)
    ]
    return Kept(
        state=PlanState(state), standing=standing_of(schedule, receipts, today), told=told,
        charges=given.get("charges", True), money_on_its_way=given.get("on_its_way", False),
        cure_days=8, country="CH", notice=given.get("notice", timedelta(days=2)),
        ours=given.get("ours", frozenset()), default_since=given.get("default_since"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("today", "charges", "act"),
    [
        (date(2026, 11, 29), True, None),
        (date(2026, 11, 30), True, Act.ANNOUNCE_CHARGE),
        (date(2026, 11, 26), False, None),
        (date(2026, 11, 27), False, Act.REMIND_COMING),
        (date(2026, 12, 3), False, None),
        (date(2026, 12, 4), False, Act.REMIND_LATE),
        (date(2026, 12, 8), False, Act.REMIND_LATE),
        (date(2026, 12, 9), False, Act.GIVE_NOTICE),
    ],
)
def test_each_instalment_is_announced_reminded_of_and_given_notice_of_by_the_calendar(
    today: date, charges: bool, act: Act | None
):
    acts = due_acts(_kept(today, "300.00", charges=charges), today, WEEKDAYS)

    assert [one.act for one in acts] == ([] if act is None else [act])


def test_nothing_is_held_against_a_debtor_whose_money_is_at_the_bank():
    today = date(2026, 12, 9)

    acts = due_acts(_kept(today, "300.00", charges=False, on_its_way=True), today, WEEKDAYS)

    assert acts == []


def test_what_is_not_cured_in_eight_days_ends_the_plan_on_the_ninth():
    second = instalments("300.00", "300.00", "300.00")[1].instalment_id
    told = (Told(act=Act.GIVE_NOTICE, instalment_id=second, on=date(2026, 12, 9)),)

    for today, ends in ((date(2026, 12, 17), False), (date(2026, 12, 18), True)):
        acts = due_acts(
            _kept(today, "300.00", told=told, state="in_default", charges=False), today, WEEKDAYS
        )
        assert (Act.ACCELERATE in [one.act for one in acts]) is ends


def test_the_notice_of_a_default_that_was_cured_ends_no_plan():
    first, second, _ = (one.instalment_id for one in instalments("300.00", "300.00", "300.00"))
    told = tuple(
        Told(act=Act.GIVE_NOTICE, instalment_id=one, on=on)
        for one, on in ((first, date(2026, 11, 9)), (second, date(2026, 12, 9)))
    )
    today = date(2026, 12, 10)

    lasting = _kept(
        today, told=told, state="in_default", charges=False, default_since=date(2026, 12, 9)
    )
    cured = _kept(today, told=told, state="cured", charges=False)

    assert due_acts(lasting, today, WEEKDAYS) == [ToDo(Act.GIVE_NOTICE, first)]
    assert lasting.cure_until == date(2026, 12, 17)
    assert due_acts(cured, today, WEEKDAYS) == [
        ToDo(Act.GIVE_NOTICE, first),
        ToDo(Act.GIVE_NOTICE, second),
    ]


def test_a_debit_of_a_bank_account_is_announced_fourteen_days_before():
    notice = notice_before("sepa_debit", 14)

    for today, acts in ((date(2026, 11, 17), []), (date(2026, 11, 18), [Act.ANNOUNCE_CHARGE])):
        kept = _kept(today, "300.00", notice=notice)
        assert [one.act for one in due_acts(kept, today, WEEKDAYS)] == acts
    assert notice_before("card", 14) == timedelta(days=2)


_HELD_AGAINST = {Act.REMIND_LATE, Act.GIVE_NOTICE, Act.ACCELERATE}
_DUE = {one.instalment_id: one.due_on for one in instalments("300.00", "300.00", "300.00")}
_IDS = list(_DUE)


@given(
    today=st.dates(date(2026, 11, 2), date(2027, 6, 1)),
    ours=st.frozensets(st.sampled_from(_IDS)),
    noticed=st.dictionaries(
        st.sampled_from(_IDS), st.dates(date(2026, 11, 2), date(2027, 6, 1)), max_size=3
    ),
    charges=st.booleans(),
)
def test_what_we_failed_to_charge_is_never_held_against_the_debtor(today, ours, noticed, charges):
    told = tuple(
        Told(act=Act.GIVE_NOTICE, instalment_id=one, on=on)
        for one, on in noticed.items()
        if _DUE[one] < on <= today  # Notice is given of what is late.
    )
    state = "in_default" if told else "active"
    kept = _kept(today, told=told, state=state, charges=charges, ours=ours)

    acts = due_acts(kept, today, WEEKDAYS)

    assert not [one for one in acts if one.instalment_id in ours and one.act in _HELD_AGAINST]
    if {part.instalment.instalment_id for part in kept.standing.late} <= ours:
        assert not _HELD_AGAINST & {one.act for one in acts}
    if not ours and kept.cure_until is not None and today > kept.cure_until:
        assert acts[-1].act is Act.ACCELERATE


@pytest.mark.parametrize(
    ("hour", "day"), [(6, None), (7, date(2026, 11, 2)), (18, date(2026, 11, 2)), (19, None)]
)
def test_nobody_is_charged_or_written_to_at_night(hour: int, day: date | None):
    assert day_of_work(datetime(2026, 11, 2, hour, tzinfo=UTC), "Europe/Zurich") == day
