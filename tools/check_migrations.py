"""Do migrations, models and guards agree? On an empty SQLite file and an empty PostgreSQL.

Upgrades to head, compares the schema with the models and with the guards, then goes all the way
down and up again: `python -m tools.check_migrations`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

import monitoring.tables
import receivables.tables
from receivables.guards import statements
from tests.support.databases import postgres_admin

assert monitoring.tables  # imported for its tables

ROOT = Path(__file__).parent.parent
MODELS = receivables.tables.metadata

#: Everything the guards put beside the tables, as the database itself tells it.
_GUARDS = {
    "sqlite": ("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",),
    "postgresql": (
        "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE NOT tgisinternal",
        "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies",
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> 'alembic_version'",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    ),
}


def main() -> int:
    found = 0
    with tempfile.TemporaryDirectory(prefix="quittance-") as folder, postgres_admin() as admin:
        # A server given from outside may have anything in it: work in databases of our own.
        urls = {
            "SQLite": [f"sqlite:///{folder}/{name}.sqlite" for name in ("migrated", "made")],
            "PostgreSQL": [
                _new_postgres(admin, f"quittance_check_{name}") for name in ("migrated", "made")
            ],
        }
        for kind, (migrated, made) in urls.items():
            differences = list(_differences(migrated, made))
            found += len(differences)
            for difference in differences:
                print(f"{kind}: {difference}")
            if not differences:
                print(f"{kind}: migrations, models and guards agree")
    return 1 if found else 0


def _new_postgres(admin_url: str, name: str) -> str:
    admin = make_url(admin_url).set(drivername="postgresql+psycopg")
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return admin.set(database=name).render_as_string(hide_password=False)


def _differences(migrated: str, made: str) -> Iterator[str]:
    """What is wrong with the migrations; `made` is where the models make their own schema."""
    wanted = _guards_of_models(made)
    config = _alembic(migrated)
    command.upgrade(config, "head")
    yield from _against_models(migrated, wanted, "after the upgrade")
    command.downgrade(config, "base")
    with _connected(migrated) as connection:
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        guards = _guards(connection)
    for name in sorted(left):
        yield f"the way down leaves the table {name}"
    for guard in sorted(guards):
        yield f"the way down leaves {guard}"
    command.upgrade(config, "head")
    yield from _against_models(migrated, wanted, "down and up again")


def _against_models(url: str, wanted: set[str], when: str) -> Iterator[str]:
    with _connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        for difference in compare_metadata(context, MODELS):
            yield f"{when}, the models differ: {difference}"
        there = _guards(connection)
    for guard in sorted(wanted - there):
        yield f"{when}, a guard is missing or different: {guard}"
    for guard in sorted(there - wanted):
        yield f"{when}, nobody asked for this guard: {guard}"


def _guards_of_models(url: str) -> set[str]:
    """The guards as they stand when models and `receivables.guards` make the schema."""
    with _connected(url) as connection:
        MODELS.create_all(connection)
        _put_guards(connection, MODELS)
        guards = _guards(connection)
        connection.commit()
    return guards


def _put_guards(connection: Connection, models: MetaData) -> None:
    for statement in statements(models, connection.dialect.name):
        connection.execute(text(statement.replace(":", r"\:")))


def _guards(connection: Connection) -> set[str]:
    """One line for each trigger, policy, function and row-security flag."""
    return {
        " ".join(" ".join(str(value) for value in row).split())
        for query in _GUARDS[connection.dialect.name]
        for row in connection.execute(text(query.replace("::", r"\:\:")))
    }


def _connected(url: str) -> Connection:
    driver = make_url(url)
    if driver.get_backend_name() == "postgresql":
        driver = driver.set(drivername="postgresql+psycopg")
    return create_engine(driver, poolclass=NullPool).connect()


def _alembic(url: str) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


if __name__ == "__main__":
    sys.exit(main())
