"""Creditsafe's XML: reports, found companies, monitored companies with their changes.

The answers of its older SOAP service ("Global Data"), which suppliers still keep as files and
whose vocabulary its reports go by. An answer is read, or refused with what Creditsafe says itself:
a fault of the service, an error with its code, a report that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from monitoring.bands import Band
from monitoring.feeds.sources import CREDITSAFE
from monitoring.readings import NewReading
from receivables.errors import ReceivablesError
from receivables.intake.faults import Refused
from receivables.intake.xml_tree import Element, content_of, every, first, local_name, parse
from receivables.money import LARGEST_MINOR, Money, digits_of

SIZE_LIMIT: Final = 20 * 1024 * 1024

#: A common value E stands for what is not rated, too, which is no opinion and not a bad one.
_NOT_RATED: Final = re.compile(r"not (rated|scored)|no (rating|score)|n/?a\b", re.IGNORECASE)
_ACTIVE: Final = re.compile(r"active|trading", re.IGNORECASE)
_INACTIVE: Final = re.compile(r"\b(in-?active|non-?active|non-?trading)", re.IGNORECASE)

#: Messages about our contract, not about what was asked.
_NOTICES: Final = ("20103",)

#: What a change is about, by the code of its event.
#: Source: GetSupportedChangeEvents of the service.
CHANGES: Final = {
    "CR": "score",
    "CL": "limit",
    "PR": "negative data",
    "NC": "name",
    "AC": "address",
    "DN": "directors",
    "EC": "employees",
    "FN": "accounts",
    "UC": "ultimate holding",
    "IC": "issued capital",
    "HO": "head office",
    "BN": "branches",
}


class CreditsafeSays(ReceivablesError):
    """There is nothing to read; `reason` is what Creditsafe, or its file, says instead."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company as Creditsafe knows it; `company_id` is Creditsafe's own."""

    company_id: str
    name: str
    country: str
    registration_number: str
    status: str
    place: str
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a company stands: the common value A to E, and the score of its own country."""

    company: Company
    common: str
    common_words: str
    #: On the country's own scale, to be compared with nothing but itself.
    score: int | None
    limit: Money | None
    rated_on: date | None

    @property
    def band(self) -> Band:
        return band_of_common(self.common, self.common_words, self.company.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a monitored company; values are texts as sent, empty where none is given."""

    code: str
    before: str
    after: str
    at: datetime

    @property
    def about(self) -> str:
        return CHANGES.get(self.code, "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    company: Company
    portfolio: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    portfolio_id: str
    name: str
    monitored: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everything one answer says; `operation` is what was asked, "RetrieveCompanyOnlineReport"."""

    operation: str
    reports: tuple[Report, ...] = ()
    companies: tuple[Company, ...] = ()
    monitored: tuple[Monitored, ...] = ()
    portfolios: tuple[Portfolio, ...] = ()
    #: Code and words of each event that can be monitored.
    events: tuple[tuple[str, str], ...] = ()
    messages: tuple[str, ...] = ()


def band_of_common(common: str, words: str, status: str) -> Band:
    """The band of Creditsafe's common value, A (very low risk) to E.

    Creditsafe gives E to companies that are not rated, too: those have no band while they trade.
    Source: Creditsafe, international score: A very low, B low, C moderate, D high risk, E not
    rated.
    """
    trades = bool(_ACTIVE.search(status)) and not _INACTIVE.search(status)
    letter = common.strip().upper()
    if letter not in ("A", "B", "C", "D", "E"):
        return Band.NONE
    if letter == "E" and trades and _NOT_RATED.search(words):
        return Band.NONE
    return Band(letter)


def reading_of(report: Report, *, read_on: date, reference: str | None = None) -> NewReading:
    """A report as a reading; it speaks of the day of its last rating, else of `read_on`."""
    as_of_on = min(report.rated_on or read_on, read_on)
    return NewReading(
        source=CREDITSAFE.key,
        as_of_on=as_of_on,
        scale=scale_of(report.company.country),
        score=report.score,
        band=report.band,
        limit=report.limit,
        status=report.company.status[:40] or None,
        reference=reference,
    )


def scale_of(country: str) -> str:
    """Local scores of two countries are two scales."""
    return f"{CREDITSAFE.scale}-{country[:3].upper()}"


def read(content: bytes) -> Answer:
    """What an answer says. Raises CreditsafeSays when there is nothing in it to take."""
    if len(content) > SIZE_LIMIT:
        raise CreditsafeSays("the file is larger than 20 MB")
    try:
        envelope = parse(content)
    except Refused as refused:
        raise CreditsafeSays(f"no XML that can be read: {refused}") from refused
    body = first(envelope, "Body") if local_name(envelope) == "Envelope" else envelope
    fault = first(body, "Fault")
    if fault is not None:
        raise CreditsafeSays(_fault_words(fault))
    result = _result(body)
    if result is None:
        raise CreditsafeSays("no answer of Creditsafe's")
    messages = tuple(_messages(result))
    errors = [words for is_error, words in messages if is_error]
    if errors:
        raise CreditsafeSays("; ".join(errors))
    answer = _answer(result, tuple(words for _, words in messages))
    if answer.operation == "RetrieveCompanyOnlineReport" and not answer.reports:
        raise CreditsafeSays("; ".join(answer.messages) or "the answer holds no report")
    return answer


def _result(body: Element | None) -> Element | None:
    """The `...Result` within `...Response`; both are named after the operation."""
    if body is None:
        return None
    for response in body.iterchildren("{*}*"):
        if not local_name(response).endswith("Response"):
            continue
        for result in response.iterchildren("{*}*"):
            if local_name(result).endswith("Result"):
                return result
    return None


def _answer(result: Element, messages: tuple[str, ...]) -> Answer:
    return Answer(
        operation=local_name(result).removesuffix("Result"),
        reports=tuple(_report(one) for one in every(result, "Reports/Report")),
        companies=tuple(_company(one) for one in every(result, "Companies/Company")),
        monitored=tuple(_monitored(result)),
        portfolios=tuple(
            _portfolio(one)
            for one in every(result, "Portfolios/Portfolio")
            if first(one, "Companies") is None
        ),
        events=tuple(
            (one.get("Code", ""), content_of(first(one, "Description")) or "")
            for one in every(result, "Events/Event")
        ),
        messages=messages,
    )


def _messages(result: Element) -> Iterator[tuple[bool, str]]:
    for message in every(result, "Messages/Message"):
        code = message.get("Code", "")
        if code in _NOTICES:
            continue
        words = content_of(message) or f"message {code} without words"
        yield message.get("Type") == "Error", f"{words} ({code})" if code else words


def _fault_words(fault: Element) -> str:
    code = content_of(first(fault, "faultcode")) or ""
    words = content_of(first(fault, "faultstring")) or "a fault without words"
    return f"{words[:200]} ({code.rpartition(':')[2]})" if code else words[:200]


def _report(report: Element) -> Report:
    summary = first(report, "CompanySummary")
    rating = first(report, "CreditScore/CurrentCreditRating")
    if rating is None:
        rating = first(summary, "CreditRating")
    address = first(report, "CompanyIdentification/BasicInformation/ContactAddress")
    status = first(summary, "CompanyStatus")
    return Report(
        company=Company(
            company_id=report.get("CompanyId", ""),
            name=_text(summary, "BusinessName"),
            country=_text(summary, "Country"),
            registration_number=_text(summary, "CompanyRegistrationNumber"),
            status=(status.get("Code") or content_of(status) or "") if status is not None else "",
            place=_text(address, "City"),
            postcode=_text(address, "PostalCode"),
        ),
        common=_text(rating, "CommonValue"),
        common_words=_text(rating, "CommonDescription"),
        score=_score(first(rating, "ProviderValue")),
        limit=_limit(_text(rating, "CreditLimit"), report.get("ReportCurrency", "")),
        rated_on=_day(_text(report, "CreditScore/DateOfLatestRatingChange")),
    )


def _score(value: Element | None) -> int | None:
    """None for what is no number of the scale: -997 and its like say why there is no score."""
    text = content_of(value) or ""
    if value is None or not re.fullmatch(r"-?\d{1,6}", text, re.ASCII):
        return None
    low, high = value.get("MinValue", "0"), value.get("MaxValue", "100")
    bounds = [int(one) for one in (low, high) if re.fullmatch(r"-?\d{1,6}", one, re.ASCII)]
    inside = len(bounds) == 2 and bounds[0] <= int(text) <= bounds[1]
    return int(text) if inside else None


def _limit(text: str, currency: str) -> Money | None:
    """A limit in whole units of the report's currency."""
    if not re.fullmatch(r"\d{1,15}", text, re.ASCII) or not re.fullmatch(r"[A-Z]{3}", currency):
        return None
    minor = int(text) * 10 ** digits_of(currency)
    return Money(minor, currency) if minor <= LARGEST_MINOR else None


def _company(company: Element) -> Company:
    address = first(company, "Address")
    return Company(
        company_id=company.get("Id", ""),
        name=_text(company, "Name"),
        country=company.get("Country", ""),
        registration_number=_text(company, "RegistrationNumber"),
        status=_text(company, "Status"),
        place=_text(address, "City") or _text(address, "SimpleValue"),
        postcode=_text(address, "PostalCode"),
    )


def _monitored(result: Element) -> Iterator[Monitored]:
    for portfolio in every(result, "Portfolios/Portfolio"):
        for company in every(portfolio, "Companies/Company"):
            yield Monitored(
                company=_company(company),
                portfolio=portfolio.get("Id", ""),
                changes=tuple(_changes(company)),
            )


def _changes(company: Element) -> Iterator[Change]:
    for change in every(company, "Changes/Change"):
        at = _instant(change.get("Date", ""))
        if at is not None:
            yield Change(
                code=change.get("Code", ""),
                before=change.get("PreviousValue", ""),
                after=change.get("NewValue", ""),
                at=at,
            )


def _portfolio(portfolio: Element) -> Portfolio:
    def number(name: str) -> int:
        text = _text(portfolio, name)
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    return Portfolio(
        portfolio_id=portfolio.get("Id", ""),
        name=portfolio.get("Name", ""),
        monitored=number("MonitoredCompanies"),
        changed=number("ChangedCompanies"),
    )


def _text(element: Element | None, path: str) -> str:
    return content_of(first(element, path)) or ""


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    at = _instant(text)
    return at.date() if at else None
