"""What SQLite is told about our tables, so that it looks things up by what finds few rows.

Nearly every statement begins with the supplier, and an installation has few of them. SQLite does
not know: without statistics it takes any index whose first column is given for as good as another,
and reads all rows of the supplier where the next index would have found the one. Statistics taken
from the rows (`ANALYZE`) would come too late for the first import, and may be taken from tables
that are still empty; so it is told what the columns are like, which changes only with the schema.
PostgreSQL measures by itself.

Source: https://sqlite.org/fileformat2.html#stat1tab (the form, and that it may be written by hand).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

#: Rows of a table that grows; only how the figures stand to each other matters.
ROWS = 100_000
#: Of those an index with a condition holds: what is open, waiting, on its way.
PARTIAL_ROWS = ROWS // 20
#: Rows of a table that belongs to no supplier.
FEW_ROWS = 100

#: Different values in `ROWS` rows.
_SUPPLIERS = 2
_IDS = _TEXTS = 20_000
_DAYS = 1_000
_CODES = 10
_OTHERS = 5
#: Longer texts are names and numbers, shorter ones states, countries, currencies.
_LONGEST_CODE = 24


#: One row of sqlite_stat1: table, index, and of the index how many rows there are, then how many
#: are left with each more column that is given.
Statistic = tuple[str, str, str]


def describe(connection: Connection) -> None:
    """Write what SQLite plans by, if it is not written yet; in the caller's transaction."""
    wanted = sorted(_statistics(connection))
    run = connection.exec_driver_sql
    if _has_statistics(connection):
        found = run("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY tbl, idx")
        if [tuple(row) for row in found] == wanted:
            return
    run("ANALYZE sqlite_schema")  # makes the table
    run("DELETE FROM sqlite_stat1")
    for row in wanted:
        run("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", row)
    run("ANALYZE sqlite_schema")  # reads it, and has open statements planned anew


def _has_statistics(connection: Connection) -> bool:
    asked = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'"
    return bool(connection.exec_driver_sql(asked).scalar())


def _statistics(connection: Connection) -> Iterator[Statistic]:
    run = connection.exec_driver_sql
    tables = run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for table in tables.scalars().all():
        types = {row.name: row.type for row in run(f'PRAGMA table_info("{table}")')}
        rows = ROWS if "supplier_id" in types else FEW_ROWS
        for index in run(f'PRAGMA index_list("{table}")').all():
            columns = [row.name for row in run(f'PRAGMA index_info("{index.name}")')]
            held = min(rows, PARTIAL_ROWS) if index.partial else rows
            figures = _figures(held, columns, types, unique=bool(index.unique))
            yield table, index.name, figures


def _figures(rows: int, columns: list[str], types: dict[str, str], *, unique: bool) -> str:
    figures = [rows]
    for column in columns:
        figures.append(max(1, figures[-1] // _different(column, types.get(column, ""))))
    if unique:
        figures[-1] = 1
    return " ".join(map(str, figures))


def _different(column: str, kind: str) -> int:
    if column == "supplier_id":
        return _SUPPLIERS
    name, _, length = kind.upper().rstrip(")").partition("(")
    if name == "CHAR":  # how ids are kept
        return _IDS
    if name == "VARCHAR":
        return _CODES if length and int(length) <= _LONGEST_CODE else _TEXTS
    if name in {"DATE", "DATETIME", "TIMESTAMP"}:
        return _DAYS
    return _OTHERS
