"""Nothing that opens or pays something is ever logged, or shown on the page of a fault."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import structlog

from receivables import logs
from receivables.errors import ReceivablesError
from receivables.mail import SmtpMailer, SmtpServer
from receivables.ports import MailDeferred, MailMessage
from receivables.settings import read_mail
from tests.security.test_headers import BrokenDatabase
from tests.security.town import Town
from tests.support.builders import PASSWORD
from tests.support.faces import Browser, email_of

IBAN = "CH9300762011623852957"
SPACED = "CH93 0076 2011 6238 5295 7"
CARD = "4242424242424242"
SMTP_PASSWORD = "smtp-canary-password-0123456789"
WEBHOOK = "whsec_canary0123456789abcdef"


@dataclass
class Log:
    """All that a process would have written."""

    target: io.StringIO

    @property
    def text(self) -> str:
        return self.target.getvalue()


@contextmanager
def logged() -> Iterator[Log]:
    """Logs as `logs.configure` makes them, kept in memory: the product's own processors."""
    target = io.StringIO()
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    logs.configure(level=logging.DEBUG)
    made = structlog.get_config()
    structlog.configure(
        **{
            **made,
            "logger_factory": structlog.WriteLoggerFactory(file=target),
            "cache_logger_on_first_use": False,
        }
    )
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(target)
    root.setLevel(logging.DEBUG)
    try:
        yield Log(target)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**before)


def _walk(town: Town) -> set[str]:
    """The main flows, with everything secret sent along; returns what must not be seen."""
    link = town.debtors["near one"].link
    secrets = {PASSWORD, "a wrong password of canaries", link.removeprefix("/l/")}
    with town.visitor() as debtor, town.staff() as owner:
        for prefix in ("", "/x", "//", "/l"):
            debtor.get(prefix + link)
        debtor.get(link)
        secrets |= set(debtor.cookies.values())
        debtor.get("/", headers={"Referer": "http://localhost:8000" + link})
        debtor.get("/no-such", params={"token": link, "iban": IBAN, "card": CARD})
        debtor.submit("/pay", {"currency": "CHF", "choice": "other", "amount": CARD},
                      page="/pay?currency=CHF")  # fmt: skip
        debtor.submit("/links/renew", {"token": link.removeprefix("/l/")})
        debtor.post("/links/renew", data={"token": link.removeprefix("/l/"), "_csrf_token": "x"})
        debtor.post("/webhooks/stripe", content=WEBHOOK, headers={"Stripe-Signature": WEBHOOK})
        secrets.add(owner.token("/sign-in"))
        for password in ("a wrong password of canaries", PASSWORD):
            email = email_of(town.runtime, town.near.owner)
            answer = owner.submit(
                "/sign-in", {"email": email, "password": password}, page="/sign-in"
            )
        assert answer.status_code == 303
        secrets |= set(owner.cookies.values())
        secrets.add(owner.token("/"))
        owner.get("/search", params={"q": IBAN})
        owner.get("/search", params={"q": SPACED})
        owner.post("/readings", content=CARD, headers={"X-Bureau-Signature": "t=1,v1=x"})
        for name in (f"{CARD}.csv", f"{IBAN}.csv"):
            owner.post(
                "/invoices/import",
                data={"_csrf_token": owner.token("/")},
                files={"files": (name, f"number;{CARD};{IBAN}".encode(), "text/csv")},
                headers={"Origin": owner.origin},
            )
        owner.submit("/settings/password", {"current": PASSWORD, "password": "short"})
        _faults(town, debtor, owner, link)
        owner.submit("/sign-out")
    return secrets


def _faults(town: Town, debtor: Browser, owner: Browser, link: str) -> None:
    """The same in an installation that breaks with the secrets in its mouth."""
    inside = RuntimeError(
        f"no {link} {IBAN} {CARD} {WEBHOOK} postgresql://app:{SMTP_PASSWORD}@db/x"
    )
    database: Any = BrokenDatabase(inside)
    fallen = replace(town, runtime=replace(town.runtime, database=database))
    with fallen.visitor() as one, fallen.staff() as two:
        for broken, whole, path in ((one, debtor, link), (one, debtor, "/"), (two, owner, "/")):
            for name, value in whole.cookies.items():
                broken.cookies.set(name, value)
            answer = broken.get(path)
            assert answer.status_code == 500
            for secret in (IBAN, CARD, WEBHOOK, SMTP_PASSWORD, "RuntimeError"):
                assert secret not in answer.text


