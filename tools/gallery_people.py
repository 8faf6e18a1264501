"""The names, figures and alerts that the gallery of the backoffice is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from gallery_values import ID, NOW, TODAY, chf

from backoffice.billing_pages import (
    PaymentRow,
)
from backoffice.pages import (
    AlertLine,
    AtRisk,
    Band,
    BandZone,
    DebtorRow,
    InvoiceRow,
    Notice,
    OfficeHead,
    PaymentState,
    ScoreChart,
    ScorePoint,
    Totals,
)
from receivables.web.parts import AgeingBucket, InvoiceStatus, Pager

HEAD = OfficeHead(
    supplier_name="Menuiserie Rochat SA",
    staff_name="Claire Favre",
    role="owner",
    section="today",
    open_alerts=3,
    path="/",
)


NAMES = (
    "Atelier Dubois Sàrl",
    "Brasserie du Jorat SA",
    "Construction Berger & Fils",
    "Donaudampfschifffahrtsgesellschaft Oberwil",
    "Écurie des Vernes",
    "Fiduciaire Monnard SA",
    "Gemeinschaftspraxis Müller-Lüdenscheidt AG",
    "Hôtel Bellerive",
    "Immobilière Léman SA",
    "Jaquet Électricité",
    "Kantonsspitalapotheke Winterthur",
    "Librairie de la Riponne",
)


PLACES = (("Lausanne", "CH"), ("Bruxelles", "BE"), ("Lyon", "FR"), ("Zürich", "CH"))


BANDS: tuple[tuple[Band, Band], ...] = (
    ("B", "D"),
    ("A", "A"),
    ("C", "C"),
    ("C", "B"),
    ("none", "none"),
    ("D", "E"),
)


NOTICE = Notice(kind="done", text="A new link is on its way to compta@dubois.example.")


PAGER = Pager(first=1, last=12, total=64, next_url="/debtors?page=2")


def some_id(index: int) -> UUID:
    return uuid5(ID, str(index))


def alert(
    index: int,
    name: str,
    before: Band,
    after: Band,
    scores: tuple[int, int],
    severity: str,
    rule: str = "S-CLASS",
) -> AlertLine:
    return AlertLine(
        id=some_id(index),
        debtor_id=some_id(index + 50),
        debtor_name=name,
        rule=rule,
        severity=severity,
        source="Bureau Helvetia",  # type: ignore[arg-type]  # sample words
        score_before=scores[0],
        score_after=scores[1],
        band_before=before,
        band_after=after,
        exposure=(chf("18430.50"),),
        raised_at=NOW - timedelta(hours=index * 7),
        acknowledged_at=None,
    )


ALERTS = (
    alert(1, NAMES[0], "B", "D", (68, 41), "critical"),
    alert(2, NAMES[5], "C", "C", (58, 46), "medium", "S-DROP"),
    alert(3, NAMES[6], "D", "E", (38, 19), "high", "S-THR"),
)


AT_RISK = tuple(
    AtRisk(
        debtor_id=some_id(i),
        name=name,
        band=after,
        previous_band=before,
        outstanding=chf(f"{18430 - i * 2111}.50"),
        overdue=chf(f"{(3 - i) * 1210}.00"),
        days_past_due=34 - i * 9,
    )
    for i, (name, before, after) in enumerate(
        ((NAMES[0], "B", "D"), (NAMES[6], "D", "E"), (NAMES[9], "C", "D"))
    )
)


TOTALS = Totals(
    currency="CHF",
    outstanding=chf("284917.35"),
    open_count=143,
    overdue=chf("61240.80"),
    overdue_count=31,
    received=chf("118402.10"),
    dso_days=Decimal("47.3"),
    dso_change=Decimal("-3.2"),
    ageing=tuple(
        AgeingBucket(kind=kind, amount=chf(text), count=count, share=Decimal(share))
        for kind, text, count, share in (
            ("not_due", "223676.55", 112, "0.785"),
            ("1_30", "38210.40", 18, "0.134"),
            ("31_60", "12930.40", 7, "0.045"),
            ("61_90", "6000.00", 4, "0.021"),
            ("over_90", "4100.00", 2, "0.015"),
        )
    ),
)


STATES: tuple[PaymentState, ...] = (
    "settled",
    "settled",
    "processing",
    "unknown",
    "failed",
    "expired",
)


PAYMENTS = tuple(
    PaymentRow(
        id=some_id(i),
        debtor_id=some_id(i + 50),
        debtor_name=NAMES[i],
        amount=chf(f"{1950 - i * 211}.00"),
        state=state,
        method=("Visa …4242", "TWINT", "SEPA", "", "Mastercard …5100", "")[i],
        at=NOW - timedelta(hours=i * 5),
        numbers=(f"2026-04{i}2",),
    )
    for i, state in enumerate(STATES)
)


DEBTORS = tuple(
    DebtorRow(
        id=some_id(i),
        name=name,
        place=PLACES[i % 4][0],
        country=PLACES[i % 4][1],
        outstanding=(chf(f"{18430 - i * 1377}.50"),) if i != 4 else (),
        overdue=(chf(f"{4210 - i * 900}.00"),) if i < 4 else (),
        days_past_due=max(0, 34 - i * 9),
        open_count=(i * 3) % 7,
        band=BANDS[i % 6][1],
        previous_band=BANDS[i % 6][0],
    )
    for i, name in enumerate(NAMES)
)


CHART = ScoreChart(
    source="Bureau Helvetia",
    low=0,
    high=100,
    zones=tuple(
        BandZone(band=band, low=low, high=high)
        for band, low, high in (
            ("E", 0, 20),
            ("D", 20, 45),
            ("C", 45, 60),
            ("B", 60, 80),
            ("A", 80, 100),
        )
    ),
    points=tuple(
        ScorePoint(
            as_of_on=date(2026, 1, 15) + timedelta(days=n * 44),
            score=score,
            band=band,
            received_at=NOW - timedelta(days=310 - n * 44),
        )
        for n, (score, band) in enumerate(
            ((72, "B"), (74, "B"), (71, "B"), (69, "B"), (70, "B"), (68, "B"), (66, "B"), (41, "D"))
        )
    ),
)


STATUSES: tuple[InvoiceStatus, ...] = ("overdue", "partly_paid", "open", "processing")


ROWS = tuple(
    InvoiceRow(
        id=some_id(i),
        number=f"2026-0{480 - i}",
        debtor_id=some_id(i),
        debtor_name=name,
        issued_on=TODAY - timedelta(days=i * 6),
        due_on=TODAY + timedelta(days=30 - i * 6),
        days_past_due=i * 6 - 30,
        invoiced=chf(f"{2400 + i * 613}.25"),
        outstanding=chf("0.00") if i % 5 == 4 else chf(f"{2400 + i * 613}.25"),
        status="paid" if i % 5 == 4 else "overdue" if i > 5 else "open",
    )
    for i, name in enumerate(NAMES)
)


COLUMNS = (
    ("number", True, "2026-0412"),
    ("issue_date", True, "2026-11-09"),
    ("amount", True, "1950.00"),
    ("currency", True, "CHF"),
    ("buyer_name", True, "Atelier Dubois Sàrl"),
    ("due_date", False, "2026-12-09"),
)


def section(name: str) -> OfficeHead:
    return replace(HEAD, section=name, path=f"/{name}")  # type: ignore[arg-type]  # sample words
