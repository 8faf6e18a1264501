"""Every page of both faces, as everybody may meet it: nothing axe objects to, in light and in
dark, on a phone and on a desk; nothing wider than the screen, at 320 px and with text twice as
large; nothing the policy blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from litestar.handlers import HTTPRouteHandler
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

import backoffice.app
import portal.app
from tests.support.axe import objections_at
from tests.support.builders import PASSWORD
from tests.support.chromium import chromium
from tests.support.complaints import Complaints
from tests.support.showroom import Showroom, showroom

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPEN_FOLDS = 'document.querySelectorAll("main details").forEach((one) => { one.open = true; })'

Who = Literal["stranger", "debtor", "payer", "owner"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One page: the route it is of, the address, and what a person does there first."""

    face: Literal["portal", "backoffice"]
    route: str
    path: str
    who: Who
    status: int = 200
    act: Callable[[Page], None] | None = None

    def __str__(self) -> str:
        deed = f"-{self.act.__name__}" if self.act else ""
        return f"{self.face}{self.path}{deed}"


def paying_nothing_sensible(page: Page) -> None:
    page.locator("#choice-other").check()
    page.locator("#amount").fill("99999999999")
    page.locator("main form[action='/pay'] button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()


def asking_for_a_new_link(page: Page) -> None:
    page.locator("main form[action='/links/renew'] button").click()
    expect(page.locator("main form[action='/links/renew']")).to_have_count(0)


def a_wrong_password(page: Page) -> None:
    page.locator("input[name=email]").fill("nobody@rochat.example")
    page.locator("input[name=password]").fill("not the one")
    page.locator("form[action='/sign-in'] button[type=submit]").click()
    expect(page.locator("input[name=email]")).to_have_value("nobody@rochat.example")


def a_form_too_old(page: Page) -> None:
    page.evaluate("document.querySelectorAll('[name=_csrf_token]').forEach(e => e.value = 'x')")
    page.locator("main form[method=post] button[type=submit]:visible").first.click()
    expect(page.locator("main form[method=post]")).to_have_count(0)


def files_good_and_bad(page: Page) -> None:
    _give(page, "#files", [
        ("good.xml", Path(__file__).parents[1] / "receivables/intake_samples/cii_invoice.xml"),
        ("bad.csv", None),
    ])  # fmt: skip
    expect(page.locator("#report table, #report .danger").first).to_be_visible()


def readings_with_faults(page: Page) -> None:
    _give(page, "input[type=file]", [("bad.csv", None)])
    expect(page.locator("main table").first).to_be_visible()


def _give(page: Page, where: str, files: list[tuple[str, Path | None]]) -> None:
    page.locator(where).set_input_files(
        [
            FilePayload(
                name=name,
                mimeType="application/octet-stream",
                buffer=file.read_bytes() if file else b"number;amount\nA-1;many\n",
            )
            for name, file in files
        ]
    )
    page.locator("form[enctype] button[type=submit]").click()


def a_rule_out_of_range(page: Page) -> None:
    form = page.locator("main form[action^='/monitoring/rules/']").first
    form.evaluate("(form) => { form.noValidate = true; }")
    form.locator("input[name=threshold]").fill("100000")
    form.locator("button[type=submit]").click()
    expect(page.locator(".wrong, [aria-invalid=true]").first).to_be_visible()


_SIGN_IN = "/sign-in"
_THANKS = "/payments/{payment_id:uuid}/thanks"
_CANCELLED = "/payments/{payment_id:uuid}/cancelled"
_DISPUTE, _DECIDE = "/disputes/{dispute_id:uuid}", "/disputes/{dispute_id:uuid}/decide"
_PLAN, _CONFIRM = "/plans/{plan_id:uuid}", "/contacts/confirm/{token:str}"
_DEBTOR, _REFUND = "/debtors/{debtor_id:uuid}", "/payments/{payment_id:uuid}/refund"
_WRITE_OFF = "/invoices/{invoice_id:uuid}/write-off"
_ALERT, _RULES = "/monitoring/alerts/{alert_id:uuid}", "/monitoring/rules"

VISITS = (
    Visit("portal", "/l/{token:str}", "{expired_link}", "stranger", 410),
    Visit("portal", "/l/{token:str}", "{expired_link}", "stranger", 410, asking_for_a_new_link),
    Visit("portal", "/l/{token:str}", "/l/nothing", "stranger", 404),
    Visit("portal", "/", "/", "stranger", 401),
    Visit("portal", "/", "/", "debtor"),
    Visit("portal", "/pay", "/pay?currency=CHF", "debtor"),
    Visit("portal", "/pay", "/pay?currency=CHF", "debtor", 200, paying_nothing_sensible),
    Visit("portal", "/pay", "/pay?currency=CHF", "debtor", 200, a_form_too_old),
    Visit("portal", "/pay", "/pay?currency=JPY", "debtor"),
    Visit("portal", "/invoices/{number:path}", "/invoices/2026-RECHNUNG-000412", "debtor"),
    Visit("portal", "/invoices/{number:path}", "/invoices/EXPORT/2026/17", "debtor"),
    Visit("portal", "/invoices/{number:path}", "/invoices/nobody-s", "debtor", 404),
    Visit("portal", "/invoices", "/invoices?number=EXPORT/2026/17", "debtor"),
    Visit("portal", _THANKS, "/payments/{settled}/thanks", "debtor"),
    Visit("portal", _THANKS, "/payments/{processing}/thanks", "debtor"),
    Visit("portal", _THANKS, "/payments/{expired}/thanks", "debtor"),
    Visit("portal", _THANKS, "/payments/{failed}/thanks", "debtor"),
    Visit("portal", _THANKS, "/payments/{open}/thanks?cs={open_session}", "debtor"),
    Visit("portal", _CANCELLED, "/payments/{open}/cancelled", "debtor"),
    Visit("portal", "/already-paid", "/already-paid?currency=CHF", "debtor"),
    Visit("portal", "/already-paid/{claim_id:uuid}", "/already-paid/{claim}", "payer"),
    Visit("portal", "/promise", "/promise?currency=CHF", "debtor"),
    Visit("portal", "/promises/{promise_id:uuid}", "/promises/{promise}", "payer"),
    Visit("portal", "/", "/", "payer"),
    Visit("portal", "/cards", "/cards", "payer"),
    Visit("portal", "/confirm", "/confirm?next=/cards", "debtor"),
    Visit("portal", "/contacts", "/contacts", "payer"),
    Visit("portal", _CONFIRM, "{confirm_link}", "stranger"),
    Visit("portal", _CONFIRM, "/contacts/confirm/nothing", "stranger", 404),
    Visit("portal", "/plan", "/plan?currency=CHF&invoice=2026-505", "debtor"),
    Visit("portal", "/plan", "/plan?currency=CHF", "debtor"),
    Visit("portal", "/plan/sign", "/plan/sign?currency=CHF&parts=2&rhythm=monthly", "payer"),
    Visit("portal", _PLAN, "/plans/{plan}", "payer"),
    Visit("portal", "/plans/{plan_id:uuid}/sign", "/plans/{plan}/sign", "payer"),
    Visit("portal", "/dispute", "/dispute", "debtor"),
    Visit("portal", "/dispute", "/dispute?invoice=2026-503&invoice=2026-504", "debtor"),
    Visit("portal", _DISPUTE, "/disputes/{dispute_asked}", "debtor"),
    Visit("portal", _DISPUTE, "/disputes/{dispute_offered}", "debtor"),
    Visit("portal", _DISPUTE, "/disputes/{dispute_refused}", "debtor"),
    Visit("backoffice", _SIGN_IN, "/sign-in?out", "stranger"),
    Visit("backoffice", _SIGN_IN, "/sign-in", "stranger", 200, a_wrong_password),
    Visit("backoffice", "/", "/", "owner"),
    Visit("backoffice", "/search", "/search?q=a", "owner"),
    Visit("backoffice", "/search", "/search?q=zzzz", "owner"),
    Visit("backoffice", "/debtors", "/debtors", "owner"),
    Visit("backoffice", "/debtors", "/debtors?q=zzzz", "owner"),
    Visit("backoffice", "/debtors/{debtor_id:uuid}", "/debtors/{big_debtor}", "owner"),
    Visit("backoffice", "/debtors/{debtor_id:uuid}", "/debtors/{debtor}", "owner"),
    Visit("backoffice", "/debtors/{debtor_id:uuid}", "/debtors/{staff}", "owner", 404),
    Visit("backoffice", "/invoices", "/invoices", "owner"),
    Visit("backoffice", "/invoices/{invoice_id:uuid}", "/invoices/{invoice}", "owner"),
    Visit("backoffice", "/invoices/import", "/invoices/import", "owner", 200, files_good_and_bad),
    Visit("backoffice", "/reminders", "/reminders", "owner"),
    Visit("backoffice", "/payments", "/payments", "owner"),
    Visit("backoffice", "/payments/{payment_id:uuid}", "/payments/{payment}", "owner"),
    Visit("backoffice", "/payments/{payment_id:uuid}", "/payments/{failed}", "owner"),
    Visit("backoffice", "/payments/returns", "/payments/returns", "owner"),
    Visit("backoffice", "/payments/unapplied", "/payments/unapplied", "owner"),
    Visit("backoffice", _REFUND, "/payments/{payment}/refund", "owner"),
    Visit("backoffice", f"{_DEBTOR}/unapplied", "/debtors/{big_debtor}/unapplied", "owner"),
    Visit("backoffice", f"{_DEBTOR}/promise", "/debtors/{big_debtor}/promise", "owner"),
    Visit("backoffice", _WRITE_OFF, "/invoices/{invoice}/write-off", "owner"),
    Visit("backoffice", "/promises", "/promises", "owner"),
    Visit("backoffice", "/proposals", "/proposals", "owner"),
    Visit("backoffice", "/said-to-be-paid", "/said-to-be-paid", "owner"),
    Visit("backoffice", "/said-to-be-paid/{claim_id:uuid}", "/said-to-be-paid/{claim}", "owner"),
    Visit("backoffice", "/plans", "/plans", "owner"),
    Visit("backoffice", "/plans/policy", "/plans/policy", "owner"),
    Visit("backoffice", _PLAN, "/plans/{plan}", "owner"),
    Visit("backoffice", "/plans/{plan_id:uuid}/{step:str}", "/plans/{plan}/cancel", "owner"),
    Visit("backoffice", "/disputes", "/disputes", "owner"),
    Visit("backoffice", "/disputes", "/disputes?show=ended&owner=nobody", "owner"),
    Visit("backoffice", _DISPUTE, "/disputes/{dispute_asked}", "owner"),
    Visit("backoffice", _DISPUTE, "/disputes/{dispute_refused}", "owner"),
    Visit("backoffice", _DECIDE, "/disputes/{dispute_asked}/decide?choice=nothing", "owner"),
    Visit("backoffice", "/disputes/measures", "/disputes/measures", "owner"),
    Visit("backoffice", "/monitoring", "/monitoring?show=all", "owner"),
    Visit("backoffice", _ALERT, "/monitoring/alerts/{alert}", "owner"),
    Visit("backoffice", _ALERT, "/monitoring/alerts/{alert}", "owner", 200, a_form_too_old),
    Visit("backoffice", _RULES, "/monitoring/rules", "owner"),
    Visit("backoffice", _RULES, "/monitoring/rules", "owner", 200, a_rule_out_of_range),
    Visit("backoffice", "/monitoring/readings", "/monitoring/readings", "owner"),
    Visit(
        "backoffice", "/monitoring/readings", "/monitoring/readings", "owner", 200,
        readings_with_faults,
    ),
    Visit("backoffice", "/settings/notifications", "/settings/notifications", "owner"),
    Visit("backoffice", "/settings/team", "/settings/team", "owner"),
    Visit("backoffice", "/settings/jobs", "/settings/jobs", "owner"),
)  # fmt: skip

#: What a browser gets that is no page of its own.
NO_PAGES = {
    ("portal", "/selection"): "a part of the account",
    ("portal", "/l/{token:str}/{errand:str}"): "leads on to a page",
    ("portal", "/payments/{payment_id:uuid}/state"): "a part of the page after paying",
    ("portal", "/documents/{document_id:uuid}"): "a file",
    ("portal", "/dispute-files/{upload_id:uuid}"): "a file",
    ("portal", "/statement.pdf"): "a file",
    ("portal", "/payments/{payment_id:uuid}/receipt.pdf"): "a file",
    ("portal", "/plans/{plan_id:uuid}/agreement.pdf"): "a file",
    ("portal", "/plans/{plan_id:uuid}/card"): "leads back to the plan",
    ("portal", "/cards/saved"): "leads back to the cards",
    ("portal", "/brand/{name:str}"): "a style sheet",
    ("portal", "/health"): "for machines",
    ("backoffice", "/documents/{document_id:uuid}"): "a file",
    ("backoffice", "/dispute-files/{upload_id:uuid}"): "a file",
    ("backoffice", "/payments/{payment_id:uuid}/receipt.pdf"): "a file",
    ("backoffice", "/alerts/stream"): "a stream of parts",
    ("backoffice", "/sw.js"): "a script",
    ("backoffice", "/manifest.webmanifest"): "for browsers",
    ("backoffice", "/health"): "for machines",
}


def test_every_page_there_is_has_a_visit() -> None:
    faces = {"portal": portal.app.HANDLERS, "backoffice": backoffice.app.HANDLERS}
    pages = {
        (face, path)
        for face, handlers in faces.items()
        for handler in handlers
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
        for path in handler.paths
    }
    visited = {(visit.face, visit.route) for visit in VISITS}
    assert visited | set(NO_PAGES) == pages
    assert not visited & set(NO_PAGES)


class Visitors:
    """One browser that can be anybody, and what it complains of."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.rooms: Showroom = stack.enter_context(showroom(folder))
        self.browser: BrowserContext = stack.enter_context(
            chromium(folder / "profile", reduced_motion="reduce", locale="de-CH")
        )
        self.complaints = Complaints(self.browser)
        self.page = self.browser.new_page()
        self._devices = self.browser.new_cdp_session(self.page)
        self.cookies: dict[Who, list[Any]] = {"stranger": []}
        self.page.goto(self.rooms.portal + self.rooms.link)
        self.cookies["debtor"] = self._leave()
        self.page.goto(self.rooms.portal + self.rooms.payer_link)
        self.page.goto(f"{self.rooms.portal}/confirm?next=/cards")
        self.page.locator("form[action='/confirm/code'] button[type=submit]").first.click()
        self.page.locator("input[name=code]").fill(self.rooms.mailed_code())
        self.page.locator("form[action='/confirm'] button[type=submit]").click()
        self.page.wait_for_url("**/cards")
        self.cookies["payer"] = self._leave()
        self.page.goto(self.rooms.backoffice)
        self.page.locator("input[name=email]").fill(self.rooms.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("form[action='/sign-in'] button[type=submit]").click()
        expect(self.page.locator(".topbar")).to_be_visible()
        self.cookies["owner"] = self._leave()

    def _leave(self) -> list[Any]:
        cookies = self.browser.cookies()
        self.browser.clear_cookies()
        return cookies

    @contextmanager
    def text_of(self, pixels: int) -> Iterator[None]:
        """The browser's own setting for the size of text, which is 16 px as a rule."""
        self._devices.send("Page.setFontSizes", {"fontSizes": {"standard": pixels}})
        size = "getComputedStyle(document.documentElement).fontSize"
        assert self.page.evaluate(size) == f"{pixels}px"
        yield
        self._devices.send("Page.setFontSizes", {"fontSizes": {"standard": 16}})

    def go(self, visit: Visit) -> Page:
        """The page of a visit, folds opened, whatever was wrong before forgotten."""
        self.browser.clear_cookies()
        self.browser.add_cookies(self.cookies[visit.who])
        origin = self.rooms.portal if visit.face == "portal" else self.rooms.backoffice
        known = {
            **self.rooms.ids,
            **self.rooms.payments,
            "expired_link": self.rooms.expired_link,
            "confirm_link": self.rooms.confirm_link,
            "open_session": self.rooms.open_session,
        }
        self.complaints.heard.clear()
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light")
        answer = self.page.goto(origin + visit.path.format(**known))
        assert answer is not None
        assert answer.status == visit.status, visit.path
        if visit.act:
            visit.act(self.page)
        self.page.evaluate(OPEN_FOLDS)
        return self.page


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    with ExitStack() as stack:
        yield Visitors(stack, tmp_path_factory.mktemp("showroom"))


@pytest.mark.parametrize("visit", VISITS, ids=str)
def test_a_page_can_be_used_by_everybody(visitors: Visitors, visit: Visit) -> None:
    page = visitors.go(visit)
    wrong = objections_at(page, (1280, 360))
    wrong += _too_wide(page, 1280, 360, 320)
    with visitors.text_of(32):
        # 640 px of twice the text are 320 px of it.
        wrong += [f"text twice as large: {one}" for one in _too_wide(page, 1280, 640)]
    assert not wrong, "\n".join(wrong)
    expected = f"status of {visit.status}" if visit.status >= 400 else "status of 4"
    assert [one for one in visitors.complaints.heard if expected not in one] == []


def test_what_is_wrong_with_a_page_is_noticed(visitors: Visitors) -> None:
    """The control: a picture nobody can hear, a box too wide, and what the policy forbids."""
    page = visitors.go(Visit("backoffice", _SIGN_IN, "/sign-in", "stranger"))
    assert visitors.complaints.heard == []
    assert objections_at(page, (1280,)) == []
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    page.evaluate("document.querySelector('main').style.width = '400px'")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.querySelector('h1').style.color = 'rgb(50, 50, 50)'")

    wrong = objections_at(page, (1280,))
    assert [one for one in wrong if one.startswith("light 1280: image-alt")]
    assert [one for one in wrong if one.startswith("dark 1280: color-contrast")]
    assert _too_wide(page, 1280, 320)
    assert [one for one in visitors.complaints.heard if one.startswith("policy: style-src")]


def _too_wide(page: Page, *widths: int) -> list[str]:
    """At which widths one would have to scroll sideways."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if (more := page.evaluate(OVERFLOW)) > 0:
            found.append(f"{more} px wider than {width}")
    return found
