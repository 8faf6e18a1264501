"""The demo's one page: it says what to click, moves the clock, and gives out files."""

from __future__ import annotations

import re
import string
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, expect

from sandbox.guide import GuideLinks, create_app
from sandbox.guide.words import LANGUAGES, WORDS, language_of
from sandbox.serving import Served, serve
from sandbox.story import HeroKind, tell
from tests.support.chromium import chromium

STORY = tell(date(2026, 11, 23))
LEAD = STORY.suppliers[0]
LINKS = GuideLinks(
    story=STORY,
    backoffice="http://127.0.0.1:8001",
    portal="http://127.0.0.1:8002",
    mailbox="http://127.0.0.1:8003",
    bureau="http://127.0.0.1:8004",
    stripe="http://127.0.0.1:8005",
    pushservice="http://127.0.0.1:8006",
    gazettes="http://127.0.0.1:8007",
    creditsafe="http://127.0.0.1:8008",
)


class DemoClock:
    """Moves by whole days, when nobody else is moving it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
        self._moving = threading.Lock()

    def today(self) -> datetime:
        return self.now

    def next_day(self) -> None:
        assert self._moving.acquire(blocking=False), "two days pass at once"
        self.now += timedelta(days=1)
        self._moving.release()


@pytest.fixture
def clock() -> DemoClock:
    return DemoClock()


@pytest.fixture
def served(clock: DemoClock) -> Iterator[Served]:
    app = create_app(LINKS, clock.today, clock.next_day, STORY.sample_files())
    with serve(app, lifespan="off") as running:
        yield running


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url) as reader:
        yield reader


def press(client: httpx.Client, days: str, **form: str) -> httpx.Response:
    text = client.get("/").text
    seen = re.search(r'name="seen" value="([\d-]+)"', text)
    assert seen is not None
    return client.post("/days", data={"days": days, "seen": seen[1], "lang": "en", **form})


def test_it_says_what_to_click_and_who_can_sign_in(client: httpx.Client) -> None:
    answer = client.get("/")

    text = unescape(answer.text)
    for supplier in STORY.suppliers:
        for person in supplier.staff:
            assert f"<code>{person.email}</code>" in text
            assert f"<code>{person.password}</code>" in text
    falls = LEAD.hero(HeroKind.FALLS)
    assert f'href="http://127.0.0.1:8004/bureau/{falls.bureau_id}"' in text
    assert 'href="http://127.0.0.1:8003/?to=compta%40atelier-dubois.example"' in text
    assert len(re.findall(r"<h3>", text)) == 8
    assert "Monday, 23 November 2026" in text
    assert "07:30 in Lausanne" in text


def test_a_day_passes_once_however_often_its_button_is_pressed(
    client: httpx.Client, clock: DemoClock
) -> None:
    form = {"days": "1", "seen": "2026-11-23", "lang": "fr", "at": "day"}

    first = client.post("/days", data=form)
    again = client.post("/days", data=form)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == "/?lang=fr&passed=1&at=day#day"
    assert "passed=stale" in again.headers["location"]
    assert clock.now.date() == date(2026, 11, 24)
    assert "Un jour a passé" in client.get(first.headers["location"]).text
    assert press(client, "1").status_code == 303
    assert clock.now.date() == date(2026, 11, 25)


def test_a_week_is_seven_days_one_after_the_other(client: httpx.Client, clock: DemoClock) -> None:
    assert press(client, "7").headers["location"] == "/?lang=en&passed=7&at=clock#clock"

    assert clock.now.date() == date(2026, 11, 30)
    assert "7 days into the story" in client.get("/").text


def test_the_clock_moves_only_for_the_buttons_of_this_page(
    client: httpx.Client, clock: DemoClock
) -> None:
    form = {"days": "1", "seen": "2026-11-23"}
    from_elsewhere = {"sec-fetch-site": "cross-site"}

    assert client.post("/days", data=form, headers=from_elsewhere).status_code == 403
    assert client.post("/days", data={**form, "days": "365"}).status_code == 404
    assert client.post("/days", data={**form, "at": "//elsewhere"}).status_code == 404
    assert client.get("/days").status_code == 405
    assert clock.now.date() == date(2026, 11, 23)


def test_the_sample_files_are_downloaded_as_they_are(client: httpx.Client) -> None:
    for name, content in STORY.sample_files():
        answer = client.get(f"/files/{name}")
        assert answer.content == content
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert client.get("/files/pyproject.toml").status_code == 404


def test_every_answer_forbids_what_is_inline_or_from_elsewhere(client: httpx.Client) -> None:
    for path in ("/", "/sandbox.css", "/nothing"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", client.get("/").text)


def test_the_reader_chooses_the_language_else_the_browser_does(client: httpx.Client) -> None:
    asked = client.get("/", headers={"accept-language": "it, de-CH;q=0.9, en;q=0.5"}).text
    assert '<html lang="de">' in asked
    assert '<html lang="fr">' in client.get("/?lang=fr", headers={"accept-language": "de"}).text
    assert language_of("tlh", "") == "en"
    assert language_of("", "nl, fr;q=0, de;q=0.1, x;q=high") == "de"


def test_all_languages_say_the_same_things_about_the_same_people() -> None:
    def blanks(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english = WORDS["en"]
    for language in LANGUAGES:
        words = WORDS[language]
        assert words.keys() == english.keys()
        assert {key: blanks(text) for key, text in words.items()} == {
            key: blanks(text) for key, text in english.items()
        }


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    profile: Path = tmp_path_factory.mktemp("guide")
    with chromium(profile, java_script_enabled=True) as context:
        yield context


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_on_the_page_is_hard_to_use(
    served: Served, browser: BrowserContext, language: str
) -> None:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = browser.new_page()
    page.on("console", listen)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{served.url}/?lang={language}&passed=1&at=day#day")
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, f"wider than {width}"
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    assert complaints == []
    page.close()


def test_a_reader_lets_a_day_pass_from_the_step_about_it(
    served: Served, browser: BrowserContext, clock: DemoClock
) -> None:
    page = browser.new_page()
    page.goto(f"{served.url}/?lang=fr")

    page.locator("#day").get_by_role("button", name="Laisser passer un jour").click()

    expect(page.get_by_role("status")).to_have_text(WORDS["fr"]["passed_1"])
    expect(page.locator("#day").get_by_role("status")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Courrier pour Atelier Dubois")).to_be_in_viewport()
    assert clock.now.date() == date(2026, 11, 24)
    page.close()
