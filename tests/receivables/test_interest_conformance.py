"""The rates that came with this version, and what is computed from them, against tables that
others compiled: read from where QUITTANCE_CONFORMANCE_DATA says (default: shared/data beside).
"""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from receivables.interest.laws import DebtorKind, law_of
from receivables.interest.rates import RateBook, Series, shipped_rates
from receivables.interest.rules import Terms, quote

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "rates"
BOOK: Final = RateBook(shipped_rates())

pytestmark = pytest.mark.skipif(
    not _DATA.exists(), reason=f"no tables of rates at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)


def table(name: str) -> list[dict[str, str]]:
    text = (_DATA / name).read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if not row_is_remark(row)]


def row_is_remark(row: dict[str, str]) -> bool:
    return next(iter(row.values())).startswith("#")


@pytest.mark.parametrize(
    ("name", "series", "since", "percent"),
    [
        ("ecb_mro.csv", Series.ECB_MRO, "effective_from", "mro_rate_pct"),
        ("uk_boe_bank_rate.csv", Series.BOE_BANK_RATE, "effective_from", "bank_rate_pct"),
        ("fr_taux_interet_legal.csv", Series.FR_LEGAL, "valid_from", "other_cases_pct"),
    ],
)
def test_every_reference_rate_is_the_one_others_have(name, series, since, percent):
    ours = {one.first_day: one for one in shipped_rates() if one.series is series}
    theirs = {date.fromisoformat(row[since]): Decimal(row[percent]) for row in table(name)}

    shared = {day: rate for day, rate in theirs.items() if day >= min(ours)}
    assert len(shared) >= 20
    assert {day: ours[day].percent for day in shared} == shared


@pytest.mark.parametrize(
    ("country", "debtor", "contracted_on", "name", "column"),
    [
        ("BE", "business", date(2013, 3, 16), "be_late_payment_commercial.csv",
         "rate_pct_current_law"),
        ("BE", "business", date(2013, 3, 15), "be_late_payment_commercial.csv",
         "rate_pct_contracts_before_2013-03-16"),
        ("DE", "business", date(2014, 7, 29), "de_basiszinssatz.csv", "b2b_default_pct"),
        ("DE", "business", date(2014, 7, 28), "de_basiszinssatz.csv", "b2b_default_pct"),
        ("DE", "consumer", date(2010, 1, 1), "de_basiszinssatz.csv", "b2c_default_pct"),
    ],
)  # fmt: skip
def test_every_semester_of_the_tables_is_computed(country, debtor, contracted_on, name, column):
    """Since a law changed for the contracts it covers: the tables switch column or value there."""
    terms = Terms(law=law_of(country, DebtorKind(debtor)), contracted_on=contracted_on)
    semesters = {
        date.fromisoformat(row["valid_from"]): Decimal(row[column])
        for row in table(name)
        if _covers(contracted_on, date.fromisoformat(row["valid_from"]))
    }

    computed = {day: quote(terms, day, begins_on=day, book=BOOK).percent for day in semesters}
    assert len(semesters) >= 7
    assert computed == semesters


def _covers(contracted_on: date, semester: date) -> bool:
    """Whether the table speaks of such a contract in this semester: of older ones until the law
    changed, of newer ones from the semester after.
    """
    changed = {date(2013, 3, 15): date(2100, 1, 1), date(2014, 7, 28): date(2014, 7, 29)}
    return semester < changed[contracted_on] if contracted_on in changed else (
        semester >= contracted_on - timedelta(days=1)
    )  # fmt: skip
