"""Forecasts on histories that nobody here made, up to the day on which they were known.

They are read from where QUITTANCE_CONFORMANCE_DATA says (default: shared/data beside the project).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from receivables.payers.command import add_arguments, run
from receivables.payers.history_columns import left_out
from receivables.payers.history_files import parse
from receivables.payers.measuring import evaluate

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "ar_payments"
_KNOWN: Final = _DATA / "ibm_ar_until_2013-05-31_as_known_then.csv"
_LATER: Final = _DATA / "ibm_ar_test_invoices_unlabelled.csv"
_OTHERS: Final = _DATA / "highradius_open_invoices_unlabelled.csv.gz"

pytestmark = pytest.mark.skipif(
    not _KNOWN.exists(), reason=f"no payment histories at {_DATA} (QUITTANCE_CONFORMANCE_DATA)"
)


@pytest.mark.parametrize("split", [date(2012, 9, 30), date(2012, 12, 31)])
def test_the_error_is_a_tenth_below_that_of_a_rolling_median(split):
    history = parse(_KNOWN.read_bytes())
    assert set(left_out(history.pasts, names=history.extras)) == {
        "Disputed", "DaysToSettle", "DaysLate",
    }  # fmt: skip
    names = ("countrycode", "PaperlessBill")
    assert len(history.pasts) == 1831

    found = evaluate([_only(past, names) for past in history.pasts], split).issued_after

    assert found.ours.mae_days < 0.91 * found.rolling_median.mae_days
    assert found.ours.auc_late > max(0.87, found.rolling_median.auc_late)
    assert 0.75 <= found.ours.coverage_80 <= 0.85
    assert 0.75 <= found.ours.prudent_share <= 0.87


def _only(past, names):
    return replace(past, traits={name: past.traits[name] for name in names})


@pytest.mark.parametrize(("path", "count"), [(_LATER, 635), (_OTHERS, 9700)])
def test_each_invoice_without_an_outcome_gets_a_prediction(path, count):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    out = io.StringIO()

    code = run(
        parser.parse_args(["predict", "--train", str(_KNOWN), "--score", str(path)]),
        out=out, err=io.StringIO(),
    )  # fmt: skip

    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert (code, len(rows)) == (0, count)
    assert all(row["p10_on"] <= row["expected_on"] <= row["p90_on"] for row in rows)
