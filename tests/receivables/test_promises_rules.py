"""How far ahead one may promise, and what has become of a promise."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.credit.rules import PayerClass
from receivables.ids import InvoiceId, new_id
from receivables.promises.rules import (
    Promisable,
    PromiseState,
    Refusal,
    Terms,
    believed_until,
    is_at_risk,
    judge,
    last_value_date,
    needs_person,
)
from receivables.workdays import WEEKDAYS, working_days_later
from tests.support.builders import money

MONDAY = date(2026, 11, 2)
FRIDAY = date(2026, 11, 6)
CH = {"country": "CH", "calendar": WEEKDAYS}


def terms(payer_class: str = "N", **given: object) -> Terms:
    values = {"insolvent": False, "today": MONDAY, **CH, **given}
    return Terms(payer_class=PayerClass(payer_class), **values)  # type: ignore[arg-type]


def item(**given: object) -> Promisable:
    values = {
        "invoice_id": InvoiceId(new_id()), "number": "A-1", "due_on": date(2026, 10, 1),
        "outstanding": money("100.00 CHF"), "payable": money("100.00 CHF"), **given,
    }  # fmt: skip
    return Promisable(**values)  # type: ignore[arg-type]


def test_working_days_leave_weekends_out():
    assert working_days_later(FRIDAY, 1, **CH) == date(2026, 11, 9)
    assert working_days_later(FRIDAY, 0, **CH) == FRIDAY
    assert working_days_later(date(2026, 11, 7), 1, **CH) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("payer_class", "latest"),
    [
        ("A", date(2026, 11, 16)), ("B", date(2026, 11, 16)), ("C", date(2026, 11, 11)),
        ("N", date(2026, 11, 11)), ("D", date(2026, 11, 5)),
    ],
)  # fmt: skip
def test_the_better_one_pays_the_later_one_may_promise(payer_class: str, latest: date):
    assert terms(payer_class).refusal(item()) is None
    assert terms(payer_class).latest(item()) == latest


@pytest.mark.parametrize(
    ("payer_class", "latest"),
    [("A", date(2026, 11, 9)), ("C", date(2026, 11, 5)), ("D", date(2026, 11, 3))],
)
def test_the_second_promise_is_half_as_long(payer_class: str, latest: date):
    assert terms(payer_class).latest(item(promised_before=1)) == latest


def test_a_promise_for_what_is_not_due_yet_is_counted_from_its_due_date():
    assert terms("D").latest(item(due_on=date(2026, 11, 20))) == date(2026, 11, 25)


def test_a_promise_about_several_is_as_long_as_the_shortest():
    both = [item(), item(promised_before=1)]

    assert terms("A").latest_of(both) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"after_formal_notice": True}, Refusal.FORMAL_NOTICE),
        ({"promised_before": 2}, Refusal.TOO_OFTEN),
        ({"payable": money("0.00 CHF")}, Refusal.NOTHING_LEFT),
        ({}, None),
    ],
)
def test_not_everything_can_be_promised(given: dict[str, object], refusal: Refusal | None):
    assert terms("A").refusal(item(**given)) is refusal


def test_not_everybody_can_promise():
    assert terms("E").refusal(item()) is Refusal.PAYER_CLASS
    assert terms("A", insolvent=True).refusal(item()) is Refusal.INSOLVENT


CASE = {
    "received": money("0.00 CHF"), "outstanding": money("100.00 CHF"),
    "on_its_way": money("0.00 CHF"), "judged_on": FRIDAY, "today": FRIDAY,
}  # fmt: skip
AFTER = date(2026, 11, 7)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({}, None),
        ({"received": "100.00"}, PromiseState.KEPT),
        ({"received": "98.00"}, PromiseState.KEPT),
        ({"received": "97.99"}, None),
        ({"today": AFTER}, PromiseState.BROKEN),
        ({"today": AFTER, "received": "97.99"}, PromiseState.KEPT_IN_PART),
        ({"today": AFTER, "received": "98.00"}, PromiseState.KEPT),
        ({"today": AFTER, "on_its_way": "100.00"}, None),
        ({"today": AFTER, "on_its_way": "50.00"}, PromiseState.BROKEN),
        ({"today": AFTER, "on_its_way": "50.00", "received": "50.00"}, None),
        ({"outstanding": "0.00"}, PromiseState.CANCELLED),
        ({"outstanding": "0.00", "received": "100.00"}, PromiseState.KEPT),
    ],
)
def test_what_has_become_of_a_promise(given: dict[str, object], state: PromiseState | None):
    amounts = {
        name: money(f"{value} CHF") if isinstance(value, str) else value
        for name, value in given.items()
    }

    assert judge(money("100.00 CHF"), **{**CASE, **amounts}) is state  # type: ignore[arg-type]


def test_a_promise_within_the_tolerance_is_not_kept_by_nothing():
    case = {**CASE, "outstanding": money("1.50 CHF")}

    assert judge(money("1.50 CHF"), **case) is None  # type: ignore[arg-type]


def test_money_may_be_two_working_days_late():
    assert last_value_date(FRIDAY, **CH) == date(2026, 11, 10)


def test_a_person_follows_up_what_is_worth_a_persons_time():
    assert not needs_person(money("1000.00 CHF"), money("0.00 CHF"))
    assert needs_person(money("1000.01 CHF"), money("0.00 CHF"))
    assert not needs_person(money("2000.00 CHF"), money("1000.00 CHF"))


def test_a_promise_is_at_risk_the_working_day_before():
    case = {"promised_on": date(2026, 11, 9), **CH}
    amount, nothing = money("100.00 CHF"), money("0.00 CHF")

    assert not is_at_risk(amount, nothing, today=date(2026, 11, 5), **case)  # type: ignore[arg-type]
    assert is_at_risk(amount, nothing, today=FRIDAY, **case)  # type: ignore[arg-type]
    assert not is_at_risk(amount, money("99.00 CHF"), today=FRIDAY, **case)  # type: ignore[arg-type]


def test_one_is_believed_for_five_working_days():
    assert believed_until(MONDAY, **CH) == date(2026, 11, 9)
