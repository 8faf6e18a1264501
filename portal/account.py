"""The whole account: open, on its way, credits, paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple

from litestar import Request, Response, get
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from portal.access import Asker, Visitor, head_with_person, visit_cookie
from portal.account_pages import AccountPage
from portal.known import Known
from portal.matters import held, known_to, matters_of
from portal.pages import (
    Credit,
    OpenGroup,
    OpenInvoice,
    PaidInvoice,
    PaymentOnItsWay,
    Selection,
)
from portal.plan_pages import PlanLine
from portal.transfers import transfer_for_account
from receivables.clock import local_date
from receivables.ids import InvoiceId
from receivables.invoices.queries import NoSuchInvoice
from receivables.ledger.accounts import account_items
from receivables.ledger.holds import Hold, HoldReason, credit_coming, held_for, reason_for_all
from receivables.ledger.queries import OpenItem, open_items, unapplied_of
from receivables.ledger.rules import days_past_due, invoice_status
from receivables.money import Money
from receivables.payments.live import LiveAttempt, live_attempts
from receivables.payments.return_queries import taken_back
from receivables.payments.rules import PaymentState
from receivables.runtime import Runtime

#: How many paid invoices the account shows.
LATEST_PAID = 20

#: The debtor has done their part, or may have: what is in one of these is not asked for again.
_NOT_ASKED_AGAIN = frozenset({PaymentState.SENT, PaymentState.PROCESSING, PaymentState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """What is open, and what of it is on its way; the basis of the account and of paying."""

    items: Sequence[OpenItem]
    attempts: Sequence[LiveAttempt]
    today: date
    known: Known
    #: What is not asked for today.
    holds: Mapping[InvoiceId, Sequence[Hold]]
    #: The day of the payment that was taken back, by invoice.
    taken_back: Mapping[InvoiceId, date]

    def processing(self) -> Mapping[InvoiceId, Money]:
        """Per invoice, what is on its way and must not be asked for again."""
        return {
            part.invoice_id: part.amount
            for attempt in self.attempts
            if attempt.state in _NOT_ASKED_AGAIN
            for part in attempt.parts
        }

    def on_its_way_to_plans(self, currency: str) -> Money:
        """What of that is for invoices that are paid in instalments."""
        return Money.total(
            (
                amount
                for invoice_id, amount in self.processing().items()
                if amount.currency == currency
                and any(
                    hold.reason is HoldReason.ON_PLAN for hold in self.holds.get(invoice_id, ())
                )
            ),
            currency,
        )

    def invoices(self, currency: str, chosen: frozenset[str] | None = None) -> list[OpenInvoice]:
        """The open invoices in one currency. Without a choice, what is overdue is chosen; when
        nothing is, everything."""
        items = [item for item in self.items if item.outstanding.currency == currency]
        if not items:
            return []  # also of what is no currency at all: it may stand in an address
        #: Looked into only where there is something in them: most debtors have none of it.
        processing, held, taken_back = self.processing(), self.holds, self.taken_back
        nothing = Money.zero(currency)
        found = [
            _asked(
                item,
                processing.get(item.invoice_id, nothing) if processing else nothing,
                held.get(item.invoice_id, ()) if held else (),
                self.today,
                nothing,
            )
            for item in items
        ]
        if chosen is None:
            late = frozenset(one.item.number for one in found if one.payable and one.days > 0)
            chosen = late or frozenset(one.item.number for one in found)
        return [
            _open_invoice(
                one,
                one.item.number in chosen,
                taken_back.get(one.item.invoice_id) if taken_back else None,
            )
            for one in found
        ]

    def currencies(self) -> list[str]:
        return list(dict.fromkeys(item.outstanding.currency for item in self.items))


class _Asked(NamedTuple):
    """What of an invoice is asked for now, and what becomes of the rest."""

    item: OpenItem
    days: int
    payable: Money
    on_its_way: Money
    disputed: Money
    on_plan: Money
    coming: Money
    held: HoldReason | None


def _asked(
    item: OpenItem, on_its_way: Money, holds: Sequence[Hold], today: date, nothing: Money
) -> _Asked:
    days, outstanding = days_past_due(item.due_on, today), item.outstanding
    if not holds and not on_its_way:
        return _Asked(item, days, outstanding, nothing, nothing, nothing, nothing, None)
    disputed = held_for(outstanding, holds, HoldReason.DISPUTED)
    on_plan = held_for(outstanding, holds, HoldReason.ON_PLAN)
    return _Asked(
        item,
        days,
        max(outstanding - on_its_way - disputed - on_plan, nothing),
        on_its_way,
        disputed,
        on_plan,
        credit_coming(outstanding, holds),
        reason_for_all(outstanding, holds),
    )


def _open_invoice(asked: _Asked, chosen: bool, taken_back_of: date | None) -> OpenInvoice:
    item, coming = asked.item, asked.coming
    return OpenInvoice(
        number=item.number,
        due_on=item.due_on,
        days_past_due=asked.days,
        invoiced=item.total,
        outstanding=item.outstanding,
        payable=asked.payable,
        status=invoice_status(
            total=item.total,
            outstanding=item.outstanding,
            processing=asked.on_its_way,
            days=asked.days,
            held=asked.held,
            credit_coming=coming,
        ),
        chosen=chosen and bool(asked.payable),
        disputed=asked.disputed - coming if coming else asked.disputed,
        on_plan=bool(asked.on_plan),
        credit_coming=coming,
        taken_back_of=taken_back_of,
    )


def open_account(
    session: Session, asker: Asker, runtime: Runtime, items: Sequence[OpenItem] | None = None
) -> OpenAccount:
    """`items` are the open invoices, where they are read already."""
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    today = local_date(runtime.clock.now(), asker.access.zone)
    known = known_to(session, asker)
    return OpenAccount(
        items=open_items(session, supplier_id, debtor_id) if items is None else items,
        attempts=live_attempts(session, supplier_id, debtor_id) if known.live_attempts else (),
        today=today,
        known=known,
        holds=held(session, asker, known, today),
        taken_back={
            invoice_id: local_date(paid_at, asker.access.zone)
            for invoice_id, paid_at in taken_back(session, supplier_id, debtor_id).items()
        }
        if known.taken_back
        else {},
    )


def selection_of(currency: str, invoices: Sequence[OpenInvoice]) -> Selection:
    chosen = [row.payable for row in invoices if row.chosen]
    return Selection(currency=currency, count=len(chosen), total=Money.total(chosen, currency))


def _group(
    account: OpenAccount, currency: str, asker: Asker, plans: Sequence[PlanLine]
) -> OpenGroup:
    invoices = account.invoices(currency)
    payable = Money.total((row.payable for row in invoices), currency)
    outstanding = Money.total((row.outstanding for row in invoices), currency)
    #: Only of these is anything contested, on a plan, or credited soon.
    withheld = [
        row
        for row in invoices
        if row.payable is not row.outstanding and row.payable != row.outstanding
    ]
    on_plan = Money.total((row.outstanding for row in withheld if row.on_plan), currency)
    free = [row for row in withheld if not row.on_plan]
    coming = Money.total(
        (min(row.credit_coming, row.outstanding - row.payable) for row in free), currency
    )
    disputed = Money.total(
        (
            min(row.disputed, row.outstanding - row.payable - row.credit_coming)
            for row in free
            if row.disputed
        ),
        currency,
    )
    late = Money.total((one.late for one in plans if one.late.currency == currency), currency)
    late = max(late - account.on_its_way_to_plans(currency), Money.zero(currency))
    return OpenGroup(
        currency=currency,
        outstanding=outstanding,
        payable=payable,
        overdue=Money.total((row.payable for row in invoices if row.days_past_due > 0), currency),
        processing=outstanding - payable - disputed - coming - on_plan,
        disputed=disputed,
        credit_coming=coming,
        on_plan=on_plan,
        late_instalments=late,
        invoices=tuple(invoices),
        selection=selection_of(currency, invoices),
        transfer=transfer_for_account(asker, payable),
    )


def on_its_way(attempt: LiveAttempt) -> PaymentOnItsWay:
    state: Literal["started", "processing", "unknown"] = "started"
    if attempt.state == PaymentState.PROCESSING:
        state = "processing"
    elif attempt.state in (PaymentState.UNKNOWN, PaymentState.SENT):
        state = "unknown"
    return PaymentOnItsWay(
        id=attempt.payment_id,
        amount=attempt.amount,
        started_at=attempt.created_at,
        state=state,
        numbers=tuple(part.number for part in attempt.parts),
    )


def account_page(session: Session, asker: Asker, runtime: Runtime) -> AccountPage:
    supplier_id, debtor_id = asker.access.supplier_id, asker.access.debtor_id
    items = account_items(session, supplier_id, debtor_id, most_paid=LATEST_PAID)
    account = open_account(session, asker, runtime, items.open)
    matters = matters_of(session, asker, account.known, runtime)
    return AccountPage(
        head=head_with_person(asker, asker.access.supplier),
        groups=tuple(
            _group(account, currency, asker, matters.plans) for currency in account.currencies()
        ),
        on_their_way=tuple(on_its_way(attempt) for attempt in account.attempts),
        matters=matters,
        credits=tuple(
            Credit(kind="unapplied_cash", amount=amount, on=account.today)
            for amount in (
                unapplied_of(session, supplier_id, debtor_id) if account.known.unapplied else ()
            )
        ),
        paid=tuple(
            PaidInvoice(number=item.number, invoiced=item.total, paid_on=item.paid_on)
            for item in items.paid
        ),
        paid_count=items.paid_count,
    )


@get("/", sync_to_thread=True)
def show_account(visitor: NamedDependency[Visitor]) -> Response[str]:
    face = visitor.face
    with visitor.reading() as (session, asker):
        page = account_page(session, asker, face.runtime)
    cookies = []
    if asker.stale:
        cookies.append(visit_cookie(face, replace(asker.visit, seen_at=visitor.now)))
    return face.page("account.html", asker.reader, page=page, cookies=cookies)


@get("/selection", sync_to_thread=True)
def show_selection(
    request: Request[Any, Any, Any], visitor: NamedDependency[Visitor]
) -> Response[str]:
    """The pay panel for what is ticked just now."""
    currency = str(request.query_params.get("currency", ""))
    numbers = frozenset(request.query_params.getall("invoice", []))
    face = visitor.face
    with visitor.reading() as (session, asker):
        account = open_account(session, asker, face.runtime)
    if currency not in account.currencies():
        raise NoSuchInvoice(currency)
    selection = selection_of(currency, account.invoices(currency, numbers))
    return face.page("_selection.html", asker.reader, selection=selection)
