"""Creditsafe's XML as others recorded it: every file is read, or refused with the reason it gives.

The files are read from where QUITTANCE_CONFORMANCE_DATA says (default: shared/data beside the
project).
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from monitoring.bands import Band
from monitoring.feeds.creditsafe_report import Answer, CreditsafeSays, read, reading_of
from receivables.money import Money

_BESIDE: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data"
_DATA: Final = Path(os.environ.get("QUITTANCE_CONFORMANCE_DATA", _BESIDE)) / "solvency"
_SOAP: Final = _DATA / "creditsafe_soap"

pytestmark = pytest.mark.skipif(
    not _SOAP.is_dir(), reason=f"no recorded answers at {_SOAP} (QUITTANCE_CONFORMANCE_DATA)"
)


def answer(name: str) -> Answer:
    return read((_SOAP / f"{name}.xml").read_bytes())


def test_every_file_is_read_or_refused_with_a_reason():
    refused, taken = {}, {}
    for file in sorted(_SOAP.glob("*.xml")):
        try:
            taken[file.stem] = read(file.read_bytes()).operation
        except CreditsafeSays as says:
            refused[file.stem] = says.reason

    assert len(taken) + len(refused) == len(list(_SOAP.glob("*.xml")))
    assert all(taken.values())
    assert all(len(reason) > 10 for reason in refused.values())
    for name, words in (
        ("error-fault", "internal error"),
        ("company-report-not-found", "not found (10101)"),
        ("find-companies-error", "Invalid countries list"),
        ("find-companies-error-no-text", "30102"),
        ("set-default-changes-check-period-fail", "maximal value"),
    ):
        assert words in refused[name]
    assert "contract" not in refused["company-report-not-found"]


def test_a_report_is_a_reading_with_band_score_limit_and_status():
    (report,) = answer("company-report-successful").reports

    said = reading_of(report, read_on=date(2026, 11, 2))

    assert (said.band, said.score, said.scale) == (Band.A, 96, "creditsafe-GB")
    assert (said.limit, said.status) == (Money(405_000_00, "GBP"), "Active")
    assert said.as_of_on == date(2014, 10, 29)
    assert report.company.registration_number == "07495895"


def test_companies_changes_portfolios_and_events_are_listed():
    found = answer("find-companies-successful-multi").companies
    first, second = answer("list-monitored-companies-success").monitored

    assert len(found) == 32
    assert {one.country for one in found} == {"GB"}
    assert [(one.about, one.before, one.after) for one in second.changes] == [("score", "57", "60")]
    assert {one.about for one in first.changes} == {"address", "score", "negative data"}
    assert [one.changed for one in answer("get-portfolios-success").portfolios] == [0, 2]
    assert ("CR", "Credit Score") in answer("get-supported-change-event-success").events
    assert answer("list-monitored-companies-not-found").monitored == ()
