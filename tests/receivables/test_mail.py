from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from receivables.clock import SteppingClock
from receivables.mail import SmtpMailer, SmtpServer, compose
from receivables.ports import (
    Attachment,
    MailDeferred,
    Mailer,
    MailMessage,
    MailRefused,
    MailUnknown,
)
from sandbox.certificates import make_certificate
from sandbox.mailbox import RunningMailbox, start

CLOCK = SteppingClock(datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
LINK = "https://pay.example.test/l/" + "k3_-Aa=." * 12 + "?x=1&y=%20#z"
MESSAGE = MailMessage(
    message_id="reminder-0190a1b2@mail.example.test",
    to_address="compta@dubois.test",
    to_name="Atelier Dubois, Sàrl",
    from_name="Menuiserie Rochat SA",
    reply_to="claire@rochat.test",
    subject="Menuiserie Rochat: facture 2026-0412, CHF 1 950.00, échue le 9 nov.",
    text=f"Bonjour,\n\n.une ligne qui commence par un point\nFrom ici: {LINK}\n",
    html=f'<p>Bonjour</p><a href="{LINK}">Payer 1 950.00</a>',
    language="fr-CH",
)


@pytest.fixture
def running() -> Iterator[RunningMailbox]:
    with start(http_port=None) as mailbox:
        yield mailbox


@pytest.fixture
def mailer(running: RunningMailbox) -> Iterator[SmtpMailer]:
    made = mailer_for(plain(running.smtp_port))
    yield made
    made.close()


def plain(port: int) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, tls="none", timeout=timedelta(seconds=30))


def mailer_for(server: SmtpServer, *, copies_replies: bool = False) -> SmtpMailer:
    return SmtpMailer(
        server,
        from_address="reminders@mail.example.test",
        bounce_address="bounce+{id}@mail.example.test",
        copies_replies=copies_replies,
        clock=CLOCK,
    )


