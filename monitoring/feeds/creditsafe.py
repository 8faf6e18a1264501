"""Creditsafe Connect: companies watched in a portfolio, notification events polled.

Each supplier has a portfolio of its own, named after it. An event says that something changed;
what a company is worth now is asked of the portfolio itself, which gives the common value A to E
(our band, see `creditsafe_report.band_of_common`), the score of the company's country (compared
with nothing but itself), the limit and the status. Asked again or out of order, the same event
makes the same reading.

Source: doc.creditsafe.com, Global Monitoring: tokens hold for an hour, pages count from 0, there
is no push.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import httpx
import msgspec

from monitoring.feeds.asking import TokenClient, check, understood
from monitoring.feeds.contract import Heard, Number, Source, SourceDown, Told
from monitoring.feeds.creditsafe_report import band_of_common, scale_of
from monitoring.feeds.creditsafe_rules import (
    MOVING,
    PARAMETERS,
    WANTED,
    About,
    about,
    currency_of,
    kind_of_status,
)
from monitoring.feeds.sources import CREDITSAFE
from monitoring.insolvency.published import Published
from monitoring.readings import NewReading
from receivables.clock import Clock
from receivables.money import LARGEST_MINOR, Money, digits_of

PAGE_SIZE: Final = 1000
#: More changed companies than this on one page are read with the whole portfolio.
ONE_BY_ONE: Final = 50
#: The first time, and beyond where we stopped: what was written down late is heard all the same.
_LOOK_BACK: Final = timedelta(days=1)
_OVERLAP: Final = timedelta(hours=1)

_COUNTRIES: Final = {"SIREN": "FR", "SIRET": "FR", "KBO": "BE", "UID": "CH", "CRN": "GB"}


class _Found(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    reg_no: str | None = None
    vat_no: list[str] | str | None = None


class _Search(msgspec.Struct, frozen=True, rename="camel"):
    companies: list[_Found] = []


class _Portfolio(msgspec.Struct, frozen=True, rename="camel"):
    portfolio_id: int | str
    name: str = ""


class _Portfolios(msgspec.Struct, frozen=True, rename="camel"):
    portfolios: list[_Portfolio] = []


class _Paging(msgspec.Struct, frozen=True):
    next: int | None = None


class _Company(msgspec.Struct, frozen=True, rename="camel"):
    """A company of a portfolio as it stands now."""

    name: str = ""
    country_code: str = ""
    company_status: str | None = None
    credit_limit: float | None = None
    rating_common: str | None = None
    rating_local: str | int | None = None
    id: str | None = None
    connect_id: str | None = None


class _Companies(msgspec.Struct, frozen=True):
    data: list[_Company] = []
    paging: _Paging = _Paging()


class _Whose(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str = ""
    country_code: str = ""


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    company: _Whose
    event_id: int
    event_date: datetime
    rule_code: int
    rule_name: str = ""


class _Events(msgspec.Struct, frozen=True):
    data: list[_Event] = []
    paging: _Paging = _Paging()


class _Rule(msgspec.Struct, frozen=True, rename="camel"):
    rule_code: int
    rule_name: str = ""
    rule_country_code: str | None = None
    is_active: bool | int | None = None


class _Rules(msgspec.Struct, frozen=True):
    data: list[_Rule] = []


class CreditsafeClient(TokenClient):
    """Asks Creditsafe; an `EventFeed`."""

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(
            url.rstrip("/") + "/", username=username, password=password, transport=transport
        )
        self._clock = clock
        self._portfolios: dict[str, str] = {}
        self._whole: dict[str, _Company] | None = None

    @property
    def source(self) -> Source:
        return CREDITSAFE

    def identify(self, numbers: Sequence[Number]) -> str | None:
        """Only by number: a company that merely bears the name is somebody else."""
        for scheme, value in numbers:
            country = _COUNTRIES.get(scheme) or value[:2].upper()
            by = {"vatNo": value} if scheme == "VAT" else {"regNo": value}
            response = self._asked(
                "GET", "companies", params={**by, "countries": country, "pageSize": "10"}
            )
            if response.status_code in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND):
                # A country that is not in the contract; the others are asked all the same.
                continue
            for found in understood(response, _Search).companies:
                if _compact(value) in {_compact(each) for each in _numbers_of(found)}:
                    return found.id
        return None

    def subscribe(self, portfolio: str, company_ids: Sequence[str]) -> list[Told]:
        path = f"monitoring/portfolios/{self._portfolio(portfolio)}/companies"
        told, countries = list[Told](), set[str]()
        for company_id in company_ids:
            response = self._asked(
                "POST",
                path,
                json={"id": company_id, "personalReference": "", "freeText": "",
                      "personalLimit": ""},
            )  # fmt: skip
            if response.status_code == httpx.codes.NOT_FOUND:
                continue
            if response.status_code != httpx.codes.CONFLICT:  # there already
                check(response)
            company = self._ask("GET", f"{path}/{company_id}", _Company)
            countries.add(company.country_code.upper())
            told.append(self._as_it_stands(company_id, company))
        for country in sorted(filter(None, countries)):
            self._watch_for(portfolio, country)
        return told

    def poll(self, portfolio: str, cursor: str) -> Heard:
        """The cursor is where to begin: a moment, or the page of a stretch of time we are in."""
        since, until, page = self._stretch(cursor)
        answer = self._ask(
            "GET",
            f"monitoring/portfolios/{self._portfolio(portfolio)}/notificationEvents",
            _Events,
            params={
                "startDate": _written(since), "endDate": _written(until),
                "filterByCreatedDate": "true", "sortBy": "eventDate", "sortDir": "asc",
                "page": str(page), "pageSize": str(PAGE_SIZE),
            },
        )  # fmt: skip
        following = answer.paging.next
        if following is not None and following != page + 1:
            raise SourceDown(f"page {following} after page {page}")
        told = self._told(portfolio, answer.data)
        if following is None:
            return Heard(told, _written(until - _OVERLAP), False, len(answer.data))
        goes_on = f"{_written(since)}|{_written(until)}|{following}"
        return Heard(told, goes_on, True, len(answer.data))

    def _stretch(self, cursor: str) -> tuple[datetime, datetime, int]:
        now = self._clock.now()
        try:
            match cursor.split("|"):
                case [since, until, page]:
                    return _read(since), _read(until), int(page)
                case [since] if since:
                    return _read(since), now, 0
        except ValueError:
            pass
        return now - _LOOK_BACK, now, 0

    def _told(self, portfolio: str, events: Iterable[_Event]) -> list[Told]:
        moved: dict[str, list[_Event]] = {}
        for event in events:
            if about(event.rule_code, event.rule_name) in MOVING:
                moved.setdefault(event.company.id, []).append(event)
        stand = self._companies(portfolio, list(moved))
        return [
            self._moved(stand[company_id], its)
            for company_id, its in moved.items()
            if company_id in stand
        ]

    def _companies(self, portfolio: str, wanted: Sequence[str]) -> dict[str, _Company]:
        """How these companies stand now; one by one while they are few."""
        path = f"monitoring/portfolios/{self._portfolio(portfolio)}/companies"
        if self._whole is None and len(wanted) <= ONE_BY_ONE:
            found = {}
            for company_id in wanted:
                response = self._asked("GET", f"{path}/{company_id}")
                if response.status_code != httpx.codes.NOT_FOUND:  # taken out of the portfolio
                    found[company_id] = understood(response, _Company)
            return found
        if self._whole is None:
            self._whole = dict(self._all_of(path))
        return self._whole

    def _all_of(self, path: str) -> Iterable[tuple[str, _Company]]:
        page: int | None = 0
        while page is not None:
            asked = {"page": str(page), "pageSize": str(PAGE_SIZE)}
            answer = self._ask("GET", path, _Companies, params=asked)
            yield from ((one.id or one.connect_id or "", one) for one in answer.data)
            following = answer.paging.next
            if following is not None and following <= page:
                raise SourceDown(f"page {following} after page {page}")
            page = following

    def _moved(self, company: _Company, events: Sequence[_Event]) -> Told:
        newest = max(events, key=lambda event: event.event_id)
        reading = _reading(
            company,
            as_of_on=min(newest.event_date.date(), self._clock.now().date()),
            reference=f"event:{newest.event_id}",
            sequence=newest.event_id,
        )
        published = tuple(
            one
            for event in events
            if about(event.rule_code, event.rule_name) is About.STATUS
            for one in _published(event, company)
        )
        return Told(company_id=newest.company.id, readings=(reading,), published=published)

    def _as_it_stands(self, company_id: str, company: _Company) -> Told:
        limit = "" if company.credit_limit is None else f"{company.credit_limit:.0f}"
        said = f"{company.rating_common}:{company.rating_local}:{limit}:{company.company_status}"
        reading = _reading(
            company,
            as_of_on=self._clock.now().date(),
            reference=f"company:{said}"[:120],
            sequence=0,
        )
        return Told(company_id=company_id, readings=(reading,))

    def _portfolio(self, name: str) -> str:
        """Creditsafe's id of our portfolio of that name, which is made when there is none."""
        if name not in self._portfolios:
            path = "monitoring/portfolios"
            asked = {"searchQuery": name, "page": "0", "pageSize": "50"}
            listed = self._ask("GET", path, _Portfolios, params=asked).portfolios
            same = [one for one in listed if one.name == name]
            one = same[0] if same else self._ask(
                "POST", path, _Portfolio, json={"name": name, "isDefault": False}
            )  # fmt: skip
            self._portfolios[name] = str(one.portfolio_id)
        return self._portfolios[name]

    def _watch_for(self, portfolio: str, country: str) -> None:
        """Switch on the rules that concern a creditor, where they are not on yet."""
        known = self._ask("GET", f"monitoring/eventRules/{country}", _Rules).data
        path = f"monitoring/portfolios/{self._portfolio(portfolio)}/eventRules/{country}"
        already = self._ask("GET", path, _Rules).data
        is_on = {rule.rule_code for rule in already if rule.is_active}
        wanted = [rule for rule in known if about(rule.rule_code, rule.rule_name) in WANTED]
        if all(rule.rule_code in is_on for rule in wanted):
            return
        check(self._asked("PUT", path, json=[_switched_on(rule, country) for rule in wanted]))


