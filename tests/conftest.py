"""What every test can ask for: a real database, a runtime, a world that has a calendar."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from receivables.clock import SteppingClock
from receivables.database import Database
from receivables.runtime import Runtime
from tests.support.afterwards import broken_promises
from tests.support.databases import SqliteTemplate, open_database, postgres_server
from tests.support.outbox import RecordingMailer, RecordingPusher
from tests.support.pace import PACE
from tests.support.rewriting import one_after_the_other
from tests.support.settings import make_settings
from tests.support.world import World

#: Memory that looks like a folder, and how much of it must be free to be used.
_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 2 * 10**9  # noqa: S108

# Nearly all that is loaded until the tests begin is kept: there is no garbage to be found in it.
gc.set_threshold(200_000, 20, 20)

if (
    "TMPDIR" not in os.environ
    and os.access(_MEMORY, os.W_OK)
    and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
):
    # Thousands of databases are made, and each commit would wait for a disk; no test cuts the
    # power. Processes that tests start put their things there, too.
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None

#: The files that take longest on either database, by what they took.
_LONGEST_FIRST = (
    "test_accessibility_backoffice.py",
    "test_processes_killed.py",
    "test_story.py",
    "test_story_on_postgresql.py",
    "test_debtor_stories.py",
    "test_plan_faults.py",
    "test_accessibility_portal.py",
    "test_broker_work.py",
    "test_ledger_machine.py",
    "test_debtor_plans.py",
    "test_uploads.py",
    "test_payment_crashes.py",
    "test_plans.py",
    "test_reminder_crashes.py",
    "test_forgery.py",
    "test_promises.py",
    "test_injection.py",
    "test_return_crashes.py",
    "test_doors.py",
    "test_plan_courses.py",
    "test_instalment_plan.py",
    "test_intake_crashes.py",
    "test_plan_crashes.py",
    "test_reminder_to_payment.py",
    "test_payment_races_charges.py",
    "test_payment_faults_saved.py",
    "test_dunning.py",
    "test_return_races.py",
    "test_isolation.py",
    "test_row_security.py",
    "test_reminder_queue_lost.py",
    "test_beginning.py",
    "test_disputes.py",
    "test_bureau.py",
    "test_payment_races.py",
    "test_stripe_pages.py",
    "test_bank_story.py",
    "test_push_chain.py",
    "test_sandbox_pages.py",
    "test_guide.py",
    "test_intake_supervision.py",
    "test_pages.py",
    "test_pay_methods.py",
    "test_work.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.addoption("--full", action="store_true", help="the long runs of `make proof`")
    parser.addoption(
        "--whole", action="store_true", help="with --db postgresql also what is marked `once`"
    )


def pytest_configure(config: pytest.Config) -> None:
    PACE.thorough = bool(config.getoption("--full"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL what touches a database, on SQLite what can do without PostgreSQL.

    Every test that is about the database, or costs next to nothing, runs on both. What is dear
    and about something else (the calendar, Stripe, what a page says) is marked `once` with the
    reason, and runs on PostgreSQL with --whole and in the long runs.

    The longest files come first: workers that share out files are then done together.
    """
    on_server = config.getoption("--db") == "postgresql"
    left_out = {"sqlite" if on_server else "postgresql"}
    if not config.getoption("--full"):
        left_out.add("proof")
        if on_server and not config.getoption("--whole"):
            left_out.add("once")
    touched = {"database", "database_url"}
    kept = [
        item
        for item in items
        if not any(map(item.get_closest_marker, left_out))
        and (not on_server or touched & set(getattr(item, "fixturenames", ())))
    ]
    _expect_reasons(items)
    chosen = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    place = {name: number for number, name in enumerate(_LONGEST_FIRST)}
    items[:] = sorted(kept, key=lambda item: place.get(item.path.name, len(place)))


def _expect_reasons(items: list[pytest.Item]) -> None:
    for item in items:
        mark = item.get_closest_marker("once")
        if mark is not None and not mark.args:
            raise pytest.UsageError(f"{item.nodeid} is marked `once` without a reason")


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    if not hasattr(session.config, "workerinput"):
        return (yield)
    with one_after_the_other(session.config.rootpath / "tests"):
        return (yield)


def pytest_collection_finish() -> None:
    """What is loaded now stays: no collection of garbage has to walk it again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether these are the long runs, which try everything: `make proof`."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def database_source(request: pytest.FixtureRequest) -> Iterator[object]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if request.config.getoption("--db") == "postgresql":
        with postgres_server(f"quittance_test_{worker}") as server:
            yield server
        return
    with tempfile.TemporaryDirectory(prefix="quittance-") as folder:
        yield SqliteTemplate(Path(folder))


@pytest.fixture
def database_url(database_source: object, tmp_path: Path) -> str:
    """A migrated, empty database of the kind this run is about."""
    if isinstance(database_source, SqliteTemplate):
        return database_source.fresh(tmp_path)
    return database_source.fresh()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def database(database_url: str, database_source: object) -> Iterator[Database]:
    """The database; when the test is over, no promise may be broken in it."""
    opened = open_database(database_url)
    yield opened
    broken = broken_promises(opened, database_source)
    opened.close()
    assert not broken, broken


@pytest.fixture
def clock() -> SteppingClock:
    """A Monday morning, nine o'clock in Zurich."""
    return SteppingClock(datetime(2026, 11, 2, 8, 0, tzinfo=UTC))


@pytest.fixture
def mailer() -> RecordingMailer:
    return RecordingMailer()


@pytest.fixture
def pusher() -> RecordingPusher:
    return RecordingPusher()


@pytest.fixture
def runtime(
    database: Database,
    database_url: str,
    clock: SteppingClock,
    mailer: RecordingMailer,
    pusher: RecordingPusher,
) -> Runtime:
    return Runtime(
        settings=make_settings(database_url), database=database, clock=clock, mailer=mailer,
        pusher=pusher, gateway=None,
    )  # fmt: skip


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime)
