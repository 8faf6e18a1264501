"""What of a payment went back, in the debtor's words; and paying where no card can be taken."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.pages import GoneBack, TransferOnlyPage
from receivables.parties.presentation import transfer_to
from receivables.parties.tables import Supplier
from receivables.payments import return_queries
from receivables.payments.refund_rules import RefundState
from receivables.payments.tables import Payment


def gone_back(session: Session, payment: Payment) -> tuple[GoneBack, ...]:
    """Refunds that were made and what the bank took back, oldest first; what we merely tried, or
    the bank merely asked, is not the debtor's matter.
    """
    supplier_id = payment.supplier_id
    refunds = [
        GoneBack(
            kind={
                RefundState.PENDING: "on_its_way",
                RefundState.SUCCEEDED: "sent_back",
                RefundState.FAILED: "came_back",
            }[RefundState(one.state)],  # type: ignore[arg-type]  # one of the three kinds
            amount=one.amount,
            at=one.state_since,
        )
        for one in return_queries.refunds_of(session, supplier_id, payment.id)
        if one.state in (RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED)
    ]
    taken = [
        GoneBack(
            kind="taken_back" if one.money == "withdrawn" else "given_again",
            amount=one.amount,
            at=one.opened_at if one.money == "withdrawn" else one.state_since,
        )
        for one in return_queries.chargebacks_of(session, supplier_id, payment.id)
        if one.money != "with_us"
    ]
    return tuple(sorted([*refunds, *taken], key=lambda one: one.at))


def transfer_only(
    asker: Asker, supplier: Supplier, trouble: str, numbers: Sequence[str]
) -> TransferOnlyPage:
    """Where no card can be taken now, with the reason and how to pay instead."""
    return TransferOnlyPage(
        head=head_with_person(asker, supplier),
        reason="currency" if trouble == "currency" else "supplier",
        transfer=transfer_to(supplier, ", ".join(numbers)[:140]),
    )
