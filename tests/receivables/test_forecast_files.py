"""Payment histories as files: many names for a column, no outcome learnt from, faults by line."""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path

import pytest

from receivables.payers.command import COLUMNS, add_arguments, run
from receivables.payers.history_columns import left_out
from receivables.payers.history_files import HistoryRefused, parse
from tests.support.histories import as_csv, history

HEADER = "customer,invoice,issued_on,due_on,paid_on,amount"


def only(*lines: str, header: str = HEADER):
    return parse("\n".join([header, *lines]).encode()).pasts


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (HEADER, "K1,R1,2026-01-05,2026-02-04,2026-02-10,12.50"),
        ("customerID,invoiceNumber,InvoiceDate,DueDate,SettledDate,InvoiceAmount",
         "K1,R1,5/1/2026,4/2/2026,10/2/2026,12.50"),
        ("cust_number;doc_id;document_create_date.1;due_in_date;clear_date;total_open_amount",
         "K1;R1;20260105;20260204.0;2026-02-10 00:00:00;12,50"),
        ("Customer No\tInvoice No\tInvoice Date\tDue Date\tPayment Date\tAmount",
         "K1\tR1\t05.01.2026\t04.02.2026\t10.02.2026\t12.50"),
    ],
)  # fmt: skip
def test_columns_have_many_names_and_days_many_forms(header, line):
    (past,) = only(line, header=header)

    assert (past.customer, past.invoice, str(past.amount)) == ("K1", "R1", "12.50")
    assert past.issued_on == date(2026, 1, 5)
    assert past.due_on == date(2026, 2, 4)
    assert past.paid_on == date(2026, 2, 10)


def test_the_month_comes_first_where_the_file_shows_it():
    pasts = only("K1,R1,1/5/2026,2/4/2026,,10", "K1,R2,1/25/2026,2/24/2026,,10")

    assert [past.issued_on for past in pasts] == [date(2026, 1, 5), date(2026, 1, 25)]


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [("K1,R2,2026-13-05,2026-02-04,,10", "issued_on", "'2026-13-05' is no day"),
     ("K1,R2,2026-01-05,,,10", "due_on", "is empty"),
     ("K1,R2,2026-01-05,2026-02-04,soon,10", "paid_on", "'soon' is no day"),
     ("K1,R2,2026-01-05,2026-02-04,,ten", "amount", "'ten' is no amount"),
     (",R2,2026-01-05,2026-02-04,,10", "customer", "is empty"),
     ("K1,R1,2026-01-06,2026-02-04,,10", "invoice", "differs from line 2"),
     ("K1,R2,2026-01-05,2026-02-04,10", "", "5 cells")],
)  # fmt: skip
def test_a_file_is_refused_with_what_is_wrong_where_and_what_helps(line, column, said):
    with pytest.raises(HistoryRefused) as refused:
        only("K1,R1,2026-01-05,2026-02-04,,10", line)

    (fault,) = refused.value.faults
    assert (fault.line, fault.column) == (3, column)
    assert said in fault.what
    assert fault.how


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x8bbroken", b"\x00\x01\x02", b"a,b\n1,2\n", HEADER.encode(),
     b"customer,invoice\nK1,R1\n", gzip.compress(b"nothing", mtime=0)[:-6]],
)  # fmt: skip
def test_what_is_no_history_is_refused_and_breaks_nothing(content):
    with pytest.raises(HistoryRefused) as refused:
        parse(content)

    assert refused.value.faults


def test_columns_that_tell_the_outcome_are_not_learnt_from():
    rows = [
        (f"K{place % 3},R{place},2026-01-{place + 1:02},2026-02-20,2026-02-{place + 1:02},10,"
         f"{place - 19},{max(0, place - 19)},{31},{'yes' if place % 2 else 'no'},CH{place % 2},"
         f"2026-09-{place + 1:02}")
        for place in range(25)
    ]  # fmt: skip
    found = parse(
        "\n".join([f"{HEADER},offset,late_days,took,Disputed,country,changed", *rows]).encode()
    )

    without = left_out(found.pasts, names=found.extras)

    assert set(found.extras) - set(without) == {"country"}
    assert "changed" not in found.extras


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def answered(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return run(options(*words), out=out, err=err), out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("history") / "history.csv.gz"
    path.write_bytes(gzip.compress(as_csv(history(3, payers=30, invoices=600)).encode()))
    return path


def test_the_command_measures_a_history_beside_two_baselines(small):
    code, out, err = answered("evaluate", str(small), "--split", "2024-06-30", "--json")

    told = json.loads(out)
    assert (code, err) == (0, "")
    assert told["measured_on"] == "issued_after"
    assert told["mae_days"] == told["issued_after"]["ours"]["mae_days"]
    assert set(told["baselines"]) == {"rolling_median", "due_date"}
    assert {"auc_late", "coverage_80", "weekly_cash_error", "bias_days"} <= set(told)
    assert told["learnt_from"] == ["country", "channel"]
    code, out, _ = answered("evaluate", str(small), "--split", "2024-06-30")
    assert code == 0
    assert "rolling median" in out


def test_the_command_writes_a_prediction_for_each_invoice(small, tmp_path):
    score = tmp_path / "score.csv"
    score.write_text(
        "customer,invoice,issued_on,due_on,amount,country,channel\n"
        "K00001,N1,2025-02-03,2025-03-05,100,CH,paper\n"
        "nobody,N2,2025-02-03,2025-03-05,100,CH,paper\n"
    )

    code, out, err = answered("predict", "--train", str(small), "--score", str(score))

    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert "country, channel" in err
    assert tuple(rows[0]) == COLUMNS
    assert [row["invoice"] for row in rows] == ["N1", "N2"]
    for row in rows:
        assert row["p10_on"] <= row["expected_on"] <= row["prudent_on"] <= row["p90_on"]
        assert 0 <= float(row["p_late"]) <= 1


def test_a_bad_file_is_refused_by_the_command_line_by_line(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEADER}\nK1,R1,2026-01-05,never,,10\n")

    code, out, err = answered("evaluate", str(path), "--split", "2026-06-30")
    assert (code, out) == (1, "")
    assert "line 2, column due_on: 'never' is no day; write it year first" in err

    code, out, _ = answered("evaluate", str(path), "--split", "2026-06-30", "--json")
    assert code == 1
    assert json.loads(out)["faults"][0]["line"] == 2
    assert answered("evaluate", str(tmp_path / "none.csv"), "--split", "2026-06-30")[0] == 2
