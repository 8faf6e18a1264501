"""What disputes leave to be done: mails, credit notes that arrive, and the calendar."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from receivables.broker import Work, actor, reaction, scheduled
from receivables.disputes import composing, deciding, steps, watching
from receivables.disputes.composing import Occasion
from receivables.disputes.events import DisputeMailNotSent
from receivables.disputes.queries import one
from receivables.disputes.steps import Letter, Memo
from receivables.history import record
from receivables.ids import ContactId, DisputeId, StaffId, SupplierId
from receivables.invoices.events import CreditNoteIssued
from receivables.parties import queries as parties
from receivables.parties.actions import mark_bounced
from receivables.ports import MailMessage, MailRefused

_SENDING_TIME = timedelta(seconds=75)
_TRIES = 40


@actor(queue_name="mail", max_retries=_TRIES, time_limit=_SENDING_TIME)
def tell_debtor(
    work: Work,
    of_supplier: SupplierId,
    dispute_id: DisputeId,
    event_id: UUID,
    quoting: UUID | None,
    letter: Letter,
) -> None:
    """Mail the debtor about one step: at least once, always under one Message-ID."""
    runtime = work.runtime
    about = Occasion(
        supplier_id=of_supplier, dispute_id=dispute_id, event_id=event_id, quoting=quoting
    )
    with work.transaction() as session:
        contact = composing.recipient(session, about)
        if contact is None:
            return
        message = composing.letter(
            session, about, letter, contact, settings=runtime.settings, clock=runtime.clock
        )
    _send(work, message, about, contact_id=contact.id)


def _send(
    work: Work, message: MailMessage, about: Occasion, *, contact_id: ContactId | None = None
) -> None:
    """Hand it over; one that is turned down for good stands in the history."""
    clock = work.runtime.clock
    try:
        work.runtime.mailer.send(message)
    except MailRefused as refusal:
        with work.finish() as session:
            if refusal.address_is_dead and contact_id is not None:
                mark_bounced(
                    session, supplier_id=about.supplier_id, contact_id=contact_id, clock=clock
                )
            view = one(session, about.supplier_id, about.dispute_id)
            happened = DisputeMailNotSent(
                supplier_id=about.supplier_id,
                debtor_id=view.debtor_id,
                dispute_id=view.id,
                reference=view.reference,
                reason=str(refusal)[:500],
            )
            record(session, happened, clock=clock)
    else:
        with work.finish():
            pass


@actor()
def tell_staff(
    work: Work,
    of_supplier: SupplierId,
    dispute_id: DisputeId,
    event_id: UUID,
    quoting: UUID | None,
    memo: Memo,
    term: str,
    percent: int,
) -> None:
    """One mail for each of the staff whom it concerns."""
    with work.finish() as session:
        for staff_id in composing.readers(session, of_supplier, dispute_id, percent=percent):
            send_memo.enqueue(
                session,
                now=work.runtime.clock.now(),
                supplier_id=of_supplier,
                of_supplier=of_supplier,
                dispute_id=dispute_id,
                event_id=event_id,
                quoting=quoting,
                memo=memo,
                staff_id=staff_id,
                term=term,
                percent=percent,
            )


@actor(queue_name="mail", max_retries=_TRIES, time_limit=_SENDING_TIME)
def send_memo(
    work: Work,
    of_supplier: SupplierId,
    dispute_id: DisputeId,
    event_id: UUID,
    quoting: UUID | None,
    memo: Memo,
    staff_id: StaffId,
    term: str,
    percent: int,
) -> None:
    """Mail one of the staff: at least once, always under one Message-ID."""
    runtime = work.runtime
    about = Occasion(
        supplier_id=of_supplier, dispute_id=dispute_id, event_id=event_id, quoting=quoting
    )
    with work.reading() as session:
        message = composing.memo(
            session,
            about,
            memo,
            staff_id,
            term=term,
            percent=percent,
            settings=runtime.settings,
            clock=runtime.clock,
        )
    if message is not None:
        _send(work, message, about)


assert (tell_debtor.name, tell_staff.name) == (steps.TELL_DEBTOR, steps.TELL_STAFF)


@reaction(CreditNoteIssued)
def take_credit_note(work: Work, issued: CreditNoteIssued) -> None:
    """What was upheld is in the books now."""
    assert issued.invoice_id is not None, "a credit note has an id"
    with work.finish() as session:
        deciding.take_credit_note(
            session, issued.supplier_id, issued.invoice_id, clock=work.runtime.clock
        )


@scheduled("9 * * * *")
def look_at_calendar(work: Work) -> None:
    """Have the disputes of every supplier looked through."""
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            look.enqueue(
                session,
                now=work.runtime.clock.now(),
                supplier_id=supplier.id,
                of_supplier=supplier.id,
            )


@actor(max_retries=3)
def look(work: Work, of_supplier: SupplierId) -> None:
    """Warn, remind, expire and close what the calendar says."""
    with work.finish() as session:
        watching.look(session, of_supplier, clock=work.runtime.clock)
