"""The page over HTTP: shown, clock moved on, files given out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Litestar, Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromPath
from litestar.types import ASGIApp

from sandbox.guide.page import GuideLinks, page_of
from sandbox.guide.words import LANGUAGES, language_of
from sandbox.story import SampleFile
from sandbox.web import Pages, SafeHeaders, to

PAGES = Pages(Path(__file__).parent, "Quittance")

AnyRequest = Request[Any, Any, Any]

#: Where the buttons are: at the clock, and in the step about it.
_PLACES = ("clock", "day")
_LENGTHS = {"1": 1, "7": 7}


def create_app(
    links: GuideLinks,
    today: Callable[[], datetime],
    next_day: Callable[[], None],
    samples: Sequence[SampleFile],
) -> ASGIApp:
    """The page as an ASGI application.

    `today` tells the demo's time, aware; `next_day` moves it by one day and returns when the
    clock has moved. Days pass one after the other, and never twice for a button pressed twice.
    """
    handlers = [
        _show(links, today, samples),
        _pass_days(links, today, next_day),
        _files(samples),
        PAGES.stylesheet(),
    ]
    return SafeHeaders(Litestar(handlers, openapi_config=None, logging_config=None))


def _here(links: GuideLinks, today: Callable[[], datetime]) -> datetime:
    return today().astimezone(ZoneInfo(links.lead.zone))


def _show(links: GuideLinks, today: Callable[[], datetime], samples: Sequence[SampleFile]) -> Any:
    @get("/", sync_to_thread=True)
    def show(request: AnyRequest) -> Response[str]:
        asked = request.query_params
        language = language_of(asked.get("lang", ""), request.headers.get("accept-language", ""))
        page = page_of(
            links,
            samples,
            language,
            _here(links, today),
            passed=asked.get("passed", ""),
            pressed_at="day" if asked.get("at") == "day" else "clock",
        )
        return PAGES.page(
            "guide.html",
            headers={"content-language": language, "vary": "accept-language"},
            page=page,
            w=page.words,
            languages=LANGUAGES,
        )

    return show


def _pass_days(
    links: GuideLinks, today: Callable[[], datetime], next_day: Callable[[], None]
) -> Any:
    one_at_a_time = threading.Lock()

    def pass_days(days: int, seen: str) -> bool:
        """False when the clock does not stand where the page says."""
        with one_at_a_time:
            if _here(links, today).date().isoformat() != seen:
                return False
            for _ in range(days):
                next_day()
            return True

    @post("/days")
    async def days(request: AnyRequest) -> Response[None]:
        """Moves the clock. Forms of other sites are turned away."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise PermissionDeniedException("press the button on the demo's own page")
        form = await request.form()
        length = str(form.get("days", ""))
        language = language_of(str(form.get("lang", "")), "")
        place = str(form.get("at", "clock"))
        if length not in _LENGTHS or place not in _PLACES:
            raise NotFoundException("no such button")
        moved = await sync_to_thread(pass_days, _LENGTHS[length], str(form.get("seen", "")))
        passed = length if moved else "stale"
        return to(f"/?lang={language}&passed={passed}&at={place}#{place}")

    return days


def _files(samples: Sequence[SampleFile]) -> Any:
    contents = {sample.name: sample.content for sample in samples}

    @get("/files/{name:str}", sync_to_thread=False)
    def file(name: FromPath[str]) -> Response[bytes]:
        if name not in contents:
            raise NotFoundException("no such file")
        kind = "text/csv" if name.endswith(".csv") else "application/xml"
        return Response(
            contents[name],
            media_type=f"{kind}; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return file
