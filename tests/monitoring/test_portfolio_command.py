"""`quittance portfolio check`: any file, no database, no supplier."""

from __future__ import annotations

import argparse
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from pypdf import PdfReader

from monitoring.portfolio import checking
from monitoring.portfolio.check_arguments import add_arguments
from monitoring.portfolio.report_values import Report
from receivables.clock import SteppingClock
from tests.support.builders import money

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)

FILE = """\
number;name;country;register number;postcode;city;balance;rating
1;Alpha Métal SA;BE;0403.170.701;9000;Gent;12000.00;E
2;Alpha Metal;BE;BE0403170701;9000;Gent;500.00;
3;Atelier du Lac;FR;732 829 320;69001;Lyon;4000.00;88
"""


def ran(path: Path, *given: str) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    code = checking.run(
        parser.parse_args([str(path), *given]), out=out, err=err, clock=SteppingClock(NOW)
    )
    return code, out.getvalue(), err.getvalue()


def told(path: Path, *given: str) -> dict[str, Any]:
    code, out, _err = ran(path, "--json", *given)
    found: dict[str, Any] = {"code": code, **json.loads(out)}
    return found


def test_a_file_alone_is_enough_for_a_report_in_words_as_an_object_and_on_paper(
    tmp_path: Path,
) -> None:
    path, pdf = tmp_path / "kunden.csv", tmp_path / "out.pdf"
    path.write_text(FILE, encoding="utf-8")

    found = told(path, "--country", "BE", "--pdf", str(pdf))

    report = msgspec.convert(found, Report, strict=False)
    assert report.coverage.exact == 3
    assert report.coverage.foreign == 1
    assert report.slices[0].red.total == money("12000 EUR")
    assert report.duplicates.clusters == 1
    text = "".join(page.extract_text() for page in PdfReader(pdf).pages)
    assert "Alpha Métal SA" in text
    code, words, _err = ran(path, "--language", "fr", "--country", "FR")
    assert code == 0
    assert "Alpha Métal SA" in words


def test_what_cannot_be_read_is_refused_in_words_or_as_an_object(tmp_path: Path) -> None:
    path = tmp_path / "nothing.csv"
    path.write_bytes(b"\x00\x01\x02")
    code, out, err = ran(path)
    assert (code, out) == (1, "")
    assert str(path) in err
    assert told(path)["faults"]
    assert ran(tmp_path / "missing.csv")[0] == 2
