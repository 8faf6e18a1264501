"""The gazettes over HTTP: the two APIs, as far as they are asked, and pages to publish on."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp

from sandbox.gazettes.shapes import listing, publication, record
from sandbox.gazettes.store import FRENCH, SWISS, Company, Gazettes
from sandbox.web import Pages, SafeHeaders, to

PAGES = Pages(Path(__file__).parent, "Gazettes")

#: What the open data gives at most. Source: Opendatasoft, Explore API v2.1.
MOST_RECORDS, REACH = 100, 10_000
#: What the Swiss portal gives at most.
MOST_LISTED = 2000

AnyRequest = Request[Any, Any, Any]


def create_app(gazettes: Gazettes) -> ASGIApp:
    """`gazettes` as an ASGI application."""
    handlers = [
        _french(gazettes), *_swiss(gazettes), *_pages(gazettes), _control(gazettes),
        PAGES.stylesheet(),
    ]  # fmt: skip
    return SafeHeaders(Litestar(handlers, openapi_config=None, logging_config=None))


def _french(gazettes: Gazettes) -> Any:
    @get("/api/explore/v2.1/catalog/datasets/annonces-commerciales/records", sync_to_thread=False)
    def records(request: AnyRequest) -> dict[str, Any]:
        _stumble(gazettes)
        asked = request.query_params
        where = asked.get("where", "")
        limit, offset = _number(asked.get("limit", "10")), _number(asked.get("offset", "0"))
        if limit > MOST_RECORDS or offset + limit > REACH:
            raise HTTPException("beyond what can be asked for", status_code=400)
        sirens = set(re.findall(r'registre="(\d{9})"', where))
        families = set(re.findall(r'familleavis="(\w+)"', where))
        since = re.search(r"dateparution>=date'(\d{4}-\d{2}-\d{2})'", where)
        found = [
            record(one, gazettes.notice(one.annuls) if one.annuls else None)
            for one in gazettes.published("FR", date.fromisoformat(since[1]) if since else date.min)
            if one.company.number in sirens
        ]
        told = [one for one in found if not families or one["familleavis"] in families]
        return {"total_count": len(told), "results": told[offset : offset + limit]}

    return records


def _swiss(gazettes: Gazettes) -> list[Any]:
    @get("/api/v1/publications/xml", sync_to_thread=False)
    def listed(request: AnyRequest) -> Response[str]:
        _stumble(gazettes)
        asked = request.query_params
        states = set(asked.getall("publicationStates", []))
        if not states:
            raise HTTPException("unauthorized", status_code=401)
        size = min(_number(asked.get("pageRequest.size", "20")), MOST_LISTED)
        page = _number(asked.get("pageRequest.page", "0"))
        found = [
            one
            for one in gazettes.published(
                "CH",
                date.fromisoformat(asked.get("publicationDate.start", "2000-01-01")),
                date.fromisoformat(asked.get("publicationDate.end", "2999-12-31")),
            )
            if one.what[:2] in asked.getall("rubrics", [])
            and ("CANCELLED" if one.is_cancelled else "PUBLISHED") in states
            and asked.get("keyword", "").casefold() in one.company.name.casefold()
        ]
        return _xml(listing(found[page * size : (page + 1) * size], len(found), page, size))

    @get("/api/v1/publications/{key:str}/xml", sync_to_thread=False)
    def whole(key: FromPath[str]) -> Response[str]:
        _stumble(gazettes)
        for one in gazettes.published("CH", date.min):
            if one.uuid == key:
                return _xml(publication(one))
        raise NotFoundException(f"no publication {key}")

    return [listed, whole]


def _pages(gazettes: Gazettes) -> list[Any]:
    def kinds_of(company: Company) -> dict[str, str]:
        return dict(FRENCH if company.country == "FR" else SWISS)

    def company_or_404(number: str) -> Company:
        try:
            return gazettes.company(number)
        except KeyError:
            raise NotFoundException(f"no company {number}") from None

    @get("/", sync_to_thread=False)
    def index(request: AnyRequest) -> Response[str]:
        text = request.query_params.get("name", "")
        return PAGES.page("companies.html", text=text, companies=gazettes.companies(text))

    @get("/companies/{number:str}", sync_to_thread=False)
    def show(number: FromPath[str]) -> Response[str]:
        company = company_or_404(number)
        return PAGES.page(
            "company.html",
            company=company,
            kinds=kinds_of(company),
            notices=gazettes.about(number),
        )

    @post("/companies/{number:str}")
    async def publish(number: FromPath[str], request: AnyRequest) -> Response[None]:
        company_or_404(number)
        form = await request.form()
        try:
            gazettes.publish(number, str(form.get("what", "")))
        except ValueError as error:
            raise HTTPException(str(error), status_code=400) from error
        return to(f"/companies/{number}")

    @post("/notices/{serial:int}/take-back", sync_to_thread=False)
    def take_back(serial: FromPath[int]) -> Response[None]:
        try:
            notice = gazettes.notice(serial)
        except ValueError:
            raise NotFoundException(f"no notice {serial}") from None
        gazettes.take_back(serial)
        return to(f"/companies/{notice.company.number}")

    return [index, show, publish, take_back]


def _control(gazettes: Gazettes) -> Any:
    @post("/_control/trouble", status_code=204)
    async def trouble(request: AnyRequest) -> None:
        """{"status": 429, "times": 2, "retry_after": 1}, and 503 likewise."""
        wish = await request.json()
        if wish["status"] == 429:
            gazettes.refuse(wish.get("times", 1), retry_after=wish.get("retry_after", 1))
        else:
            gazettes.break_down(wish.get("times", 1))

    return trouble


def _stumble(gazettes: Gazettes) -> None:
    trouble = gazettes.trouble()
    if trouble:
        status, retry_after = trouble
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        raise HTTPException("try again later", status_code=status, headers=headers)


def _xml(text: str) -> Response[str]:
    return Response(text, media_type="application/xml")


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise HTTPException(f"not a number: {text[:20]!r}", status_code=400)
    return int(text)
