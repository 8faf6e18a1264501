"""Paying by bank transfer, as text and as a payment slip over what is due now."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from portal.access import Asker
from receivables.ids import PlanId
from receivables.invoices.tables import Invoice
from receivables.money import Money
from receivables.parties.heads import TransferDetails
from receivables.slips.presentation import details_of, slip_for_account, slip_for_invoice


def transfer_for_account(
    asker: Asker, due: Money, numbers: Sequence[str] = ()
) -> TransferDetails | None:
    """For all that is due in a currency, or for the invoices of `numbers`."""
    access = asker.access
    slip = slip_for_account(
        access.supplier, access.supplier_country, access.debtor_id, ", ".join(numbers), due
    )
    return details_of(
        slip,
        access.supplier,
        otherwise=", ".join(numbers)[:140] or access.debtor_number,
        image=slip_address(due.currency, numbers),
        letter=slip_address(due.currency, numbers, "pdf"),
    )


def transfer_for_invoice(
    asker: Asker, invoice: Invoice, due: Money, *, plan_id: PlanId | None = None
) -> TransferDetails | None:
    """For what is due of one invoice, or of the plan that it is in."""
    access = asker.access
    key = (invoice.id, invoice.number, invoice.payment_reference)
    slip = slip_for_invoice(access.supplier, access.supplier_country, key, due)
    return details_of(
        slip,
        access.supplier,
        otherwise=invoice.payment_reference or invoice.number,
        image=slip_address(due.currency, [invoice.number], plan_id=plan_id),
        letter=slip_address(due.currency, [invoice.number], "pdf", plan_id=plan_id),
    )


def slip_address(
    currency: str, numbers: Sequence[str], ending: str = "svg", *, plan_id: PlanId | None = None
) -> str:
    """Where the slip of these invoices is, or of a plan's next instalment; of all in a currency
    without any.
    """
    asked = [("currency", currency), *(("invoice", number) for number in numbers)]
    if plan_id is not None:
        asked = [("plan", str(plan_id))]
    return f"/slip.{ending}?{urlencode(asked)}"
