"""Mails with everything in them that they can tell, to read in every language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Literal

from monitoring.messages import AlertMail
from receivables.dunning.messages import ReminderLine, ReminderMail
from receivables.links.messages import NewLinkMail
from receivables.money import Money
from receivables.parties.heads import ContactPerson, SupplierHead, TransferDetails
from receivables.payments.messages import ReceiptLine, ThanksMail
from tests.support.builders import money

TODAY = date(2026, 11, 21)
SUPPLIER = SupplierHead(
    name="Menuiserie Rochat SA",
    initials="MR",
    contact=ContactPerson(
        name="Claire Favre", email="c.favre@rochat.example", phone="021 555 01 40"
    ),
    imprint="Menuiserie Rochat SA, Rue du Lac 14, 1020 Renens, CHE-114.872.365",
)
LONG_SUPPLIER = replace(
    SUPPLIER,
    name="Donaudampfschifffahrts-Elektrizitäten AG",
    initials="DE",
    imprint="Donaudampfschifffahrts-Elektrizitäten AG, Hauptbetriebswerkbauweg 112, 8005 Zürich",
)
TRANSFER = TransferDetails(
    beneficiary="Menuiserie Rochat SA, 1020 Renens",
    iban="CH93 0076 2011 6238 5295 7",
    bic="POFICHBEXXX",
    reference="RF18 5390 0754 7034",
)
LINK = "https://pay.example/l/8QdL2nq6vXh0c1mJ.Zk3b"


def line(number: str, days: int, amount: Money) -> ReminderLine:
    return ReminderLine(
        number=number,
        issued_on=TODAY - timedelta(days=30 + days),
        due_on=TODAY - timedelta(days=days),
        days_past_due=days,
        amount=amount,
    )


def reminder(step: Literal["courtesy", "r1", "r2"], *lines: ReminderLine) -> ReminderMail:
    return ReminderMail(
        step=step,
        supplier=SUPPLIER,
        debtor_name="Atelier Dubois Sàrl",
        contact_name="Jean Dubois",
        lines=lines,
        coming=(),
        disputed=(),
        total=Money.total((part.amount for part in lines), "CHF"),
        link=LINK,
        transfer=TRANSFER,
        last_reminded_on=None,
    )


COURTESY = reminder("courtesy", line("2026-0455", -7, money("2330.50 CHF")))
R1 = replace(
    reminder(
        "r1", line("2026-0412", 12, money("1950.00 CHF")), line("2026-0433", 3, money("640.25 CHF"))
    ),
    coming=(line("2026-0455", -2, money("2330.50 CHF")),),
)
R2 = replace(
    reminder("r2", line("2026-0412", 22, money("1950.00 CHF"))),
    last_reminded_on=TODAY - timedelta(days=7),
    supplier=LONG_SUPPLIER,
    contact_name="",
    disputed=(line("2026-0398", 31, money("300.00 CHF")),),
)
THANKS = ThanksMail(
    supplier=SUPPLIER,
    debtor_name="Atelier Dubois Sàrl",
    contact_name="Jean Dubois",
    amount=money("2200.00 CHF"),
    settled_on=TODAY,
    method="Visa …4242",
    reference="Q-2026-1204",
    lines=(
        ReceiptLine(number="2026-0412", amount=money("1950.00 CHF"), outstanding=money("0.00 CHF")),
        ReceiptLine(
            number="2026-0433", amount=money("250.00 CHF"), outstanding=money("390.25 CHF")
        ),
    ),
    still_outstanding=money("2720.75 CHF"),
    link=LINK,
)
NEW_LINK = NewLinkMail(
    supplier=SUPPLIER,
    debtor_name="Atelier Dubois Sàrl",
    contact_name="Jean Dubois",
    link=LINK,
    expires_on=TODAY + timedelta(days=45),
    was_asked_for=True,
)
ALERT = AlertMail(
    staff_name="Claire Favre",
    supplier_name="Menuiserie Rochat SA",
    debtor_name="Atelier Dubois Sàrl",
    rule="S-CLASS",
    severity="critical",
    source="Bureau Helvetia",
    as_of_on=TODAY,
    score_before=68,
    score_after=41,
    band_before="B",
    band_after="D",
    threshold=1,
    exposure=(money("18430.50 CHF"),),
    overdue=(money("4210.00 CHF"),),
    link="https://office.example/monitoring/alerts/1",
)


def mails() -> Iterator[tuple[str, Any]]:
    """The folder of a mail's templates, and what they get."""
    yield from (
        ("reminder/courtesy", COURTESY),
        ("reminder/r1", R1),
        ("reminder/r2", R2),
        ("thanks", THANKS),
        ("thanks", replace(THANKS, still_outstanding=money("0.00 CHF"), lines=THANKS.lines[:1])),
        ("new_link", NEW_LINK),
        ("alert", ALERT),
        ("alert", replace(ALERT, score_after=None, band_after="none", exposure=())),
    )
