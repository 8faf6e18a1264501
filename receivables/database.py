"""The database: declarative base, column types, and the two ways into a transaction.

SQLite serves one process (the embedded installation); PostgreSQL serves many. Both are used
through the same statements. Every transaction says for whom it speaks (its `Scope`): on
PostgreSQL row-level security then shows it that supplier's rows and no others.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Engine,
    ForeignKeyConstraint,
    Index,
    MetaData,
    String,
    Uuid,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from receivables import ids
from receivables.compiled import CompiledStatements
from receivables.deadlines import Deadlines
from receivables.errors import TemporarilyUnavailable
from receivables.ids import SupplierId
from receivables.settings import DatabaseSettings


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware, in UTC, on both databases (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant is aware"
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the project, under one naming convention for constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        date: Date(),
        str: String(),
        int: BigInteger(),
        dict[str, Any]: JSON(),
        **{
            getattr(ids, name): Uuid(as_uuid=True)
            for name in dir(ids)
            if name.endswith("Id") and name != "Id"
        },
        UUID: Uuid(as_uuid=True),
    }


def of_same_supplier(column: str, table: str) -> ForeignKeyConstraint:
    """What `column` names is a row of `table`, and the same supplier's."""
    return ForeignKeyConstraint(["supplier_id", column], [f"{table}.supplier_id", f"{table}.id"])


def live_once(table: str) -> Index:
    """An invoice is in one live row of `table` at most."""
    return Index(
        f"uq_{table}_live_invoice",
        "invoice_id",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    )


class db_now(FunctionElement[datetime]):  # noqa: N801  (reads as the SQL function it is)
    """The database's own clock, for leases: one clock for all machines."""

    type = UtcDateTime()
    inherit_cache = True
    name = "db_now"


@compiles(db_now, "postgresql")
def _db_now_postgresql(_element: Any, _compiler: Any, **_: Any) -> str:
    return "clock_timestamp()"


@compiles(db_now, "sqlite")
def _db_now_sqlite(_element: Any, _compiler: Any, **_: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


class IdList(TypeDecorator[Any]):
    """Ids as one value: an array, or the JSON that SQLite can read a list from."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = ARRAY(Uuid(as_uuid=True)) if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Collection[UUID] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps([one.hex for one in ids])


class among(FunctionElement[bool]):  # noqa: N801  (reads as the SQL function it is)
    """`among(column, "debtors")`: whether the column's id is one of those bound by this name.

    With IN both SQLAlchemy and the driver would write and read a place for each of them, each
    time: four hundred ids take longer than the look-up itself.
    """

    # No Boolean: SQLite has none, so "= 1" would be written after it, and no index be used.
    inherit_cache = True
    name = "among"

    def __init__(self, column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=IdList()))


@compiles(among, "postgresql")
def _among_postgresql(element: Any, compiler: Any, **given: Any) -> str:
    column, ids = (compiler.process(one, **given) for one in element.clauses)
    return f"{column} = ANY({ids})"


@compiles(among, "sqlite")
def _among_sqlite(element: Any, compiler: Any, **given: Any) -> str:
    column, ids = (compiler.process(one, **given) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  (a bound place)


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a transaction speaks: one supplier, or (None) the installation itself."""

    supplier_id: SupplierId | None


#: The installation: jobs that serve all suppliers, links before we know whose they are.
SYSTEM = Scope(None)


def scope_to(session: Session, supplier_id: SupplierId) -> None:
    """Narrow an open system transaction to one supplier, as soon as it is known which."""
    session.info["scope"] = Scope(supplier_id)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_SET_SCOPE, {"supplier": str(supplier_id), "system": "off"})


_SET_SCOPE = text(
    "SELECT set_config('app.supplier', :supplier, true), set_config('app.system', :system, true)"
)
_SET_SCOPE_READING = text(
    "SELECT set_config('app.supplier', :supplier, true), set_config('app.system', :system, true),"
    " set_config('transaction_read_only', 'on', true)"
)


def _announce_scope(session: Session, _transaction: Any, connection: Connection) -> None:
    """Tell PostgreSQL whose transaction this is; row-level security reads it."""
    if session.in_nested_transaction():
        return
    scope: Scope = session.info["scope"]
    statement = _SET_SCOPE_READING if session.info["reading"] else _SET_SCOPE
    connection.execute(
        statement,
        {
            "supplier": str(scope.supplier_id) if scope.supplier_id else "",
            "system": "off" if scope.supplier_id else "on",
        },
    )