def _switched_on(rule: _Rule, country: str) -> dict[str, object]:
    first, second, third = PARAMETERS.get(rule.rule_code, ("", "", ""))
    return {
        "ruleCode": rule.rule_code,
        "ruleCountryCode": rule.rule_country_code or country,
        "isActive": 1,
        "param0": first,
        "param1": second,
        "param2": third,
    }


def _reading(company: _Company, *, as_of_on: date, reference: str, sequence: int) -> NewReading:
    status, local = company.company_status or "", str(company.rating_local or "")
    return NewReading(
        source=CREDITSAFE.key,
        as_of_on=as_of_on,
        scale=scale_of(company.country_code),
        score=int(local) if re.fullmatch(r"\d{1,3}", local, re.ASCII) else None,
        band=band_of_common(company.rating_common or "", local, status),
        limit=_limit(company),
        status=status[:40] or None,
        reference=reference,
        sequence=sequence,
    )


def _limit(company: _Company) -> Money | None:
    currency = currency_of(company.country_code)
    if company.credit_limit is None or currency is None or not 0 <= company.credit_limit < 1e15:
        return None
    minor = int(company.credit_limit) * 10 ** digits_of(currency)
    return Money(minor, currency) if minor <= LARGEST_MINOR else None


def _published(event: _Event, company: _Company) -> Iterable[Published]:
    """A change of status as an event; whose numbers it is about, the debtor's own row says."""
    status = company.company_status or ""
    kind = kind_of_status(status)
    if kind is not None:
        yield Published(
            source=CREDITSAFE.key,
            reference=f"event:{event.event_id}",
            kind=kind,
            country=company.country_code[:2].upper(),
            published_on=event.event_date.date(),
            decided_on=None,
            claims_until=None,
            name=company.name or event.company.name,
            place="",
            is_person=False,
            numbers=(),
            label=status,
        )


def _numbers_of(found: _Found) -> list[str]:
    vat = found.vat_no or []
    return [each for each in (found.reg_no, *([vat] if isinstance(vat, str) else vat)) if each]


def _compact(number: str) -> str:
    """For comparing: letters and digits, without the leading zeros some registers leave out."""
    return re.sub(r"[^A-Z0-9]", "", number.upper()).lstrip("0")


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
