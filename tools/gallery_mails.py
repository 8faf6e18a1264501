"""Realistic mails for the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from gallery_values import LONG_SUPPLIER, SUPPLIER, TODAY, TRANSFER, chf

from monitoring.messages import AlertMail
from receivables.dunning.messages import ReminderLine, ReminderMail
from receivables.links.messages import NewLinkMail
from receivables.money import Money
from receivables.payments.messages import ReceiptLine, ThanksMail

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


COURTESY = reminder("courtesy", line("2026-0455", -7, chf("2330.50")))
R1 = replace(
    reminder("r1", line("2026-0412", 12, chf("1950.00")), line("2026-0433", 3, chf("640.25"))),
    coming=(line("2026-0455", -2, chf("2330.50")),),
)
R2 = replace(
    reminder("r2", line("2026-0412", 22, chf("1950.00"))),
    last_reminded_on=TODAY - timedelta(days=7),
    supplier=LONG_SUPPLIER,
    contact_name="",
    disputed=(line("2026-0398", 31, chf("300.00")),),
)
THANKS = ThanksMail(
    supplier=SUPPLIER,
    debtor_name="Atelier Dubois Sàrl",
    contact_name="Jean Dubois",
    amount=chf("2200.00"),
    settled_on=TODAY,
    method="Visa …4242",
    reference="Q-2026-1204",
    lines=(
        ReceiptLine(number="2026-0412", amount=chf("1950.00"), outstanding=chf("0.00")),
        ReceiptLine(number="2026-0433", amount=chf("250.00"), outstanding=chf("390.25")),
    ),
    still_outstanding=chf("2720.75"),
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
    exposure=(chf("18430.50"),),
    overdue=(chf("4210.00"),),
    link="https://office.example/monitoring/alerts/1",
)


def mails() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """File name, template, what it gets: three files a mail."""
    for name, folder, mail in (
        ("courtesy", "reminder/courtesy", COURTESY),
        ("r1", "reminder/r1", R1),
        ("r2", "reminder/r2", R2),
        ("thanks", "thanks", THANKS),
        (
            "thanks-all",
            "thanks",
            replace(THANKS, still_outstanding=chf("0.00"), lines=THANKS.lines[:1]),
        ),
        ("new-link", "new_link", NEW_LINK),
        ("alert", "alert", ALERT),
        (
            "alert-withdrawn",
            "alert",
            replace(ALERT, score_after=None, band_after="none", exposure=()),
        ),
    ):
        yield f"{name}.subject.txt", f"{folder}/subject.txt", {"mail": mail}
        yield f"{name}.body.txt", f"{folder}/body.txt", {"mail": mail}
        yield name, f"{folder}/body.html", {"mail": mail}
