"""kill -9 at every boundary of a reminder run: nothing sent twice, nothing lost, nothing stuck.

A child makes the run and is killed at one boundary: before or after a commit, before or after a
message is handed over. Another child then takes over, as after a restart. The mail server is
the parent's, so it sees what both handed over.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

from receivables import jobs
from receivables.broker import ACTORS, Work
from receivables.clock import SteppingClock
from receivables.database import SYSTEM, Database, Scope
from receivables.dunning import tasks
from receivables.dunning.actions import claim
from receivables.dunning.events import ReminderDue
from receivables.dunning.outcomes import mark_sent
from receivables.dunning.tables import ItemState, Reminder, ReminderItem
from receivables.ids import SupplierId
from receivables.mail import SmtpMailer, SmtpServer
from receivables.ports import Mailer, MailMessage
from receivables.runtime import Runtime
from receivables.schedules import fire_due
from sandbox.mailbox import RunningMailbox, start
from sandbox.mailbox.server import Behaviour
from sandbox.mailbox.store import MessageStore
from tests.support.databases import open_for_forks
from tests.support.fuses import deaths
from tests.support.keeping import Source
from tests.support.outbox import RecordingMailer
from tests.support.settings import make_settings
from tests.support.world import World

#: Nine in Zurich, a Monday; and the Friday before, of which it is D+3.
MORNING = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
FRIDAY = date(2026, 10, 30)

RUN, SWEEP = "dunning.begin_runs", "dunning.mark_unanswered"
assert {RUN, SWEEP} <= set(ACTORS), tasks


class Killer:
    """Counts boundaries and ends the process at one of them, without a word."""

    def __init__(self, at: int | None) -> None:
        self._at = at
        self.passed = 0

    def boundary(self, *_: object) -> None:
        if self.passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def watch_commits(self) -> None:
        """Before each COMMIT goes out, and after it is answered."""
        event.listen(Engine, "commit", self.boundary)
        event.listen(Session, "after_commit", self.boundary)


class WatchedMailer:
    """A mailer with a boundary before and after each hand-over."""

    def __init__(self, inner: Mailer, killer: Killer) -> None:
        self._inner, self._killer = inner, killer

    def send(self, message: MailMessage) -> None:
        self._killer.boundary()
        try:
            self._inner.send(message)
        finally:
            self._killer.boundary()


def in_child(work: Callable[[], int], mailbox: MessageStore) -> int | None:
    """Run `work` in a process of its own: what it returned, or None when it was killed.

    Fails when it raised. No message is stored while the process is made: it would keep for ever
    what SQLite locks for that.
    """
    reader, writer = os.pipe()
    with mailbox.at_rest():
        pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.write(writer, str(work()).encode())
            status = 0
        except BaseException:  # noqa: BLE001  (the border of the process)
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader) as answers:
        said = answers.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    assert status == 0, "the child failed; its traceback is on stderr"
    return int(said)


@dataclass(frozen=True)
class Installation:
    """One database and one mail server, and the processes that come and go.

    Every process is forked from this one, where the database is known and the statements are
    compiled, but no connection is open.
    """

    database: Database
    mailbox: RunningMailbox
    mailer: Mailer
    source: Source
    #: The supplier of the prepared state, and all its rows.
    before: list[tuple[SupplierId, Any]] = field(default_factory=list)

    def runtime(self, clock: SteppingClock, killer: Killer | None = None) -> Runtime:
        return Runtime(
            settings=make_settings(self.database.settings.url), database=self.database,
            clock=clock, mailer=WatchedMailer(self.mailer, killer) if killer else self.mailer,
            pusher=None, gateway=None,
        )  # fmt: skip

    def ready(self) -> SupplierId:
        """As `prepare` leaves it: lived through once, then put back."""
        self.database.engine.dispose()
        ((supplier_id, rows),) = self.before
        self.source.put_back(self.database.settings.url, rows)
        self.mailbox.mailbox.store.clear()
        self.mailbox.mailbox.behave(Behaviour.ACCEPT)
        return supplier_id

    def warm_up(self) -> None:
        """One run here, so that the children find the templates and statements compiled."""
        supplier_id = self.prepare()
        self.before.append((supplier_id, self.source.keep(self.database.settings.url)))
        clock = SteppingClock(MORNING + timedelta(minutes=15))
        runtime = replace(self.runtime(clock), mailer=RecordingMailer())
        fire(runtime)
        World(runtime).run_jobs()

    def prepare(self) -> SupplierId:
        """A supplier with two debtors who are due a reminder: one for two invoices, one for one."""
        runtime = replace(self.runtime(SteppingClock(MORNING)), mailer=RecordingMailer())
        world = World(runtime)
        supplier_id = world.supplier()
        first, second = world.debtor(), world.debtor()
        for debtor_id in (first, first, second):
            world.invoice("10.00 CHF", debtor_id=debtor_id, due_on=FRIDAY)
        fire(runtime)
        return supplier_id

    def work_until_killed(self, at: int | None, naive: bool = False) -> int | None:
        """The morning's run in a process that is killed at a boundary (or never)."""

        def live() -> int:
            killer = Killer(at)
            killer.watch_commits()
            self._live(MORNING + timedelta(minutes=15), killer, naive)
            return killer.passed

        return self._in_child(live)

    def take_over(self, naive: bool = False) -> None:
        """After a restart: leases run out, the schedule fires, work gets done."""

        def live() -> int:
            for minutes in (20, 40):
                self._live(MORNING + timedelta(minutes=minutes), None, naive)
            return 0

        assert self._in_child(live) == 0

    def _in_child(self, live: Callable[[], int]) -> int | None:
        self.database.engine.dispose()
        return in_child(live, self.mailbox.mailbox.store)

    def _live(self, now: datetime, killer: Killer | None, naive: bool) -> None:
        if naive:
            ACTORS["dunning.send_reminder"] = replace(
                ACTORS["dunning.send_reminder"], run=send_without_a_claim
            )
        runtime = self.runtime(SteppingClock(now), killer)
        with runtime.transaction(SYSTEM) as session:
            session.execute(
                update(jobs.Job)
                .where(jobs.Job.lease_until.is_not(None))
                .values(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
            )
        fire(runtime)
        World(runtime).run_jobs()

    def handed_over(self) -> Counter[str]:
        """How often each message reached the mail server, by Message-ID."""
        return Counter(one.message_id.strip("<>") for one in self.mailbox.mailbox.store.find())


def fire(runtime: Runtime) -> None:
    """The schedule of dunning alone: other subjects' work has matrices of its own."""
    now = runtime.clock.now()
    for name in (RUN, SWEEP):
        with runtime.transaction(SYSTEM) as session:
            next_at = ACTORS[name].next_after(now)
            fire_due(session, {name: next_at}, now=now)


def send_without_a_claim(work: Work, due: ReminderDue) -> None:
    """What one would write first: send, and write down that it was sent, in one transaction."""
    runtime = work.runtime
    with work.transaction() as session:
        message = claim(
            session, due.supplier_id, due.reminder_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
        if message is not None:
            runtime.mailer.send(message)
            mark_sent(session, due.supplier_id, due.reminder_id, clock=runtime.clock)


@dataclass(frozen=True)
class Outcome:
    """What stands at the end of a case."""

    #: Hand-overs per invoice, step and recipient.
    handed_over: Counter[tuple[UUID, str, str]]
    #: Reminder states, and for each whether the mail server has it.
    reminders: list[tuple[str, int]]
    standing_steps: int
    unfinished_jobs: int
    dead_jobs: int

    def violations(self) -> list[str]:
        """Which promises are broken, in words."""
        found = [f"{key} was handed over {n} times" for key, n in self.handed_over.items() if n > 1]
        found += [
            f"a reminder is {state} and the server has it {times} times"
            for state, times in self.reminders
            if (state, times) not in {("sent", 1), ("unknown", 0), ("unknown", 1), ("skipped", 0)}
        ]
        if self.standing_steps != 3:
            found.append(f"{self.standing_steps} of 3 steps are accounted for")
        if self.unfinished_jobs or self.dead_jobs:
            found.append(f"{self.unfinished_jobs} jobs unfinished, {self.dead_jobs} dead")
        return found


def look(installation: Installation, supplier_id: SupplierId) -> Outcome:
    database = installation.database
    times = installation.handed_over()
    with database.reading(Scope(supplier_id)) as session:
        reminders = session.scalars(select(Reminder)).all()
        items = session.scalars(
            select(ReminderItem).where(ReminderItem.state == ItemState.TAKEN)
        ).all()
    by_id = {one.id: one for one in reminders}
    handed_over: Counter[tuple[UUID, str, str]] = Counter()
    for item in items:
        reminder = by_id[item.reminder_id]
        count = times[reminder.message_id] if reminder.message_id else 0
        handed_over[item.invoice_id, item.step, reminder.to_address] += count
    with database.reading(SYSTEM) as session:
        by_state = dict(
            session.execute(select(jobs.Job.state, func.count()).group_by(jobs.Job.state)).all()
        )
    return Outcome(
        handed_over=handed_over,
        reminders=[(one.state, times[one.message_id or ""]) for one in reminders],
        standing_steps=sum(
            item.released_at is None and by_id[item.reminder_id].state in ("sent", "unknown")
            for item in items
        ),
        unfinished_jobs=sum(by_state.get(state, 0) for state in ("pending", "sent", "running")),
        dead_jobs=by_state.get("dead", 0),
    )


@pytest.fixture
def mailbox() -> Iterator[RunningMailbox]:
    with start(http_port=None) as running:
        yield running


@pytest.fixture
def installation(
    database_source: Source, database_url: str, mailbox: RunningMailbox
) -> Iterator[Installation]:
    mailer = SmtpMailer(
        SmtpServer("127.0.0.1", mailbox.smtp_port, tls="none", timeout=timedelta(seconds=30)),
        from_address="reminders@quittance.example",
        bounce_address="bounce+{id}@quittance.example",
        clock=SteppingClock(MORNING),
    )
    database = open_for_forks(database_url)
    opened = Installation(database, mailbox, mailer, database_source)
    opened.warm_up()
    yield opened
    database.close()


@dataclass(frozen=True)
class Matrix:
    """One flow under one behaviour of the mail server, killed at boundary after boundary."""

    installation: Installation
    behaviour: Behaviour = Behaviour.ACCEPT
    naive: bool = False

    def boundaries(self) -> int:
        """How many there are; the flow that is not killed must itself be sound."""
        supplier_id = self._prepared()
        passed = self.installation.work_until_killed(None, self.naive)
        assert passed is not None
        self.installation.take_over(self.naive)
        assert not look(self.installation, supplier_id).violations()
        return passed

    def broken_at(self, boundary: int) -> list[str]:
        """What is wrong after a death at this boundary and a restart."""
        supplier_id = self._prepared()
        died = self.installation.work_until_killed(boundary, self.naive) is None
        assert died, f"boundary {boundary} was not reached"
        self.installation.take_over(self.naive)
        return look(self.installation, supplier_id).violations()

    def _prepared(self) -> SupplierId:
        supplier_id = self.installation.ready()
        if self.behaviour is not Behaviour.ACCEPT:
            self.installation.mailbox.mailbox.behave(self.behaviour, times=1)
        return supplier_id


def test_a_run_killed_anywhere_sends_nothing_twice_and_loses_nothing(
    installation: Installation, thorough: bool
) -> None:
    matrix = Matrix(installation)
    boundaries = matrix.boundaries()

    broken = {at: matrix.broken_at(at - 1) for at in deaths(boundaries, thorough=thorough)}

    assert boundaries >= 40
    assert not {at: found for at, found in broken.items() if found}


@pytest.mark.once("the mail server is in question; the database is asked above")
@pytest.mark.parametrize("behaviour", [Behaviour.GREYLIST, Behaviour.DROP, Behaviour.LOSE])
def test_the_same_with_a_mail_server_in_trouble(
    installation: Installation, behaviour: Behaviour, thorough: bool
) -> None:
    """Every fourth of its deaths; all of them with --full."""
    matrix = Matrix(installation, behaviour)
    stride = 1 if thorough else 4

    deadly = deaths(matrix.boundaries(), thorough=thorough)[::stride]
    broken = {at: matrix.broken_at(at - 1) for at in deadly}

    assert not {at: found for at, found in broken.items() if found}


@pytest.mark.once("the control of the matrix, not of the database")
def test_without_a_claim_the_same_matrix_finds_reminders_sent_twice(
    installation: Installation,
) -> None:
    """If this fails, the matrices above show nothing."""
    matrix = Matrix(installation, naive=True)
    # Late boundaries first: the mails come at the end of the run.
    found = (matrix.broken_at(at) for at in reversed(range(matrix.boundaries())))

    assert any("was handed over 2 times" in line for broken in found for line in broken)
