"""Late interest on one invoice: what it has come to, what is claimed of it, what is given back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.account_words import account_words
from backoffice.interest_pages import ClaimPage, InterestPart
from receivables.dunning.lateness import claim_of, claim_on, credit_back
from receivables.ids import InvoiceId
from receivables.interest.claiming import (
    DayToCome,
    NothingToClaim,
    NothingToCredit,
    waive_note,
)
from receivables.interest.notes import note_called
from receivables.interest.notices import NoNoticeThen, note_notice
from receivables.interest.policies import decide
from receivables.interest.queries import Claim
from receivables.interest.rates import SERIES_NAMES
from receivables.invoices.queries import of_supplier
from receivables.invoices.tables import Invoice
from receivables.ledger.revenue import ACCOUNTS, standing
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)


@get("/invoices/{invoice_id:uuid}/interest", sync_to_thread=True)
def show_claim(invoice_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    """What lateness has come to on an invoice, item by item, or why nothing was reckoned."""
    with asker.reading() as session:
        page = claim_page(session, asker, InvoiceId(invoice_id))
    return asker.page("claim_interest.html", page)


def claim_page(session: Session, asker: Asker, invoice_id: InvoiceId) -> ClaimPage:
    """Raises NoSuchInvoice."""
    supplier_id = asker.supplier_id
    claim = claim_of(session, supplier_id, invoice_id, asker.today)
    found = claim.reckoning
    nothing = Money.zero(of_supplier(session, supplier_id, invoice_id).total.currency)
    return ClaimPage(
        head=asker.head(session, "invoices"),
        notice=asker.notice(),
        invoice_id=invoice_id,
        number=claim.number,
        debtor_name=parties.debtor(session, supplier_id, claim.debtor_id).name,
        on=claim.on,
        state=claim.state,
        segments=found.interest.segments if found else (),
        interest=found.interest.total if found else None,
        withheld=found.withheld if found else None,
        noted=found.noted if found else nothing,
        overclaimed=found.overclaimed if found else nothing,
        compensation=found.compensation if found else None,
        compensation_source=found.compensation_source if found else "",
        totals=found.totals if found else (),
        missing=(SERIES_NAMES[claim.missing.series], claim.missing.day) if claim.missing else None,
        needs=claim.needs,
        notes=claim.notes,
        note_for=_note_for(session, asker, invoice_id),
        claimed_to=found.claimed_to if found else None,
    )


def interest_part(session: Session, asker: Asker, invoice: Invoice) -> InterestPart | None:
    """What an invoice's page says of late interest; None where there is nothing to say."""
    if invoice.kind != "invoice":
        return None
    note_for = _note_for(session, asker, invoice.id)
    if note_for is None and asker.today <= invoice.due_on:
        return None
    claim = claim_of(session, asker.supplier_id, invoice.id, asker.today)
    run_up = claim.reckoning.totals if claim.reckoning else ()
    if not (note_for or claim.notes or run_up):
        return None
    booked = () if note_for is None else _booked(session, invoice)
    return InterestPart(
        state=claim.state, notes=claim.notes, run_up=run_up, note_for=note_for, booked=booked
    )


def _booked(session: Session, note: Invoice) -> tuple[tuple[str, Money], ...]:
    """Accounts by name, and what of the note stands in each."""
    stands = standing(session, note.supplier_id, [note.id], note.total.currency)
    return tuple((account_words(one), stands[one]) for one in ACCOUNTS if one in stands)


def _note_for(
    session: Session, asker: Asker, invoice_id: InvoiceId
) -> tuple[InvoiceId, str] | None:
    """The invoice that a note claims interest on, and its number."""
    note = note_called(session, asker.supplier_id, invoice_id)
    if note is None:
        return None
    return note.invoice_id, of_supplier(session, asker.supplier_id, note.invoice_id).number


