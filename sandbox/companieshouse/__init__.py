"""Companies House on one machine: company profiles and insolvency cases; all of them made up.

In a test, `with start([Company("01234567", "Made Up Ltd")]) as running:` gives `running.house` and
`running.url`.
"""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from litestar import Litestar, Request, get
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.params import FromPath
from litestar.types import ASGIApp

from sandbox.clock import Now, system_now
from sandbox.serving import Served, serve
from sandbox.troubles import Troubles
from sandbox.web import SafeHeaders

KEY = "sandbox-key"
#: So many requests in any five minutes, then 429 until the window has passed.
MOST, WINDOW = 600, timedelta(minutes=5)

AnyRequest = Request[Any, Any, Any]


@dataclass(slots=True)
class Company:
    """A company as the register has it; `cases` are as the insolvency resource lists them."""

    number: str
    name: str
    status: str = "active"
    accounts: dict[str, Any] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)
    ceased_on: str | None = None

    def profile(self) -> dict[str, Any]:
        links = {"self": f"/company/{self.number}"}
        if self.cases:
            links["insolvency"] = f"/company/{self.number}/insolvency"
        return {
            "company_number": self.number,
            "company_name": self.name,
            "company_status": self.status,
            "type": "ltd",
            "accounts": self.accounts,
            "has_insolvency_history": bool(self.cases),
            "registered_office_address": {"locality": "London"},
            "links": links,
            **({"date_of_cessation": self.ceased_on} if self.ceased_on else {}),
        }


class House:
    """The register, with its rate limit."""

    def __init__(self, companies: Iterable[Company] = (), *, now: Now = system_now) -> None:
        self.companies = {one.number: one for one in companies}
        self.troubles = Troubles()
        self.asked = 0
        self._now = now
        self._lately: deque[Any] = deque()

    def is_over_limit(self) -> bool:
        now = self._now()
        while self._lately and self._lately[0] <= now - WINDOW:
            self._lately.popleft()
        if len(self._lately) >= MOST:
            return True
        self._lately.append(now)
        self.asked += 1
        return False


def create_app(house: House) -> ASGIApp:
    def company_of(request: AnyRequest, number: str) -> Company:
        met = house.troubles.met()
        if met:
            headers = {"Retry-After": str(met[1])} if met[1] else {}
            raise HTTPException("try again later", status_code=met[0], headers=headers)
        if house.is_over_limit():
            raise HTTPException("too many requests", status_code=429)
        if request.headers.get("authorization") != _basic(KEY):
            raise NotAuthorizedException("Invalid Authorization")
        found = house.companies.get(number)
        if found is None:
            raise NotFoundException("company-profile-not-found")
        return found

    @get("/company/{number:str}", sync_to_thread=False)
    def profile(number: FromPath[str], request: AnyRequest) -> dict[str, Any]:
        return company_of(request, number).profile()

    @get("/company/{number:str}/insolvency", sync_to_thread=False)
    def insolvency(number: FromPath[str], request: AnyRequest) -> dict[str, Any]:
        company = company_of(request, number)
        if not company.cases:
            raise NotFoundException("company-insolvencies-not-found")
        return {"cases": company.cases, "status": [company.status]}

    return SafeHeaders(Litestar([profile, insolvency], openapi_config=None, logging_config=None))


def _basic(key: str) -> str:
    return f"Basic {b64encode(f'{key}:'.encode()).decode()}"


class RunningHouse:
    def __init__(self, house: House, served: Served) -> None:
        self.house, self.url = house, served.url
        self._served = served

    def close(self) -> None:
        self._served.close()

    def __enter__(self) -> RunningHouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    companies: Iterable[Company] = (), *, port: int = 0, now: Now = system_now
) -> RunningHouse:
    """Listen on loopback; port 0 takes a free one."""
    house = House(companies, now=now)
    return RunningHouse(house, serve(create_app(house), port=port))
