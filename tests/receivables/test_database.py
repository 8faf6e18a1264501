"""Transactions: for whom they speak, what they wait for, and for how long."""

import contextlib
import socket
import sqlite3
import tempfile
import threading
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, insert, literal, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, ProgrammingError

from receivables.database import SYSTEM, Database, Scope, among, scope_to
from receivables.errors import TemporarilyUnavailable
from receivables.parties.tables import Debtor, Supplier
from receivables.schedules import Schedule
from receivables.settings import DatabaseSettings

SOON = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def two_suppliers(world):
    """Ours with one debtor, theirs with two."""
    ours, theirs = world.supplier(), world.supplier(name="Schreinerei Moser AG")
    world.debtor(supplier_id=ours)
    world.debtor(supplier_id=theirs)
    world.debtor(supplier_id=theirs)
    return ours, theirs


def names(session) -> int:
    return len(session.scalars(select(Debtor.name)).all())


def test_a_block_that_raises_leaves_nothing_behind(database):
    with pytest.raises(ZeroDivisionError), database.transaction(SYSTEM) as session:  # noqa: PT012  (what a block does before it raises is the point)
        session.add(Schedule(actor="chime", next_at=SOON))
        session.flush()
        raise ZeroDivisionError

    with database.reading(SYSTEM) as session:
        assert session.scalars(select(Schedule)).all() == []


def test_a_reading_cannot_write(database):
    def write() -> None:
        with database.reading(SYSTEM) as session:
            session.execute(insert(Schedule).values(actor="chime", next_at=SOON))
            session.commit()

    with pytest.raises(DBAPIError, match=r"read-?only"):
        write()
    with database.reading(SYSTEM) as session:
        assert session.scalars(select(Schedule)).all() == []


def test_an_instant_comes_back_aware_and_in_utc(database):
    with database.transaction(SYSTEM) as session:
        session.add(Schedule(actor="chime", next_at=SOON))

    with database.reading(SYSTEM) as session:
        kept = session.scalars(select(Schedule.next_at)).one()
    assert (kept, kept.tzinfo) == (SOON, UTC)


def test_a_statement_that_is_refused_spoils_nothing_that_follows(database):
    for _ in range(30):
        with (
            pytest.raises((OperationalError, ProgrammingError)),
            database.reading(SYSTEM) as session,
        ):
            session.execute(text("SELECT * FROM no_such_table"))

    with database.reading(SYSTEM) as session:
        assert session.scalar(text("SELECT 1")) == 1


@pytest.mark.postgresql
def test_a_supplier_sees_and_changes_its_own_rows_alone(database, two_suppliers):
    """Row-level security alone: these statements name no supplier."""
    ours, theirs = two_suppliers
    with database.reading(Scope(ours)) as session:
        assert names(session) == 1
        assert session.scalars(select(Supplier.id)).all() == [ours]
    with database.transaction(Scope(ours)) as session:
        assert session.execute(update(Debtor).values(city="Genève")).rowcount == 1
    with database.reading(Scope(theirs)) as session:
        assert "Genève" not in session.scalars(select(Debtor.city)).all()


@pytest.mark.postgresql
def test_a_row_of_another_supplier_cannot_be_written(database, two_suppliers):
    ours, theirs = two_suppliers
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        database.transaction(Scope(ours)) as session,
    ):
        session.execute(update(Debtor).values(supplier_id=theirs))


@pytest.mark.postgresql
def test_a_connection_without_a_scope_sees_nothing(database, two_suppliers):
    with database.engine.connect() as connection:
        assert connection.scalars(select(Debtor.name)).all() == []


@pytest.mark.postgresql
def test_a_scope_ends_with_its_transaction(database, two_suppliers):
    """One connection for all: whoever gets it next inherits nothing."""
    ours, _ = two_suppliers
    with database.transaction(SYSTEM) as session:
        assert names(session) == 3
        connection = session.connection()
        session.commit()
        assert connection.closed or names(session) == 3
    with database.engine.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        assert connection.scalars(select(Debtor.name)).all() == []
    with database.reading(Scope(ours)) as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == pid, "the same connection"
        assert names(session) == 1


def test_a_system_transaction_can_be_narrowed_and_not_widened(database, two_suppliers):
    ours, _ = two_suppliers
    with database.reading(SYSTEM) as session:
        assert names(session) == 3
        scope_to(session, ours)
        assert session.info["scope"] == Scope(ours)
        if database.kind == "postgresql":
            assert names(session) == 1


