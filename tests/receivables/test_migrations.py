"""A version of the schema is taken whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError

from receivables.boot import ROOT

pytestmark = pytest.mark.sqlite  # PostgreSQL has transactions around tables without our help


def schema_of(file: Path) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(file)) as connection:
        schema = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [*schema, *connection.execute("SELECT 'version', version_num FROM alembic_version")]


def test_a_version_that_fails_half_way_leaves_the_schema_as_it_was(tmp_path):
    file = tmp_path / "books.sqlite"
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{file}")
    command.upgrade(config, "0001")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TABLE chargebacks (in_the_way INTEGER)"
        )  # the last one 0002 makes
    before = schema_of(file)

    with pytest.raises(OperationalError, match="chargebacks already exists"):
        command.upgrade(config, "0002")

    assert schema_of(file) == before
