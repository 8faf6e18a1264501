"""The rules of a dispute, without a database: states, amounts, terms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.disputes.errors import AmountNotDisputable, StepNotPossible, UpheldTooMuch
from receivables.disputes.reasons import HANDLING, Department, Evidence, Reason
from receivables.disputes.rules import (
    Term,
    Timing,
    days_waited,
    disputed_amount,
    due_on,
    grace_until,
    is_late,
    may_reopen,
    share_of_lines,
    time_used,
    verdict,
    warnings,
)
from receivables.disputes.states import (
    OPEN,
    REOPENABLE,
    TRANSITIONS,
    UNDECIDED,
    State,
    Step,
    after,
    way_to_a_decision,
    way_to_investigating,
)
from receivables.disputes.wording import (
    department_words,
    evidence_words,
    outcome_words,
    reason_words,
    state_words,
    term_words,
)
from receivables.money import Money
from receivables.workdays import WEEKDAYS
from tests.support.builders import money

#: Every step that is possible, written once more by hand: state, step, where it leads.
POSSIBLE = {
    ("submitted", "acknowledge"): "acknowledged",
    ("submitted", "withdraw"): "withdrawn",
    ("acknowledged", "investigate"): "investigating",
    ("acknowledged", "withdraw"): "withdrawn",
    ("investigating", "ask_debtor"): "waiting_debtor",
    ("investigating", "ask_colleague"): "waiting_internal",
    ("investigating", "propose"): "proposed",
    ("investigating", "withdraw"): "withdrawn",
    ("waiting_debtor", "answer"): "investigating",
    ("waiting_debtor", "investigate"): "investigating",
    ("waiting_debtor", "expire"): "expired",
    ("waiting_debtor", "withdraw"): "withdrawn",
    ("waiting_internal", "investigate"): "investigating",
    ("waiting_internal", "withdraw"): "withdrawn",
    ("proposed", "answer"): "investigating",
    ("proposed", "investigate"): "investigating",
    ("proposed", "accept"): "accepted",
    ("proposed", "accept_in_part"): "accepted_in_part",
    ("proposed", "reject"): "rejected",
    ("proposed", "withdraw"): "withdrawn",
    ("accepted", "await_credit_note"): "awaiting_credit_note",
    ("accepted_in_part", "await_credit_note"): "awaiting_credit_note",
    ("rejected", "close"): "closed",
    ("rejected", "reopen"): "investigating",
    ("withdrawn", "close"): "closed",
    ("withdrawn", "reopen"): "investigating",
    ("expired", "close"): "closed",
    ("expired", "reopen"): "investigating",
    ("awaiting_credit_note", "close"): "closed",
    ("closed", "reopen"): "investigating",
}


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_step_from_every_state(state: State, step: Step):
    expected = POSSIBLE.get((state.value, step.value))
    if expected is None:
        with pytest.raises(StepNotPossible):
            after(state, step)
    else:
        assert after(state, step) == expected


def test_every_state_can_be_reached_and_left():
    reached = {State.SUBMITTED} | {to for steps in TRANSITIONS.values() for to in steps.values()}
    assert reached == set(State) == set(TRANSITIONS)
    assert all(TRANSITIONS.values())


@pytest.mark.parametrize("state", State)
def test_the_way_to_a_decision_leaves_no_state_out(state: State):
    if state not in UNDECIDED:
        for way in (way_to_investigating, way_to_a_decision):
            with pytest.raises(StepNotPossible):
                way(state)
        return
    here = state
    for step in way_to_a_decision(state):
        here = after(here, step)
    assert here is State.PROPOSED


def test_a_dispute_is_open_or_can_be_opened_again_never_both():
    assert not OPEN & REOPENABLE
    assert set(State) == OPEN | REOPENABLE


#: Spec 2.4, the table of reasons.
TABLE = [
    (Reason.PRICE, "PRI", "sales"), (Reason.QUANTITY, "QTY", "logistics"),
    (Reason.DELIVERY, "DEL", "logistics"), (Reason.QUALITY, "QUA", "service"),
    (Reason.ITEM, "ITM", "sales"), (Reason.REFERENCE, "REF", "billing"),
    (Reason.LEGAL, "LEG", "billing"), (Reason.TERMS, "PAY", "billing"),
    (Reason.BANK, "FIN", "finance"), (Reason.DUPLICATE, "OTH", "billing"),
    (Reason.PAID, "PPD", "cash"), (Reason.UNKNOWN, "UNR", "sales"),
    (Reason.OTHER, "OTH", "owner"),
]  # fmt: skip

#: OpenPeppol code list OPStatusReason 1.0.
CLARIFICATIONS = set("NON REF LEG REC QUA DEL PRI QTY ITM PAY UNR FIN PPD OTH".split())


@pytest.mark.parametrize(("reason", "clarification", "department"), TABLE)
def test_a_reason_goes_to_its_department_under_its_code(reason, clarification, department):
    handling = HANDLING[reason]
    assert (handling.clarification, handling.department) == (clarification, department)
    assert clarification in CLARIFICATIONS
    assert handling.is_urgent is (reason is Reason.BANK)


def test_everything_that_has_a_name_has_words():
    assert set(HANDLING) == set(Reason)
    said = [reason_words(one) for one in Reason] + [state_words(one) for one in State]
    said += [term_words(one) for one in Term] + [department_words(one) for one in Department]
    said += [outcome_words(one) for one in ("accepted", "accepted_in_part", "rejected")]
    said += [evidence_words(one) for one in Evidence if one is not Evidence.NONE]
    assert all(said)


@pytest.mark.parametrize(
    ("scope", "offered", "expected"),
    [
        ("whole", None, "100.00 CHF"),
        ("amount", "0.01 CHF", "0.01 CHF"),
        ("amount", "100.00 CHF", "100.00 CHF"),
        ("lines", "30.00 CHF", "30.00 CHF"),
        ("lines", "130.00 CHF", "100.00 CHF"),
        ("amount", "100.01 CHF", None),
        ("amount", "0.00 CHF", None),
        ("amount", "-5.00 CHF", None),
        ("amount", None, None),
        ("lines", None, None),
    ],
)
def test_more_than_nothing_and_no_more_than_is_outstanding(scope, offered, expected):
    asked = money(offered) if offered else None
    if expected is None:
        with pytest.raises(AmountNotDisputable):
            disputed_amount("A-1", scope, money("100.00 CHF"), offered=asked)
    else:
        amount = disputed_amount("A-1", scope, money("100.00 CHF"), offered=asked)
        assert amount == money(expected)


def test_nothing_of_a_settled_invoice_is_disputed():
    with pytest.raises(AmountNotDisputable):
        disputed_amount("A-1", "whole", money("0.00 CHF"), offered=None)


@pytest.mark.parametrize(
    ("nets", "chosen", "expected"),
    [
        ({0: 6000, 1: 4000}, [1], "43.24 CHF"),
        ({0: 6000, 1: 4000}, [0, 1], "108.10 CHF"),
        ({0: 6000, 1: 4000}, [1, 1], "43.24 CHF"),
        ({0: 6000, 1: 4000}, [], None),
        ({0: 6000, 1: 4000}, [7], None),
        ({0: 6000, 1: None}, [0], None),
        ({0: 6000, 1: -1000}, [1], None),
        ({0: 1000, 1: -1000}, [0], None),
    ],
)
def test_lines_are_worth_their_share_of_the_total(nets, chosen, expected):
    share = share_of_lines(money("108.10 CHF"), nets, chosen)
    assert share == (money(expected) if expected else None)


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=8), st.integers(1, 10**9), st.data())
def test_lines_are_never_worth_more_than_the_whole(nets, total, data):
    chosen = data.draw(st.sets(st.integers(0, len(nets) - 1), min_size=1))
    share = share_of_lines(Money(total, "CHF"), dict(enumerate(nets)), chosen)
    assert share is not None
    assert 0 <= share.minor <= total


@pytest.mark.parametrize(
    ("parts", "step", "upheld"),
    [
        ([(300, 300)], Step.ACCEPT, 300), ([(300, 150)], Step.ACCEPT_IN_PART, 150),
        ([(300, 0)], Step.REJECT, 0), ([(300, 300), (50, 0)], Step.ACCEPT_IN_PART, 300),
        ([(300, 0), (50, 0)], Step.REJECT, 0), ([(300, 300), (50, 50)], Step.ACCEPT, 350),
    ],
)  # fmt: skip
def test_what_is_upheld_decides_what_the_decision_is_called(parts, step, upheld):
    found = verdict([(Money(a, "CHF"), Money(b, "CHF")) for a, b in parts])
    assert (found.step, found.upheld.minor) == (step, upheld)


@pytest.mark.parametrize("upheld", [-1, 301])
def test_no_more_is_upheld_than_was_disputed(upheld):
    with pytest.raises(UpheldTooMuch):
        verdict([(Money(300, "CHF"), Money(upheld, "CHF"))])


@pytest.mark.parametrize(
    ("days", "delay", "late"), [(8, 8, False), (9, 8, True), (900, None, False)]
)
def test_late_is_after_the_last_day(days, delay, late):
    issued = date(2026, 11, 2)
    assert is_late(issued, issued + timedelta(days=days), delay) is late


@pytest.mark.parametrize("state", State)
def test_another_word_is_for_what_is_over_once_and_for_fifteen_days(state):
    decided = date(2026, 11, 2)
    last = decided + timedelta(days=15)
    allowed = state in REOPENABLE
    assert may_reopen(state, times=0, decided_on=decided, today=last) is allowed
    assert not may_reopen(state, times=1, decided_on=decided, today=last)
    assert not may_reopen(state, times=0, decided_on=decided, today=last + timedelta(days=1))
    assert not may_reopen(state, times=0, decided_on=None, today=last)


def at(day: int, hour: int = 9) -> datetime:
    """A day of November 2026, in UTC; the second is a Monday."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def timing(**given_values: object) -> Timing:
    values: dict[str, object] = {
        "since": at(2), "acknowledged_at": None, "answered_at": None, "decided_at": None,
        "pauses": (), "zone": "UTC", "country": "CH",
    }  # fmt: skip
    return Timing(**{**values, **given_values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("until", "hours"),
    [(at(2), 0), (at(2, 21), 12), (at(3), 24), (at(7), 24 * 4 + 15), (at(8), 24 * 4 + 15),
     (at(9), 24 * 5), (at(16), 24 * 10)],
)  # fmt: skip
def test_time_counts_on_working_days(until, hours):
    assert time_used(timing(), until, calendar=WEEKDAYS) == timedelta(hours=hours)


def test_the_clock_stands_while_it_waits_for_the_debtor_and_only_then():
    waited = timing(pauses=((at(3), at(5)),))
    assert time_used(waited, at(6), calendar=WEEKDAYS) == timedelta(days=2)
    waiting = timing(pauses=((at(3), None),))
    assert time_used(waiting, at(20), calendar=WEEKDAYS) == timedelta(days=1)
    assert warnings(waiting, at(27), calendar=WEEKDAYS) == []
    assert due_on(waiting, Term.RESOLVE, at(20), calendar=WEEKDAYS) is None
    before = timing(since=at(9), pauses=((at(3), at(5)),))
    assert time_used(before, at(10), calendar=WEEKDAYS) == timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        (19, []),
        (20, [(Term.ACKNOWLEDGE, 80)]),
        (24, [(Term.ACKNOWLEDGE, 100)]),
        (36, [(Term.ACKNOWLEDGE, 150)]),
    ],
)
def test_a_term_is_warned_of_at_80_100_and_150_percent(hours, found):
    now = at(2) + timedelta(hours=hours)
    assert warnings(timing(), now, calendar=WEEKDAYS) == found


