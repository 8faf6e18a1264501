"""The bureau over HTTP: the API its customers use, and pages to change a score by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from sandbox.bureau.service import STATUSES, Bureau
from sandbox.bureau.store import Company
from sandbox.web import Pages, SafeHeaders, to

PAGES = Pages(Path(__file__).parent, "Helvetia Scoring")

#: The most events in one answer.
PAGE_LIMIT = 100

AnyRequest = Request[Any, Any, Any]


def create_app(bureau: Bureau, *, changed: Callable[[], None] = lambda: None) -> ASGIApp:
    """`bureau` as an ASGI application; `changed` is called after a change by hand."""
    handlers = [*_api(bureau), *_pages(bureau, changed), _control(bureau), PAGES.stylesheet()]
    return SafeHeaders(Litestar(handlers, openapi_config=None, logging_config=None))


def _api(bureau: Bureau) -> list[Any]:
    store = bureau.store

    def customers_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        _stumble(bureau)
        scheme, _space, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not bureau.knows(token):
            raise NotAuthorizedException("authenticate first")

    @post("/authenticate", status_code=200)
    async def authenticate(request: AnyRequest) -> dict[str, str]:
        _stumble(bureau)
        sent = await request.json()
        token = bureau.authenticate(str(sent.get("username", "")), str(sent.get("password", "")))
        if token is None:
            raise NotAuthorizedException("wrong username or password")
        return {"token": token}

    @get("/companies", guards=[customers_only], sync_to_thread=False)
    def companies(request: AnyRequest) -> dict[str, Any]:
        asked = request.query_params
        found = store.companies(
            registration_number=asked.get("registration_number", ""),
            country=asked.get("country", ""),
            text=asked.get("name", ""),
        )
        return {"companies": [company.as_json() for company in found[:PAGE_LIMIT]]}

    @get("/companies/{company_id:str}", guards=[customers_only], sync_to_thread=False)
    def company(company_id: FromPath[str]) -> dict[str, Any]:
        return _company_or_404(bureau, company_id).as_json()

    @post(
        "/monitoring/portfolios/{portfolio_id:str}/companies",
        guards=[customers_only],
        status_code=200,
    )
    async def watch(portfolio_id: FromPath[str], request: AnyRequest) -> dict[str, Any]:
        wanted = [str(company_id) for company_id in (await request.json())["company_ids"]]
        known = [company_id for company_id in wanted if store.company(company_id)]
        store.watch(portfolio_id, known)
        unknown = [company_id for company_id in wanted if company_id not in known]
        return {"watched": store.watched(portfolio_id), "unknown": unknown}

    @get(
        "/monitoring/portfolios/{portfolio_id:str}/events",
        guards=[customers_only],
        sync_to_thread=False,
    )
    def events(portfolio_id: FromPath[str], request: AnyRequest) -> dict[str, Any]:
        since = _number(request.query_params.get("since", "0"))
        limit = min(_number(request.query_params.get("limit", str(PAGE_LIMIT))), PAGE_LIMIT)
        found = store.events(portfolio_id=portfolio_id, since=since, limit=limit + 1)
        page = found[:limit]
        return {
            "events": [event.as_json() for event in page],
            "next": page[-1].event_id if page else since,
            "more": len(found) > limit,
        }

    return [authenticate, companies, company, watch, events]


def _pages(bureau: Bureau, changed: Callable[[], None]) -> list[Any]:
    store = bureau.store

    def page_of(company: Company, problem: str = "") -> Response[str]:
        return PAGES.page(
            "company.html",
            status=400 if problem else 200,
            company=company,
            events=store.history(company.company_id),
            statuses=STATUSES,
            problem=problem,
        )

    @get("/", sync_to_thread=False)
    def index(request: AnyRequest) -> Response[str]:
        text = request.query_params.get("name", "")
        return PAGES.page("companies.html", text=text, companies=store.companies(text=text))

    @get("/bureau/{company_id:str}", sync_to_thread=False)
    def show(company_id: FromPath[str]) -> Response[str]:
        return page_of(_company_or_404(bureau, company_id))

    @post("/bureau/{company_id:str}")
    async def change(
        company_id: FromPath[str], request: AnyRequest
    ) -> Response[str] | Response[None]:
        company = _company_or_404(bureau, company_id)
        form = await request.form()
        score, limit = str(form.get("score", "")).strip(), str(form.get("limit", "")).strip()
        try:
            bureau.rate(
                company.registration_number,
                int(score) if score else None,
                credit_limit=int(limit) if limit else None,
                status=str(form.get("status", company.status)),
            )
        except ValueError as error:
            return page_of(company, f"Not changed: {error}.")
        changed()
        return to(f"/bureau/{company_id}")

    return [index, show, change]


def _control(bureau: Bureau) -> Any:
    @post("/_control/trouble", status_code=204)
    async def trouble(request: AnyRequest) -> None:
        """{"status": 429, "times": 2, "retry_after": 1}, 503 likewise, or 401: tokens expire."""
        wish = await request.json()
        if wish["status"] == 429:
            bureau.refuse(wish.get("times", 1), retry_after=wish.get("retry_after", 1))
        elif wish["status"] == 503:
            bureau.break_down(wish.get("times", 1))
        else:
            bureau.end_sessions()

    return trouble


def _stumble(bureau: Bureau) -> None:
    trouble = bureau.trouble()
    if trouble:
        status, retry_after = trouble
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        raise HTTPException("try again later", status_code=status, headers=headers)


def _company_or_404(bureau: Bureau, company_id: str) -> Company:
    company = bureau.store.company(company_id)
    if company is None:
        raise NotFoundException(f"no company {company_id}")
    return company


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise HTTPException(f"not a number: {text[:20]!r}", status_code=400)
    return int(text)
