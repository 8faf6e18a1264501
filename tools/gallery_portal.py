"""Realistic pages of the portal for the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from gallery_values import (
    BARE,
    HEAD,
    ID,
    LONG_SUPPLIER,
    NOW,
    OLD_LINK,
    TODAY,
    TRANSFER,
    chf,
    eur,
)

from portal.account_pages import AccountMatters, AccountPage, InvoicePage
from portal.cards import CardsPage, SavedMethodView
from portal.pages import (
    Credit,
    ErrorPage,
    ExpiredLinkPage,
    LinkSentPage,
    NoLinkPage,
    NothingToPayPage,
    OpenGroup,
    OpenInvoice,
    PaidInvoice,
    PaidPart,
    PaymentOnItsWay,
    PayMethod,
    PayPage,
    PortalHead,
    Selection,
    ThanksPage,
)
from receivables.money import Money
from receivables.web.parts import (
    AmountExplained,
    AmountLine,
    Document,
    InvoiceLine,
    InvoiceStatus,
    TimelineEntry,
)


def invoice(
    number: str,
    days: int,
    amount: Money,
    *,
    invoiced: Money | None = None,
    chosen: bool = False,
    payable: Money | None = None,
    status: InvoiceStatus = "open",
) -> OpenInvoice:
    return OpenInvoice(
        number=number,
        due_on=TODAY - timedelta(days=days),
        days_past_due=days,
        invoiced=invoiced or amount,
        outstanding=amount,
        payable=amount if payable is None else payable,
        status=status,
        chosen=chosen,
        disputed=Money.zero(amount.currency),
        on_plan=False,
    )


OPEN = (
    invoice("2026-0412", 12, chf("1950.00"), chosen=True, status="overdue"),
    invoice("2026-0448", 0, chf("640.25"), invoiced=chf("1140.25"), status="partly_paid"),
    invoice("2026-0455", -12, chf("2330.50")),
    invoice("2026-0431", 3, chf("380.00"), payable=chf("0.00"), status="processing"),
)
GROUP = OpenGroup(
    currency="CHF",
    outstanding=chf("5300.75"),
    overdue=chf("1950.00"),
    processing=chf("380.00"),
    disputed=chf("0.00"),
    on_plan=chf("0.00"),
    invoices=OPEN,
    selection=Selection(currency="CHF", count=1, total=chf("1950.00")),
    transfer=TRANSFER,
)
ON_ITS_WAY = PaymentOnItsWay(
    id=ID,
    amount=chf("380.00"),
    started_at=NOW - timedelta(hours=3),
    state="processing",
    numbers=("2026-0431",),
)
ACCOUNT = AccountPage(
    head=HEAD,
    groups=(GROUP,),
    on_their_way=(ON_ITS_WAY,),
    matters=AccountMatters(),
    credits=(
        Credit(kind="credit_note", amount=chf("86.40"), on=date(2026, 11, 2), number="G-2026-031"),
    ),
    paid=tuple(
        PaidInvoice(
            number=f"2026-03{n}", invoiced=chf(f"{n * 37}.50"), paid_on=date(2026, 10, n - 60)
        )
        for n in (89, 84, 77, 68)
    ),
    paid_count=14,
)
LARGE = replace(
    ACCOUNT,
    head=replace(
        HEAD,
        supplier=LONG_SUPPLIER,
        debtor_name="Liegenschaftsverwaltungsgesellschaft Oberuzwil-Niederglatt mbH",
    ),
    groups=(
        replace(
            GROUP,
            outstanding=chf("12408733.45"),
            overdue=chf("9990415.10"),
            processing=chf("0.00"),
            invoices=(
                invoice("RE-2026/000412-Nachtragsrechnung", 112, chf("9990415.10"), chosen=True),
                invoice("RE-2026/000455", -5, chf("2418318.35"), chosen=True),
            ),
            selection=Selection(currency="CHF", count=2, total=chf("12408733.45")),
        ),
        replace(
            GROUP,
            currency="EUR",
            outstanding=eur("1240.00"),
            overdue=eur("0.00"),
            processing=eur("0.00"),
            disputed=eur("0.00"),
            on_plan=eur("0.00"),
            invoices=(invoice("EU-2026-17", -3, eur("1240.00")),),
            selection=Selection(currency="EUR", count=0, total=eur("0.00")),
        ),
    ),
    credits=(),
    on_their_way=(replace(ON_ITS_WAY, state="unknown"),),
)
INVOICE = InvoicePage(
    head=HEAD,
    number="2026-0448",
    issued_on=date(2026, 10, 22),
    due_on=TODAY,
    days_past_due=0,
    status="partly_paid",
    amount=AmountExplained(
        invoiced=chf("1140.25"),
        deductions=(
            AmountLine(
                kind="credit_note",
                amount=chf("100.00"),
                on=date(2026, 11, 2),
                reference="G-2026-030",
            ),
            AmountLine(
                kind="payment", amount=chf("400.00"), on=date(2026, 11, 9), reference="Visa …4242"
            ),
        ),
        outstanding=chf("640.25"),
        processing=chf("0.00"),
        disputed=chf("0.00"),
        on_plan=chf("0.00"),
    ),
    disputes=(),
    lines=(
        InvoiceLine(
            description="Fenêtre bois-métal, 120 × 140 cm, triple vitrage",
            quantity=Decimal(2),
            unit="pce",
            unit_price=chf("412.40"),
            net=chf("824.80"),
            tax_rate=Decimal("0.081"),
        ),
        InvoiceLine(
            description="Pose et évacuation",
            quantity=Decimal("2.5"),
            unit="h",
            unit_price=chf("92.00"),
            net=chf("230.00"),
            tax_rate=Decimal("0.081"),
        ),
    ),
    net=chf("1054.80"),
    tax=chf("85.45"),
    documents=(
        Document(name="2026-0448.pdf", kind="PDF", size_bytes=84_210, url="/documents/1"),
        Document(name="2026-0448.xml", kind="XML", size_bytes=12_400, url="/documents/2"),
    ),
    timeline=(
        TimelineEntry(
            at=NOW - timedelta(days=5),
            icon="mail",
            sentence="We wrote to compta@dubois.example that this invoice falls due soon.",
        ),
        TimelineEntry(
            at=NOW - timedelta(days=12),
            icon="card",
            sentence="You paid CHF 400.00 by card.",
            detail="Receipt Q-2026-1187",
        ),
        TimelineEntry(
            at=NOW - timedelta(days=19),
            icon="back",
            sentence="Credit note G-2026-030 lowered the amount by CHF 100.00.",
        ),
        TimelineEntry(
            at=NOW - timedelta(days=30),
            icon="file",
            sentence="Invoice 2026-0448 over CHF 1’140.25 was issued.",
        ),
    ),
    transfer=TRANSFER,
)
PAY = PayPage(
    head=replace(HEAD, path="/pay"),
    attempt_id=ID,
    currency="CHF",
    invoices=(OPEN[0],),
    chosen=chf("1950.00"),
    overdue=None,
    everything=chf("4920.75"),
    everything_count=3,
    minimum=chf("50.00"),
    choice="chosen",
    typed_amount="",
    error=None,
    methods=(
        PayMethod(kind="twint", name="TWINT", takes="at_once"),
        PayMethod(
            kind="card",
            name="Visa, Mastercard, American Express",
            takes="at_once",
            wallets=("Apple Pay", "Google Pay"),
        ),
    ),
)
CARDS = CardsPage(
    head=HEAD,
    methods=(
        SavedMethodView(
            id=UUID(int=1), kind="card", label="Visa ...4242", expires="12/2029", state="usable"
        ),
        SavedMethodView(
            id=UUID(int=2), kind="sepa_debit", label="SEPA ...3000", expires="", state="refused"
        ),
        SavedMethodView(
            id=UUID(int=3), kind="card", label="Mastercard ...4444", expires="10/2026",
            state="expired",
        ),
    ),
    can_save=True,
    done="",
)  # fmt: skip

THANKS = ThanksPage(
    head=replace(HEAD, path="/payments/1/thanks"),
    payment_id=ID,
    state="settled",
    amount=chf("1950.00"),
    at=NOW,
    method="Visa …4242",
    reference="Q-2026-1204",
    parts=(PaidPart(number="2026-0412", amount=chf("1950.00"), outstanding=chf("0.00")),),
    surplus=chf("0.00"),
    still_outstanding=chf("2970.75"),
    receipt_to="c•••@dubois.example",
    refusal="",
    resume_url=None,
    retry_url="/pay?currency=CHF&invoice=2026-0412",
    transfer=TRANSFER,
    poll_seconds=None,
)


def pages() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """File name, template, what it gets."""
    yield "account", "account.html", {"page": ACCOUNT}
    yield "account-large", "account.html", {"page": LARGE}
    yield (
        "account-empty",
        "account.html",
        {"page": replace(ACCOUNT, groups=(), on_their_way=(), credits=())},
    )
    yield "selection", "_selection.html", {"selection": GROUP.selection}
    yield "invoice", "invoice.html", {"page": INVOICE}
    yield (
        "invoice-paid",
        "invoice.html",
        {
            "page": replace(
                INVOICE,
                status="paid",
                lines=(),
                amount=replace(
                    INVOICE.amount,
                    deductions=(
                        AmountLine(kind="transfer", amount=chf("1140.25"), on=date(2026, 11, 20)),
                    ),
                    outstanding=chf("0.00"),
                ),
            )
        },
    )
    yield "pay", "pay.html", {"page": PAY}
    yield (
        "pay-error",
        "pay.html",
        {
            "page": replace(
                PAY,
                invoices=OPEN[:3],
                chosen=chf("4920.75"),
                everything=None,
                overdue=chf("1950.00"),
                choice="other",
                typed_amount="20",
                error="below_minimum",
            )
        },
    )
    yield (
        "nothing-to-pay",
        "nothing_to_pay.html",
        {"page": NothingToPayPage(head=HEAD, on_its_way=None)},
    )
    yield (
        "on-its-way",
        "nothing_to_pay.html",
        {"page": NothingToPayPage(head=HEAD, on_its_way=ON_ITS_WAY)},
    )
    for page in (
        THANKS,
        replace(THANKS, state="processing", method="SEPA"),
        replace(THANKS, state="confirming", method="", poll_seconds=3),
        replace(THANKS, state="failed", refusal="insufficient_funds"),
        replace(THANKS, state="expired", method=""),
        replace(THANKS, state="open", method="", resume_url="/resume"),
    ):
        yield f"thanks-{page.state}", "thanks.html", {"page": page}
    yield "payment-state", "_payment_state.html", {"page": THANKS}
    for done in ("", "saved", "not_saved", "removed"):
        yield f"cards-{done or 'list'}", "cards.html", {"page": replace(CARDS, done=done)}
    yield "cards-none", "cards.html", {"page": replace(CARDS, methods=(), can_save=False)}
    yield (
        "expired",
        "expired.html",
        {"page": ExpiredLinkPage(head=BARE, token=OLD_LINK, masked_address="c•••@dubois.example")},
    )
    yield (
        "link-sent",
        "link_sent.html",
        {"page": LinkSentPage(head=BARE, masked_address="c•••@dubois.example")},
    )
    yield (
        "no-link",
        "no_link.html",
        {"page": NoLinkPage(head=PortalHead(supplier=None, debtor_name=None, path="/"))},
    )
    for status in (403, 404, 409, 429, 500, 503):
        yield (
            f"error-{status}",
            f"errors/{status}.html",
            {
                "page": ErrorPage(
                    head=PortalHead(supplier=None, debtor_name=None, path=None)
                    if status == 404
                    else HEAD,
                    status=status,
                    code="7F3K-2Q",
                    retry_seconds=30,
                    reason="exceeds_outstanding" if status == 409 else "",
                    amount=chf("1950.00"),
                )
            },
        )
