"""Who may pay in parts, in which, and who decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.credit.rules import Cover, PayerClass, SolvencyClass, Standing
from receivables.money import Money
from receivables.plans.rules import (
    MOST_PARTS,
    ClassTerms,
    Decision,
    Frequency,
    Past,
    Quote,
    Reason,
    Refusal,
    Wish,
    add_months,
    default_policy,
    due_days,
    make_schedule,
    options,
    quote,
)
from tests.support.builders import money
from tests.support.plan_rules import TODAY, item

POLICY = default_policy("CHF")
GOOD = Standing(payer_class=PayerClass.A, solvency_class=SolvencyClass.B)


def _quoted(wish=Wish(parts=3), standing=GOOD, items=None, policy=POLICY, past=Past()):  # noqa: B008
    return quote(policy, standing, items or [item()], TODAY, wish, past)


def _reasons(**given):
    return set(_quoted(**given).reasons)


def _amounts(quoted):
    return [str(part.amount.decimal) for part in quoted.schedule]


def test_a_good_payer_agrees_a_plan_alone_and_pays_nothing_on_top():
    quoted = _quoted()

    assert isinstance(quoted, Quote)
    assert (quoted.decision, quoted.reasons) == (Decision.AUTO, ())
    assert _amounts(quoted) == ["300.00", "300.00", "300.00"]
    assert quoted.cost == money("0.00 CHF")
    assert [part.due_on for part in quoted.schedule] == [
        date(2026, 11, 2), date(2026, 12, 2), date(2027, 1, 2),
    ]  # fmt: skip


def test_what_does_not_divide_is_on_the_last_instalment():
    items = [item("100.00 CHF")]
    policy = replace(POLICY, least=money("10.00 CHF"), least_instalment=money("10.00 CHF"))

    assert _amounts(_quoted(items=items, policy=policy)) == ["33.33", "33.33", "33.34"]


def test_whole_units_leave_the_remainder_on_the_last_instalment():
    quoted = _quoted(
        wish=Wish(parts=4), items=[item("1000.50 CHF")], policy=replace(POLICY, whole_units=True)
    )

    assert _amounts(quoted) == ["250.00", "250.00", "250.00", "250.50"]


@pytest.mark.parametrize(
    ("payer_class", "first"),
    [("A", "150.00"), ("B", "180.00"), ("C", "270.00"), ("D", "360.00"), ("N", "270.00")],
)
def test_the_first_payment_is_the_share_of_the_class_and_one_instalment_at_least(
    payer_class, first
):
    standing = replace(GOOD, payer_class=PayerClass(payer_class))

    weekly = _quoted(wish=Wish(parts=6, frequency=Frequency.WEEKLY), standing=standing)

    assert _amounts(weekly)[0] == first


@pytest.mark.parametrize(
    ("payer_class", "months"), [("A", 6), ("B", 6), ("C", 4), ("D", 3), ("N", 3)]
)
def test_a_class_has_as_many_months_as_the_policy_gives_it(payer_class, months):
    standing = replace(GOOD, payer_class=PayerClass(payer_class))

    assert isinstance(_quoted(wish=Wish(parts=months + 1), standing=standing), Quote)
    assert _reasons(wish=Wish(parts=months + 2), standing=standing) == {Reason.TOO_LONG}


def test_a_class_without_a_plan_of_its_own_may_ask_a_person():
    quoted = _quoted(standing=replace(GOOD, payer_class=PayerClass.E))

    assert isinstance(quoted, Quote)
    assert (quoted.decision, quoted.reasons) == (Decision.QUEUE, (Reason.CLASS_NEEDS_A_PERSON,))


@pytest.mark.parametrize(
    ("standing", "past", "reason"),
    [
        ({"solvency_class": SolvencyClass.NONE}, Past(), Reason.SOLVENCY_UNKNOWN),
        ({"solvency_class": SolvencyClass.D}, Past(), Reason.SOLVENCY_WEAK),
        ({}, Past(last_default_on=date(2025, 11, 2)), Reason.DEFAULTED_LATELY),
        ({}, Past(standing=1), Reason.ANOTHER_PLAN_STANDS),
        ({"self_service_blocked_until": TODAY}, Past(), Reason.SELF_SERVICE_BLOCKED),
        ({"stop_reason": "in talks"}, Past(), Reason.DEMANDS_STOPPED),
    ],
)
def test_a_person_decides_with_the_reason_why(standing, past, reason):
    quoted = _quoted(standing=replace(GOOD, **standing), past=past)

    assert (quoted.decision, quoted.reasons) == (Decision.QUEUE, (reason,))


def test_a_default_is_forgotten_after_twelve_months():
    assert _quoted(past=Past(last_default_on=date(2025, 11, 1))).decision is Decision.AUTO


@pytest.mark.parametrize(
    ("owed", "reason"),
    [("149.99 CHF", Reason.AMOUNT_BELOW), ("10000.01 CHF", Reason.AMOUNT_ABOVE)],
)
def test_amounts_outside_of_the_range_are_a_persons_to_decide(owed, reason):
    assert _reasons(wish=Wish(parts=2), items=[item(owed)]) == {reason}
    assert _quoted(wish=Wish(parts=2), items=[item("150.00 CHF")]).decision is Decision.AUTO
    assert _quoted(wish=Wish(parts=2), items=[item("10000.00 CHF")]).decision is Decision.AUTO


def test_the_insurer_is_asked_when_the_last_instalment_falls_too_late():
    covered = replace(GOOD, cover=Cover(policy_number="P", extension_days=60))
    items = [item(due_on=date(2026, 11, 1)), item(due_on=date(2026, 12, 1))]

    within = _quoted(wish=Wish(parts=2), standing=covered, items=items)
    beyond = _quoted(wish=Wish(parts=3), standing=covered, items=items)

    assert within.last_on == date(2026, 12, 2)
    assert within.decision is Decision.AUTO
    assert beyond.last_on == date(2027, 1, 2) > date(2026, 11, 1) + timedelta(days=60)
    assert beyond.reasons == (Reason.BEYOND_COVER,)


@pytest.mark.parametrize(
    ("given_item", "standing", "reason"),
    [
        ({}, {"insolvent_on": TODAY}, Reason.INSOLVENT),
        ({"disputed": money("900.00 CHF")}, {}, Reason.DISPUTED),
        ({"processing": money("10.00 CHF")}, {}, Reason.PAYMENT_UNDER_WAY),
        ({"on_plan": True}, {}, Reason.ALREADY_ON_PLAN),
        ({"outstanding": "0.00 CHF"}, {}, Reason.NOTHING_OPEN),
        ({"outstanding": "99.99 CHF"}, {}, Reason.TOO_SMALL),
    ],
)
def test_some_things_no_person_can_agree_to(given_item, standing, reason):
    refused = _quoted(standing=replace(GOOD, **standing), items=[item(**given_item)])

    assert isinstance(refused, Refusal)
    assert refused.reasons == (reason,)


def test_a_dispute_over_a_part_is_a_persons_to_decide():
    assert _reasons(items=[item(disputed=money("300.00 CHF"))]) == {Reason.DISPUTED_IN_PART}


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        (Wish(parts=1), Reason.TOO_FEW_PARTS),
        (Wish(parts=0), Reason.TOO_FEW_PARTS),
        (Wish(parts=-3), Reason.TOO_FEW_PARTS),
        (Wish(parts=10**9), Reason.TOO_LONG),
        (Wish(parts=3, day=29), Reason.DAY_NOT_OFFERED),
        (Wish(parts=3, day=0), Reason.DAY_NOT_OFFERED),
        (Wish(parts=19, frequency=Frequency.WEEKLY), Reason.INSTALMENT_TOO_SMALL),
    ],
)
def test_a_wish_that_nobody_offered_is_refused_with_its_reason(wish, reason):
    refused = _quoted(wish=wish)

    assert isinstance(refused, Refusal)
    assert refused.reasons == (reason,)


def test_every_reason_is_named_at_once():
    policy = replace(POLICY, frequencies=frozenset({Frequency.MONTHLY}))

    assert _reasons(
        wish=Wish(parts=30, frequency=Frequency.WEEKLY), policy=policy
    ) == {Reason.FREQUENCY_NOT_OFFERED, Reason.TOO_LONG, Reason.INSTALMENT_TOO_SMALL}  # fmt: skip


def test_what_is_offered_is_what_may_be_chosen():
    offered = options(POLICY, replace(GOOD, payer_class=PayerClass.C), [item("3000.00 CHF")], TODAY)

    assert [one.wish.parts for one in offered] == [2, 3, 4, 5]
    assert [_amounts(one)[0] for one in offered] == ["1500.00", "1000.00", "900.00", "900.00"]


def test_the_31st_becomes_the_28th_and_months_keep_their_last_day():
    days = due_days(date(2026, 12, 31), Wish(parts=4))

    assert days == [date(2026, 12, 31), date(2027, 1, 28), date(2027, 2, 28), date(2027, 3, 28)]
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert add_months(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)


def test_nobody_pays_twice_within_a_fortnight_because_of_the_day_they_chose():
    days = due_days(date(2026, 11, 25), Wish(parts=3, day=1))

    assert days == [date(2026, 11, 25), date(2027, 1, 1), date(2027, 2, 1)]


@given(
    minor=st.integers(1, 10**12),
    parts=st.integers(2, MOST_PARTS),
    percent=st.integers(0, 90),
    whole=st.booleans(),
    frequency=st.sampled_from(Frequency),
    day=st.none() | st.integers(1, 28),
    today=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    currency=st.sampled_from(["CHF", "JPY", "KWD"]),
)
def test_any_schedule_adds_up_to_the_debt_and_goes_forward(
    minor, parts, percent, whole, frequency, day, today, currency
):
    total = Money(minor, currency)
    policy = replace(default_policy(currency), whole_units=whole)
    wish = Wish(parts=parts, frequency=frequency, day=day)

    schedule = make_schedule(policy, ClassTerms(6, percent), total, wish, today)

    assert Money.total((part.amount for part in schedule), currency) == total
    assert len(schedule) == parts
    days = [part.due_on for part in schedule]
    assert days[0] == today
    assert all(later > earlier for earlier, later in pairwise(days))
    if frequency is Frequency.MONTHLY:
        assert all(one.day <= 28 for one in days[1:])


@given(
    minor=st.integers(1, 2_000_000),
    parts=st.integers(2, MOST_PARTS),
    payer_class=st.sampled_from(PayerClass),
    whole=st.booleans(),
)
def test_no_instalment_of_a_quote_is_below_the_least(minor, parts, payer_class, whole):
    owed = Money(minor, "CHF")
    quoted = quote(
        replace(POLICY, whole_units=whole),
        replace(GOOD, payer_class=payer_class),
        [replace(item(), outstanding=owed)],
        TODAY,
        Wish(parts=parts, frequency=Frequency.WEEKLY),
    )

    if isinstance(quoted, Quote):
        assert min(part.amount for part in quoted.schedule) >= POLICY.least_instalment
        assert quoted.cost == Money.zero("CHF")
    else:
        assert quoted.reasons
