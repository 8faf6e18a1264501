"""One browser in which anybody visits the showroom, and what keeps somebody from using a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from litestar.types import ControllerRouterHandler
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.support.axe import AXE, Scheme, objections_on
from tests.support.builders import PASSWORD
from tests.support.chromium import chromium
from tests.support.complaints import Complaints
from tests.support.showroom import Showroom, showroom
from tests.support.visits import Visit, Who, routes, visited

_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_OPEN_FOLDS = 'document.querySelectorAll("main details").forEach((one) => { one.open = true; })'
DESK, PHONE, NARROWEST = 1280, 360, 320


def _looks(visit: Visit, *, thorough: bool) -> dict[int, Sequence[Scheme]]:
    """How axe sees a page at which width; half of all pages the other way round."""
    if thorough:
        return {DESK: ("light", "dark"), PHONE: ("light", "dark")}
    first, second = (DESK, PHONE) if crc32(str(visit).encode()) % 2 else (PHONE, DESK)
    return {first: ("light",), second: ("dark",)}


@contextmanager
def visitors(folder: Path, **options: Any) -> Iterator[Visitors]:
    """A showroom and its visitors, until the block ends; `options` are the browser's."""
    with ExitStack() as stack:
        rooms = stack.enter_context(showroom(folder))
        browser = stack.enter_context(
            chromium(folder / "profile", reduced_motion="reduce", locale="de-CH", **options)
        )
        yield Visitors(rooms, browser)


class Visitors:
    """Whoever visits comes in once; `complaints` is what the browser had to say since."""

    def __init__(self, rooms: Showroom, browser: BrowserContext) -> None:
        self.rooms = rooms
        self.browser = browser
        self.complaints = Complaints(browser)
        browser.add_init_script(AXE)
        self.page = browser.new_page()
        self._document: Response | None = None
        self.page.on("response", self._remember)
        self._devices = browser.new_cdp_session(self.page)
        self._cookies: dict[Who, list[Any]] = {}
        self._language = ""

    def speak(self, language: str) -> None:
        """From here on everybody has chosen this language."""
        self.be("owner")
        self.page.goto(self.rooms.backoffice)
        choice = self.page.locator(f"form[action='/language'] button[value={language}]").first
        choice.evaluate("(button) => button.click()")
        expect(self.page.locator(f"html[lang|={language}]")).to_be_attached()
        self._language = language

    def go(self, visit: Visit) -> Page:
        """The page of a visit, folds opened, whatever was wrong before forgotten."""
        self.be(visit.who)
        self.complaints.heard.clear()
        self.page.set_viewport_size({"width": DESK, "height": 900})
        answer = self.page.goto(self.address(visit))
        assert answer is not None
        assert answer.status == visit.status, visit.path
        if visit.act:
            visit.act(self.page)
        self.page.evaluate(_OPEN_FOLDS)
        return self.page

    def address(self, visit: Visit) -> str:
        rooms = self.rooms
        origin = rooms.portal if visit.face == "portal" else rooms.backoffice
        return origin + visit.path.format(**rooms.ids, **rooms.payments, **rooms.tokens)

    def be(self, who: Who) -> list[Any]:
        """From here on the browser is theirs alone; the cookies that say so."""
        if who not in self._cookies:
            self.browser.clear_cookies()
            self._come_in(who)
            self._cookies[who] = self.browser.cookies()
        self.browser.clear_cookies()
        self.browser.add_cookies(self._cookies[who])
        if self._language:
            chosen = {"value": self._language, "url": self.rooms.portal}
            for face in ("portal", "backoffice"):
                self.browser.add_cookies([{"name": f"{face}-language", **chosen}])
        return self._cookies[who]

    def objections(self, visit: Visit, *, thorough: bool) -> list[str]:
        """What keeps somebody from using this page: what axe finds, in light and in dark, on a
        desk and on a phone (unless `thorough`, on one of them in light, on the other in dark);
        what is wider than the screen, down to 320 px and with text twice as large; what the
        browser complained of.
        """
        looks = _looks(visit, thorough=thorough)
        page = self.go(visit)
        wrong = []
        for width in (DESK, PHONE, NARROWEST):
            wrong += self.too_wide(width)
            if width in looks:
                found = objections_on(page, looks[width])
                wrong += [f"{width} px, {one}" for one in found]
        with self._text_of(32):
            # 640 px of twice the text are 320 px of it.
            for width in (DESK, 2 * NARROWEST):
                wrong += [f"text twice as large: {one}" for one in self.too_wide(width)]
        expected = f"status of {visit.status}" if visit.status >= 400 else "status of 4"
        return wrong + [one for one in self.complaints.heard if expected not in one]

    def too_wide(self, width: int) -> list[str]:
        """Whether one would have to scroll sideways at this width."""
        self.page.set_viewport_size({"width": width, "height": 800})
        more = self.page.evaluate(_OVERFLOW)
        return [f"{more} px wider than {width}"] if more > 0 else []

    def document(self) -> str:
        """The page in view as it was sent."""
        assert self._document is not None
        return self._document.text()

    def _remember(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and not 300 <= answer.status < 400:
            self._document = answer

    @contextmanager
    def _text_of(self, pixels: int) -> Iterator[None]:
        """The browser's own setting for the size of text, which is 16 px as a rule."""
        self._devices.send("Page.setFontSizes", {"fontSizes": {"standard": pixels}})
        size = "getComputedStyle(document.documentElement).fontSize"
        assert self.page.evaluate(size) == f"{pixels}px"
        yield
        self._devices.send("Page.setFontSizes", {"fontSizes": {"standard": 16}})

    def _come_in(self, who: Who) -> None:
        if who == "debtor":
            self.page.goto(self.rooms.portal + self.rooms.link)
        elif who == "payer":
            self.page.goto(self.rooms.portal + self.rooms.payer_link)
            self._confirm()
        elif who == "owner":
            self._sign_in()

    def _confirm(self) -> None:
        """The code by mail, so that saved cards and plans are shown."""
        self.page.goto(f"{self.rooms.portal}/confirm?next=/cards")
        self.page.locator("form[action='/confirm/code'] button[type=submit]").first.click()
        self.page.locator("input[name=code]").fill(self.rooms.mailed_code())
        self.page.locator("form[action='/confirm'] button[type=submit]").click()
        self.page.wait_for_url("**/cards")

    def _sign_in(self) -> None:
        self.page.goto(self.rooms.backoffice)
        self.page.locator("input[name=email]").fill(self.rooms.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("form[action='/sign-in'] button[type=submit]").click()
        expect(self.page.locator(".topbar")).to_be_visible()


def each_page(
    visits: Sequence[Visit], handlers: Iterable[ControllerRouterHandler]
) -> Iterator[Any]:
    """As parameters: every page in the gate; what is another look at one of them, with other rows
    in it and nobody doing anything, in the long runs.
    """
    there, seen = routes(handlers), set()
    for visit in visits:
        page = (*visited([visit], there), visit.who, visit.status)
        again = visit.act is None and page in seen
        seen.add(page)
        yield pytest.param(visit, id=str(visit), marks=pytest.mark.proof if again else ())
