"""Alembic: one chain of versions for SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3

from alembic import context
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

import monitoring.tables
import receivables.tables
from receivables import selectivity
from receivables.database import UtcDateTime

assert monitoring.tables  # imported for its tables

target_metadata = receivables.tables.metadata


def run_migrations() -> None:
    url = make_url(context.config.get_main_option("sqlalchemy.url") or "")
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _write_ahead)
        event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
            transactional_ddl=True,
            render_item=_render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
    if url.get_backend_name() == "sqlite":
        with engine.begin() as connection:
            selectivity.describe(connection)


def _render_item(kind: str, item: object, _context: object) -> str | bool:
    """Our own types are written as what the database knows."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _write_ahead(connection: sqlite3.Connection, _record: object) -> None:
    """A version is taken whole or not at all: left to itself, the driver would begin no
    transaction before it changes a table.
    """
    connection.execute("PRAGMA journal_mode=WAL")
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


run_migrations()
