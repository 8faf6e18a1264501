"""What stands between the debtor and the supplier beside invoices: disputes, promises,
declarations of having paid, instalment plans; and what of the debt is held for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from portal.access import Asker
from portal.account_pages import AccountMatters
from portal.claims import claim_lines
from portal.dispute_pages import DisputeLine
from portal.disputes import dispute_lines
from portal.known import Known, known_of
from portal.plans import plan_lines
from portal.promises import promise_lines
from receivables.dunning.holding import holds_of
from receivables.i18n import reading_as
from receivables.ids import InvoiceId
from receivables.ledger.holds import Hold, by_invoice, standing
from receivables.runtime import Runtime


def known_to(session: Session, asker: Asker) -> Known:
    """Which kinds of matter the asker's debtor has ever had."""
    return known_of(session, asker.access.supplier_id, asker.access.debtor_id)


def held(
    session: Session, asker: Asker, known: Known, today: date
) -> dict[InvoiceId, Sequence[Hold]]:
    """What is not asked for today, by invoice."""
    if not known:
        return {}
    holds = holds_of(session, asker.access.supplier_id, asker.access.debtor_id)
    return dict(by_invoice(standing(holds, today)))


def matters_of(session: Session, asker: Asker, known: Known, runtime: Runtime) -> AccountMatters:
    """What the account shows of them."""
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    with reading_as(asker.reader.locale, asker.reader.zone):
        return AccountMatters(
            disputes=tuple(dispute_lines(session, supplier_id, debtor_id, runtime))
            if known.disputes
            else (),
            promises=tuple(promise_lines(session, asker)) if known.promises else (),
            claims=tuple(claim_lines(session, asker)) if known.claims else (),
            plans=tuple(plan_lines(session, asker, runtime)) if known.plans else (),
        )


def invoice_disputes(
    session: Session, asker: Asker, known: Known, number: str, runtime: Runtime
) -> tuple[DisputeLine, ...]:
    """The disputes that one invoice is or was in."""
    if not known.disputes:
        return ()
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    with reading_as(asker.reader.locale, asker.reader.zone):
        return dispute_lines(session, supplier_id, debtor_id, runtime, number=number)
