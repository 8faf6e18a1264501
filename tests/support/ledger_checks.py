"""The product's own checks as one statement, put to a database after every step.

Which of them a step can have broken is not guessed: a check is asked again whenever a table that
it reads was written to, or, where it reads the time, whenever the time has moved.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from receivables.checks import CHECKS, Check

#: Reminders are no part of the machine.
LOOKED_AT = tuple(check for check in CHECKS if check.promise != "P4")

_READS = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")
_CLOCK = "the clock"


def _reads(check: Check) -> frozenset[str]:
    tables = set(_READS.findall(check.sql))
    return frozenset(tables | ({_CLOCK} if ":late" in check.sql else set()))


def _late(check: Check) -> str:
    return f"late_{int(check.late_after.total_seconds())}"


def _sql(check: Check) -> str:
    return check.sql.replace(":late", f":{_late(check)}")


#: Temporary, so it is this connection's alone, and goes back with what is rolled back.
_TRIGGER = """
CREATE TEMP TRIGGER IF NOT EXISTS {table}_{verb} AFTER {verb} ON main.{table}
BEGIN UPDATE written SET times = times + 1 WHERE name = '{table}'; END
"""
_LATE = {_late(check): check.late_after for check in LOOKED_AT}


class Watch:
    """Knows what was written since it last looked."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver
        self._reads = {number: _reads(check) for number, check in enumerate(LOOKED_AT)}
        read = set().union(*self._reads.values()) - {_CLOCK}
        self._tables = sorted(read | {"disputes", "dispute_items"})
        self._statements: dict[frozenset[int], str] = {}
        self._seen: dict[str, int] = {}
        self._now: datetime | None = None
        driver.execute("CREATE TEMP TABLE IF NOT EXISTS written (name TEXT PRIMARY KEY, times)")
        driver.execute("DELETE FROM temp.written")
        for table in self._tables:
            driver.execute("INSERT INTO temp.written VALUES (?, 0)", [table])
            for verb in ("INSERT", "UPDATE", "DELETE"):
                driver.execute(_TRIGGER.format(table=table, verb=verb))

    def written(self) -> frozenset[str]:
        """The tables that were written to since this was last asked."""
        now = dict(self._driver.execute("SELECT name, times FROM temp.written"))
        changed = frozenset(name for name, times in now.items() if self._seen.get(name) != times)
        self._seen = now
        return changed

    def findings(self, written: Iterable[str], now: datetime) -> list[tuple[str, str]]:
        """What is wrong of all that could have changed."""
        moved = {_CLOCK} if now != self._now else set()
        self._now = now
        touched = frozenset(written) | moved
        asked = frozenset(number for number, reads in self._reads.items() if reads & touched)
        if not asked:
            return []
        if asked not in self._statements:
            self._statements[asked] = " UNION ALL ".join(
                f"SELECT {number}, * FROM ({_sql(LOOKED_AT[number])})"  # noqa: S608
                for number in sorted(asked)
            )
        instants = {
            name: f"{now - late_after:%Y-%m-%d %H:%M:%S.%f}" for name, late_after in _LATE.items()
        }
        rows = self._driver.execute(self._statements[asked], instants)
        return [(LOOKED_AT[row[0]].promise + ": " + LOOKED_AT[row[0]].what, row[1]) for row in rows]