def test_writers_wait_for_their_turn_and_none_is_turned_away(database):
    """Read, think, write, from eight threads: no update is lost and nobody hears "locked"."""
    with database.transaction(SYSTEM) as session:
        session.add(Schedule(actor="chime", next_at=SOON))

    def advance() -> None:
        for _ in range(10):
            with database.transaction(SYSTEM) as session:
                row = session.scalars(select(Schedule).with_for_update()).one()
                row.next_at += timedelta(minutes=1)

    threads = [threading.Thread(target=advance) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    with database.reading(SYSTEM) as session:
        assert session.scalars(select(Schedule.next_at)).one() == SOON + timedelta(minutes=80)


@pytest.mark.sqlite
def test_a_sqlite_writer_takes_the_lock_before_it_reads(database):
    """A deferred BEGIN fails at once when somebody wrote since it read; the control shows it."""
    begun: list[str] = []

    def listen(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_trace_callback(begun.append)  # what SQLite itself was told

    event.listen(database.engine, "checkout", listen)
    with database.transaction(SYSTEM) as session:
        session.add(Schedule(actor="chime", next_at=SOON))
    with database.reading(SYSTEM) as session:
        session.scalars(select(Schedule)).all()
        session.connection().connection.driver_connection.set_trace_callback(None)
    event.remove(database.engine, "checkout", listen)
    assert [each for each in begun if each.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]

    file = make_url(database.settings.url).database
    with closing(sqlite3.connect(file, isolation_level=None)) as deferred:
        deferred.execute("BEGIN")
        deferred.execute("SELECT * FROM schedules").fetchall()
        with database.transaction(SYSTEM) as other:
            other.add(Schedule(actor="ring", next_at=SOON))
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            deferred.execute("DELETE FROM schedules")


@pytest.mark.sqlite
def test_sqlite_looks_up_ids_in_an_index_however_many_are_asked(database, two_suppliers):
    """The server's planner goes by what it counted, and has nothing to count here."""
    asked = select(Debtor.name).where(Debtor.supplier_id == two_suppliers[0])
    asked = asked.where(among(Debtor.id, "debtors"))
    with database.reading(SYSTEM) as session:
        debtors = session.scalars(select(Debtor.id)).all()
        ours = session.scalars(asked, {"debtors": debtors}).all()
        written = asked.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
        driver = session.connection().connection.driver_connection
        empty = [None for _ in written.positiontup]
        steps = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {written}", empty)]

    assert len(ours) == 1
    assert any(step.startswith("SEARCH debtors") and " AND id=?" in step for step in steps), steps


def test_a_writer_that_waits_too_long_is_told_so(database_url):
    settings = DatabaseSettings(
        url=database_url, migration_url=database_url, lock_wait=timedelta(milliseconds=50)
    )
    database = Database(settings)
    with ExitStack() as stack:
        stack.callback(database.close)
        with database.transaction(SYSTEM) as session:
            session.add(Schedule(actor="chime", next_at=SOON))
        holder = stack.enter_context(database.transaction(SYSTEM))
        holder.scalars(select(Schedule).with_for_update()).one()
        with (
            pytest.raises((TemporarilyUnavailable, OperationalError)),
            database.transaction(SYSTEM) as session,
        ):
            session.scalars(select(Schedule).with_for_update()).one()


@pytest.mark.postgresql
def test_a_statement_that_never_ends_is_ended_by_the_server(database_url):
    settings = DatabaseSettings(
        url=database_url, migration_url=database_url, statement_limit=timedelta(milliseconds=100)
    )
    database = Database(settings)
    with ExitStack() as stack:
        stack.callback(database.close)
        with (
            pytest.raises(OperationalError, match="statement timeout"),
            database.reading(SYSTEM) as session,
        ):
            session.execute(text("SELECT pg_sleep(20)"))


class Silence:
    """A way to PostgreSQL that passes everything on, until it takes all and answers nothing.

    Its own end is a socket file in `folder`, where clients look for one of port 5432.
    """

    def __init__(self, folder: Path, server: URL) -> None:
        where = server.query.get("host") or server.host or "127.0.0.1"
        self._port = server.port or 5432
        self._host = str(where)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self.silent = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _connect(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._connect()
            self._sockets += [client, server]
            for source, sink, answers in ((client, server, False), (server, client, True)):
                way = (source, sink, answers)
                threading.Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        while True:
            try:
                data = source.recv(65536)
                if not data:
                    return
                if not (answers and self.silent.is_set()):
                    sink.sendall(data)
            except OSError:
                return

    def close(self) -> None:
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.mark.postgresql
def test_a_database_that_takes_everything_and_answers_nothing_is_given_up(database_url):
    """Neither keepalives nor statement_timeout help here: nothing reaches a server."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="quittance-"))
        url = make_url(database_url)
        way = Silence(Path(folder), url)
        stack.callback(way.close)
        through = url.set(host=None, port=5432, query={"host": folder})
        settings = DatabaseSettings(
            url=through.render_as_string(hide_password=False),
            migration_url="",
            statement_deadline=timedelta(seconds=1),
        )
        database = Database(settings)
        stack.callback(database.close)
        with database.reading(SYSTEM) as session:
            assert session.scalar(text("SELECT 1")) == 1
            way.silent.set()
            with pytest.raises(OperationalError):
                session.execute(text("SELECT 2"))


@pytest.mark.once("which compiled statement is taken is decided before any database is asked")
def test_a_statement_made_anew_is_never_taken_for_one_that_was_there_before(database):
    """More of them than are kept, each said in one of a few ways with a value of its own."""
    with database.reading(SYSTEM) as session:
        for value in range(1100):
            way = value % 7

            (row,) = session.execute(select(literal(value).label(f"of{way}"))).mappings()

            assert dict(row) == {f"of{way}": value}


@pytest.mark.once("turns are SQLite's alone")
def test_a_slow_reading_holds_up_no_other_and_may_read_again_itself(database):
    """The first thread keeps its turn until the second has read: neither waits for ever."""
    entered, read = threading.Event(), threading.Event()

    def slow() -> None:
        with database.in_turn(), database.in_turn(), database.reading(SYSTEM):
            entered.set()
            assert read.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert entered.wait(10)
    with database.in_turn(), database.reading(SYSTEM) as session:
        assert session.scalars(select(Schedule)).all() == []
    read.set()
    thread.join(10)
    assert not thread.is_alive()
