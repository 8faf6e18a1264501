"""Many rows in one statement: what comes by the thousand must not cost a statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def add_all(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows of a table; all of them name the same columns."""
    if rows:
        _insert(session, table, rows, leave_known=False)


def add_unknown(session: Session, table: Table, rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    """Insert those of the rows whose key does not stand already; returns their primary keys."""
    if not rows:
        return set()
    return {tuple(row) for row in _insert(session, table, rows, leave_known=True).all()}


def _insert(session: Session, table: Table, rows: Sequence[Row], *, leave_known: bool) -> Any:
    if session.get_bind().dialect.name == "postgresql":
        statement = _from_one_value(table, tuple(rows[0]), leave_known)
        return session.execute(statement, {"rows": msgspec.json.encode(rows).decode()})
    return session.execute(_row_by_row(table, leave_known), list(rows))


@cache
def _from_one_value(table: Table, columns: tuple[str, ...], leave_known: bool) -> Any:
    """For PostgreSQL, which takes longer to read a value's place than to read its row from JSON:
    seven thousand places in a statement cost ten times as much as one.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    typed = ", ".join(f'"{name}" {table.c[name].type.compile(dialect)}' for name in columns)
    # Names of our own tables and columns, and types; the values are bound.
    written = (
        f"INSERT INTO {table.name} ({names})"  # noqa: S608
        f" SELECT {names} FROM json_to_recordset(CAST(:rows AS json)) AS given({typed})"
    )
    if leave_known:
        keys = ", ".join(column.name for column in table.primary_key)
        written += f" ON CONFLICT DO NOTHING RETURNING {keys}"
    return text(written)


@cache
def _row_by_row(table: Table, leave_known: bool) -> Any:
    statement = sqlite.insert(table)
    if leave_known:
        return statement.on_conflict_do_nothing().returning(*table.primary_key)
    return statement
