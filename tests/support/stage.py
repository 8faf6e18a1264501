"""A stage for stories that debtors live in a real browser: both faces and the payment pages on
ports of their own, a calendar that goes from one morning to another, and people who press what
they see, in their language and on their device.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select

import backoffice.app
import portal.app
from receivables import checks
from receivables.clock import SteppingClock
from receivables.credit.actions import set_payer_class, set_solvency_class
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.ledger.actions import book_transfer
from receivables.payments.stripe import StripeGateway
from receivables.payments.tables import SavedMethod
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from sandbox.serving import serve
from sandbox.stripe import StripeSandbox, WebhookEndpoint, create_app
from tests.support.axe import objections
from tests.support.brokers import free_port
from tests.support.builders import PASSWORD, money
from tests.support.chromium import PATIENCE
from tests.support.complaints import Complaints
from tests.support.databases import SqliteTemplate, open_database
from tests.support.outbox import RecordingMailer, RecordingPusher
from tests.support.payments import stripe_settings
from tests.support.settings import WEBHOOK_SECRET, make_settings
from tests.support.stripe_sandbox import sandbox_config
from tests.support.world import World

ZONE = ZoneInfo("Europe/Zurich")
CUSTOMER, MAILED_TO = "Atelier Dubois Sàrl", "compta@dubois.example"
CLERK, COLLEAGUE = "Claire Favre", "claire.favre@rochat.example"

NUMBER = "2026-0412"
#: A Thursday: who pays in class A is first reminded five days after it.
DUE_ON = date(2026, 10, 29)
REMINDED_ON = "2026-11-03"
#: Pays; and what can be kept, and is refused whenever it is charged.
VISA, NO_FUNDS = "4242424242424242", "4000000000000341"

_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SHOWN_BY_ID, _NO_PICTURE = re.compile('src="cid:[^"]*"'), 'src="data:image/svg+xml,%3Csvg/%3E"'
_LANDED = re.compile(r"//localhost[:/]")


@dataclass(frozen=True, slots=True)
class Telling:
    """Who the debtor is: the language they read, the device in their hand."""

    language: str
    has_touch: bool
    device: dict[str, Any]

    def of(self, fr: str, de: str) -> str:
        """What is said in this telling."""
        return {"fr": fr, "de": de}[self.language]


FRENCH_PHONE = Telling(
    "fr", True, {"viewport": {"width": 360, "height": 780}, "has_touch": True, "is_mobile": True}
)
GERMAN_DESK = Telling("de", False, {"viewport": {"width": 1280, "height": 900}})
TELLINGS = {"french-phone": FRENCH_PHONE, "german-desk": GERMAN_DESK}


@dataclass
class Person:
    """Somebody with a browser: presses buttons, follows links, reads sentences.

    Words are given in both languages; the telling says which of them are looked for.
    """

    page: Page
    telling: Telling
    has_touch: bool

    def press(self, fr: str, de: str, *, within: str = "main") -> None:
        """A button or link that says so and nothing else, which leads to another page."""
        self.go_on(self.control(fr, de, within=within))

    def go_on(self, where: Locator) -> None:
        """Touch what leads to another page, and be there."""
        with self.page.expect_navigation():
            self.touch(where)

    def control(self, fr: str, de: str, *, within: str = "main") -> Locator:
        """A link and a button to one thing look alike to whoever presses them."""
        words, place = self.telling.of(fr, de), self.page.locator(within)
        button = place.get_by_role("button", name=words, exact=True)
        return button.or_(place.get_by_role("link", name=words, exact=True)).first

    def touch(self, where: Locator) -> None:
        """With a finger or with the mouse."""
        if self.has_touch:
            where.tap()
        else:
            where.click()

    def choose(self, fr: str, de: str) -> None:
        """Tick a box or a choice by the words beside it."""
        words = self.page.locator("main label", has_text=self.telling.of(fr, de))
        self.touch(words.first)

    def write(self, fr: str, de: str, text: str) -> None:
        """Into the field that has this label."""
        self.page.locator("main").get_by_label(self.telling.of(fr, de)).fill(text)

    def sees(self, fr: str, de: str, *, within: str = "main") -> None:
        expect(self.page.locator(within)).to_contain_text(
            self.telling.of(fr, de), use_inner_text=True
        )

    def sees_not(self, fr: str, de: str, *, within: str = "main") -> None:
        """Of a page that is there already."""
        expect(self.page.locator(within)).not_to_contain_text(
            self.telling.of(fr, de), use_inner_text=True
        )

    def headed(self, fr: str, de: str) -> None:
        """The page that is shown, or comes, has this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.telling.of(fr, de))

    def finds_it_usable(self) -> None:
        """Nothing axe objects to on this device, nothing wider than it."""
        wrong = objections(self.page)
        assert not wrong, wrong
        assert self.page.evaluate(_TOO_WIDE) <= 0

    def pays_by_card(self, number: str) -> None:
        """On the payment page, which is none of ours."""
        self.touch(self.page.locator(f"input[name=test_card][value='{number}']"))
        self.go_on(self.page.locator("form:has(input[name=test_card]) button[type=submit]"))


