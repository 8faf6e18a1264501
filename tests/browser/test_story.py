"""The whole story in a real browser: a reminder becomes a payment, a falling score an alert.

A Swiss supplier imports an electronic invoice, a day passes, the customer pays by the link in the
mail; then a credit bureau lowers the customer's score. In French on a phone; in the long runs in
German at a desk as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from receivables.ids import DebtorId, StaffId
from sandbox import bureau
from sandbox.pushservice.chromium import FakeGoogle
from tests.support.builders import money
from tests.support.chromium import chromium
from tests.support.complaints import Complaints
from tests.support.installation import E_INVOICE_TOTAL, Installation, books_of, installed
from tests.support.living import (
    COLLEAGUE,
    CUSTOMER,
    FRENCH,
    GERMAN,
    INVOICE,
    MAILED_TO,
    NUMBER,
    PATIENCE,
    People,
    Telling,
)
from tests.support.notifications import Desktop, desktop

#: The worker's threads keep a connection to the mail server each; it ends with the thread.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)

COMPANY, REGISTERED = "HS100", "CHE107787577"
#: A Saturday: the first reminder falls on the Tuesday after it.
DUE_ON = date(2026, 10, 31)


class Stage:
    """The installation, a browser that everybody uses, and a desktop that shows notifications."""

    def __init__(
        self, stack: ExitStack, folder: Path, telling: Telling, *, javascript: bool = True
    ) -> None:
        google = stack.enter_context(FakeGoogle(folder / "google"))
        company = bureau.Company(
            COMPANY, REGISTERED, "CH", CUSTOMER, 71, 40_000, "CHF", "active", date(2026, 10, 5)
        )
        self.house: Installation = stack.enter_context(
            installed(folder, google, companies=[company])
        )
        (folder / "bus").mkdir()
        self.desktop: Desktop | None = stack.enter_context(desktop(folder / "bus"))
        browser = stack.enter_context(
            chromium(
                folder / "profile",
                flags=google.browser_flags,
                environment=self.desktop.environment if self.desktop else None,
                whole=True,
                locale=telling.language,
                java_script_enabled=javascript,
            )
        )
        self.complaints = Complaints(browser)
        self.people = People(browser, self.house.far, telling)
        world = self.house.world
        self.colleague: StaffId = world.staff(
            email=COLLEAGUE, name="Claire Favre", language=telling.language
        )
        self.debtor: DebtorId = world.debtor(
            number=NUMBER, name=CUSTOMER, language=telling.language, email=MAILED_TO,
            identifiers=[("UID", REGISTERED)],
        )  # fmt: skip

    def book_is(self, *, open_numbers: list[str], paid: list[str]) -> None:
        assert books_of(self.house.runtime, self.house.world, self.debtor) == (open_numbers, paid)


@pytest.fixture(
    params=[
        pytest.param(FRENCH, id="french-phone"),
        pytest.param(GERMAN, id="german-desk", marks=pytest.mark.proof),
    ]
)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        yield Stage(stack, tmp_path, request.param)


def test_the_whole_story(stage: Stage, tmp_path: Path) -> None:
    people, house = stage.people, stage.house
    office = people.sign_in()
    people.import_an_invoice(office, tmp_path, due_on=DUE_ON)
    stage.book_is(open_numbers=[INVOICE], paid=[])

    house.clock.next_morning()
    people.mail_arrives(MAILED_TO, 1)
    customer = people.enter_the_portal()
    people.pay(customer)

    stage.book_is(open_numbers=[], paid=[INVOICE])
    assert people.charged() == [money(E_INVOICE_TOTAL).minor]
    people.nothing_is_left(customer)
    # A day has passed: who was signed in yesterday signs in again.
    office = people.sign_in()
    people.the_office_sees_it(office)
    people.mail_arrives(MAILED_TO, 2)

    # What they owe from here on is what an alert is about.
    house.world.invoice("18400.00 CHF", debtor_id=stage.debtor, number="2026-0455")
    house.pair_a_phone(stage.colleague)
    subscribe(stage, office)
    office.goto(f"{people.far.backoffice}/monitoring")
    people.lower_the_score(COMPANY, to=31)
    people.alert_row_appears(office)
    people.is_told_on_the_phone()
    opened = told_in_the_browser(stage)
    mailed = told_by_mail(stage)
    acknowledge(stage, opened or mailed)
    assert stage.complaints.heard == []


def subscribe(stage: Stage, office: Page) -> None:
    """This browser wants to be woken, and says so by a click."""
    origin = stage.people.far.backoffice
    stage.people.browser.grant_permissions(["notifications"], origin=origin)
    office.goto(f"{origin}/settings/notifications")
    office.locator("[data-push-subscribe]").click()
    expect(office.locator("[data-push-status]")).to_have_attribute(
        "data-state", "subscribed", timeout=PATIENCE
    )


def told_in_the_browser(stage: Stage) -> Page | None:
    """The service worker shows it; a click on it opens the alert."""
    if stage.desktop is None:
        return None
    shown = stage.desktop.wait_for(1)
    with stage.people.browser.expect_page() as opened:
        stage.desktop.click(shown)
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(CUSTOMER, timeout=PATIENCE)
    return opened.value


def told_by_mail(stage: Stage) -> Page:
    people = stage.people
    people.mail_arrives(COLLEAGUE, 1)
    page = people.follow_the_mail(COLLEAGUE, CUSTOMER, "/monitoring/alerts/")
    expect(page.get_by_role("heading", level=1)).to_have_text(CUSTOMER, timeout=PATIENCE)
    return page


def acknowledge(stage: Stage, page: Page) -> None:
    """From the alert to the debtor and back, and a decision."""
    page.locator("main a[href^='/debtors/']").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(CUSTOMER)
    page.go_back()
    page.locator("select[name=decision]").select_option("prepayment")
    page.locator("form[action$='/acknowledge'] button[type=submit]").click()
    expect(page.locator("form[action$='/acknowledge']")).to_have_count(0)
    page.goto(f"{stage.people.far.backoffice}/monitoring")
    expect(page.locator("ol[sse-swap=alert] > li")).to_have_count(0)


def test_a_customer_pays_without_javascript(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stage = Stage(stack, tmp_path, FRENCH, javascript=False)
        world, people = stage.house.world, stage.people
        world.invoice(E_INVOICE_TOTAL, debtor_id=stage.debtor, number=INVOICE, due_on=DUE_ON)
        stage.house.clock.next_morning()
        people.mail_arrives(MAILED_TO, 1)
        customer = people.enter_the_portal()
        people.pay(customer)
        people.nothing_is_left(customer)
        stage.book_is(open_numbers=[], paid=[INVOICE])
        assert people.charged() == [money(E_INVOICE_TOTAL).minor]
