"""A mail server that goes down for an hour while messages wait, and one that is slow."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import func, select

from receivables import jobs
from receivables.clock import SteppingClock
from receivables.database import SYSTEM, Scope
from receivables.dunning import tasks
from receivables.dunning.actions import dun_supplier
from receivables.dunning.tables import Reminder
from receivables.lanes import Lanes
from receivables.mail import SmtpMailer, SmtpServer
from receivables.ports import MailDeferred, MailMessage
from receivables.worklist.queries import EVERY, asked_of
from receivables.worklist.rules import Kind
from tests.support.builders import make_debtor, make_invoice
from tests.support.world import World

assert tasks  # imported for its actors

REMINDERS = 100
DUE_ON = date(2026, 10, 30)
#: Messages that end without an answer, by their place, and whether the server has them.
CUT = {30: True, 31: False}
SLOW = "slow.example"


@dataclass
class PostOffice:
    """An SMTP server as small as one can be; it keeps what it took, and obeys its test."""

    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    seen: int = 0
    #: Down: whoever calls is told to come again.
    is_down: bool = False
    #: Somebody has named a recipient at SLOW, who is not answered before `go_on`.
    somebody_waits: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def take(self, data: bytes) -> bool:
        """Whether the message is answered. After the last that is not, the server is down."""
        number, self.seen = self.seen, self.seen + 1
        if CUT.get(number, True):
            self.taken[str(message_from_bytes(data)["Message-ID"]).strip("<>")] += 1
        self.is_down = self.is_down or number == max(CUT)
        return number not in CUT


@contextmanager
def opened(office: PostOffice) -> Iterator[PostOffice]:
    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if office.is_down:
                self.say("421 down")
                return
            self.say("220 ready")
            for line in self.rfile:
                if line.upper().startswith(b"DATA"):
                    self.say("354 go on")
                    if not office.take(self.data()):
                        return
                elif line.upper().startswith(b"RCPT") and SLOW.encode() in line:
                    office.somebody_waits.set()
                    office.go_on.wait()
                self.say("250 fine")

        def data(self) -> bytes:
            lines: list[bytes] = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            return b"".join(lines)

        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Conversation) as server:
        office.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield office
        finally:
            office.go_on.set()
            server.shutdown()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with opened(PostOffice()) as one:
        yield one


def mailer_to(office: PostOffice, lanes: Lanes | None = None) -> SmtpMailer:
    return SmtpMailer(
        SmtpServer("127.0.0.1", office.port, tls="none", timeout=timedelta(seconds=60)),
        from_address="reminders@quittance.example", bounce_address="bounce+{id}@quittance.example",
        lanes=lanes, clock=SteppingClock(datetime(2026, 11, 2, 8, tzinfo=UTC)),
    )  # fmt: skip


@pytest.mark.once("the mail server is in question; claims meet both databases elsewhere")
def test_a_mail_server_down_for_an_hour_costs_no_message_and_doubles_none(
    world: World, office: PostOffice
) -> None:
    supplier_id = world.supplier()
    with world.runtime.transaction(Scope(supplier_id)) as session:
        for _ in range(REMINDERS):
            debtor_id = make_debtor(session, supplier_id, clock=world.clock)
            make_invoice(
                session, supplier_id, debtor_id, "10.00 CHF", due_on=DUE_ON, clock=world.clock
            )
    with world.runtime.transaction(Scope(supplier_id)) as session:
        dun_supplier(session, supplier_id, world.clock.now().date(), clock=world.clock)
    mailer = mailer_to(office)
    sending = World(replace(world.runtime, mailer=mailer))

    def states() -> dict[str, int]:
        with world.runtime.reading(Scope(supplier_id)) as session:
            counted = select(Reminder.state, func.count()).group_by(Reminder.state)
            return {one.state: one[1] for one in session.execute(counted)}

    sending.run_jobs()
    world.clock.advance(timedelta(minutes=30))
    sending.run_jobs()
    unanswered, went = len(CUT), max(CUT) + 1 - len(CUT)
    waiting = REMINDERS - went - unanswered
    assert states() == {"sent": went, "unknown": unanswered, "due": waiting}
    office.is_down = False
    world.clock.advance(timedelta(minutes=30))
    sending.run_jobs()
    mailer.close()

    assert states() == {"sent": went + waiting, "unknown": unanswered}
    assert set(office.taken.values()) == {1}
    assert len(office.taken) == REMINDERS - list(CUT.values()).count(False)
    with world.runtime.reading(Scope(supplier_id)) as session:
        asked = asked_of(session, supplier_id, clock=world.clock)
        shown = [task.kind for source in EVERY.values() for task in source(session, asked)]
    assert shown.count(Kind.UNKNOWN_MESSAGE) == unanswered
    assert Kind.FAILED_MESSAGE not in shown
    with world.runtime.reading(SYSTEM) as session:
        assert set(session.scalars(select(jobs.Job.state))) == {"done"}


def test_a_sender_who_finds_a_slow_host_taken_goes_on_with_what_is_for_others(
    office: PostOffice,
) -> None:
    mailer = mailer_to(office, Lanes(1, patience=0.01))

    def wait_for_the_slow_one() -> None:
        mailer.send(to(SLOW, "first"))
        mailer.close()

    waiting = threading.Thread(target=wait_for_the_slow_one)
    waiting.start()
    assert office.somebody_waits.wait(60)
    with pytest.raises(MailDeferred, match=SLOW):
        mailer.send(to(SLOW, "second"))
    for number in range(3):
        mailer.send(to("quick.example", f"quick-{number}"))
    mailer.close()

    assert set(office.taken) == {f"quick-{number}@quittance.example" for number in range(3)}
    office.go_on.set()
    waiting.join(60)
    assert office.taken["first@quittance.example"] == 1


def to(host: str, name: str) -> MailMessage:
    return MailMessage(
        message_id=f"{name}@quittance.example", to_address=f"compta@{host}", to_name="Dubois",
        from_name="Rochat", reply_to=None, subject="Facture", text="Bonjour\n", html="<p>Bonjour",
        language="fr",
    )  # fmt: skip