@dataclass
class Stage:
    """One supplier with one debtor, everything they need, and everybody's browser."""

    telling: Telling
    world: World
    stripe: StripeSandbox
    browser: Browser
    urls: dict[str, str]
    debtor_id: DebtorId = field(init=False)
    #: What the story is about, once there is one.
    invoice_id: InvoiceId = field(init=False)
    complaints: list[Complaints] = field(default_factory=list)
    _windows: dict[str, BrowserContext] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        return self.world.runtime

    @property
    def supplier_id(self) -> SupplierId:
        assert self.world.supplier_id is not None
        return self.world.supplier_id

    def morning(self, day: str) -> None:
        """Nine o'clock of a day in Zurich, and whatever that day and those before asked for."""
        wanted = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZONE)
        self.world.clock.advance(wanted - self.world.clock.now())
        self.world.fire_schedules()
        self.work()

    def work(self) -> None:
        """Stripe's messages reach the portal's door, and all there is to do is done."""
        self.world.run_jobs()
        self.stripe.webhooks.deliver_due(ignore_pauses=True)
        self.world.run_jobs()

    def reminded(self, amount: str) -> Person:
        """The debtor owes something and follows the first reminder of it."""
        self.invoice_id = self.world.invoice(
            amount, debtor_id=self.debtor_id, number=NUMBER, due_on=DUE_ON
        )
        self.morning(REMINDED_ON)
        assert len(self.letters()) == 1
        debtor = self.debtor()
        debtor.headed(CUSTOMER, CUSTOMER)
        return debtor

    def transfer(self, invoice_id: InvoiceId, amount: str, *, on: str) -> None:
        """Money comes in at the supplier's bank and is booked."""
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            assert book_transfer(
                session, supplier_id=self.supplier_id, debtor_id=self.debtor_id,
                invoice_id=invoice_id, amount=money(amount), reference=f"bank {on} {amount}",
                booked_on=date.fromisoformat(on), clock=self.world.clock,
            )  # fmt: skip

    def letters(self, fr: str = "", de: str = "") -> Sequence[MailMessage]:
        """What the debtor was written, as far as its subject has these words."""
        found = [mail for mail in self.world.mail if mail.to_address == MAILED_TO]
        return [mail for mail in found if self.telling.of(fr, de) in _plain(mail.subject)]

    def debtor(self, letter: MailMessage | None = None) -> Person:
        """The debtor has followed a letter's link (the newest one's) to their account."""
        person = self.mailbox(letter or self.letters()[-1])
        page = person.page
        person.go_on(page.locator("a[href*='/l/']").first)
        page.wait_for_url(_LANDED)
        expect(page.locator("html")).to_have_attribute("lang", re.compile(self.telling.language))
        return person

    def mailbox(self, letter: MailMessage) -> Person:
        """The debtor reads a letter, in a reader that shows no pictures."""
        page = self._window("debtor", self.telling.device).new_page()
        page.set_content(_SHOWN_BY_ID.sub(_NO_PICTURE, letter.html))
        return Person(page, self.telling, self.telling.has_touch)

    def clerk(self) -> Person:
        """The supplier's clerk, at a desk as always, signed in anew."""
        window = self._window("clerk", GERMAN_DESK.device)
        page = window.new_page()
        page.goto(self.urls["backoffice"])
        if "/sign-in" in page.url:
            page.locator("input[name=email]").fill(COLLEAGUE)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main form[action='/sign-in'] button[type=submit]").click()
            expect(page.locator(".topbar")).to_be_visible()
        return Person(page, self.telling, has_touch=False)

    def code(self) -> str:
        """The eight digits of the newest mail."""
        self.work()
        found = re.search(r"\b(\d{4}) (\d{4})\b", self.letters()[-1].text)
        assert found, self.letters()[-1].text
        return found[1] + found[2]

    def bank_says(self, card: str) -> None:
        """The cards that are kept behave like another test card from now on."""
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            names = session.scalars(select(SavedMethod.stripe_payment_method_id)).all()
        for name in names:
            self.stripe.change_card(name, card)

    def found_at_stripe(self, kind: str) -> str:
        """The id of the only thing of a kind there."""
        ((_account, found),) = self.stripe.store.every(kind)
        return str(found["id"])

    def outstanding(self, invoice_id: InvoiceId) -> str:
        return str(self.world.outstanding(invoice_id))

    def _window(self, who: str, device: dict[str, Any]) -> BrowserContext:
        if who not in self._windows:
            made = self.browser.new_context(
                **device, locale=f"{self.telling.language}-CH", reduced_motion="reduce",
            )  # fmt: skip
            made.set_default_timeout(PATIENCE)
            self.complaints.append(Complaints(made))
            self._windows[who] = made
        return self._windows[who]

    def close(self) -> None:
        """Nobody's browser had anything to complain of, and no promise is broken in the books."""
        for window in self._windows.values():
            window.close()
        heard = [one for each in self.complaints for one in each.heard]
        assert not heard, heard
        with self.runtime.reading(SYSTEM) as session:
            broken = list(checks.findings(session, now=self.world.clock.now()))
        assert not broken, broken