def composed(message: MailMessage) -> EmailMessage:
    data = compose(message, from_address="reminders@mail.example.test", clock=CLOCK)
    parsed = message_from_bytes(data, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_it_is_a_mailer(mailer: SmtpMailer) -> None:
    assert isinstance(mailer, Mailer)


def test_a_message_arrives_as_it_was_written(mailer: SmtpMailer, running: RunningMailbox) -> None:
    mailer.send(MESSAGE)

    (arrived,) = running.mailbox.store.find()
    assert arrived.subject == MESSAGE.subject
    assert arrived.text == MESSAGE.text
    assert arrived.html.strip() == MESSAGE.html
    assert arrived.recipients == ("compta@dubois.test",)


def test_answers_are_copied_to_us_where_the_installation_says_so(running: RunningMailbox) -> None:
    mailer = mailer_for(plain(running.smtp_port), copies_replies=True)
    mailer.send(MESSAGE)
    mailer.send(replace(MESSAGE, reply_to=None))
    mailer.close()

    answered, unanswered = running.mailbox.store.find()
    assert answered.reply_to == f"claire@rochat.test, {answered.sender}"
    assert unanswered.reply_to == "", "nobody reads answers to it, and we do not either"


def test_the_envelope_names_the_message_so_that_a_bounce_does(
    mailer: SmtpMailer, running: RunningMailbox
) -> None:
    mailer.send(MESSAGE)

    assert running.mailbox.store.find()[0].sender == "bounce+reminder-0190a1b2@mail.example.test"


def test_the_headers_say_who_when_and_that_nobody_typed_it() -> None:
    parsed = composed(MESSAGE)

    assert parsed["from"] == "Menuiserie Rochat SA <reminders@mail.example.test>"
    assert parsed["to"] == '"Atelier Dubois, Sàrl" <compta@dubois.test>'
    assert parsed["reply-to"] == "claire@rochat.test"
    assert parsed["date"].datetime == CLOCK.now()
    assert parsed["message-id"] == "<reminder-0190a1b2@mail.example.test>"
    assert parsed["auto-submitted"] == "auto-generated"
    assert parsed["content-language"] == "fr-CH"
    assert parsed.get_content_type() == "multipart/alternative"


def test_no_line_is_longer_than_a_server_must_take() -> None:
    long = replace(MESSAGE, subject="Grüße " * 60 + "!", to_name="Ö" * 200, text="ü" * 5000)

    data = compose(long, from_address="reminders@mail.example.test", clock=CLOCK)

    assert max(len(line) for line in data.split(b"\r\n")) <= 78
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert composed(long)["subject"] == long.subject


def test_a_file_travels_along() -> None:
    bill = Attachment("Rechnung März.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")

    (found,) = composed(replace(MESSAGE, attachments=(bill,))).iter_attachments()

    assert found.get_filename() == bill.filename
    assert found.get_payload(decode=True) == bill.content


@pytest.mark.parametrize(
    "evil",
    [
        replace(MESSAGE, subject="Hello\r\nBcc: all@evil.test"),
        replace(MESSAGE, to_name="A\nBcc: all@evil.test"),
        replace(MESSAGE, from_name="A\rBcc: all@evil.test"),
        replace(MESSAGE, reply_to="a@b.test\r\nBcc: all@evil.test"),
        replace(MESSAGE, reply_to="a@b.test, c@d.test"),
        replace(MESSAGE, message_id="x>\r\nBcc: <all@evil.test"),
        replace(MESSAGE, language="fr\r\nBcc: all@evil.test"),
        replace(MESSAGE, headers=(("X-A", "b\r\nBcc: all@evil.test"),)),
        replace(MESSAGE, headers=(("X-A: b\r\nBcc", "all@evil.test"),)),
        replace(MESSAGE, headers=(("Bcc", "all@evil.test"),)),
        replace(MESSAGE, attachments=(Attachment("a\r\nX: y", "text/plain", b""),)),
        replace(MESSAGE, attachments=(Attachment("a", "text/plain\r\nX: y", b""),)),
    ],
)
def test_a_header_cannot_smuggle_in_another(evil: MailMessage) -> None:
    with pytest.raises(ValueError, match="header"):
        compose(evil, from_address="reminders@mail.example.test", clock=CLOCK)


@pytest.mark.parametrize("address", ["", "nobody", "a@b.test>\r\nRCPT TO:<c@d.test", "a b@c.test"])
def test_what_is_no_address_is_refused_before_anybody_is_asked(
    mailer: SmtpMailer, running: RunningMailbox, address: str
) -> None:
    with pytest.raises(MailRefused) as refused:
        mailer.send(replace(MESSAGE, to_address=address))
    assert refused.value.address_is_dead
    assert running.mailbox.connections == 0


def test_many_messages_share_a_connection(mailer: SmtpMailer, running: RunningMailbox) -> None:
    for number in range(5):
        mailer.send(replace(MESSAGE, message_id=f"m{number}@mail.example.test"))

    assert len(running.mailbox.store.find()) == 5
    assert running.mailbox.connections == 1


def test_a_refused_recipient_is_refused_for_good_and_the_next_message_goes_out(
    mailer: SmtpMailer, running: RunningMailbox
) -> None:
    running.mailbox.behave("550", to="gone@dubois.test")

    with pytest.raises(MailRefused) as refused:
        mailer.send(replace(MESSAGE, to_address="gone@dubois.test"))
    mailer.send(MESSAGE)

    assert (refused.value.code, refused.value.address_is_dead) == (550, True)
    assert len(running.mailbox.store.find()) == 1
    assert running.mailbox.connections == 1


def test_a_refused_content_says_nothing_about_the_address(
    mailer: SmtpMailer, running: RunningMailbox
) -> None:
    running.mailbox.behave("554", times=1)

    with pytest.raises(MailRefused) as refused:
        mailer.send(MESSAGE)

    assert (refused.value.code, refused.value.address_is_dead) == (554, False)


@pytest.mark.parametrize("behaviour", ["421", "450"])
def test_a_temporary_refusal_is_deferred(
    mailer: SmtpMailer, running: RunningMailbox, behaviour: str
) -> None:
    running.mailbox.behave(behaviour, times=1)

    with pytest.raises(MailDeferred) as deferred:
        mailer.send(MESSAGE)
    assert deferred.value.code == int(behaviour)

    mailer.send(MESSAGE)
    assert len(running.mailbox.store.find()) == 1


@pytest.mark.parametrize(("behaviour", "kept"), [("drop", 1), ("lose", 0)])
def test_no_answer_after_the_message_is_unknown_and_never_sent_again_by_itself(
    mailer: SmtpMailer, running: RunningMailbox, behaviour: str, kept: int
) -> None:
    mailer.send(MESSAGE)
    running.mailbox.behave(behaviour)

    with pytest.raises(MailUnknown):
        mailer.send(MESSAGE)

    assert len(running.mailbox.store.find()) == 1 + kept


def test_a_kept_connection_that_has_died_is_replaced(running: RunningMailbox) -> None:
    mailer = mailer_for(plain(running.smtp_port))
    mailer.send(MESSAGE)
    connection = mailer._thread.connection
    connection._smtp.sock.shutdown(socket.SHUT_RDWR)

    mailer.send(MESSAGE)

    assert len(running.mailbox.store.find()) == 2
    assert running.mailbox.connections == 2
    mailer.close()


def test_a_tarpit_is_left_at_the_deadline(running: RunningMailbox) -> None:
    running.mailbox.behave("tarpit", seconds=5)
    hasty = mailer_for(replace(plain(running.smtp_port), deadline=timedelta(milliseconds=300)))

    with pytest.raises(MailDeferred) as deferred:
        hasty.send(MESSAGE)
    assert deferred.value.code is None


def test_a_server_that_is_down_is_deferred() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(MailDeferred):
        mailer_for(plain(port)).send(MESSAGE)


def test_each_thread_has_a_connection_of_its_own(
    mailer: SmtpMailer, running: RunningMailbox
) -> None:
    def send_and_hang_up(number: int) -> None:
        mailer.send(replace(MESSAGE, message_id=f"t{number}@mail.example.test"))
        mailer.close()

    threads = [threading.Thread(target=send_and_hang_up, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({message.message_id for message in running.mailbox.store.find()}) == 4


@pytest.mark.parametrize("implicit", [True, False])
def test_mail_goes_out_encrypted_to_who_can_prove_who_they_are(
    tmp_path: Path, implicit: bool
) -> None:
    certificate = make_certificate(tmp_path, ["127.0.0.1"])
    with start(
        http_port=None,
        tls=certificate.server_context(),
        implicit_tls=implicit,
        credentials=("quittance", "s3cret"),
    ) as running:
        server = SmtpServer(
            "127.0.0.1",
            running.smtp_port,
            username="quittance",
            password="s3cret",
            tls="implicit" if implicit else "starttls",
            ca_file=certificate.authority,
            timeout=timedelta(seconds=30),
        )
        mailer = mailer_for(server)
        mailer.send(MESSAGE)
        mailer.close()
        assert len(running.mailbox.store.find()) == 1

        with pytest.raises(MailDeferred, match=r"(?i)certificate"):
            mailer_for(replace(server, ca_file=None)).send(MESSAGE)
        with pytest.raises(MailDeferred) as deferred:
            mailer_for(replace(server, password="wrong")).send(MESSAGE)
        assert deferred.value.code == 535
        assert len(running.mailbox.store.find()) == 1


def test_only_a_server_on_this_machine_is_spoken_to_in_the_clear() -> None:
    with pytest.raises(ValueError, match="tls"):
        SmtpServer("mail.example.test", 25, tls="none")
