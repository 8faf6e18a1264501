"""Mails with everything in them that they can tell, to read in every language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from monitoring.alerts.messages import AlertMail
from receivables.dunning.messages import LateLine, Lateness, ReminderLine, ReminderMail, Words
from receivables.interest.first_reminder import FirstReminder, FirstReminderLine
from receivables.links.messages import NewLinkMail
from receivables.money import Money
from receivables.parties.heads import ContactPerson, SupplierHead, TransferDetails
from receivables.payments.messages import ReceiptLine, ThanksMail
from receivables.wording.rules import OwnText
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


def reminder(step: Words, *lines: ReminderLine) -> ReminderMail:
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
R3 = replace(
    reminder("r3", line("2026-0412", 32, money("1950.00 CHF"))),
    last_reminded_on=TODAY - timedelta(days=14),
    lateness=Lateness(
        is_claimed=False,
        on=TODAY,
        lines=(
            LateLine(number="2026-0412", interest=money("8.55 CHF"), compensation=money("40 EUR")),
        ),
        totals=(money("8.55 CHF"), money("40.00 EUR")),
    ),
)
FORMAL = replace(
    reminder("formal", *R1.lines),
    last_reminded_on=TODAY - timedelta(days=10),
    deadline_on=TODAY + timedelta(days=8),
    law="article 102 CO",
    lateness=Lateness(
        is_claimed=True,
        on=TODAY,
        lines=(LateLine(number="2026-0412", interest=money("12.30 CHF"), compensation=None),),
        totals=(money("12.30 CHF"),),
    ),
)
FIRST_FREE = replace(
    R1,
    first=FirstReminder(
        creditor="Menuiserie Rochat SA",
        company_number="BE 0123.456.749",
        lines=(
            FirstReminderLine(
                number="2026-0412", amount=money("1950.00 CHF"), issued_on=TODAY, due_on=TODAY,
                what="Escalier <b>", indemnity=money("137.50 CHF"),
            ),
            FirstReminderLine(
                number="2026-0433", amount=money("640.25 CHF"), issued_on=TODAY, due_on=TODAY,
                what="", indemnity=None,
            ),
        ),
        last_day=TODAY + timedelta(days=14),
        percent=Decimal("4.5"),
        from_reminder=False,
    ),
)  # fmt: skip
IN_OWN_WORDS = replace(
    R1, own=OwnText(subject="Menuiserie Rochat", opening="Ah,\n\n<b>so</b>", closing="& bye")
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
    headline="B → D",
    explained="68 → 41",
    severity="critical",
    band_before="B",
    band_after="D",
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
        ("reminder/r3", R3),
        ("reminder/formal", FORMAL),
        ("reminder/formal", replace(FORMAL, law="", lateness=None)),
        ("reminder/r1", IN_OWN_WORDS),
        ("reminder/r1", FIRST_FREE),
        ("thanks", THANKS),
        ("thanks", replace(THANKS, still_outstanding=money("0.00 CHF"), lines=THANKS.lines[:1])),
        ("new_link", NEW_LINK),
        ("alert", ALERT),
        ("alert", replace(ALERT, headline="B → –", band_after="none", exposure=())),
        ("alert", replace(ALERT, debtor_name=None, band_before=None, band_after=None)),
    )
