"""The payment terms of suppliers, as they write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.intake.terms import due_date_from_notes, due_date_from_terms
from receivables.intake.terms_days import LONGEST_TERM_DAYS

#: A Thursday; the month has 31 days, the next one 28.
ISSUED = date(2026, 1, 15)

SAYS = [
    ("Zahlbar innerhalb 30 Tagen netto", "02-14"),
    ("30 Tage netto", "02-14"),
    ("net 30 days", "02-14"),
    ("Net 30", "02-14"),
    ("2/10 net 30", "02-14"),
    ("2% 10, net 30", "02-14"),
    ("2% 10 days, net 30 days", "02-14"),
    ("30 jours fin de mois", "02-28"),
    ("à 45 jours", "03-01"),
    ("45 jours fin de mois le 10", "04-10"),
    ("fin de mois + 45 jours", "03-17"),
    ("Fin de mois 30 jours", "03-02"),
    ("30 jours à compter de la date de facture", "02-14"),
    ("paiement à réception de facture", "01-15"),
    ("60 jours date de facture", "03-16"),
    ("Échéance : 28/02/2026", "02-28"),
    ("A régler au plus tard le 20 février 2026", "02-20"),
    ("Paiement comptant", "01-15"),
    (
        "Règlement à 30 jours, pas d'escompte pour paiement anticipé. Pénalités de retard 10%. "
        "Indemnité forfaitaire de 40 €",
        "02-14",
    ),
    ("Escompte pour paiement anticipé : néant. Payable sous 30 jours", "02-14"),
    ("45j FDM", "03-31"),
    ("30 JFDM", "02-28"),
    ("betaling binnen 14 dagen", "01-29"),
    ("Te betalen vóór 1 maart 2026", "03-01"),
    ("betaling binnen 30 dagen na factuurdatum", "02-14"),
    ("30 dagen einde maand", "02-28"),
    ("contant", "01-15"),
    ("Gelieve te betalen binnen de 8 dagen, 2% korting bij betaling binnen 5 dagen", "01-23"),
    ("uiterlijk op 31-01-2026", "01-31"),
    ("Bij betaling binnen 8 dagen 2% korting, anders 30 dagen netto", "02-14"),
    ("één maand na factuurdatum", "02-15"),
    ("30 days end of month", "02-28"),
    ("Net 30 EOM", "03-02"),
    ("30 days after end of month", "03-02"),
    ("due on receipt", "01-15"),
    ("Payable upon receipt", "01-15"),
    ("within 30 days of receipt", "02-14"),
    ("Please pay by March 1, 2026.", "03-01"),
    ("Due 15th of the following month", "02-15"),
    ("end of next month", "02-28"),
    ("payment due within thirty (30) days", "02-14"),
    ("2% discount if paid within 10 days, net 30", "02-14"),
    ("Payable within 30 days, after which interest of 8% is due", "02-14"),
    ("1 month", "02-15"),
    ("within two weeks", "01-29"),
    ("10 working days", "01-29"),
    ("sofort fällig", "01-15"),
    ("Sofort zahlbar ohne Abzug", "01-15"),
    ("14 Tage 2% Skonto, 30 Tage netto", "02-14"),
    ("14 Tage 3% 30 Tage netto", "02-14"),
    ("innerhalb von 10 Tagen mit 2 % Skonto oder innerhalb von 30 Tagen ohne Abzug", "02-14"),
    ("10 Tage 2% Skonto netto bis 04.02.2026", "02-04"),
    ("Zahlbar bis 15. Februar 2026", "02-15"),
    ("Zahlung bis zum 28.02.2026 ohne Abzug, bei Zahlung bis 25.01.2026 2% Skonto", "02-28"),
    ("Fällig am 1. März 2026", "03-01"),
    ("Zahlbar innerhalb von vierzehn Tagen nach Erhalt", "01-29"),
    ("Zahlungsziel: 30 Tage", "02-14"),
    ("Leistungszeitraum vom 01.12.2025 bis 31.12.2025, zahlbar in 14 Tagen", "01-29"),
    ("Rechnung vom 10.01.2026, zahlbar bis 10.02.2026", "02-10"),
    ("30 Tage zum Monatsende", "02-28"),
    ("zahlbar bis zum 15. des Folgemonats", "02-15"),
    ("Lieferzeit 14 Tage. Zahlbar 30 Tage netto.", "02-14"),
    ("Skonto 2% innert 10 Tagen, 30 Tage rein netto", "02-14"),
    ("#SKONTO#TAGE=14#PROZENT=2.00#\nZahlbar innerhalb 30 Tagen", "02-14"),
    ("31.01.2026", "01-31"),
    ("Vorkasse", "01-15"),
    ("innert 30 Tagen", "02-14"),
    ("Zahlbar 10 Tage nach Rechnungsdatum ohne Skonto", "01-25"),
    ("kein Skonto, 20 Tage", "02-04"),
    (
        "Wir gewähren 2% Skonto, wenn Sie innerhalb von 10 Tagen zahlen, ansonsten 30 Tage netto",
        "02-14",
    ),
    ("8 Tage, 2%; 30 Tage netto", "02-14"),
    ("60 Tage", "03-16"),
    ("30 dagar netto. Dröjsmålsränta 12%", "02-14"),
    ("Payment terms: 30 days. Goods remain our property until paid.", "02-14"),
    ("Zahlbar innert 10 Tagen mit 2% Skonto, 30 Tage netto. Gerichtsstand Zürich.", "02-14"),
    ("30 giorni netto", "02-14"),
    ("Paiement sous 30 jours. En cas de retard, indemnité de 40 euros.", "02-14"),
    ("2% d'escompte sous 8 jours ou 30 jours net", "02-14"),
    ("50% upfront, 50% within 30 days", "02-14"),
    ("Cash on delivery", "01-15"),
    ("Due date: 2026-02-20", "02-20"),
    ("Vervaldatum 20/02/2026", "02-20"),
    ("30 days", "02-14"),
    ("Zahlungseingang bis 14.2.26", "02-14"),
    ("Paiement à 30 jours fin de mois le 15", "03-15"),
    ("Valeur en votre aimable règlement au 28/02/2026", "02-28"),
]

SAYS_NOTHING = [
    "Payment within 10 days, 2% discount",
    "2% discount within 10 days",
    "Bei Zahlungsverzug berechnen wir nach 30 Tagen 9% Zinsen",
    "#SKONTO#TAGE=14#PROZENT=2.00#",
    "",
    "Vielen Dank",
    "Zahlbar bis 04.01.2026",
    "Escompte de 2% si paiement sous 8 jours",
    "Kortingen: 2% binnen 8 dagen",
    "Der Rechnungsbetrag wurde bereits beglichen.",
    "Der Betrag wird Ihrem Kundenkonto gutgeschrieben.",
    "Pénalités de retard exigibles dès le 30e jour, taux de 12 %",
    "Bitte überweisen Sie innerhalb von […] Tagen.",
]


@pytest.mark.parametrize(("text", "due"), SAYS)
def test_the_terms_say_when_the_invoice_is_due(text: str, due: str) -> None:
    assert due_date_from_terms(text, ISSUED) == date.fromisoformat(f"2026-{due}")


@pytest.mark.parametrize("text", SAYS_NOTHING)
def test_terms_that_name_no_net_date_give_none(text: str) -> None:
    assert due_date_from_terms(text, ISSUED) is None


@pytest.mark.parametrize(("text", "due"), SAYS)
def test_capitals_and_wrapped_lines_change_nothing(text: str, due: str) -> None:
    assert due_date_from_terms(text.upper(), ISSUED) == date.fromisoformat(f"2026-{due}")
    assert due_date_from_terms(f"\n\n  {text}\n", ISSUED) == date.fromisoformat(f"2026-{due}")


def test_a_date_beats_the_days_beside_it() -> None:
    text = "Zahlbar innerhalb 30 Tagen netto bis 04.07.2026, 3% Skonto in 10 Tagen bis 15.06.2026"

    assert due_date_from_terms(text, date(2026, 6, 13)) == date(2026, 7, 4)


def test_the_day_of_a_direct_debit_is_the_due_date() -> None:
    text = (
        "Der Betrag von EUR 529,87 wird am 20.02.2026 von Ihrem Konto per Lastschrift eingezogen."
    )

    assert due_date_from_terms(text, ISSUED) == date(2026, 2, 20)


def test_months_end_where_the_month_ends() -> None:
    assert due_date_from_terms("1 Monat netto", date(2026, 1, 31)) == date(2026, 2, 28)
    assert due_date_from_terms("2 mois", date(2027, 12, 31)) == date(2028, 2, 29)


def test_of_notes_only_the_lines_about_paying_count() -> None:
    notes = ["Lieferzeit 60 Tage", "Danke!\nZahlbar innerhalb 14 Tagen\nGültig 90 Tage"]

    assert due_date_from_notes(notes, ISSUED) == date(2026, 1, 29)
    assert due_date_from_notes(["Wir liefern in 60 Tagen."], ISSUED) is None


@settings(deadline=None)
@given(
    days=st.integers(0, 365), discount_days=st.integers(0, 30), issued=st.dates(date(2000, 1, 1))
)
@pytest.mark.parametrize(
    "text",
    [
        "Zahlbar innerhalb {days} Tagen netto, 2% Skonto innerhalb {discount} Tagen",
        "{discount} jours avec 2% d'escompte, {days} jours net",
        "Bij betaling binnen {discount} dagen 2% korting, anders {days} dagen netto",
        "2% discount within {discount} days, net {days} days",
    ],
)
def test_the_net_term_wins_whatever_the_discount(
    text: str, days: int, discount_days: int, issued: date
) -> None:
    issued = min(issued, date(2199, 1, 1))

    due = due_date_from_terms(text.format(days=days, discount=discount_days), issued)

    assert due == issued + timedelta(days=days)


@settings(deadline=None)
@given(st.dates(date(1950, 1, 1), date(2190, 1, 1)), st.integers(0, LONGEST_TERM_DAYS))
@pytest.mark.parametrize(
    "written", ["Zahlbar bis %d.%m.%Y", "payable au plus tard le %d/%m/%Y", "due by %Y-%m-%d"]
)
def test_a_date_to_pay_by_is_taken_as_it_stands(written: str, issued: date, later: int) -> None:
    due = issued + timedelta(days=later)

    assert due_date_from_terms(due.strftime(written), issued) == due


_WORDS = st.sampled_from(
    "30 14 2% 0 999 netto net Tage jours dagen days mois fin de du le bis zum am , . ; / ( ) und "
    "of 31.12.2026 2026-02-30 Skonto escompte zahlbar sofort réception eom 1 einem \n".split(" ")
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=60).map(" ".join)), st.dates())
def test_no_text_breaks_the_reading_or_gives_a_day_before_the_issue(
    text: str, issued: date
) -> None:
    issued = min(max(issued, date(1900, 1, 1)), date(2200, 12, 31))

    due = due_date_from_terms(text, issued)

    assert due is None or issued <= due <= issued + timedelta(days=LONGEST_TERM_DAYS)
