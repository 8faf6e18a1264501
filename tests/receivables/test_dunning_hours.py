"""At which hours debtors are written to, wherever they and their supplier are."""

from __future__ import annotations

from datetime import datetime

import pytest

from receivables.dunning.windows import decent_hour, window_for, zone_of
from receivables.workdays import WEEKDAYS


def test_debtors_are_written_to_in_the_morning_where_they_are() -> None:
    def window(at: str, supplier: str, debtor: str) -> list[str]:
        now = datetime.fromisoformat(at)
        found = window_for(now, supplier_zone=supplier, debtor_zone=debtor)
        return [] if found is None else [found.opens.isoformat(), found.closes.isoformat()]

    # Eight in Zurich: an hour to wait; noon: it is tomorrow's run that decides.
    assert window("2026-11-02T07:00+00:00", "Europe/Zurich", "Europe/Zurich") == [
        "2026-11-02T08:00:00+00:00", "2026-11-02T10:30:00+00:00",
    ]  # fmt: skip
    assert window("2026-11-02T11:00+00:00", "Europe/Zurich", "Europe/Zurich") == []
    # Eight in New York is afternoon in Zurich: the next morning there comes before the next run.
    assert window("2026-11-02T13:00+00:00", "America/New_York", "Europe/Zurich") == [
        "2026-11-03T08:00:00+00:00", "2026-11-03T10:30:00+00:00",
    ]  # fmt: skip
    assert zone_of("CH", otherwise="UTC") == "Europe/Zurich"
    assert zone_of("AU", otherwise="UTC") == "Australia/Sydney"
    assert zone_of("XX", otherwise="UTC") == "UTC"


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2026-11-02T15:00+00:00", None),
        ("2026-11-02T22:00+00:00", "2026-11-03T08:00:00+00:00"),
        ("2026-11-03T05:00+00:00", "2026-11-03T08:00:00+00:00"),
        ("2026-11-07T12:00+00:00", "2026-11-09T08:00:00+00:00"),
    ],
)
def test_what_is_let_out_late_or_on_a_day_off_goes_the_next_working_morning(
    at: str, goes: str | None
) -> None:
    found = decent_hour(datetime.fromisoformat(at), "Europe/Zurich", "CH", WEEKDAYS)

    assert (found.isoformat() if found else None) == goes