@pytest.mark.once("what is logged, whatever the database")
def test_no_secret_is_logged_in_any_flow(town: Town) -> None:
    with logged() as log:
        secrets = _walk(town) | {IBAN, SPACED, CARD, WEBHOOK, SMTP_PASSWORD}
        town.near.world.run_jobs()
        text = log.text
    assert '"event": "request"' in text, "the log was listened to"
    assert "RuntimeError" in text, "and faults are in it"
    for secret in secrets:
        if len(secret) > 7:  # the choice of a language is no secret
            assert secret not in text, text[max(0, text.index(secret) - 300) :][:700]


def test_what_libraries_log_is_held_to_the_same() -> None:
    with logged() as log:
        logging.getLogger("somebody.else").warning("GET %s/%s failed", "/l", "A" * 43)
        logging.getLogger("somebody.else").error("card %s, account %s", CARD, SPACED)
        structlog.get_logger().warning("x", nested={"deep": [IBAN, {"more": (CARD,)}]})
    for secret in ("A" * 43, CARD, SPACED, IBAN):
        assert secret not in log.text
    assert log.text.count("[hidden]") == 5


@pytest.mark.parametrize(
    "text", ["a\r\nb", "a\nb", "a\x00b", "a\x1b[31mb", "a\x9b31mb", "a\u2028b", "a\x7fb"]
)
def test_no_line_of_a_log_can_be_made_up(text: str) -> None:
    with logged() as log:
        structlog.get_logger().info("x", said=text)
        logging.getLogger("somebody.else").warning("said %s", text)
    lines = log.text.splitlines()
    assert len(lines) == 2, lines
    assert all(character.isprintable() for line in lines for character in line if character != "�")


def test_a_made_up_address_makes_no_line_of_its_own(town: Town) -> None:
    with logged() as log, town.visitor() as browser:
        browser.get("/%0d%0a%7b%22event%22:%22forged%22%7d")
        browser.get("/x", headers={"User-Agent": '"} {"event": "forged"}'})
    assert not [line for line in log.text.splitlines() if line.startswith('{"event":"forged"')]


def test_the_password_of_the_mail_server_is_neither_shown_nor_told() -> None:
    settings = read_mail(
        {
            "SMTP_URL": f"smtp+starttls://me:{SMTP_PASSWORD}@127.0.0.1:1",
            "MAIL_FROM": "r@quittance.example",
        }
    )
    assert settings.password == SMTP_PASSWORD
    assert SMTP_PASSWORD not in repr(settings)
    from receivables.clock import SystemClock

    server = SmtpServer(host="127.0.0.1", port=1, tls="none", username="me", password=SMTP_PASSWORD)
    assert SMTP_PASSWORD not in repr(server)
    mailer = SmtpMailer(
        server, from_address="r@quittance.example", bounce_address="b+{id}@quittance.example",
        clock=SystemClock(),
    )  # fmt: skip
    message = MailMessage(
        message_id="x@quittance.example", to_address="a@b.example", to_name="A", from_name="B",
        subject="C", text="t", html="<p>t</p>", language="en", reply_to=None,
    )  # fmt: skip
    with logged() as log, pytest.raises(MailDeferred) as refused:
        mailer.send(message)
    assert isinstance(refused.value, ReceivablesError)
    assert SMTP_PASSWORD not in str(refused.value) + log.text


def test_settings_show_no_secret(town: Town) -> None:
    shown = repr(town.runtime.settings)
    for secret in (
        *town.runtime.settings.web.secrets, *town.runtime.settings.links.secrets,
        *town.runtime.settings.stripe.webhook_secrets, *town.runtime.settings.bureau.push_secrets,
        "sk_test_sandbox",
    ):  # fmt: skip
        assert secret not in shown
