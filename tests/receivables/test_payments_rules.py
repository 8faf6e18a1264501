"""What may be paid, and how an attempt moves: no database, no gateway."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from receivables.ids import DebtorId, InvoiceId, new_id
from receivables.money import CurrencyMismatch, Money
from receivables.payments.errors import (
    CardPaymentUnavailable,
    NothingToPay,
    PaymentAboveMaximum,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
)
from receivables.payments.rules import (
    CHARGE_REPEATABLE,
    LIVE,
    PAGE_LIFETIME,
    TRANSITIONS,
    Authenticate,
    Channel,
    GiveUp,
    NewCard,
    Part,
    PaymentState,
    Report,
    Retry,
    absence_is_certain,
    check_choice,
    fingerprint,
    may_send_again,
    next_check,
    retry_advice,
    transition,
)
from tests.support.builders import money

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ONE, TWO = InvoiceId(new_id()), InvoiceId(new_id())
DEBTOR = DebtorId(new_id())


def days(count: int) -> timedelta:
    return timedelta(days=count)


#: Per state, where each report leads; a report that is missing leads nowhere.
EXPECTED = {
    "started": "sent>sent refused>failed open>open processing>processing paid>settled "
    "failed>failed expired>expired absent>expired",
    "sent": "unclear>unknown refused>failed open>open processing>processing paid>settled "
    "failed>failed expired>expired absent>expired",
    "open": "processing>processing paid>settled failed>failed expired>expired missing>unknown",
    "processing": "paid>settled failed>failed missing>unknown",
    "settled": "",
    "failed": "processing>processing paid>settled",
    "expired": "processing>processing paid>settled",
    "unknown": "open>open processing>processing paid>settled failed>failed expired>expired "
    "absent>expired",
}


@pytest.mark.parametrize(("state", "report"), list(product(PaymentState, Report)))
def test_every_state_answers_every_report(state: PaymentState, report: Report) -> None:
    steps = dict(step.split(">") for step in EXPECTED[state].split())

    assert transition(state, report) == steps.get(report)


def test_what_is_settled_stays_settled() -> None:
    assert {transition(PaymentState.SETTLED, report) for report in Report} == {None}


def test_money_the_gateway_has_taken_is_booked_from_any_state() -> None:
    others = set(PaymentState) - {PaymentState.SETTLED}

    assert {transition(state, Report.PAID) for state in others} == {PaymentState.SETTLED}


def test_what_is_over_does_not_open_again() -> None:
    for state in (PaymentState.FAILED, PaymentState.EXPIRED):
        assert transition(state, Report.OPEN) is None
        assert transition(state, Report.SENT) is None


def test_no_live_state_is_a_dead_end() -> None:
    for state in LIVE:
        reached, edge = {state}, {state}
        while edge:
            edge = {after for (before, _), after in TRANSITIONS.items() if before in edge} - reached
            reached |= edge
        assert reached - LIVE, state


def test_no_answer_and_a_breakdown_are_never_a_failure() -> None:
    for state, report in product(LIVE, (Report.SILENT, Report.UNCLEAR)):
        assert transition(state, report) in (None, PaymentState.UNKNOWN)


def test_the_same_request_is_sent_again_only_while_its_key_and_its_page_are_young() -> None:
    def may(after: timedelta, expires_after: timedelta = PAGE_LIFETIME) -> bool:
        return may_send_again(
            Channel.CHECKOUT, sent_at=NOON, expires_at=NOON + expires_after, now=NOON + after
        )

    assert may(timedelta(0))
    assert may(timedelta(minutes=4))
    assert not may(timedelta(minutes=6))
    assert may(timedelta(hours=19, minutes=59), expires_after=timedelta(days=2))
    assert not may(timedelta(hours=20), expires_after=timedelta(days=2))


def test_a_charge_is_sent_again_only_while_what_it_was_decided_on_stands() -> None:
    def may(after: timedelta) -> bool:
        return may_send_again(
            Channel.CHARGE, sent_at=NOON, expires_at=NOON + CHARGE_REPEATABLE, now=NOON + after
        )

    assert may(timedelta(minutes=59))
    assert not may(timedelta(hours=1))


@pytest.mark.parametrize(
    ("code", "decline", "advice", "tries", "advised"),
    [
        ("insufficient_funds", "insufficient_funds", "try_again_later", 1, Retry(days(1))),
        ("insufficient_funds", "insufficient_funds", "try_again_later", 2, Retry(days(3))),
        ("generic_decline", "generic_decline", "", 3, Retry(days(7))),
        ("generic_decline", "generic_decline", "", 4, GiveUp()),
        ("processing_error", "", "try_again_later", 1, Retry(days(1))),
        ("lost_card", "lost_card", "do_not_try_again", 1, NewCard()),
        ("stolen_card", "stolen_card", "", 1, NewCard()),
        ("expired_card", "", "confirm_card_data", 1, NewCard()),
        ("generic_decline", "generic_decline", "do_not_try_again", 1, NewCard()),
        ("payment_method_unexpected_state", "", "", 1, NewCard()),
        ("authentication_required", "authentication_required", "", 1, Authenticate()),
        ("authentication_required", "", "", 4, Authenticate()),
        ("unreached", "", "", 4, Retry(timedelta(hours=1))),
        ("not_configured", "", "", 1, Retry(timedelta(hours=1))),
    ],
)
def test_what_follows_a_refused_charge_depends_on_what_the_bank_said(
    code: str, decline: str, advice: str, tries: int, advised: object
) -> None:
    assert retry_advice(code, decline, advice, tries) == advised


def test_finding_nothing_proves_nothing_while_the_request_may_be_at_work() -> None:
    assert not absence_is_certain(sent_at=NOON, now=NOON + timedelta(seconds=119))
    assert absence_is_certain(sent_at=NOON, now=NOON + timedelta(seconds=120))


def test_the_unknown_is_looked_at_after_five_minutes_an_hour_five_days_and_then_by_a_person() -> (
    None
):
    looks, now = [], NOON
    while (due := next_check(PaymentState.UNKNOWN, NOON, now)) is not None:
        looks.append(due - now)
        now = due

    assert looks == [timedelta(minutes=5), timedelta(hours=1), *[timedelta(days=1)] * 5]


def test_a_look_out_of_turn_does_not_move_the_next_one() -> None:
    due = next_check(PaymentState.UNKNOWN, NOON, NOON)

    assert next_check(PaymentState.UNKNOWN, NOON, NOON + timedelta(minutes=3)) == due


def test_an_open_page_is_looked_at_every_five_minutes_until_it_is_over() -> None:
    for minutes, due in [(0, 5), (4, 5), (5, 10), (5001, 5005)]:
        now = NOON + timedelta(minutes=minutes)
        assert next_check(PaymentState.OPEN, NOON, now) == NOON + timedelta(minutes=due)


@pytest.mark.parametrize("state", sorted(set(PaymentState) - LIVE))
def test_nobody_looks_at_what_is_over(state: PaymentState) -> None:
    assert next_check(state, NOON, NOON) is None


@pytest.mark.parametrize("state", sorted(LIVE))
def test_every_live_state_is_looked_at(state: PaymentState) -> None:
    due = next_check(state, NOON, NOON)

    assert due is not None
    assert due > NOON


def test_a_choice_is_the_sum_of_its_parts() -> None:
    outstanding = {ONE: money("100.00 CHF"), TWO: money("50.00 CHF")}
    parts = [Part(ONE, money("100.00 CHF")), Part(TWO, money("20.00 CHF"))]

    assert check_choice(parts, outstanding, None) == money("120.00 CHF")


def test_nothing_chosen_and_nothing_outstanding_are_nothing_to_pay() -> None:
    with pytest.raises(NothingToPay):
        check_choice([], {}, None)
    with pytest.raises(NothingToPay):
        check_choice([Part(ONE, money("0.00 CHF"))], {ONE: money("5.00 CHF")}, None)
    with pytest.raises(NothingToPay):
        check_choice([Part(ONE, money("5.00 CHF"))], {ONE: money("0.00 CHF")}, None)


def test_more_than_is_outstanding_of_one_invoice_is_refused_whatever_the_sum() -> None:
    outstanding = {ONE: money("10.00 CHF"), TWO: money("90.00 CHF")}

    with pytest.raises(PaymentExceedsOutstanding) as refused:
        check_choice(
            [Part(ONE, money("10.01 CHF")), Part(TWO, money("1.00 CHF"))], outstanding, None
        )

    assert refused.value.outstanding == money("10.00 CHF")


def test_the_suppliers_least_payment_holds_for_a_part_but_not_for_the_whole() -> None:
    least = money("20.00 CHF")
    outstanding = {ONE: money("15.00 CHF"), TWO: money("90.00 CHF")}

    assert check_choice([Part(ONE, money("15.00 CHF"))], outstanding, least)
    assert check_choice([Part(TWO, money("20.00 CHF"))], outstanding, least)
    with pytest.raises(PaymentBelowMinimum):
        check_choice([Part(TWO, money("19.99 CHF"))], outstanding, least)


def test_stripes_least_amount_holds_even_for_the_whole() -> None:
    assert check_choice([Part(ONE, money("0.50 CHF"))], {ONE: money("0.50 CHF")}, None)
    with pytest.raises(PaymentBelowMinimum):
        check_choice([Part(ONE, money("0.49 CHF"))], {ONE: money("0.49 CHF")}, None)
    with pytest.raises(PaymentBelowMinimum):
        check_choice([Part(ONE, money("49 JPY"))], {ONE: money("49 JPY")}, None)


def test_more_than_eight_digits_go_by_bank_transfer() -> None:
    amount = Money(100_000_000, "EUR")

    with pytest.raises(PaymentAboveMaximum):
        check_choice([Part(ONE, amount)], {ONE: amount}, None)


def test_a_currency_stripe_does_not_take_from_us_is_said_so() -> None:
    with pytest.raises(CardPaymentUnavailable) as refused:
        check_choice([Part(ONE, money("5.000 KWD"))], {ONE: money("5.000 KWD")}, None)

    assert refused.value.reason == "currency"


def test_two_currencies_are_not_one_payment() -> None:
    outstanding = {ONE: money("100.00 CHF"), TWO: money("50.00 EUR")}

    with pytest.raises(CurrencyMismatch):
        check_choice(
            [Part(ONE, money("9.00 CHF")), Part(TWO, money("9.00 EUR"))], outstanding, None
        )


def test_the_same_choice_has_the_same_fingerprint_in_any_order() -> None:
    one, two = Part(ONE, money("1.00 CHF")), Part(TWO, money("2.00 CHF"))

    assert fingerprint(DEBTOR, [one, two]) == fingerprint(DEBTOR, [two, one])
    assert fingerprint(DEBTOR, [one, two]) != fingerprint(DEBTOR, [one])
    assert fingerprint(DEBTOR, [one]) != fingerprint(DEBTOR, [Part(ONE, money("1.01 CHF"))])
    assert fingerprint(DEBTOR, [one]) != fingerprint(DEBTOR, [Part(ONE, money("1.00 EUR"))])
    assert fingerprint(DEBTOR, [one]) != fingerprint(DebtorId(new_id()), [one])
