"""One town for each file of attacks: two suppliers with everything, seeded once, then probed.

The fixtures of `tests/conftest.py` again, but one database for a whole file: most attacks must
change nothing, so they can share what they attack, and seeding is the dear part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec

from receivables.clock import SteppingClock
from receivables.database import Database
from receivables.push import VapidKey
from receivables.runtime import Runtime
from tests.security.town import Town, build_town
from tests.support.afterwards import broken_promises
from tests.support.databases import SqliteTemplate, open_database
from tests.support.keeping import Source, kept
from tests.support.office import SubscribablePusher
from tests.support.outbox import RecordingMailer
from tests.support.payments import Till, open_till
from tests.support.settings import make_settings

KEY = VapidKey(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Faults are provoked by the dozen here: nobody wants to read their tracebacks."""
    structlog.configure(processors=[_drop])
    yield
    structlog.reset_defaults()


def _drop(*_: object) -> dict[str, object]:
    raise structlog.DropEvent


@pytest.fixture(scope="module")
def database_url(database_source: object, tmp_path_factory: pytest.TempPathFactory) -> str:
    if isinstance(database_source, SqliteTemplate):
        return str(database_source.fresh(tmp_path_factory.mktemp("town")))
    return str(database_source.fresh())  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def database(database_url: str, database_source: object) -> Iterator[Database]:
    """The database; whatever was tried on it, no promise may be broken in it."""
    opened = open_database(database_url)
    yield opened
    broken = broken_promises(opened, database_source)
    opened.close()
    assert not broken, broken


@pytest.fixture(scope="module")
def clock() -> SteppingClock:
    return SteppingClock(datetime(2026, 11, 2, 8, 0, tzinfo=UTC))


@pytest.fixture(scope="module")
def mailer() -> RecordingMailer:
    return RecordingMailer()


@pytest.fixture(scope="module")
def runtime(
    database: Database, database_url: str, clock: SteppingClock, mailer: RecordingMailer
) -> Runtime:
    return Runtime(
        settings=make_settings(database_url),
        database=database,
        clock=clock,
        mailer=mailer,
        pusher=SubscribablePusher(KEY),
        gateway=None,
    )


@pytest.fixture(scope="module")
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture(scope="module")
def town(till: Till, database_source: Source, database_url: str) -> Town:
    built: Town = kept(build_town, till, database_source, database_url)
    near, far = (
        replace(office, world=till.world, ids=dict(office.ids))
        for office in (built.near, built.far)
    )
    debtors = dict(built.debtors)
    return replace(built, till=till, runtime=till.runtime, near=near, far=far, debtors=debtors)


@pytest.fixture(scope="module")
def https_town(town: Town) -> Town:
    """The same town as its faces are reached in production."""
    return town.at(portal="https://pay.example", backoffice="https://office.example")
