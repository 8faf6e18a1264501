"""Late interest as the debtor sees it: itemised, beside what is to be paid and never part of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from portal.access import Asker
from portal.interest_pages import InterestRow, LateInterest, NoteRow
from receivables.dunning.lateness import claim_of
from receivables.interest.notes import ClaimNote, note_called, notes_for
from receivables.interest.policies import policy_of
from receivables.interest.queries import Claim, ClaimState
from receivables.interest.tables import Stance
from receivables.invoices.queries import of_supplier
from receivables.invoices.tables import Invoice
from receivables.money import Money

#: Whoever waived it, has not decided yet, or could not reckon it, does not bring it up.
_SHOWN = (ClaimState.COULD_APPLY, ClaimState.CLAIMED)


def late_interest(
    session: Session, asker: Asker, invoice: Invoice, today: date
) -> LateInterest | None:
    """What lateness has come to on an invoice: what notes claim of it, and what has run up since,
    where the supplier says a word of that.
    """
    supplier_id = asker.access.supplier_id
    note = note_called(session, supplier_id, invoice.id)
    if note is not None:
        late = of_supplier(session, supplier_id, note.invoice_id)
        return replace(_nothing(invoice, today), note_for=late.number)
    if today <= invoice.due_on:
        return None
    notes = tuple(_note(one) for one in notes_for(session, supplier_id, invoice.id))
    run_up = None
    if policy_of(session, supplier_id).stance is not Stance.SILENT:
        run_up = shown(claim_of(session, supplier_id, invoice.id, today))
    if run_up is None and not notes:
        return None
    return replace(run_up or _nothing(invoice, today), notes=notes)


def _nothing(invoice: Invoice, today: date) -> LateInterest:
    nothing = Money.zero(invoice.total.currency)
    return LateInterest(
        is_claimed=True,
        on=today,
        rows=(),
        interest=nothing,
        withheld=nothing,
        noted=nothing,
        compensation=None,
        compensation_source="",
        totals=(),
    )


def _note(one: ClaimNote) -> NoteRow:
    return NoteRow(
        number=one.number,
        first_day=one.first_day,
        last_day=one.last_day,
        total=one.total,
        outstanding=one.outstanding,
    )


def shown(claim: Claim) -> LateInterest | None:
    """A claim as a debtor may see it; None where nothing is said."""
    found = claim.reckoning
    if found is None or claim.state not in _SHOWN:
        return None
    return LateInterest(
        is_claimed=claim.state is ClaimState.CLAIMED,
        on=claim.on,
        rows=tuple(
            InterestRow(
                first_day=one.first_day,
                last_day=one.last_day,
                days=one.days,
                principal=one.principal,
                percent=one.percent,
                source=one.source,
                amount=one.amount,
            )
            for one in found.interest.segments
        ),
        interest=found.interest.total,
        withheld=found.withheld,
        noted=found.noted,
        compensation=found.compensation,
        compensation_source=found.compensation_source,
        totals=found.totals,
    )
