"""What comes back by mail: read, believed only by its return path, and what follows from it."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from receivables.bounces import queries, return_paths
from receivables.bounces.actions import NoSuchSuppression, Taken, take, use_again
from receivables.bounces.reading import proven, read
from receivables.bounces.rules import SOFT_LIMIT, Failure, Kind, classify
from receivables.clock import SystemClock
from receivables.database import SYSTEM, Scope
from receivables.history import EventRow
from receivables.ids import DebtorId, SupplierId
from receivables.mail import SmtpMailer, SmtpServer
from receivables.parties import queries as parties
from receivables.parties.contacts import hold_contact
from receivables.ports import Channel, MailMessage
from receivables.replies.command import take_mails
from receivables.settings import LONGEST_SENDER
from sandbox import mailbox
from tests.support.bounces import (
    MESSAGE,
    SECRETS,
    TO,
    complaint,
    exchange,
    exim,
    gmail,
    postfix,
    return_path,
)
from tests.support.world import World


@pytest.mark.parametrize(
    ("raw", "kind", "status"),
    [
        (postfix(), Kind.HARD, "5.1.1"),
        (postfix(status="5.0.0", said="550 5.1.1 unknown"), Kind.HARD, "5.1.1"),
        (postfix(status="4.4.7", said="timed out"), Kind.SOFT, "4.4.7"),
        (postfix(status="5.7.1", said="550 5.7.1 blocked"), Kind.SOFT, "5.7.1"),
        (exim(), Kind.HARD, ""),
        (exim("550 blocked by our spam policy"), Kind.SOFT, ""),
        (exchange(), Kind.HARD, "5.4.1"),
        (gmail(), Kind.SOFT, "5.2.2"),
        (complaint(), Kind.COMPLAINT, ""),
    ],
    ids=["postfix", "postfix-vague", "postfix-late", "postfix-blocked", "exim", "exim-spam",
         "exchange", "gmail", "complaint"],
)  # fmt: skip
def test_every_server_s_report_is_read(raw: bytes, kind: Kind, status: str) -> None:
    found = proven(read(raw), SECRETS)

    assert {(one.address, one.kind, one.status) for one in found} == {(TO, kind, status)}
    assert {one.message for one in found} == {return_paths.message_of(MESSAGE)}


@pytest.mark.parametrize(
    "raw",
    [
        postfix(action="delayed", status="4.0.0"),
        postfix(action="delivered", status="2.0.0"),
        complaint("not-spam"),
        b"Subject: Hello\r\nTo: reminders@quittance.example\r\n\r\nI have paid.",
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_bad_news_says_nothing(raw: bytes) -> None:
    assert proven(read(raw), SECRETS) == ()


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "kind"),
    [
        ("failed", "5.1.10", "", Kind.HARD),
        ("failed", "5.2.1", "", Kind.HARD),
        ("failed", "5.1.8", "bad sender", Kind.SOFT),
        ("failed", "5.4.4", "", Kind.HARD),
        ("failed", "5.3.4", "too big", Kind.SOFT),
        ("failed", "5.0.0", "smtp; 550 no such user", Kind.HARD),
        ("failed", "", "", Kind.SOFT),
        ("relayed", "2.0.0", "", None),
    ],
)
def test_only_a_dead_address_is_a_hard_bounce(
    action: str, status: str, diagnostic: str, kind: Kind | None
) -> None:
    assert classify(Failure(action, status, diagnostic)) is kind


def test_a_return_path_proves_one_message_to_one_address() -> None:
    (path,) = return_paths.find(return_path().upper())

    assert path.message == return_paths.message_of(MESSAGE)
    assert path.belongs_to("Compta@Dubois.example", SECRETS)
    assert not path.belongs_to("somebody@else.example", SECRETS)
    assert not path.belongs_to(TO, ("another secret of at least thirty-two",))
    assert path.belongs_to(TO, ("a newer secret of at least thirty-two", *SECRETS))
    token = return_paths.make(MESSAGE, TO, secrets=SECRETS)
    assert len(f"{'x' * LONGEST_SENDER}+{token}") == 64, "RFC 5321 allows no more"


def test_whoever_got_a_mail_cannot_report_somebody_else() -> None:
    forged = postfix("victim@else.example", path=return_path())

    assert proven(read(forged), SECRETS) == ()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 1500))
def test_no_mail_makes_the_reader_stumble(noise: bytes, at: int) -> None:
    raw = postfix()

    read(raw[:at] + noise + raw[at:])


def _take(world: World, raw: bytes) -> Taken:
    with world.runtime.transaction(SYSTEM) as session:
        return take(session, raw, SECRETS, clock=world.clock)


def _kinds(world: World) -> list[str]:
    with world.runtime.reading(SYSTEM) as session:
        rows = session.scalars(select(EventRow.kind).order_by(EventRow.id))
        return [one for one in rows if one.startswith(("mail.", "contact.supp"))]


def _closed(world: World, supplier_id: SupplierId, debtor_id: DebtorId) -> set[Channel]:
    with world.runtime.reading(Scope(supplier_id)) as session:
        closed = queries.closed_channels(session, supplier_id, debtor_id)
        return {channel for channels in closed.values() for channel in channels}


def test_a_dead_address_is_left_alone_at_once_until_there_is_another(world: World) -> None:
    supplier_id = world.supplier()
    debtor_id = world.debtor(email=TO)

    first, again = _take(world, postfix()), _take(world, postfix())

    assert first == Taken(is_report=True, proven=1, new=1, suppressed=1)
    assert again == Taken(is_report=True, proven=1, new=0, suppressed=0)
    assert _kinds(world) == ["mail.bounced", "contact.suppressed"]
    assert _closed(world, supplier_id, debtor_id) == {Channel.EMAIL}
    with world.runtime.transaction(Scope(supplier_id)) as session:
        (task,) = queries.to_mend(session, supplier_id)
        assert (task.channel, task.address, task.because) == (Channel.EMAIL, TO, "hard_bounce")
        assert parties.primary_contacts(session, supplier_id) == {}
        contact = hold_contact(session, supplier_id, task.contact_id)
        contact.email, contact.bounced_at = "new@dubois.example", None
    assert _closed(world, supplier_id, debtor_id) == set()
    with world.runtime.reading(Scope(supplier_id)) as session:
        assert queries.to_mend(session, supplier_id) == []


def test_soft_bounces_are_counted_and_start_anew_when_a_person_says_it_works(world: World) -> None:
    supplier_id = world.supplier()
    debtor_id = world.debtor(email=TO)

    def bounce(number: int) -> int:
        world.clock.advance(timedelta(days=1))
        return _take(world, postfix(status="4.2.2", said="full", note=str(number))).suppressed

    assert [bounce(number) for number in range(SOFT_LIMIT)] == [0] * (SOFT_LIMIT - 1) + [1]
    with world.runtime.transaction(Scope(supplier_id)) as session:
        contact = parties.contacts(session, supplier_id, debtor_id)[0]
        use_again(
            session, supplier_id, debtor_id, contact_id=contact.id, channel=Channel.EMAIL,
            clock=world.clock,
        )  # fmt: skip
    assert _closed(world, supplier_id, debtor_id) == set()
    assert bounce(99) == 0
    with (
        pytest.raises(NoSuchSuppression),
        world.runtime.transaction(Scope(supplier_id)) as session,
    ):
        use_again(
            session, supplier_id, debtor_id, contact_id=contact.id, channel=Channel.EMAIL,
            clock=world.clock,
        )  # fmt: skip


def test_the_command_takes_a_mail_from_a_pipe_and_never_answers_with_an_error(
    world: World,
) -> None:
    world.debtor(email=TO)

    said = []
    forged = postfix("x@y.example", path=return_path())
    for raw in (complaint(), complaint(), b"Subject: spam\n\nBuy!", forged):
        code, lines = take_mails(world.runtime, ["-"], io.BytesIO(raw))
        assert code == 0
        said += lines

    assert said == [
        "-: 1 noted, 1 addresses left alone from now on",
        "-: known already",
        "-: no report, and no answer to a message of ours",
        "-: about no message of ours, or no bad news",
    ]


def test_a_mail_leaves_with_a_return_path_that_proves_it() -> None:
    with mailbox.start(http_port=None) as running:
        server = SmtpServer(host="127.0.0.1", port=running.smtp_port, tls="none")
        mailer = SmtpMailer(
            server,
            from_address="reminders@quittance.example",
            bounce_address="reminders+{id}@quittance.example",
            sign=partial(return_paths.make, secrets=SECRETS),
            clock=SystemClock(),
        )
        mailer.send(
            MailMessage(
                message_id=MESSAGE, to_address=TO, to_name="", from_name="Rochat", reply_to=None,
                subject="Rappel", text="x", html="<p>x</p>", language="fr",
            )
        )  # fmt: skip
        mailer.close()
        (arrived,) = running.mailbox.store.find()

    assert arrived.sender == return_path()
    assert {one.kind for one in proven(read(postfix(path=arrived.sender)), SECRETS)} == {Kind.HARD}
