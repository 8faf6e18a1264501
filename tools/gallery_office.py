"""Realistic pages of the backoffice: Today, debtors, search, errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from gallery_people import (
    ALERTS,
    AT_RISK,
    CHART,
    DEBTORS,
    HEAD,
    NAMES,
    NOTICE,
    PAGER,
    PAYMENTS,
    ROWS,
    STATUSES,
    TOTALS,
    section,
    some_id,
)
from gallery_values import ID, NOW, TODAY, chf, eur

from backoffice.matters import DebtorMatters
from backoffice.pages import (
    ContactRow,
    DebtorPage,
    DebtorsPage,
    ErrorPage,
    LinkRow,
    OpenItem,
    RecentPayment,
    SearchPage,
    SignInPage,
    Standing,
    TodayPage,
    Todo,
)
from backoffice.saved_methods import SavedMethodRow
from receivables.web.parts import Pager, TimelineEntry

TODAY_PAGE = TodayPage(
    head=HEAD,
    notice=None,
    today=TODAY,
    todos=(
        Todo(kind="open_alerts", count=3, url="/monitoring"),
        Todo(kind="unknown_reminders", count=1, url="/reminders"),
        Todo(kind="unapplied_cash", count=2, url="/debtors?show=credit"),
    ),
    totals=(TOTALS,),
    alerts=ALERTS,
    at_risk=AT_RISK,
    payments=tuple(
        RecentPayment(
            id=p.id,
            debtor_id=p.debtor_id,
            debtor_name=p.debtor_name,
            amount=p.amount,
            state=p.state,
            at=p.at,
            method=p.method,
        )
        for p in PAYMENTS[:4]
    ),
    reminders_tomorrow=9,
)


DEBTOR = DebtorPage(
    saved_methods=(
        SavedMethodRow(label="Visa ...4242", expires="12/2029", state="usable", since=TODAY),
        SavedMethodRow(label="SEPA ...3000", expires="", state="refused", since=TODAY),
    ),
    head=replace(HEAD, section="debtors"),
    notice=NOTICE,
    id=ID,
    name=NAMES[0],
    identifiers=(("UID", "CHE-104.331.928"), ("MWST", "CHE-104.331.928 TVA")),
    address=("Avenue de la Gare 33", "1003 Lausanne"),
    country="CH",
    language="fr",
    terms_days=30,
    standing=Standing(
        outstanding=(chf("18430.50"),),
        overdue=(chf("4210.00"),),
        days_past_due=34,
        unapplied=(chf("86.40"),),
        band="D",
        previous_band="B",
        score=41,
        source="Bureau Helvetia",
        as_of_on=TODAY,
    ),
    open_items=tuple(
        OpenItem(
            invoice_id=some_id(i),
            number=f"2026-04{i}2",
            issued_on=TODAY - timedelta(days=64 - i * 14),
            due_on=TODAY - timedelta(days=34 - i * 14),
            days_past_due=34 - i * 14,
            invoiced=chf(f"{5210 + i * 400}.00"),
            outstanding=chf(f"{4210 + i * 400}.00"),
            status=STATUSES[i],
            last_step=("r2", "r1", "courtesy", "")[i],  # type: ignore[arg-type]  # sample words
        )
        for i in range(4)
    ),
    timeline=(
        TimelineEntry(
            at=NOW,
            icon="shield",
            sentence="Bureau Helvetia lowered the score from 68 to 41.",
            detail="Band B to D",
        ),
        TimelineEntry(
            at=NOW - timedelta(days=2),
            icon="card",
            sentence="CHF 1’000.00 was paid by card.",
            detail="Q-2026-1187",
        ),
        TimelineEntry(
            at=NOW - timedelta(days=9),
            icon="mail",
            sentence="Reminder 2 was sent to compta@dubois.example.",
        ),
        TimelineEntry(
            at=NOW - timedelta(days=30),
            icon="file",
            sentence="Invoice 2026-0432 was imported.",
            actor="Claire Favre",
        ),
    ),
    contacts=(
        ContactRow(
            id=some_id(7),
            name="Jean Dubois",
            email="compta@dubois.example",
            phone="+41 21 555 02 12",
            language="fr",
            trouble="",
            is_primary=True,
            links=(
                LinkRow(
                    id=some_id(8),
                    state="valid",
                    created_at=NOW - timedelta(days=9),
                    expires_on=TODAY + timedelta(days=36),
                    last_used_at=NOW - timedelta(days=2),
                ),
                LinkRow(
                    id=some_id(9),
                    state="revoked",
                    created_at=NOW - timedelta(days=80),
                    expires_on=TODAY,
                    last_used_at=None,
                ),
            ),
        ),
        ContactRow(
            id=some_id(10),
            name="",
            email="chantier@dubois.example",
            phone="",
            language="de",
            trouble="bounced",
            is_primary=False,
            links=(),
        ),
    ),
    charts=(CHART,),
)


NO_MATTERS = DebtorMatters(plans=(), disputes=(), promises=(), proposals=())


def pages() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """File name, template, what it gets."""
    yield (
        "sign-in",
        "sign_in.html",
        {"page": SignInPage(email="c.favre@rochat.example", next="/", error="wrong")},
    )
    yield "today", "today.html", {"page": TODAY_PAGE}
    yield (
        "today-empty",
        "today.html",
        {
            "page": replace(
                TODAY_PAGE,
                head=replace(HEAD, open_alerts=0),
                todos=(),
                totals=(),
                alerts=(),
                at_risk=(),
                payments=(),
                reminders_tomorrow=0,
            )
        },
    )
    yield (
        "today-two",
        "today.html",
        {
            "page": replace(
                TODAY_PAGE,
                totals=(
                    TOTALS,
                    replace(
                        TOTALS,
                        currency="EUR",
                        outstanding=eur("12408733.45"),
                        overdue=eur("0.00"),
                        received=eur("1.00"),
                        dso_days=None,
                        dso_change=None,
                        ageing=tuple(replace(b, amount=eur("9990415.10")) for b in TOTALS.ageing),
                    ),
                ),
            )
        },
    )
    yield (
        "debtors",
        "debtors.html",
        {
            "page": DebtorsPage(
                head=section("debtors"),
                notice=None,
                q="",
                show="all",
                sort="outstanding",
                rows=DEBTORS,
                pager=PAGER,
            )
        },
    )
    yield (
        "debtors-none",
        "debtors.html",
        {
            "page": DebtorsPage(
                head=section("debtors"),
                notice=None,
                q="xyz",
                show="overdue",
                sort="name",
                rows=(),
                pager=Pager(first=0, last=0, total=0),
            )
        },
    )
    yield "debtor", "debtor.html", {"page": DEBTOR, "matters": NO_MATTERS}
    yield (
        "debtor-bare",
        "debtor.html",
        {
            "matters": NO_MATTERS,
            "page": replace(
                DEBTOR,
                notice=None,
                open_items=(),
                timeline=(),
                contacts=(),
                charts=(),
                identifiers=(),
                terms_days=None,
                standing=replace(
                    DEBTOR.standing,
                    outstanding=(),
                    overdue=(),
                    days_past_due=0,
                    unapplied=(),
                    band="none",
                    previous_band="none",
                    score=None,
                    source="",
                    as_of_on=None,
                ),
            ),
        },
    )
    yield (
        "search",
        "search.html",
        {
            "page": SearchPage(
                head=replace(section(""), search="dub"),
                q="dub",
                debtors=DEBTORS[:2],
                invoices=ROWS[:3],
            )
        },
    )
    yield (
        "search-none",
        "search.html",
        {
            "page": SearchPage(
                head=replace(section(""), search="zzz"), q="zzz", debtors=(), invoices=()
            )
        },
    )
    for status in (403, 404, 409, 429, 500, 503):
        yield (
            f"error-{status}",
            f"errors/{status}.html",
            {
                "page": ErrorPage(
                    head=HEAD if status != 404 else None,
                    status=status,
                    code="7F3K-2Q",
                    retry_seconds=1,
                )
            },
        )
