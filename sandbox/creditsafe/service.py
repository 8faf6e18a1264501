"""What Creditsafe does: knows companies, keeps portfolios, and notes events that rules ask for."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.clock import Now, system_now
from sandbox.troubles import Troubles

#: Code and name of the rules that can be switched on, for every country here.
RULES = (
    (101, "International Rating |Reduce by {0} Band(s) OR Less than Band {1}"),
    (102, "Credit Limit |Reduce by {1}% OR Less than {2}"),
    (105, "Address"),
    (107, "Director(s)"),
    (1801, "Company Status"),
    (1802, "Judgments"),
)
COMMON = ("A", "B", "C", "D", "E")


@dataclass(frozen=True, slots=True)
class Company:
    """A company as it stands: the common value A to E and the score of its own country."""

    company_id: str
    country: str
    reg_no: str
    vat_no: str
    name: str
    common: str
    local: str
    limit: int | None
    status: str = "Active"

    def in_portfolio(self, portfolio_id: int) -> dict[str, Any]:
        return {
            "connectId": self.company_id,
            "id": self.company_id,
            "portfolioId": portfolio_id,
            "name": self.name,
            "countryCode": self.country,
            "companyStatus": self.status,
            "creditLimit": self.limit,
            "ratingCommon": self.common,
            "ratingLocal": self.local,
        }


@dataclass(slots=True)
class Portfolio:
    portfolio_id: int
    name: str
    companies: list[str] = field(default_factory=list)
    #: Codes of the rules that are on, by country.
    rules: dict[str, list[int]] = field(default_factory=dict)


class Creditsafe:
    """The far end. With `path` its state is kept in that file, as JSON."""

    def __init__(
        self,
        companies: Iterable[Company] = (),
        *,
        path: Path | None = None,
        credentials: tuple[str, str] = ("quittance", "sandbox"),
        countries: Iterable[str] = ("FR", "BE", "CH", "GB", "DE", "NL"),
        now: Now = system_now,
    ) -> None:
        self.troubles = Troubles()
        self.companies = {one.company_id: one for one in companies}
        self.portfolios: dict[int, Portfolio] = {}
        self.events: list[dict[str, Any]] = []
        #: Countries in our contract.
        self.countries = set(countries)
        #: The most items on a page, whatever is asked for.
        self.page_limit = 1000
        self.now = now
        self._credentials, self._path = credentials, path
        self._tokens: set[str] = set()
        self._lock = threading.RLock()
        self._read()

    def authenticate(self, username: str, password: str) -> str | None:
        if (username, password) != self._credentials:
            return None
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return token

    def knows(self, token: str) -> bool:
        return token in self._tokens

    def end_sessions(self) -> None:
        """All tokens have expired: they hold for an hour."""
        self._tokens.clear()

    def find(self, *, reg_no: str, vat_no: str, country: str) -> list[Company]:
        return [
            one
            for one in self.companies.values()
            if one.country == country
            and ((reg_no and one.reg_no == reg_no) or (vat_no and one.vat_no == vat_no))
        ]

    def add_portfolio(self, name: str) -> Portfolio:
        with self._lock:
            made = Portfolio(1_700_001 + len(self.portfolios), name)
            self.portfolios[made.portfolio_id] = made
            self._keep()
            return made

    def add_company(self, portfolio: Portfolio, company_id: str) -> bool:
        """False when it is there already."""
        with self._lock:
            if company_id in portfolio.companies:
                return False
            portfolio.companies.append(company_id)
            self._keep()
            return True

    def switch_on(self, portfolio: Portfolio, country: str, codes: list[int]) -> None:
        with self._lock:
            portfolio.rules[country] = sorted(codes)
            self._keep()

    def rate(
        self,
        company_id: str,
        *,
        common: str | None = None,
        local: str | None = None,
        limit: int | None = None,
        status: str | None = None,
    ) -> int:
        """Change what is said of a company; returns how many events that made."""
        with self._lock:
            before = self.companies[company_id]
            after = replace(
                before,
                common=common or before.common,
                local=local or before.local,
                limit=before.limit if limit is None else limit,
                status=status or before.status,
            )
            self.companies[company_id] = after
            made = [
                self._note(portfolio, after, code, old, new)
                for code, old, new in _changes(before, after)
                for portfolio in self.portfolios.values()
                if company_id in portfolio.companies
                and code in portfolio.rules.get(after.country, ())
            ]
            self._keep()
            return len(made)

    def _note(
        self, portfolio: Portfolio, company: Company, code: int, old: str, new: str
    ) -> dict[str, Any]:
        at = self.now().strftime("%Y-%m-%dT%H:%M:%S")
        event = {
            "company": {
                "id": company.company_id, "name": company.name, "countryCode": company.country,
                "portfolioId": portfolio.portfolio_id, "portfolioName": portfolio.name,
            },
            "eventId": 500_000_001 + len(self.events),
            "notificationEventId": 80_000_001 + len(self.events),
            "eventDate": at,
            "createdDate": at,
            "oldValue": old,
            "newValue": new,
            "ruleCode": code,
            "ruleName": dict(RULES)[code],
        }  # fmt: skip
        self.events.append(event)
        return event

    def notified(
        self, portfolio_id: int, *, since: datetime, until: datetime
    ) -> list[dict[str, Any]]:
        """What happened in a portfolio in that time, both ends included."""
        low, high = since.strftime("%Y-%m-%dT%H:%M:%S"), until.strftime("%Y-%m-%dT%H:%M:%S")
        return [
            event
            for event in self.events
            if event["company"]["portfolioId"] == portfolio_id
            and low <= event["createdDate"] <= high
        ]

    def _keep(self) -> None:
        if self._path is None:
            return
        state = {
            "companies": [asdict(one) for one in self.companies.values()],
            "portfolios": [asdict(one) for one in self.portfolios.values()],
            "events": self.events,
        }
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(state))
        draft.replace(self._path)

    def _read(self) -> None:
        if self._path is None or not self._path.exists():
            return
        state = json.loads(self._path.read_text())
        self.companies |= {one["company_id"]: Company(**one) for one in state["companies"]}
        self.portfolios = {one["portfolio_id"]: Portfolio(**one) for one in state["portfolios"]}
        self.events = state["events"]


def _changes(before: Company, after: Company) -> list[tuple[int, str, str]]:
    found = []
    if (before.common, before.local) != (after.common, after.local):
        found.append((101, before.local, after.local))
    if before.limit != after.limit:
        found.append((102, str(before.limit), str(after.limit)))
    if before.status != after.status:
        found.append((1801, before.status, after.status))
    return found