#: What is slower is overtaken.
_LONGEST_TURN_S = 0.02


class Database:
    """One engine and the transactions made on it.

    `enqueued` is set after each commit that left work in the jobs table; the relay waits for it.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.deadlines = Deadlines(settings.statement_deadline)
        self.engine = _make_engine(settings, self.deadlines)
        self.kind = self.engine.dialect.name
        self.enqueued = threading.Event()
        reading = self.engine.execution_options(sqlite_begin="BEGIN")
        self._writing = sessionmaker(self.engine, expire_on_commit=False, autoflush=True)
        self._reading = sessionmaker(reading, expire_on_commit=False, autoflush=False)
        if self.kind == "postgresql":
            for maker in (self._writing, self._reading):
                event.listen(maker, "after_begin", _announce_scope)
        #: SQLite has one writer at a time; queueing here is fair, its busy-wait is not.
        self._writer = threading.Lock() if self.kind == "sqlite" else None
        self._turn = threading.RLock() if self.kind == "sqlite" else None

    @contextmanager
    def transaction(self, scope: Scope, *, by: str = "system") -> Iterator[Session]:
        """Everything in the block happens, or nothing.

        `by` names who does it, for the history: "staff:<id>", "contact:<id>" or "system".
        Raises TemporarilyUnavailable when the database cannot be had within the deadline.
        """
        with self._exclusively(), self._session(self._writing, scope, by, reading=False) as session:
            yield session
            session.commit()
        if session.info.get("enqueued"):
            self.enqueued.set()

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """A consistent look at the data; writing fails."""
        with self._session(self._reading, scope, "system", reading=True) as session:
            yield session

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Many brief readings, on SQLite one by one: it lets go of the interpreter at each row, and
        eight threads that take it from one another cost half as much again.
        """
        mine = self._turn is not None and self._turn.acquire(timeout=_LONGEST_TURN_S)
        try:
            yield
        finally:
            if self._turn is not None and mine:
                self._turn.release()

    @contextmanager
    def _session(
        self, maker: sessionmaker[Session], scope: Scope, by: str, *, reading: bool
    ) -> Iterator[Session]:
        info = {"scope": scope, "by": by, "reading": reading}
        with maker(info=info) as session:
            yield session

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=self.settings.lock_wait.total_seconds()):
            raise TemporarilyUnavailable("the database is busy")
        try:
            yield
        finally:
            self._writer.release()

    def is_up(self) -> bool:
        """Whether the database answers; for the health page."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError:
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()
        self.deadlines.stop()


_STATEMENTS = 1000


def _make_engine(settings: DatabaseSettings, deadlines: Deadlines) -> Engine:
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            execution_options={"compiled_cache": CompiledStatements()},
            hide_parameters=True,  # errors are logged, and values are people's
            pool_size=12,
            max_overflow=8,
            pool_timeout=settings.pool_wait.total_seconds(),
            pool_use_lifo=True,  # the connection whose pages and statements are still warm
            connect_args={"check_same_thread": False, "timeout": 10, "cached_statements": 512},
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    milliseconds = {
        "statement_timeout": settings.statement_limit,
        "lock_timeout": settings.lock_wait,
        "idle_in_transaction_session_timeout": settings.idle_limit,
    }
    options = " ".join(
        f"-c {name}={int(limit.total_seconds() * 1000)}" for name, limit in milliseconds.items()
    )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        execution_options={"compiled_cache": CompiledStatements()},
        hide_parameters=True,
        pool_size=12,
        max_overflow=8,
        pool_timeout=settings.pool_wait.total_seconds(),
        pool_pre_ping=False,
        pool_recycle=1800,
        connect_args={"options": options, "connect_timeout": 5, "prepare_threshold": 3},
    )
    deadlines.watch(engine)
    return engine


def _set_up_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # money survives a power cut
        "foreign_keys=ON",
        "busy_timeout=10000",
        "recursive_triggers=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that later writes fails at once with "database is locked", whatever
    # busy_timeout says; taking the write lock first waits for its turn.
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE")
    reading = begin == "BEGIN"
    driver = connection.connection.driver_connection
    assert driver is not None, "the connection is open"
    if connection.info.get("query_only") is not reading:
        # Only where it changes: the pragma makes SQLite prepare every statement anew.
        driver.execute(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
        connection.info["query_only"] = reading
    if reading:
        driver.execute(begin)  # cannot fail; SQLAlchemy takes longer to say it than SQLite to do it
    else:
        connection.exec_driver_sql(begin)
