"""The story once more in a real browser, as a larger installation lives it: PostgreSQL, migrated by
the role that owns it and used by one that may not pass row-level security; Redis; a process for
the faces and two for the work.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from monitoring.alerts.rulebook import set_up_rules
from monitoring.telling.browsers import Browser, save_subscription
from receivables.boot import build_runtime
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, StaffId
from receivables.ports import PushTarget
from receivables.push import load_vapid_key
from receivables.runtime import Runtime
from receivables.settings import read_settings
from sandbox import bureau
from tests.support.brokers import started
from tests.support.builders import money
from tests.support.chromium import chromium
from tests.support.complaints import Complaints
from tests.support.databases import PostgresServer
from tests.support.installation import E_INVOICE_TOTAL, MONDAY, FarEnds, books_of, far_ends
from tests.support.living import COLLEAGUE, CUSTOMER, FRENCH, INVOICE, MAILED_TO, NUMBER, People
from tests.support.moved import SharedClock
from tests.support.processes import Running, running
from tests.support.world import World

pytestmark = pytest.mark.postgresql

COMPANY, REGISTERED = "HS100", "CHE107787577"
#: A Saturday: the first reminder falls on the Tuesday after it.
DUE_ON = date(2026, 10, 31)
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Estate:
    """The processes, and a door into their database for what a test must know."""

    runtime: Runtime
    world: World
    far: FarEnds
    clock: SharedClock
    environment: Mapping[str, str]
    processes: tuple[Running, ...]
    debtor: DebtorId

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _command(self.environment, *arguments)


def _command(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`quittance` as an operator runs it."""
    return subprocess.run(
        [sys.executable, "-m", "starting", *arguments], cwd=ROOT, check=False, text=True,
        env={"PATH": os.environ["PATH"], **environment}, capture_output=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def estate(database_source: PostgresServer, database_url: str, tmp_path: Path) -> Iterator[Estate]:
    """A database of its own on the session's server: `database_url` is what says that this is
    about PostgreSQL.
    """
    owner_url, app_url = database_source.unmigrated()
    (tmp_path / "clock").write_text("0")
    clock = SharedClock(tmp_path / "clock")
    clock.move_to(MONDAY)
    company = bureau.Company(
        COMPANY, REGISTERED, "CH", CUSTOMER, 71, 40_000, "CHF", "active", date(2026, 10, 5)
    )
    with ExitStack() as stack:
        far = stack.enter_context(far_ends(tmp_path, clock=clock, companies=[company]))
        redis = stack.enter_context(started("redis"))
        environment = {
            **far.environment,
            "DATABASE_URL": app_url,
            "MIGRATION_DATABASE_URL": owner_url,
            "BROKER_URL": redis.url,
        }
        migrated = _command(environment, "migrate")
        assert migrated.returncode == 0, migrated.stderr
        runtime = build_runtime(read_settings(environment), clock=clock)
        stack.callback(runtime.database.close)
        world = World(runtime)
        debtor = _people(world, tmp_path, far)
        processes = tuple(
            stack.enter_context(
                running(
                    [str(tmp_path / "clock"), command],
                    environment,
                    tmp_path / f"{place}-{command}.log",
                    module="tests.support.moved",
                )
            )
            for place, command in enumerate(("serve", "worker", "worker"))
        )
        yield Estate(runtime, world, far, clock, environment, processes, debtor)


def _people(world: World, folder: Path, far: FarEnds) -> DebtorId:
    """A supplier with rules, a colleague with a phone, a customer."""
    supplier_id = world.supplier()
    colleague: StaffId = world.staff(email=COLLEAGUE, name="Claire Favre", language="fr")
    key = load_vapid_key(folder / "vapid.pem")
    made = far.phones.service.new_subscription(key.public)
    target = PushTarget(made.endpoint, made.p256dh, made.auth, key.key_id)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        set_up_rules(session, supplier_id=supplier_id, clock=world.clock)
        save_subscription(
            session, supplier_id=supplier_id, staff_id=colleague, clock=world.clock,
            browser=Browser(target=target, user_agent="A phone"),
        )  # fmt: skip
    return world.debtor(
        number=NUMBER, name=CUSTOMER, language="fr", email=MAILED_TO,
        identifiers=[("UID", REGISTERED)],
    )  # fmt: skip


def test_the_story_on_postgresql_and_redis_with_two_workers(estate: Estate, tmp_path: Path) -> None:
    with estate.runtime.reading(SYSTEM) as session:
        role = session.execute(
            text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).one()
    assert tuple(role) == (False, False)

    with chromium(tmp_path / "profile", locale="fr") as browser:
        complaints = Complaints(browser)
        people = People(browser, estate.far, FRENCH)
        office = people.sign_in()
        people.import_an_invoice(office, tmp_path, due_on=DUE_ON)
        assert books_of(estate.runtime, estate.world, estate.debtor) == ([INVOICE], [])

        estate.clock.next_morning()
        people.mail_arrives(MAILED_TO, 1)
        customer = people.enter_the_portal()
        people.pay(customer)
        assert books_of(estate.runtime, estate.world, estate.debtor) == ([], [INVOICE])
        assert people.charged() == [money(E_INVOICE_TOTAL).minor]
        people.nothing_is_left(customer)
        office = people.sign_in()
        people.the_office_sees_it(office)
        people.mail_arrives(MAILED_TO, 2)

        estate.world.invoice("18400.00 CHF", debtor_id=estate.debtor, number="2026-0455")
        office.goto(f"{estate.far.backoffice}/monitoring")
        people.lower_the_score(COMPANY, to=31)
        people.alert_row_appears(office)
        people.is_told_on_the_phone()
        people.mail_arrives(COLLEAGUE, 1)
        people.mail_arrives(MAILED_TO, 2)
        assert complaints.heard == []

    checked = estate.command("check")
    assert checked.returncode == 0, checked.stdout
    for process in estate.processes:
        assert '"level": "error"' not in process.log_text()
