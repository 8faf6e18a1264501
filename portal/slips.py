"""Paying by bank transfer: the account's numbers as text, and as a code for a banking app."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from portal.access import Asker
from portal.account import open_account
from receivables.invoices import queries as invoices
from receivables.invoices.queries import NoSuchInvoice
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.runtime import Runtime
from receivables.slips.drawing import as_svg
from receivables.slips.presentation import slip_for_account, slip_for_invoice
from receivables.slips.rules import Slip


def slip_asked_for(
    session: Session, asker: Asker, runtime: Runtime, currency: str, numbers: list[str]
) -> Slip:
    """The slip over what is due now of some invoices, or of all in a currency: the sum that the
    account's page asks for. Raises NoSuchInvoice where there is none.
    """
    access = asker.access
    account = open_account(session, asker, runtime)
    wanted = frozenset(numbers) or None
    rows = [row for row in account.invoices(currency) if wanted is None or row.number in wanted]
    due = Money.total((row.payable for row in rows), currency) if rows else None
    if due is None:
        raise NoSuchInvoice(currency)
    supplier = parties.supplier(session, access.supplier_id)
    debtor = parties.debtor(session, access.supplier_id, access.debtor_id)
    if len(numbers) == 1:
        own = invoices.of_debtor(session, access.supplier_id, access.debtor_id, numbers[0])
        slip = slip_for_invoice(
            supplier, supplier.country, (own.id, own.number, own.payment_reference), due, debtor
        )
    else:
        words = ", ".join(row.number for row in rows if row.payable)
        slip = slip_for_account(supplier, supplier.country, access.debtor_id, words, due, debtor)
    if slip is None:
        raise NoSuchInvoice(currency)
    return slip


@get("/slip.svg", sync_to_thread=True)
def show_slip(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    """The code as a picture. 404 where nothing is due, or no slip can be made."""
    currency = str(request.query_params.get("currency", ""))
    numbers = [str(one) for one in request.query_params.getall("invoice", [])]
    with runtime.reading(asker.scope) as session:
        slip = slip_asked_for(session, asker, runtime, currency, numbers)
    return Response(as_svg(slip), media_type="image/svg+xml")