def _plain(text: str) -> str:
    """With spaces that are all alike."""
    return " ".join(text.split())


@contextmanager
def staged(
    folder: Path,
    template: SqliteTemplate,
    browser: Browser,
    telling: Telling,
    *,
    begins: str,
    country: str = "CH",
) -> Iterator[Stage]:
    """Open until the block ends, which fails when a browser complained. `begins` is a day."""
    ports = {name: free_port() for name in ("portal", "backoffice", "stripe")}
    urls = {name: f"http://localhost:{port}" for name, port in ports.items()}
    start = datetime.fromisoformat(f"{begins}T09:00").replace(tzinfo=ZONE)
    clock = SteppingClock(start)
    hook = WebhookEndpoint(f"{urls['portal']}/webhooks/stripe", WEBHOOK_SECRET)
    stripe = create_app(sandbox_config(now=clock.now, public_url=urls["stripe"], endpoints=(hook,)))
    with ExitStack() as stack:
        url = template.fresh(folder)
        database = open_database(url)
        stack.callback(database.close)
        gateway = StripeGateway(stripe_settings(urls["stripe"]))
        stack.callback(gateway.close)
        settings = make_settings(
            url, portal_url=urls["portal"], backoffice_url=urls["backoffice"],
            stripe_api=urls["stripe"],
        )  # fmt: skip
        runtime = Runtime(
            settings=settings, database=database, clock=clock, mailer=RecordingMailer(),
            pusher=RecordingPusher(), gateway=gateway,
        )  # fmt: skip
        # Without its courier: messages arrive when the story says so.
        stack.enter_context(serve(stripe, port=ports["stripe"], lifespan="off"))
        stack.callback(stripe.sandbox.close)
        for face in (portal.app, backoffice.app):
            name = face.__name__.partition(".")[0]
            stack.enter_context(serve(face.create_app(runtime), port=ports[name]))
        stage = _furnished(Stage(telling, World(runtime), stripe.sandbox, browser, urls), country)
        yield stage
        stage.close()


def _furnished(stage: Stage, country: str) -> Stage:
    """With a supplier, their clerk, and a debtor who may agree a plan alone."""
    world, language = stage.world, stage.telling.language
    supplier_id = world.supplier(language=language)
    world.staff(email=COLLEAGUE, name=CLERK, language=language)
    stage.debtor_id = world.debtor(
        name=CUSTOMER, email=MAILED_TO, language=language, country=country
    )
    whose: dict[str, Any] = {
        "supplier_id": supplier_id, "debtor_id": stage.debtor_id, "clock": world.clock,
    }  # fmt: skip
    with stage.runtime.transaction(Scope(supplier_id)) as session:
        set_payer_class(session, payer_class=PayerClass.A, **whose)
        set_solvency_class(session, solvency_class=SolvencyClass.B, **whose)
    # The schedule has been running since before.
    world.fire_schedules()
    world.run_jobs()
    return stage
