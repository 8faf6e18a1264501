"""Paying by bank transfer: the account's numbers as text, and as a code for a banking app."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from portal.access import Asker
from portal.account import open_account
from portal.plans import plan_page
from receivables.i18n import reading_as
from receivables.i18n import translate as _
from receivables.ids import PlanId
from receivables.invoices import queries as invoices
from receivables.invoices.queries import NoSuchInvoice
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.runtime import Runtime
from receivables.slips.drawing import as_svg
from receivables.slips.letters import print_slip
from receivables.slips.presentation import slip_for_account, slip_for_invoice
from receivables.slips.rules import Slip
from receivables.web.documents import attachment


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


def slip_of_account(session: Session, asker: Asker, runtime: Runtime) -> Slip | None:
    """The slip over all that is due, where it is all in one currency."""
    currencies = open_account(session, asker, runtime).currencies()
    if len(currencies) != 1:
        return None
    try:
        return slip_asked_for(session, asker, runtime, currencies[0], [])
    except NoSuchInvoice:
        return None


def slip_of_plan(session: Session, asker: Asker, runtime: Runtime, plan_id: PlanId) -> Slip:
    """The slip over a plan's next instalment. Raises NoSuchPlan, NoSuchInvoice."""
    access, page = asker.access, plan_page(session, asker, plan_id, runtime)
    first = next((one for one in page.invoices if one.outstanding), None)
    if page.payable is None or first is None:
        raise NoSuchInvoice(str(plan_id))
    own = invoices.of_debtor(session, access.supplier_id, access.debtor_id, first.number)
    supplier = parties.supplier(session, access.supplier_id)
    debtor = parties.debtor(session, access.supplier_id, access.debtor_id)
    key = (own.id, own.number, own.payment_reference)
    slip = slip_for_invoice(supplier, supplier.country, key, page.payable.open, debtor)
    if slip is None:
        raise NoSuchInvoice(str(plan_id))
    return slip


def _slip(
    session: Session, asker: Asker, runtime: Runtime, request: Request[Any, Any, Any]
) -> Slip:
    """What the address asks for, as `transfers.slip_address` writes it."""
    query = request.query_params
    if "plan" in query:
        try:
            plan_id = PlanId(UUID(str(query["plan"])))
        except ValueError:
            raise NoSuchInvoice(str(query["plan"])) from None
        return slip_of_plan(session, asker, runtime, plan_id)
    numbers = [str(one) for one in query.getall("invoice", [])]
    return slip_asked_for(session, asker, runtime, str(query.get("currency", "")), numbers)


@get("/slip.svg", sync_to_thread=True)
def show_slip(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    """The code as a picture. 404 where nothing is due, or no slip can be made."""
    with runtime.reading(asker.scope) as session:
        slip = _slip(session, asker, runtime, request)
    return Response(as_svg(slip), media_type="image/svg+xml")


@get("/slip.pdf", sync_to_thread=True)
def download_slip(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    """The slip as a letter. 404 where nothing is due, or no slip can be made."""
    access, reader = asker.access, asker.reader
    with runtime.reading(asker.scope) as session:
        slip = _slip(session, asker, runtime, request)
        supplier = parties.supplier(session, access.supplier_id)
        debtor = parties.debtor(session, access.supplier_id, access.debtor_id)
        head = letterhead(supplier, debtor)
    pdf = print_slip(
        slip, head=head, locale=reader.locale, zone=reader.zone, written_at=runtime.clock.now()
    )
    with reading_as(reader.locale):
        name = _("Payment slip")
    return attachment(f"{name}.pdf", "application/pdf", pdf)
