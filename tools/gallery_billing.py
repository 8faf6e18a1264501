"""Realistic pages of the backoffice: invoices, reminders, payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from gallery_people import (
    COLUMNS,
    NAMES,
    PAGER,
    PAYMENTS,
    ROWS,
    section,
    some_id,
)
from gallery_portal import INVOICE
from gallery_values import ID, NOW, TODAY, chf

from backoffice.billing_pages import (
    Attempt,
    EntryRow,
    Fault,
    FileReport,
    ImportedInvoice,
    ImportPage,
    InvoicePage,
    InvoicesPage,
    PaymentPage,
    PaymentsPage,
    ReminderRow,
    RemindersPage,
)
from backoffice.return_pages import PaymentReturns

ENTRY = EntryRow(
    at=NOW,
    debit="Stripe clearing",
    credit="Receivable 2026-0402",
    amount=chf("1950.00"),
    reason="Payment settled",
)


REMINDER = ReminderRow(
    id=some_id(1),
    debtor_id=some_id(2),
    debtor_name=NAMES[1],
    recipient="rechnungen@jorat.example",
    language="fr",
    step="r1",
    state="sent",
    at=NOW - timedelta(days=1),
    numbers=("2026-0412", "2026-0415"),
    amount=chf("4210.00"),
    reason="",
)


PLANNED = replace(
    REMINDER, id=None, state=None, at=None, reason="2026-0412 will be 3 days overdue."
)


REPORTS = (
    FileReport(
        name="facture-2026-0481.xml",
        outcome="taken",
        format="UBL",
        faults=(),
        invoices=(
            ImportedInvoice(
                id=some_id(3),
                number="2026-0481",
                debtor_name=NAMES[3],
                due_on=date(2026, 12, 21),
                due_on_source="terms",
                amount=chf("12480.00"),
                is_credit_note=False,
            ),
        ),
    ),
    FileReport(name="gutschrift.pdf", outcome="known", format="Factur-X", faults=(), invoices=()),
    FileReport(
        name="export-novembre.csv",
        outcome="refused",
        format="CSV",
        invoices=(),
        faults=(
            Fault(
                where="line 14, amount",
                what="“1,950.-” is not an amount",
                how="Write 1950.00: a point, two digits, no separators.",
            ),
            Fault(where="line 22, currency", what="is empty", how="Write CHF or EUR."),
        ),
    ),
)


def pages() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """File name, template, what it gets."""
    yield (
        "invoices",
        "invoices.html",
        {
            "page": InvoicesPage(
                head=section("invoices"),
                notice=None,
                q="",
                show="all",
                sort="due",
                rows=ROWS,
                pager=PAGER,
            )
        },
    )
    yield (
        "invoice",
        "invoice.html",
        {
            "page": InvoicePage(
                head=section("invoices"),
                notice=None,
                id=ID,
                number=INVOICE.number,
                debtor_id=ID,
                debtor_name=NAMES[0],
                issued_on=INVOICE.issued_on,
                due_on=INVOICE.due_on,
                due_on_source="terms",
                days_past_due=0,
                status="partly_paid",
                amount=INVOICE.amount,
                lines=INVOICE.lines,
                net=INVOICE.net,
                tax=INVOICE.tax,
                payment_reference="RF18 5390 0754 7034",
                documents=INVOICE.documents,
                timeline=INVOICE.timeline,
            )
        },
    )
    yield (
        "import",
        "import.html",
        {
            "page": ImportPage(
                head=section("invoices"),
                notice=None,
                reports=REPORTS,
                largest_bytes=20_000_000,
                columns=COLUMNS,
            )
        },
    )
    yield "import-report", "_import_report.html", {"reports": REPORTS}
    yield (
        "reminders",
        "reminders.html",
        {
            "page": RemindersPage(
                head=section("reminders"),
                notice=None,
                tomorrow=TODAY + timedelta(days=2),
                unknown=(replace(REMINDER, state="unknown", debtor_name=NAMES[6]),),
                planned=(
                    PLANNED,
                    replace(
                        PLANNED,
                        step="courtesy",
                        debtor_name=NAMES[3],
                        reason="2026-0471 falls due in 7 days.",
                    ),
                ),
                held=(replace(PLANNED, debtor_name=NAMES[7], reason="A payment is on its way."),),
                sent=(
                    REMINDER,
                    replace(REMINDER, step="thanks", debtor_name=NAMES[0]),
                    replace(
                        REMINDER,
                        step="r2",
                        state="failed",
                        reason="The mail server refused the address.",
                    ),
                ),
                pager=PAGER,
            )
        },
    )
    yield (
        "payments",
        "payments.html",
        {
            "page": PaymentsPage(
                head=section("payments"), notice=None, show="all", rows=PAYMENTS, pager=PAGER
            )
        },
    )
    for index in (0, 3):
        yield (
            f"payment-{PAYMENTS[index].state}",
            "payment.html",
            {
                "page": PaymentPage(
                    head=section("payments"),
                    notice=None,
                    payment=PAYMENTS[index],
                    allocations=(("2026-0402", ID, PAYMENTS[index].amount),),
                    unapplied=chf("0.00"),
                    given_back=chf("0.00"),
                    returns=PaymentReturns(
                        refunds=(), chargebacks=(), refundable=PAYMENTS[index].amount, blocked=""
                    ),
                    gateway_ids=(
                        ("Checkout Session", "cs_test_a1b2c3d4e5f6g7h8i9j0"),
                        ("PaymentIntent", "pi_3Qabcdef"),
                    )
                    if index == 0
                    else (),
                    attempts=(
                        Attempt(
                            at=NOW,
                            state=PAYMENTS[index].state,
                            sentence="The payment provider says it is paid.",
                        ),
                        Attempt(at=NOW, state="open", sentence="The payment page was opened."),
                    ),
                    entries=(ENTRY,) if index == 0 else (),
                )
            },
        )