def test_what_is_done_is_not_warned_of():
    done = timing(acknowledged_at=at(2), answered_at=at(2))
    assert warnings(done, at(19), calendar=WEEKDAYS) == [(Term.RESOLVE, 80)]
    assert warnings(done, at(23), calendar=WEEKDAYS) == [(Term.RESOLVE, 100)]
    assert warnings(timing(decided_at=at(3)), at(28), calendar=WEEKDAYS) == []


@pytest.mark.parametrize(
    ("term", "pauses", "day"),
    [
        (Term.ACKNOWLEDGE, (), 3), (Term.ANSWER, (), 9), (Term.RESOLVE, (), 23),
        (Term.ANSWER, ((at(3), at(5)),), 11),
    ],
)  # fmt: skip
def test_the_day_of_a_term_moves_by_the_days_of_waiting(term, pauses, day):
    expected = date(2026, 11, day)
    found = due_on(timing(pauses=pauses), term, at(6), calendar=WEEKDAYS)
    assert found == expected


def test_grace_and_waiting_are_counted_in_working_days():
    friday, monday = date(2026, 11, 6), date(2026, 11, 9)
    assert grace_until(friday, country="CH", calendar=WEEKDAYS) == date(2026, 11, 13)
    assert days_waited(friday, monday, country="CH", calendar=WEEKDAYS) == 1
    assert days_waited(friday, friday, country="CH", calendar=WEEKDAYS) == 0
