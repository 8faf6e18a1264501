"""Creditsafe over HTTP: the part of Connect that monitoring needs, and a page to change things."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get, post, put
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from sandbox.creditsafe.service import COMMON, RULES, Company, Creditsafe, Portfolio
from sandbox.web import Pages, SafeHeaders, to

PAGES = Pages(Path(__file__).parent, "Creditsafe")
AnyRequest = Request[Any, Any, Any]
FOLDER = "/v1/monitoring/portfolios/{portfolio_id:int}"


def create_app(creditsafe: Creditsafe) -> ASGIApp:
    handlers = [
        *_doors(creditsafe),
        *_portfolios(creditsafe),
        *_rules(creditsafe),
        *_pages(creditsafe),
    ]
    return SafeHeaders(
        Litestar([*handlers, PAGES.stylesheet()], openapi_config=None, logging_config=None)
    )


def _guard(creditsafe: Creditsafe) -> Any:
    def customers_only(
        connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
    ) -> None:
        _stumble(creditsafe)
        _, _space, token = connection.headers.get("authorization", "").partition(" ")
        if not creditsafe.knows(token):
            raise NotAuthorizedException("Invalid token.")

    return customers_only


def _doors(creditsafe: Creditsafe) -> list[Any]:
    guards = [_guard(creditsafe)]

    @post("/v1/authenticate", status_code=200)
    async def authenticate(request: AnyRequest) -> dict[str, str]:
        _stumble(creditsafe)
        sent = await request.json()
        token = creditsafe.authenticate(str(sent.get("username")), str(sent.get("password")))
        if token is None:
            raise NotAuthorizedException("Invalid username or password.")
        return {"token": token}

    @get("/v1/companies", guards=guards, sync_to_thread=False)
    def companies(request: AnyRequest) -> dict[str, Any]:
        asked = request.query_params
        country = asked.get("countries", "")
        if country not in creditsafe.countries:
            raise HTTPException("country not in your contract", status_code=403)
        found = creditsafe.find(
            reg_no=asked.get("regNo", ""), vat_no=asked.get("vatNo", ""), country=country
        )
        listed = [
            {"id": one.company_id, "country": one.country, "regNo": one.reg_no,
             "vatNo": [one.vat_no], "name": one.name, "status": one.status}
            for one in found
        ]  # fmt: skip
        return {"totalSize": len(listed), "companies": listed}

    @get("/v1/monitoring/eventRules/{country:str}", guards=guards, sync_to_thread=False)
    def rules(country: FromPath[str]) -> dict[str, Any]:
        return {"data": [_rule(code, name, country) for code, name in RULES]}

    @post("/_control/trouble", status_code=204)
    async def trouble(request: AnyRequest) -> None:
        """{"status": 429, "times": 2, "retry_after": 1}, any 5xx, 401 (tokens expire),
        {"slow": 3.0}, {"empty": true}.
        """
        wish = await request.json()
        if "empty" in wish:
            creditsafe.troubles.is_empty = bool(wish["empty"])
        elif "slow" in wish:
            creditsafe.troubles.dawdle(wish.get("times", 1), seconds=float(wish["slow"]))
        elif wish["status"] == 401:
            creditsafe.end_sessions()
        else:
            creditsafe.troubles.answer(
                wish["status"], wish.get("times", 1), retry_after=wish.get("retry_after", 0)
            )

    return [authenticate, companies, rules, trouble]


def _portfolios(creditsafe: Creditsafe) -> list[Any]:
    guards, portfolio_of = [_guard(creditsafe)], partial(_portfolio_of, creditsafe)

    @get("/v1/monitoring/portfolios", guards=guards, sync_to_thread=False)
    def listed(request: AnyRequest) -> dict[str, Any]:
        text = request.query_params.get("searchQuery", "")
        found = [one for one in creditsafe.portfolios.values() if text in one.name]
        return {
            "portfolios": [{"portfolioId": one.portfolio_id, "name": one.name} for one in found]
        }

    @post("/v1/monitoring/portfolios", guards=guards)
    async def make(request: AnyRequest) -> dict[str, Any]:
        made = creditsafe.add_portfolio(str((await request.json())["name"]))
        return {"portfolioId": made.portfolio_id, "name": made.name, "isDefault": False}

    @post(f"{FOLDER}/companies", guards=guards)
    async def add(portfolio_id: FromPath[int], request: AnyRequest) -> dict[str, Any]:
        company_id = str((await request.json())["id"])
        if company_id not in creditsafe.companies:
            raise NotFoundException(f"no company {company_id}")
        if not creditsafe.add_company(portfolio_of(portfolio_id), company_id):
            raise HTTPException("already in the portfolio", status_code=409)
        return {"id": company_id}

    @get(f"{FOLDER}/companies/{{company_id:str}}", guards=guards, sync_to_thread=False)
    def company(portfolio_id: FromPath[int], company_id: FromPath[str]) -> dict[str, Any]:
        if company_id not in portfolio_of(portfolio_id).companies:
            raise NotFoundException(f"no company {company_id}")
        return creditsafe.companies[company_id].in_portfolio(portfolio_id)

    @get(f"{FOLDER}/companies", guards=guards, sync_to_thread=False)
    def companies(portfolio_id: FromPath[int], request: AnyRequest) -> dict[str, Any]:
        ids = portfolio_of(portfolio_id).companies
        return _page(
            creditsafe,
            [creditsafe.companies[one].in_portfolio(portfolio_id) for one in ids],
            request,
        )

    return [listed, make, add, company, companies]


def _portfolio_of(creditsafe: Creditsafe, portfolio_id: int) -> Portfolio:
    found = creditsafe.portfolios.get(portfolio_id)
    if found is None:
        raise NotFoundException(f"no portfolio {portfolio_id}")
    return found


def _rules(creditsafe: Creditsafe) -> list[Any]:
    """What is asked to be told, and what there is to tell."""
    guards, portfolio_of = [_guard(creditsafe)], partial(_portfolio_of, creditsafe)

    @get(f"{FOLDER}/eventRules/{{country:str}}", guards=guards, sync_to_thread=False)
    def rules(portfolio_id: FromPath[int], country: FromPath[str]) -> dict[str, Any]:
        on = portfolio_of(portfolio_id).rules.get(country, ())
        return {
            "data": [
                {**_rule(code, name, country), "isActive": int(code in on)} for code, name in RULES
            ]
        }

    @put(f"{FOLDER}/eventRules/{{country:str}}", guards=guards, status_code=204)
    async def change_rules(
        portfolio_id: FromPath[int], country: FromPath[str], request: AnyRequest
    ) -> None:
        sent = await request.json()
        codes = [int(one["ruleCode"]) for one in sent if one.get("isActive") == 1]
        creditsafe.switch_on(portfolio_of(portfolio_id), country, codes)

    @get(f"{FOLDER}/notificationEvents", guards=guards, sync_to_thread=False)
    def events(portfolio_id: FromPath[int], request: AnyRequest) -> dict[str, Any]:
        portfolio_of(portfolio_id)
        asked = request.query_params
        since, until = (_moment(asked.get(name, "")) for name in ("startDate", "endDate"))
        found = creditsafe.notified(portfolio_id, since=since, until=until)
        return _page(creditsafe, found, request)

    return [rules, change_rules, events]


def _page(creditsafe: Creditsafe, items: list[Any], request: AnyRequest) -> dict[str, Any]:
    asked = request.query_params
    items = [] if creditsafe.troubles.is_empty else items
    size = min(int(asked.get("pageSize", 50)), creditsafe.page_limit)
    page = int(asked.get("page", 0))
    last = max(0, (len(items) - 1) // size)
    return {
        "totalCount": len(items),
        "data": items[page * size : (page + 1) * size],
        "paging": {
            "size": size,
            "prev": page - 1 if page else None,
            "next": page + 1 if page < last else None,
            "last": last,
        },
    }


def _rule(code: int, name: str, country: str) -> dict[str, Any]:
    return {"ruleCode": code, "ruleName": name, "ruleCountryCode": country}


def _pages(creditsafe: Creditsafe) -> list[Any]:
    def company_or_404(company_id: str) -> Company:
        found = creditsafe.companies.get(company_id)
        if found is None:
            raise NotFoundException(f"no company {company_id}")
        return found

    @get("/", sync_to_thread=False)
    def index() -> Response[str]:
        listed = sorted(creditsafe.companies.values(), key=lambda one: one.name)
        return PAGES.page("companies.html", companies=listed)

    @get("/companies/{company_id:str}", sync_to_thread=False)
    def show(company_id: FromPath[str]) -> Response[str]:
        return PAGES.page("company.html", company=company_or_404(company_id), common=COMMON)

    @post("/companies/{company_id:str}")
    async def change(company_id: FromPath[str], request: AnyRequest) -> Response[None]:
        company_or_404(company_id)
        form = await request.form()
        common, limit = str(form.get("common", "")), str(form.get("limit", "")).strip()
        creditsafe.rate(
            company_id,
            common=common if common in COMMON else None,
            local=str(form.get("local", "")).strip()[:10] or None,
            limit=int(limit) if limit.isdecimal() and len(limit) < 12 else None,
            status=str(form.get("status", "")).strip()[:60] or None,
        )
        return to(f"/companies/{company_id}")

    return [index, show, change]


def _stumble(creditsafe: Creditsafe) -> None:
    met = creditsafe.troubles.met()
    if met:
        status, retry_after = met
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        raise HTTPException("try again later", status_code=status, headers=headers)


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007 - compared as text
    except ValueError:
        raise HTTPException(f"not a moment: {text[:40]!r}", status_code=400) from None
