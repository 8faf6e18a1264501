"""The sandbox's pages in a real browser: nothing axe objects to, nothing the policy blocks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, expect

from receivables.clock import SteppingClock
from receivables.mail import SmtpMailer, SmtpServer
from receivables.ports import MailMessage
from sandbox import bureau, mailbox, pushservice
from sandbox.serving import serve
from tests.support.axe import objections_at
from tests.support.chromium import chromium

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
LETTER = MailMessage(
    message_id="m1@mail.example.test",
    to_address="compta@dubois.test",
    to_name="Atelier Dubois Sàrl",
    from_name="Menuiserie Rochat SA",
    reply_to="claire@rochat.test",
    subject="Menuiserie Rochat: facture 2026-0412, CHF 1 950.00, échue le 9 nov.",
    text="Bonjour",
    html='<html lang="fr"><head><title>Facture</title></head><body><main><h1>Facture</h1>'
    '<p><a href="{url}">Payer 1 950.00</a></p></main></body></html>',
    language="fr-CH",
)


class Pages:
    """The far ends with something on their pages, and a browser."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.mail = stack.enter_context(mailbox.start(now=lambda: NOW))
        portal = stack.enter_context(serve(target, lifespan="off"))
        mailer = SmtpMailer(
            SmtpServer("127.0.0.1", self.mail.smtp_port, tls="none"),
            from_address="reminders@mail.example.test",
            bounce_address="bounce+{id}@mail.example.test",
            clock=SteppingClock(NOW),
        )
        mailer.send(replace(LETTER, html=LETTER.html.format(url=portal.url)))
        mailer.close()
        self.push = stack.enter_context(pushservice.start(now=lambda: NOW))
        self.push.service.store.add_push(
            "t", NOW, (60, "high", "x"), 200, b'{"notification":{"title":"D","body":"b"}}', ""
        )
        company = bureau.Company(
            "HS1", "CHE-1", "CH", "Atelier", 70, 10, "CHF", "active", date(2026, 1, 5)
        )
        self.bureau = stack.enter_context(bureau.start([company], now=lambda: NOW))
        self.bureau.bureau.rate("CHE-1", 35)
        self.browser: BrowserContext = stack.enter_context(chromium(folder / "profile"))

    @property
    def urls(self) -> list[str]:
        message = f"{self.mail.url}/messages/1"
        return [
            self.mail.url,
            message,
            f"{message}?view=text",
            f"{message}?view=source",
            self.push.url,
            self.bureau.url,
            f"{self.bureau.url}/bureau/HS1",
        ]


async def target(
    scope: dict[str, Any], receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    """The page a mail links to, which will not be shown inside another."""
    headers = [(b"x-frame-options", b"DENY")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"arrived"})


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with ExitStack() as stack:
        yield Pages(stack, tmp_path_factory.mktemp("pages"))


def test_a_link_in_a_mail_opens_beside_the_mailbox(pages: Pages) -> None:
    page = pages.browser.new_page()
    page.goto(pages.mail.url)
    page.get_by_role("link", name="facture 2026-0412").click()

    with pages.browser.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Payer").click()

    expect(opened.value.get_by_text("arrived")).to_be_visible()
    page.close()


def test_no_page_of_the_far_ends_is_hard_to_use(pages: Pages) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = pages.browser.new_page()
    page.on("console", listen)
    for url in pages.urls:
        answer = page.goto(url)
        assert answer is not None and answer.ok, url
        assert objections_at(page, (1280, 360)) == [], url
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, f"{url} is wider than {width}"
    assert complaints == []
    page.close()
