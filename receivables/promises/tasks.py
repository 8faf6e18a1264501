"""Promises are judged when money comes and when their day has passed; mails about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from receivables.broker import Work, actor, reaction, scheduled
from receivables.clock import local_date
from receivables.history import Event, record
from receivables.ids import DebtorId, SupplierId
from receivables.ledger.events import CreditAllocated, TransferBooked
from receivables.parties import queries as parties
from receivables.payments.events import PaymentSettled
from receivables.ports import MailMessage, MailRefused
from receivables.promises import claiming
from receivables.promises.actions import due_debtors, look_at
from receivables.promises.composing import promise_message, proof_message
from receivables.promises.events import (
    ClaimEvent,
    ClaimNotFound,
    ClaimRefused,
    PromiseKept,
    PromiseMade,
    PromiseNotConfirmed,
    ProofAsked,
    ProofNotAsked,
)

_SENDING_TIME = timedelta(seconds=75)
#: A mail server may be away for hours, and the mail is still worth sending.
_HOURS_OF_RETRIES = 40
_CHUNK = 100


@scheduled("5,35 * * * *")
def begin_day(work: Work) -> None:
    """Once in each supplier's calendar day, soon after it begins: before anybody is reminded."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            day = local_date(now, supplier.zone)
            judge_day.enqueue(
                session, now=now, supplier_id=supplier.id,
                dedup=f"promises:{supplier.id}:{day}", day=day,
            )  # fmt: skip


@actor()
def judge_day(work: Work, day: date) -> None:
    """Judge the promises whose day has passed, and end what nobody found the money of."""
    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "a day is one supplier's"
    with work.reading() as session:
        debtors = due_debtors(session, supplier_id, day)
    for debtor_id in debtors:
        with work.transaction() as session:
            look_at(session, supplier_id, debtor_id, clock=clock)
    ended = _CHUNK
    while ended == _CHUNK:
        with work.transaction() as session:
            ended = claiming.lapse(session, supplier_id, day, most=_CHUNK, clock=clock)


@reaction(PaymentSettled)
def after_payment(work: Work, settled: PaymentSettled) -> None:
    _look(work, settled.supplier_id, settled.debtor_id, has_receipt=True)


@reaction(TransferBooked)
def after_transfer(work: Work, booked: TransferBooked) -> None:
    _look(work, booked.supplier_id, booked.debtor_id, has_receipt=False)


@reaction(CreditAllocated)
def after_credit(work: Work, allocated: CreditAllocated) -> None:
    _look(work, allocated.supplier_id, allocated.debtor_id, has_receipt=False)


def _look(
    work: Work, supplier_id: SupplierId, debtor_id: DebtorId | None, *, has_receipt: bool
) -> None:
    assert debtor_id is not None, "money is a debtor's"
    clock = work.runtime.clock
    with work.finish() as session:
        look_at(session, supplier_id, debtor_id, clock=clock, has_receipt=has_receipt)
        claiming.close_settled(session, supplier_id, debtor_id, clock=clock)


@reaction(PromiseMade, queue_name="mail", max_retries=_HOURS_OF_RETRIES, time_limit=_SENDING_TIME)
def confirm_promise(work: Work, made: PromiseMade) -> None:
    """Both sides have it in writing."""
    _mail_promise(work, made, "promise_made")


@reaction(PromiseKept, queue_name="mail", max_retries=_HOURS_OF_RETRIES, time_limit=_SENDING_TIME)
def thank_for_promise(work: Work, kept: PromiseKept) -> None:
    """Thanks; a payment made here has its receipt, which says so already."""
    if not kept.has_receipt:
        _mail_promise(work, kept, "promise_kept")


def _mail_promise(work: Work, event: PromiseMade | PromiseKept, name: str) -> None:
    runtime = work.runtime
    with work.transaction() as session:
        message = promise_message(
            session, event.supplier_id, event.promise_id, name,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    _send(
        work,
        message,
        refused=lambda reason: PromiseNotConfirmed(
            supplier_id=event.supplier_id,
            debtor_id=event.debtor_id,
            promise_id=event.promise_id,
            reason=reason,
        ),
    )


@reaction(ClaimNotFound, queue_name="mail", max_retries=_HOURS_OF_RETRIES, time_limit=_SENDING_TIME)
def ask_for_proof(work: Work, missed: ClaimNotFound) -> None:
    _ask_for_proof(work, missed)


@reaction(ClaimRefused, queue_name="mail", max_retries=_HOURS_OF_RETRIES, time_limit=_SENDING_TIME)
def ask_for_proof_first(work: Work, refused: ClaimRefused) -> None:
    _ask_for_proof(work, refused)


def _ask_for_proof(work: Work, event: ClaimEvent) -> None:
    runtime = work.runtime
    with work.transaction() as session:
        message = proof_message(
            session, event.supplier_id, event.claim_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    _send(
        work,
        message,
        sent=ProofAsked(
            supplier_id=event.supplier_id,
            debtor_id=event.debtor_id,
            claim_id=event.claim_id,
            amount=event.amount,
        ),
        refused=lambda reason: ProofNotAsked(
            supplier_id=event.supplier_id,
            debtor_id=event.debtor_id,
            claim_id=event.claim_id,
            reason=reason,
        ),
    )


def _send(
    work: Work,
    message: MailMessage | None,
    *,
    refused: Callable[[str], Event],
    sent: Event | None = None,
) -> None:
    """Hand it over, and write down what became of it where that is worth a line."""
    if message is None:
        return
    happened = sent
    try:
        work.runtime.mailer.send(message)
    except MailRefused as refusal:
        happened = refused(str(refusal)[:500])
    with work.finish() as session:
        if happened is not None:
            record(session, happened, clock=work.runtime.clock)
