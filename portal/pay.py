"""Choose what to pay, and go to the payment page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.account import OpenAccount, on_its_way, open_account
from portal.pages import (
    NothingToPayPage,
    OpenInvoice,
    PayPage,
)
from portal.pay_methods import with_methods
from portal.returns import transfer_only
from portal.thanks import pay_url
from receivables.ids import PaymentId, new_id
from receivables.intake.csv_cells import amount as read_amount
from receivables.links.actions import mark_seen
from receivables.money import Money, NotAnAmount
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier
from receivables.payments.checkout import begin_checkout, card_trouble
from receivables.payments.errors import (
    NothingToPay,
    PaymentAboveMaximum,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.rules import Part, least_by_card
from receivables.payments.starting import Choice
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field, fields

What = Literal["chosen", "overdue", "all", "other"]
PayError = Literal["not_an_amount", "below_minimum", "above_outstanding"]


def _chosen(rows: Sequence[OpenInvoice], what: What) -> list[OpenInvoice]:
    if what == "overdue":
        return [row for row in rows if row.payable and row.days_past_due > 0]
    if what == "all":
        return [row for row in rows if row.payable]
    return [row for row in rows if row.chosen]


def _sum(rows: Sequence[OpenInvoice], currency: str) -> Money:
    return Money.total((row.payable for row in rows), currency)


def _least(supplier: Supplier, currency: str) -> Money:
    """The least one may choose freely: the supplier's own figure, never below the gateway's."""
    gateway = least_by_card(currency)
    if currency != supplier.currency:
        return gateway
    return max(Money(supplier.least_payment_minor, currency), gateway)


def _pay_page(
    session: Session,
    asker: Asker,
    account: OpenAccount,
    currency: str,
    numbers: frozenset[str] | None,
    *,
    attempt_id: UUID,
    what: What = "chosen",
    typed: str = "",
    error: PayError | None = None,
) -> PayPage | NothingToPayPage:
    rows = account.invoices(currency, numbers) if currency in account.currencies() else []
    chosen = _chosen(rows, "chosen")
    if not chosen:
        attempts = [on_its_way(attempt) for attempt in account.attempts]
        return NothingToPayPage(head=asker.head, on_its_way=attempts[0] if attempts else None)
    everything, overdue = _chosen(rows, "all"), _chosen(rows, "overdue")
    whole = _sum(chosen, currency)
    supplier = supplier_of(session, asker.access.supplier_id)
    return PayPage(
        head=head_with_person(asker, supplier),
        attempt_id=attempt_id,
        currency=currency,
        invoices=tuple(chosen),
        chosen=whole,
        overdue=_sum(overdue, currency) if overdue and overdue != chosen else None,
        everything=_sum(everything, currency) if everything != chosen else None,
        everything_count=len(everything),
        minimum=min(_least(supplier, currency), _sum(everything, currency)),
        choice=what,
        typed_amount=typed,
        error=error,
        methods=(),
    )


def _answer(
    page: PayPage | NothingToPayPage,
    asker: Asker,
    face: Face,
    runtime: Runtime,
    *,
    stripe_account: str | None,
    status: int = 200,
) -> Response[str]:
    """The page, with the ways to pay that the supplier's account offers. Calls out."""
    if not isinstance(page, PayPage):
        return face.page("nothing_to_pay.html", asker.reader, page=page, status=status)
    full = with_methods(runtime, page, stripe_account=stripe_account, country=asker.access.country)
    return face.page("pay.html", asker.reader, page=full, status=status)


@get("/pay", sync_to_thread=True)
def choose(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    currency = str(request.query_params.get("currency", ""))
    given = request.query_params.getall("invoice", [])
    numbers = frozenset(given) if given else None
    with runtime.reading(asker.scope) as session:
        account = open_account(session, asker, runtime)
        supplier = supplier_of(session, asker.access.supplier_id)
        trouble = card_trouble(
            runtime, supplier.stripe_account, currency, standing=supplier.stripe_trouble
        )
        if currency in account.currencies() and trouble:
            instead = transfer_only(asker, supplier, trouble, given)
            return face.page("transfer_only.html", asker.reader, page=instead)
        page = _pay_page(session, asker, account, currency, numbers, attempt_id=new_id())
    return _answer(page, asker, face, runtime, stripe_account=supplier.stripe_account)


def _spread(rows: Sequence[OpenInvoice], amount: Money) -> list[tuple[OpenInvoice, Money]]:
    """Put an amount against invoices, the oldest first. Raises PaymentExceedsOutstanding."""
    left, parts = amount, []
    for row in rows:
        share = min(left, row.payable)
        if share.minor > 0:
            parts.append((row, share))
            left -= share
    if left:
        raise PaymentExceedsOutstanding(amount, amount - left)
    return parts


def _decided(
    account: OpenAccount, currency: str, numbers: frozenset[str], what: What, typed: str
) -> list[tuple[OpenInvoice, Money]]:
    """What of which invoice is to be paid. Raises NotAnAmount, PaymentExceedsOutstanding and
    NothingToPay."""
    rows = account.invoices(currency, numbers) if currency in account.currencies() else []
    if what != "other":
        parts = [(row, row.payable) for row in _chosen(rows, what)]
        if not parts:
            raise NothingToPay
        return parts
    amount = read_amount(typed, currency, None)
    if amount.minor <= 0:
        raise NotAnAmount(typed, currency)
    chosen_first = sorted(_chosen(rows, "all"), key=lambda row: not row.chosen)
    return _spread(chosen_first, amount)


@post("/pay", sync_to_thread=True)
def pay(
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to the payment page; or the form again with what is wrong with the amount."""
    access = asker.access
    face.limiter.count("pay", str(access.debtor_id))
    currency, typed = field(data, "currency"), field(data, "amount")
    numbers = frozenset(fields(data, "invoice"))
    choice = field(data, "choice")
    what: What = choice if choice in ("chosen", "overdue", "all", "other") else "chosen"  # type: ignore[assignment]
    attempt_id = _attempt_id(field(data, "attempt"))
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        account = open_account(session, asker, runtime)
    error: PayError
    try:
        decided = _decided(account, currency, numbers, what, typed)
        ids = {item.number: item.invoice_id for item in account.items}
        order = Choice(
            attempt=attempt_id,
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            contact_id=access.contact_id,
            parts=tuple(Part(ids[row.number], amount) for row, amount in decided),
            locale=asker.reader.locale,
        )
        page = begin_checkout(runtime, order, by=asker.by)
    except NotAnAmount:
        error = "not_an_amount"
    except PaymentBelowMinimum:
        error = "below_minimum"
    except (PaymentExceedsOutstanding, PaymentAboveMaximum):
        error = "above_outstanding"
    except (PaymentAlreadySettled, PaymentInProgress) as standing:
        return Redirect(f"/payments/{standing.payment_id}/thanks", status_code=303)
    except NothingToPay:
        return Redirect(pay_url(currency, numbers), status_code=303)
    else:
        return Redirect(page.url, status_code=303)
    with runtime.reading(asker.scope) as session:
        stripe_account = supplier_of(session, access.supplier_id).stripe_account
        again = _pay_page(
            session,
            asker,
            account,
            currency,
            numbers,
            attempt_id=attempt_id,
            what=what,
            typed=typed,
            error=error,
        )
    return _answer(again, asker, face, runtime, stripe_account=stripe_account, status=422)


def _attempt_id(text: str) -> PaymentId:
    """The attempt made with the page; a form without one starts its own."""
    try:
        return PaymentId(UUID(text))
    except ValueError:
        return PaymentId(new_id())
