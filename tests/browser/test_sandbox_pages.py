"""The sandbox's pages in a real browser: nothing axe objects to, nothing the policy blocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, expect

from receivables.clock import SteppingClock
from receivables.mail import SmtpMailer, SmtpServer
from receivables.ports import MailMessage
from sandbox import bureau, mailbox, pushservice
from sandbox.serving import serve
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
        page = pages.browser.new_page()

    page.goto(pages.mail.url)
    page.get_by_role("link", name="facture 2026-0412").click()

    with pages.browser.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Payer").click()

    expect(opened.value.get_by_text("arrived")).to_be_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_of_the_far_ends_is_hard_to_use(pages: Pages, scheme: str, width: int) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = pages.browser.new_page()
    page.on("console", listen)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for url in pages.urls:
        page.goto(url)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{url}: {found.generate_report()}"
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, f"{url} is wider than {width}"
    assert complaints == []
    page.close()
