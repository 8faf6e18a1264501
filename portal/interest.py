"""Late interest as the debtor sees it: itemised, beside what is to be paid and never part of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from portal.access import Asker
from portal.interest_pages import InterestRow, LateInterest
from receivables.dunning.lateness import claim_of
from receivables.interest.policies import policy_of
from receivables.interest.queries import Claim, ClaimState
from receivables.interest.tables import Stance
from receivables.invoices.tables import Invoice

#: Whoever waived it, has not decided yet, or could not reckon it, does not bring it up.
_SHOWN = (ClaimState.COULD_APPLY, ClaimState.CLAIMED)


def late_interest(
    session: Session, asker: Asker, invoice: Invoice, today: date
) -> LateInterest | None:
    """What lateness has come to on an invoice, where the supplier says a word of it."""
    supplier_id = asker.access.supplier_id
    if today <= invoice.due_on or policy_of(session, supplier_id).stance is Stance.SILENT:
        return None
    return shown(claim_of(session, supplier_id, invoice.id, today))


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
        compensation=found.compensation,
        compensation_source=found.compensation_source,
        totals=found.totals,
    )
