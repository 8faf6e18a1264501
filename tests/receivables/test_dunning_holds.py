"""What keeps dunning from asking: holds on an invoice, and a stop on every demand."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from receivables.credit.rules import Standing
from receivables.dunning.rules import Reason, dunnable
from receivables.ids import InvoiceId, PromiseId
from receivables.ledger.holds import Hold, HoldReason
from receivables.promises.rules import BrokenPromise
from tests.support.dunning_cases import FRIDAY, account, chf, item, verdict_on


def hold(number: int = 1, reason: HoldReason = HoldReason.DISPUTED, **given: object) -> Hold:
    return Hold(invoice_id=InvoiceId(UUID(int=number)), reason=reason, **given)  # type: ignore[arg-type]


def test_the_contested_part_is_stated_and_the_rest_asked_for() -> None:
    """300 of 1,000 contested, 700 payable."""
    contested = item(amount="1000.00", holds=(hold(amount=chf("300.00")),))

    verdict = verdict_on(FRIDAY + timedelta(days=10), account(contested))

    assert verdict.total == chf("700.00")
    assert [(line.item.number, line.item.disputed) for line in verdict.disputed] == [
        ("2026-1", chf("300.00"))
    ]


@pytest.mark.parametrize("reason", list(HoldReason))
def test_an_invoice_held_as_a_whole_is_left_alone_and_says_why(reason: HoldReason) -> None:
    verdict = verdict_on(FRIDAY + timedelta(days=10), account(item(holds=(hold(reason=reason),))))

    assert (verdict.step, verdict.reason) == (None, Reason(reason.value))
    assert [line.reason for line in verdict.held] == [Reason(reason.value)]


def test_what_one_invoice_is_held_for_does_not_spare_another() -> None:
    promised = item(1, holds=(hold(reason=HoldReason.PROMISED),))

    verdict = verdict_on(FRIDAY + timedelta(days=10), account(promised, item(2)))

    assert [line.item.number for line in verdict.lines] == ["2026-2"]
    assert [line.reason for line in verdict.held] == [Reason.PROMISED]


def test_when_a_hold_has_run_out_the_step_that_was_due_is_taken_at_once() -> None:
    last_day = FRIDAY + timedelta(days=11)
    promised = item(holds=(hold(reason=HoldReason.PROMISED, until=last_day),))

    assert verdict_on(last_day, account(promised)).step is None
    after = verdict_on(last_day + timedelta(days=1), account(promised))
    assert [line.reason for line in after.lines] == [Reason.CAUGHT_UP]


def test_a_broken_promise_brings_the_next_step_forward_by_one_and_only_of_what_is_overdue() -> None:
    day = FRIDAY + timedelta(days=4)
    promise = BrokenPromise(
        id=PromiseId(UUID(int=7)), amount=chf("100.00"), received=chf("0.00"),
        promised_on=FRIDAY, broken_on=day,
    )  # fmt: skip
    reminded = item(taken=frozenset(("r1",)), broken=promise)

    before = verdict_on(day - timedelta(days=1), account(reminded, last_level=1))
    at_once = verdict_on(day, account(reminded, last_level=1))
    after_all = item(taken=frozenset(("r1", "r2")), broken=promise)
    coming = item(due_on=day, taken=frozenset(("courtesy",)), broken=promise)

    assert before.step is None
    assert [(line.step.name, line.reason) for line in at_once.lines if line.step] == [
        ("r2", Reason.PROMISE_BROKEN)
    ]
    assert verdict_on(day, account(after_all, last_level=2)).step is None
    assert verdict_on(day, account(coming)).step is None


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing(stop_reason="talks with their lawyer"), Reason.STOPPED),
        (Standing(stop_reason="talks", stopped_until=FRIDAY + timedelta(days=10)), Reason.STOPPED),
        (Standing(insolvent_on=FRIDAY), Reason.INSOLVENT),
    ],
)
def test_nothing_is_demanded_of_a_debtor_whose_demands_are_stopped(
    standing: Standing, reason: Reason
) -> None:
    verdict = verdict_on(FRIDAY + timedelta(days=10), account(item(), standing=standing))

    assert (verdict.step, verdict.reason) == (None, reason)


def test_a_stop_that_has_run_out_stops_nothing() -> None:
    stopped = Standing(stop_reason="talks", stopped_until=FRIDAY + timedelta(days=9))

    assert verdict_on(FRIDAY + timedelta(days=10), account(item(), standing=stopped)).step


def test_holds_and_payments_together_never_ask_for_less_than_nothing() -> None:
    both = item(
        processing=chf("70.00"), holds=(hold(amount=chf("60.00")), hold(amount=chf("90.00")))
    )

    assert dunnable(both) == chf("0.00")