@post("/invoices/{invoice_id:uuid}/interest", sync_to_thread=True)
def decide_interest(
    invoice_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """Claim the interest of an invoice (`until` a day, otherwise today), keep it, or (anything
    else) waive it.
    """
    found, choice = InvoiceId(invoice_id), field(data, "choice")
    if choice == "claim":
        return _claim(collector, found, field(data, "until"))
    with collector.transaction() as session:
        decide(
            session,
            supplier_id=collector.supplier_id,
            invoice_id=found,
            keep=choice == "keep",
            by=f"staff:{collector.me.staff_id}",
            clock=collector.runtime.clock,
        )
    notice = "interest_kept" if choice == "keep" else "interest_waived"
    return collector.back("/settings/interest", notice)


def _claim(collector: Asker, invoice_id: InvoiceId, until: str) -> Redirect:
    try:
        day = date.fromisoformat(until) if until else collector.today
    except ValueError:
        return collector.back(_page_of(invoice_id), "interest_day")

    def claim(session: Session) -> None:
        notes = claim_on(
            session,
            collector.supplier_id,
            invoice_id,
            day,
            by=f"staff:{collector.me.staff_id}",
            clock=collector.runtime.clock,
        )
        log.info("interest.claimed", by=str(collector.me.staff_id), notes=len(notes))

    return _changed(collector, invoice_id, claim, "interest_claimed")


@post("/invoices/{invoice_id:uuid}/interest/given", sync_to_thread=True)
def take_notice(
    invoice_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """Write down that notice was given (`on`, `way`: electronic or post)."""
    found = InvoiceId(invoice_id)
    with collector.reading() as session:
        of_supplier(session, collector.supplier_id, found)
    try:
        on = date.fromisoformat(field(data, "on"))
    except ValueError:
        return collector.back(_page_of(found), "interest_notice_day")

    def note(session: Session) -> None:
        note_notice(
            session,
            supplier_id=collector.supplier_id,
            invoice_id=found,
            on=on,
            way="post" if field(data, "way") == "post" else "electronic",
            by=f"staff:{collector.me.staff_id}",
            clock=collector.runtime.clock,
        )

    return _changed(collector, found, note, "interest_notice_noted")


@post("/invoices/{invoice_id:uuid}/interest/waive", sync_to_thread=True)
def waive_interest_note(
    invoice_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """Take back what is open of one note (`note`) of the invoice."""

    def waive(session: Session) -> None:
        claim = claim_of(session, collector.supplier_id, InvoiceId(invoice_id), collector.today)
        note = _note_of(claim, field(data, "note"))
        waive_note(
            session,
            supplier_id=collector.supplier_id,
            note_id=note,
            clock=collector.runtime.clock,
        )

    return _changed(collector, InvoiceId(invoice_id), waive, "interest_note_waived")


def _note_of(claim: Claim, number: str) -> InvoiceId:
    """Raises NothingToCredit where the invoice has no note of this number."""
    for one in claim.notes:
        if one.number == number:
            return one.note_id
    raise NothingToCredit(claim.invoice_id)


@post("/invoices/{invoice_id:uuid}/interest/give-back", sync_to_thread=True)
def give_back_interest(invoice_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Credit what was claimed too much."""

    def give_back(session: Session) -> None:
        credit_back(
            session,
            collector.supplier_id,
            InvoiceId(invoice_id),
            collector.today,
            by=f"staff:{collector.me.staff_id}",
            clock=collector.runtime.clock,
        )

    return _changed(collector, InvoiceId(invoice_id), give_back, "interest_given_back")


def _changed(
    collector: Asker, invoice_id: InvoiceId, change: Callable[[Session], None], notice: str
) -> Redirect:
    """Back to the page, with what was done, or why nothing was."""
    try:
        with collector.transaction() as session:
            change(session)
    except DayToCome:
        notice = "interest_day"
    except NoNoticeThen:
        notice = "interest_notice_day"
    except NothingToClaim:
        notice = "interest_nothing_to_claim"
    except NothingToCredit:
        notice = "interest_nothing_to_credit"
    return collector.back(_page_of(invoice_id), notice)


def _page_of(invoice_id: InvoiceId) -> str:
    return f"/invoices/{invoice_id}/interest"
