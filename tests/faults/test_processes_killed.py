"""Web, workers and broker as real processes on PostgreSQL and Redis, killed where it hurts."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

import monitoring.tasks
import receivables.tasks
from receivables.clock import SystemClock
from receivables.database import SYSTEM
from receivables.history import EventRow
from receivables.jobs import Job
from receivables.ledger.tables import Entry
from receivables.payments.checkout import begin_checkout
from receivables.payments.stripe import StripeGateway
from receivables.settings import read_settings
from sandbox.mailbox import RunningMailbox
from sandbox.mailbox import start as start_mailbox
from sandbox.mailbox.server import Behaviour
from sandbox.stripe import CONNECTED, WebhookEndpoint
from sandbox.stripe.app import SandboxApp
from sandbox.stripe.faults import Fault, Trouble
from tests.support.brokers import free_port, wait_until
from tests.support.payments import VISA, Till, stripe_settings
from tests.support.processes import Running, environment, running
from tests.support.settings import WEBHOOK_SECRET
from tests.support.stripe_sandbox import (
    Doorstep,
    InProcessClient,
    sandbox_config,
    serve_sandbox,
)
from tests.support.world import World

assert monitoring.tasks
assert receivables.tasks  # both imported for their actors

pytestmark = pytest.mark.postgresql


@dataclass
class House:
    """One installation: the portal as a process, workers as processes, the far ends in here."""

    till: Till
    mailbox: RunningMailbox
    env: dict[str, str]
    logs: Path
    stack: ExitStack

    def worker(self) -> Running:
        return self.stack.enter_context(running(["worker"], self.env, self.logs / "worker.log"))

    def pay_by_card(self) -> None:
        """A debtor pays 120.00 CHF on the hosted page; Stripe's messages go out by themselves."""
        world = self.till.world
        world.supplier()
        debtor_id = world.debtor(email="anne@dubois.example")
        invoice_id = world.invoice("120.00 CHF", debtor_id=debtor_id)
        choice = self.till.choice(debtor_id, [(invoice_id, "120.00 CHF")])
        page = begin_checkout(self.till.runtime, choice)
        self.till.pay(page.payment_id, VISA)

    def booked(self) -> int:
        return self._count(select(func.count()).select_from(Entry).where(Entry.payment_id != None))  # noqa: E711

    def happened(self, kind: str) -> int:
        return self._count(select(func.count()).where(EventRow.kind == kind))

    def in_hand(self, actor: str) -> int:
        """How many jobs of an actor some worker holds."""
        held = select(func.count()).where(Job.actor == actor, Job.state == "running")
        return self._count(held)

    def unfinished(self) -> int:
        return self._count(select(func.count()).where(Job.state.not_in(["done"])))

    def _count(self, statement) -> int:
        with self.till.runtime.reading(SYSTEM) as session:
            return session.scalar(statement) or 0

    def end_leases(self) -> None:
        """As if the leases of the dead had run out."""
        with self.till.runtime.transaction(SYSTEM) as session:
            session.execute(
                update(Job)
                .where(Job.lease_until.is_not(None))
                .values(lease_until=datetime.now(UTC) - timedelta(days=1))
            )


#: Whom the portal would write to and ask; it only takes in what Stripe says here.
_NOBODY = "http://localhost:9"


@dataclass(frozen=True)
class Portal:
    """The face, as a process that outlives the workers."""

    database_url: str
    port: int

    @property
    def hook(self) -> str:
        return f"http://localhost:{self.port}/webhooks/stripe"


@pytest.fixture(scope="module")
def portal(database_source, redis_server, tmp_path_factory) -> Iterator[Portal]:
    database_url, port = database_source.fresh(), free_port()
    env = environment(
        database_url, broker_url=redis_server.url, portal_port=port, stripe_api=_NOBODY
    )
    log = tmp_path_factory.mktemp("portal") / "serve.log"
    with running(["serve", "--face", "portal"], env, log):
        yield Portal(database_url, port)


