"""A drawn year, judged from the outside every day: nobody is reminded twice, of what is paid, too
often, or at a bad time; nothing is silently lost. `make proof` lives it whole.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import timedelta

import pytest

from receivables.clock import SteppingClock
from receivables.database import SYSTEM
from receivables.runtime import Runtime
from tests.support.year import Size, Year
from tests.support.year_census import census, missing_from
from tests.support.year_checker import seen_in, violations

SMALL = Size(debtors=6, invoices=20, days=28)
WHOLE = Size(debtors=1000, invoices=12_000, days=365)


@pytest.mark.once("what is decided is the same on either database")
def test_all_promises_hold_on_every_day_of_a_drawn_year(
    runtime: Runtime, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = bool(request.config.getoption("--full"))
    drawn = str(random.SystemRandom().randrange(10**6)) if whole else "2026"
    seed = int(os.environ.get("QUITTANCE_SEED", drawn))
    clock = runtime.clock
    assert isinstance(clock, SteppingClock)
    if not whole:
        # So that clocks change in it: in New York on the 14th, in Europe on the 28th of March.
        clock.advance(timedelta(days=125))
    size = SMALL
    if whole:
        # "100 1200 365" lives a smaller one.
        given = os.environ.get("QUITTANCE_YEAR", "").split()
        size = Size(*map(int, given)) if given else WHOLE
    year = Year.begin(runtime, size, seed)
    for day in year.live():
        # What was handed over stays: to look once a week is to look at every day.
        if day.weekday() == 6:
            _judge(year, f"seed {seed}, {day}")
            if whole:
                with capsys.disabled():
                    sys.stderr.write(f"seed {seed}: {day}, {len(year.mailer.handed_over)} mails\n")
    _judge(year, f"seed {seed}")
    assert len(seen_in(year)) > size.invoices // 10, "people were reminded"
    with runtime.reading(SYSTEM) as session:
        happened = census(year, session)
    if whole:
        with capsys.disabled():
            sys.stderr.write(f"seed {seed}: {dict(sorted(happened.items()))}\n")
    assert not missing_from(year, happened)


def _judge(year: Year, when: str) -> None:
    with year.world.runtime.reading(SYSTEM) as session:
        found = violations(year, session)
        assert not found, (when, len(found), found[:12])
