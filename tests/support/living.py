"""The money half of the story as people live it in a browser: the office, the inbox, the portal,
the page where a card is typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.brokers import wait_until
from tests.support.builders import PASSWORD
from tests.support.chromium import PATIENCE
from tests.support.installation import FarEnds, e_invoice

DECLINED, WITH_3D_SECURE = "4000000000000002", "4000002760003184"
CUSTOMER, NUMBER, MAILED_TO = "Atelier Dubois Sàrl", "K00042", "compta@dubois.example"
COLLEAGUE = "claire.favre@rochat.example"
INVOICE = "2026-0412"
DESK = (1280, 900)


@dataclass(frozen=True, slots=True)
class Telling:
    """One way to live the story: the customer's screen, and the amount as they read it."""

    language: str
    screen: tuple[int, int]
    figure: str
    paid: str
    nothing_to_pay: str


FRENCH = Telling("fr", (360, 780), "1 756.65 CHF", "Merci", "Rien à payer")
GERMAN = Telling("de", DESK, "CHF 1’756.65", "Vielen Dank", "Nichts zu bezahlen")


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in the story, sharing one browser."""

    browser: BrowserContext
    far: FarEnds
    telling: Telling

    def open(self, url: str, screen: tuple[int, int] = DESK) -> Page:
        page = self.browser.new_page()
        page.set_default_timeout(PATIENCE)
        _resize(page, screen)
        page.goto(url)
        return page

    def sign_in(self) -> Page:
        """A colleague at the supplier's; the page they land on."""
        page = self.open(self.far.backoffice)
        page.locator("input[name=email]").fill(COLLEAGUE)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main form[action='/sign-in'] button[type=submit]").click()
        expect(page.locator(".topbar")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("html")).to_have_attribute("lang", f"{self.telling.language}-CH")
        return page

    def import_an_invoice(self, office: Page, folder: Path, *, due_on: date) -> None:
        """The upload page takes an electronic invoice and says whose it is."""
        file = folder / f"{INVOICE}.xml"
        file.write_bytes(
            e_invoice(number=INVOICE, debtor_number=NUMBER, debtor=CUSTOMER, due_on=due_on)
        )
        office.goto(f"{self.far.backoffice}/invoices/import")
        office.locator("input[type=file]").set_input_files(file)
        office.locator("form[action='/invoices/import'] button[type=submit]").click()
        report = office.locator("#report")
        expect(report.get_by_role("link", name=INVOICE)).to_be_visible(timeout=PATIENCE)
        expect(report).to_contain_text(CUSTOMER)

    def mail_arrives(self, address: str, count: int) -> None:
        """Exactly `count` messages to an address, once there are as many."""
        inbox = self.far.mail.mailbox.store
        wait_until(f"mail {count} to {address}", lambda: len(inbox.find(to=address)) >= count)
        assert len(inbox.find(to=address)) == count

    def follow_the_mail(self, address: str, subject: str, link: str) -> Page:
        """Open the newest mail of a subject in the inbox and click a link whose address has
        `link` in it; the page that opens.
        """
        inbox = self.open(f"{self.far.mail.url}/?to={address}")
        inbox.get_by_role("link", name=subject).last.click()
        with self.browser.expect_page() as opened:
            inbox.frame_locator("iframe").locator(f"a[href*='{link}']").first.click()
        inbox.close()
        return opened.value

    def enter_the_portal(self) -> Page:
        """The customer follows the reminder to their account, in their language."""
        page = self.follow_the_mail(MAILED_TO, INVOICE, "/l/")
        _resize(page, self.telling.screen)
        expect(page).to_have_url(f"{self.far.portal}/")
        expect(page.locator("html")).to_have_attribute("lang", f"{self.telling.language}-CH")
        expect(page.get_by_role("heading", level=1)).to_have_text(CUSTOMER)
        expect(page.locator(".figure")).to_have_text(self.telling.figure)
        return page

    def pay(self, page: Page) -> None:
        """A card that is declined, then one whose bank asks, then the page after it."""
        button = page.locator("form[action='/pay'] button[type=submit]:visible")
        # One for browsers with scripts and one for those without: until the stylesheet is there,
        # both.
        expect(button).to_have_count(1, timeout=PATIENCE)
        # The next page has a button of that form as well.
        with page.expect_navigation():
            button.click()
        page.locator("form[action='/pay'] button[type=submit]").click()
        self.try_card(page, DECLINED)
        expect(page.get_by_role("alert")).to_be_visible()
        self.try_card(page, WITH_3D_SECURE)
        page.locator("button[value=authenticate]").click()
        expect(page.locator("#payment-state .state.paid")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_role("heading", level=1)).to_contain_text(self.telling.paid)
        expect(page.locator("#payment-state")).to_contain_text(self.telling.figure)

    def try_card(self, page: Page, number: str) -> None:
        """On the hosted page."""
        page.locator(f"input[name=test_card][value='{number}']").check()
        page.locator("form:has(input[name=test_card]) button[type=submit]").click()

    def nothing_is_left(self, page: Page) -> None:
        """The account says that all is paid, and the invoice that it is."""
        page.goto(f"{self.far.portal}/")
        expect(page.get_by_text(self.telling.nothing_to_pay)).to_be_visible()
        page.goto(f"{self.far.portal}/invoices/{INVOICE}")
        expect(page.locator(".tag.paid, .tone.paid").first).to_be_visible()

    def the_office_sees_it(self, office: Page) -> None:
        office.goto(f"{self.far.backoffice}/payments")
        row = office.get_by_role("row").filter(has_text=CUSTOMER)
        expect(row).to_have_count(1)
        expect(row).to_contain_text(self.telling.figure)

    def lower_the_score(self, company: str, *, to: int) -> None:
        """By hand, on the bureau's own page."""
        page = self.open(f"{self.far.bureau.url}/bureau/{company}")
        page.get_by_role("button", name=f"Lower to {to}").click()
        expect(page.locator(".score")).to_have_text(str(to))
        page.close()

    def alert_row_appears(self, office: Page) -> None:
        """On the page of alerts as it was loaded before the score fell; it said so until then."""
        row = office.locator("ol[sse-swap=alert] > li")
        expect(row).to_have_count(1, timeout=PATIENCE)
        expect(row).to_contain_text(CUSTOMER)
        expect(office.locator("ol[sse-swap=alert] + .empty")).to_be_hidden()
        expect(office.locator(".bell .count")).to_have_text("1")

    def is_told_on_the_phone(self) -> None:
        """What was pushed can be read by nobody but the device, and leads to the alert."""
        pushes = self.far.phones.service.store.pushes
        wait_until("a push to the phone", lambda: bool(pushes()))
        (push,) = pushes()
        where = f"{self.far.backoffice}/monitoring/alerts/"
        assert push.notification["navigate"].startswith(where)

    def charged(self) -> list[int]:
        """What Stripe has taken, in minor units."""
        return [charge["amount"] for charge in self.far.stripe.sandbox.charged()]


def _resize(page: Page, screen: tuple[int, int]) -> None:
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
