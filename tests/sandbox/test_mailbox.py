from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import httpx
import pytest

from receivables.replies.reading import read
from sandbox.mailbox import RunningMailbox, start


@pytest.fixture
def running() -> Iterator[RunningMailbox]:
    with start() as mailbox:
        yield mailbox


def letter(to: str = "ada@example.test", subject: str = "Facture échue") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Menuiserie Rochat <rochat@example.test>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Bonjour\nhttps://pay.example.test/l/abc=\n")
    message.add_alternative(
        '<html><head></head><body><a href="https://pay.example.test/l/abc=">Payer</a></body></html>',
        subtype="html",
    )
    return message


def deliver(running: RunningMailbox, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as smtp:
        smtp.send_message(message)


def test_a_message_shows_up_in_the_inbox_of_its_recipient_only(running: RunningMailbox) -> None:
    deliver(running, letter())
    deliver(running, letter("bob@example.test", "Other"))

    assert "Facture échue" in httpx.get(running.url).text
    hers = httpx.get(running.url, params={"to": "ADA@example.test"}).text
    assert "Facture échue" in hers
    assert "Other" not in hers


def test_a_message_can_be_read_as_it_looks_as_text_and_as_source(running: RunningMailbox) -> None:
    deliver(running, letter())
    url = f"{running.url}/messages/{running.mailbox.store.find()[0].id}"

    assert "<iframe" in httpx.get(url).text
    assert "https://pay.example.test/l/abc=" in httpx.get(url, params={"view": "text"}).text
    assert "=?utf-8?q?" in httpx.get(url, params={"view": "source"}).text
    assert httpx.get(f"{url}/source").content.startswith(b"From: ")


def test_an_answer_goes_where_the_message_says_and_to_whoever_takes_mail_for_it() -> None:
    taken: list[bytes] = []
    message = letter()
    message["Reply-To"] = "claire@rochat.test, reminders+abc@quittance.test"
    message["Message-ID"] = "<reminder-1@quittance.test>"
    with start(routes={"reminders@quittance.test": taken.append}) as running:
        deliver(running, message)
        url = f"{running.url}/messages/{running.mailbox.store.find()[0].id}/answer"
        httpx.post(url, data={"words": "Nous payons vendredi."})
        httpx.post(url, data={"words": "", "away": "yes"})
        httpx.post(url, data={"words": " "})
        kept = running.mailbox.store.find(to="claire@rochat.test")

    assert [one.raw for one in kept] == taken
    by_hand, automatic = (read(raw) for raw in taken)
    assert (by_hand.from_address, by_hand.text) == ("ada@example.test", "Nous payons vendredi.")
    assert by_hand.answers == ("reminder-1@quittance.test",)
    assert (by_hand.is_automatic, automatic.is_automatic) == (False, True)


def test_the_html_part_runs_nothing_loads_nothing_and_opens_links_beside_it(
    running: RunningMailbox,
) -> None:
    deliver(running, letter())

    answer = httpx.get(f"{running.url}/messages/1/html")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "script" not in policy
    assert '<head><base target="_blank">' in answer.text


def test_tests_ask_for_what_came_since(running: RunningMailbox) -> None:
    deliver(running, letter(subject="first"))
    deliver(running, letter(subject="second"))
    control = f"{running.url}/_control/messages"

    seen = httpx.get(control, params={"to": "ada@example.test", "since": 1}).json()

    assert [message["subject"] for message in seen] == ["second"]
    assert seen[0]["sender"] == "rochat@example.test"
    assert httpx.delete(control).status_code == 204
    assert httpx.get(control).json() == []


@pytest.mark.parametrize(("behaviour", "code"), [("421", 421), ("450", 450), ("550", 550)])
def test_a_recipient_is_refused_when_told_so_and_as_often_as_told(
    running: RunningMailbox, behaviour: str, code: int
) -> None:
    told = {"behaviour": behaviour, "to": "ada@example.test", "times": 1}
    httpx.post(f"{running.url}/_control/behaviour", json=told).raise_for_status()

    deliver(running, letter("bob@example.test"))
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        deliver(running, letter())
    assert refused.value.recipients["ada@example.test"][0] == code

    deliver(running, letter())
    assert len(running.mailbox.store.find()) == 2


@pytest.mark.parametrize(("behaviour", "kept"), [("drop", 1), ("lose", 0)])
def test_the_connection_is_cut_after_data_with_and_without_keeping_the_message(
    running: RunningMailbox, behaviour: str, kept: int
) -> None:
    running.mailbox.behave(behaviour)

    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver(running, letter())
    assert len(running.mailbox.store.find()) == kept

    running.mailbox.behave("accept")
    deliver(running, letter())
    assert len(running.mailbox.store.find()) == kept + 1


def test_messages_in_a_file_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "mail.sqlite"
    with start(path=file, http_port=None) as before:
        deliver(before, letter())

    with start(path=file, http_port=None) as after:
        assert [message.subject for message in after.mailbox.store.find()] == ["Facture échue"]


def test_an_unknown_message_is_404(running: RunningMailbox) -> None:
    for path in ["/messages/9", "/messages/9/html", "/messages/9/attachments/1"]:
        answer = httpx.get(running.url + path)
        assert answer.status_code == 404
        assert "content-security-policy" in answer.headers