@pytest.fixture
def house(runtime, database_url, portal, redis_server, tmp_path) -> Iterator[House]:
    assert portal.database_url == database_url
    redis_server.lose_everything()
    with ExitStack() as stack:
        endpoints = (
            WebhookEndpoint(portal.hook, WEBHOOK_SECRET),
            WebhookEndpoint(portal.hook, WEBHOOK_SECRET, account=CONNECTED),
        )
        app: SandboxApp = stack.enter_context(
            serve_sandbox(sandbox_config(endpoints=endpoints, now=lambda: datetime.now(UTC)))
        )
        mailbox = stack.enter_context(start_mailbox(http_port=None))
        env = environment(
            database_url,
            broker_url=redis_server.url,
            portal_port=portal.port,
            smtp_port=mailbox.smtp_port,
            stripe_api=app.sandbox.config.public_url,
        )
        own = replace(
            runtime,
            settings=read_settings(env),
            clock=SystemClock(),
            gateway=StripeGateway(stripe_settings(), http_client=InProcessClient(app)),
        )
        till = Till(World(own), app, Doorstep())
        yield House(till, mailbox, env, tmp_path, stack)


def test_a_worker_killed_while_it_asks_stripe_books_the_payment_once(house):
    house.till.stripe.faults.inject(Fault(Trouble.SLOW, "GET", "/v1/checkout/sessions/*", 1, 4.0))
    first = house.worker()
    house.pay_by_card()
    wait_until("the worker asks", lambda: house.in_hand("payments.process_stripe_event") > 0)

    first.kill()
    assert house.booked() == 0
    house.worker()
    house.end_leases()
    wait_until("it is settled", lambda: house.happened("payment.settled") > 0)
    wait_until("thanks are sent", lambda: house.happened("thanks.sent") > 0)

    assert (house.booked(), house.happened("payment.settled")) == (1, 1)


def test_a_worker_killed_while_it_says_thanks_says_it_again_under_the_same_name(house):
    house.mailbox.mailbox.behave(Behaviour.TARPIT, times=1, seconds=8.0)
    first = house.worker()
    house.pay_by_card()
    wait_until("it is sending", lambda: house.in_hand("dunning.send_thanks") > 0)

    first.kill()
    house.mailbox.mailbox.behave(Behaviour.ACCEPT)
    house.worker()
    house.end_leases()
    wait_until("thanks are sent", lambda: house.happened("thanks.sent") > 0)

    names = {message.message_id for message in house.mailbox.mailbox.store.find()}
    assert (len(names), house.happened("thanks.sent"), house.booked()) == (1, 1, 1)


def test_a_worker_that_was_paused_and_overtaken_changes_nothing(house):
    house.till.stripe.faults.inject(Fault(Trouble.SLOW, "GET", "/v1/checkout/sessions/*", 1, 5.0))
    first = house.worker()
    house.pay_by_card()
    wait_until("the worker asks", lambda: house.in_hand("payments.process_stripe_event") > 0)

    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = house.worker()
        house.end_leases()
        wait_until("it is settled", lambda: house.happened("payment.settled") > 0)
        wait_until("thanks are sent", lambda: house.happened("thanks.sent") > 0)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    wait_until("the first notices", lambda: "job.lease_lost" in first.log_text())
    wait_until("all work is done", lambda: house.unfinished() == 0)

    assert second.stop() == 0
    assert (house.booked(), house.happened("payment.settled")) == (1, 1)


# Two workers share work through every broker in test_broker_work.
@pytest.mark.proof
def test_work_waits_for_a_worker_and_two_share_it(house):
    house.pay_by_card()
    wait_until("the portal took the message", lambda: house.unfinished() > 0)
    assert house.booked() == 0, "nobody works yet"

    house.worker()
    house.worker()
    wait_until("thanks are sent", lambda: house.happened("thanks.sent") > 0)
    wait_until("all work is done", lambda: house.unfinished() == 0)

    assert house.booked() == 1


def test_a_worker_asked_to_stop_finishes_what_it_holds(house):
    house.till.stripe.faults.inject(Fault(Trouble.SLOW, "GET", "/v1/checkout/sessions/*", 1, 3.0))
    first = house.worker()
    house.pay_by_card()
    wait_until("the worker asks", lambda: house.in_hand("payments.process_stripe_event") > 0)

    assert first.stop() == 0

    assert house.booked() == 1
