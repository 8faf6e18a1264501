"""What must hold in every database once a test is over: no promise of the product is broken.

The product puts its checks one by one, each under a limit of its own. A test's few rows need
none, and thousands of tests ask: here they are one statement, and what it finds is then told by
the product itself. P7, that nothing waits, is left out: a test may end in the middle of things.
"""

from __future__ import annotations

from datetime import UTC, datetime

from receivables import checks
from receivables.checks import CHECKS, Finding
from receivables.database import SYSTEM, Database
from tests.support.databases import PostgresServer

#: Late enough for everything that has a time limit to be past it.
_LATER = datetime(2027, 12, 31, tzinfo=UTC)

_ASKED = [check for check in CHECKS if check.promise != "P7"]
#: Whatever the time is: more than is broken, never less. Signs of percent are doubled, as drivers
#: may read them as places; to LIKE two mean what one means.
_ANY = " UNION ALL ".join(
    f"SELECT {number}, found.* FROM ({check.sql}) found"  # noqa: S608  (the product's own)
    for number, check in enumerate(_ASKED)
).replace(":late", "'9999-12-31 00:00:00'").replace("%", "%%")  # fmt: skip


def broken_promises(database: Database, server: object = None) -> list[Finding]:
    """Every promise but P7 that is broken in a database; a `PostgresServer` that is named keeps
    the statement prepared.
    """
    if isinstance(server, PostgresServer):
        found = server.rows(_ANY)
    else:
        with database.reading(SYSTEM) as session:
            found = session.connection().exec_driver_sql(_ANY).all()
    if not found:
        return []
    with database.reading(SYSTEM) as session:
        told = [one for one in checks.findings(session, now=_LATER) if one.promise != "P7"]
    timed = {number for number, check in enumerate(_ASKED) if ":late" in check.sql}
    assert told or {row[0] for row in found} <= timed, f"found and not told: {found}"
    return told
