"""Reminders by mail: what it costs to write them, and how fast they are handed over.

`python -m benchmarks.mails [--count 1000]`: that many debtors with five overdue invoices each, in
books on SQLite. Measured is what sending does between the claim and the mail server: the message
made from the decision (the supplier's own words looked for, slip and picture of it drawn, subject,
text and HTML rendered in the debtor's language, the style inlined) and written out as it goes
over the wire. Then the same messages go to a mail server in a process of its own, by our mailer
and by a bare connection of the standard library's, a hundred at a time in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import smtplib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from multiprocessing.connection import Connection
from typing import Any

from aiosmtpd.smtp import SMTP
from alembic import command

import receivables.tasks
from benchmarks.overdue import EACH, open_books
from receivables import logs
from receivables.boot import alembic_config, build_runtime
from receivables.clock import SteppingClock, local_date
from receivables.database import Scope
from receivables.dunning.composing import reminder_message
from receivables.dunning.planning import plan
from receivables.links.actions import grant_for
from receivables.mail import MESSAGES_PER_CONNECTION, SmtpMailer, SmtpServer
from receivables.mime import compose
from receivables.parties import queries as parties
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from receivables.settings import read_settings
from receivables.workdays import HOLIDAYS
from receivables.workshop import keep_what_is_loaded
from tests.support.processes import environment

assert receivables.tasks  # imported for its tables

#: CPU seconds for a thousand messages; how much of the bare connection's rate is handed over.
LIMIT_OF_1000, LEAST_SHARE = 1.5, 0.9
#: CPU seconds of others for a thousand.
PEERS = (
    ("Tryton 8.2 account_dunning_email", "24-40"),
    ("Jinja2 and the standard library's EmailMessage", "3.1"),
    ("Jinja2 and the standard library's email.mime", "1.0"),
)
FROM = "reminders@quittance.example"

#: So many debtors in a row are of every country, and language, that there is in the books.
_LANGUAGES = 5

#: A Tuesday without a holiday anywhere, past nine in the morning in Zurich.
_AT = datetime.fromisoformat("2026-11-17T08:10:00+00:00")


@dataclass(frozen=True, slots=True)
class Written:
    messages: list[MailMessage]
    cpu_s: float
    size: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args(arguments).count
    logs.configure(level=logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="quittance-bench-") as folder:
        runtime = _installation(f"sqlite:///{folder}/books.sqlite")
        written = _write(runtime, count)
        runtime.database.close()
    ours, bare = _hand_over(written.messages)
    peer = _by_the_library(written.messages)
    limit = LIMIT_OF_1000 * count / 1000
    print("\n### Reminders by mail\n")
    print(f"{count} messages of {written.size / 1000:.0f} kB, with slip, in three languages\n")
    print(f"  {written.cpu_s:6.2f} CPU-s  rendered and serialised (limit {limit:.1f})")
    print(f"  {peer:6.2f} CPU-s  the standard library's EmailMessage to serialise the same alone")
    for name, cpu_s in PEERS:
        print(f"  {cpu_s:>6} CPU-s  {name}: a thousand without a picture, on this machine at rest")
    print(f"  {ours:6.0f} a second handed over, {bare:.0f} by a bare connection: {ours / bare:.0%}")
    within = written.cpu_s <= limit and ours >= LEAST_SHARE * bare
    return 0 if within or count < 1000 else 1


def _installation(url: str) -> Runtime:
    settings = read_settings(environment(url))
    command.upgrade(alembic_config(settings), "head")
    return replace(build_runtime(settings), clock=SteppingClock(_AT))


def _write(runtime: Runtime, count: int) -> Written:
    supplier_id, clock = open_books(runtime, count * EACH), runtime.clock
    today = local_date(clock.now(), "Europe/Zurich")
    with runtime.transaction(Scope(supplier_id)) as session:
        supplier = parties.supplier(session, supplier_id)
        planned = plan(session, supplier_id, today, calendar=HOLIDAYS)
        lifetime = runtime.settings.links.lifetime
        grants = [
            grant_for(session, supplier_id, one.case.contact.id, lifetime=lifetime, clock=clock)
            for one in planned
            if one.case.contact is not None
        ]
        assert len(grants) == count, f"{len(grants)} of {count} are written to"
        keep_what_is_loaded()
        together = list(zip(planned, grants, strict=True))
        for one, grant_id in together[:_LANGUAGES]:
            # Templates are compiled once in a process's life.
            reminder_message(
                session, supplier, one, message_id="first@quittance.example", grant_id=grant_id,
                today=today, settings=runtime.settings,
            )  # fmt: skip
        messages, size, begun = [], 0, time.process_time()
        for number, (one, grant_id) in enumerate(together):
            message = reminder_message(
                session, supplier, one, message_id=f"reminder-{number}@quittance.example",
                grant_id=grant_id, today=today, settings=runtime.settings,
            )  # fmt: skip
            size += len(compose(message, from_address=FROM, clock=clock))
            messages.append(message)
        return Written(messages, time.process_time() - begun, size / count)


def _by_the_library(messages: Sequence[MailMessage]) -> float:
    """CPU seconds to assemble and write out the same texts and pictures as the library would."""
    begun = time.process_time()
    for one in messages:
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"], mail["To"], mail["Subject"] = FROM, one.to_address, one.subject
        mail.set_content(one.text)
        mail.add_alternative(one.html, subtype="html")
        for file in one.attachments:
            main, _, sub = file.media_type.partition("/")
            mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.filename)
        mail.as_bytes()
    return time.process_time() - begun


class _Sink:
    """Takes every message, and keeps none."""

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        return "250 OK"


def _serve(said: Connection) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(_Sink()), "127.0.0.1", 0)
        said.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def _mail_server() -> Iterator[int]:
    heard, said = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(said,), daemon=True)
    process.start()
    try:
        yield heard.recv()
    finally:
        process.terminate()
        process.join()


def _hand_over(messages: Sequence[MailMessage]) -> tuple[float, float]:
    """Messages a second by our mailer and by a bare connection, in turn: both meet the same
    load on the machine. What ours sends is written out before, as the bare one's is.
    """
    clock = SteppingClock(_AT)
    with _mail_server() as port:
        mailer = _ReadyMailer(
            SmtpServer("127.0.0.1", port, tls="none"), from_address=FROM, bounce_address=FROM,
            clock=clock,
        )  # fmt: skip
        ours = bare = 0.0
        for first in range(0, len(messages), MESSAGES_PER_CONNECTION):
            some = messages[first : first + MESSAGES_PER_CONNECTION]
            data = {one.message_id: compose(one, from_address=FROM, clock=clock) for one in some}
            mailer.ready = data
            begun = time.perf_counter()
            for one in some:
                mailer.send(one)
            between = time.perf_counter()
            _send_barely(port, [(one.to_address, data[one.message_id]) for one in some])
            ours += between - begun
            bare += time.perf_counter() - between
        mailer.close()
    return len(messages) / ours, len(messages) / bare


class _ReadyMailer(SmtpMailer):
    """The product's mailer with messages that were written out before."""

    ready: dict[str, bytes]

    def written(self, message: MailMessage, *, reply_copy: str = "") -> bytes:
        assert not reply_copy, "the text is written already"
        return self.ready[message.message_id]


def _send_barely(port: int, messages: Sequence[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.ehlo()
        for recipient, data in messages:
            connection.mail(FROM)
            connection.rcpt(recipient)
            connection.data(data)


if __name__ == "__main__":
    sys.exit(main())
