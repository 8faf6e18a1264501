"""The credit bureau: asked over HTTP for what changed, and pushing the same events to us.

Its scale runs from 0 (fails soon) to 100 (safe). Our bands on it: 80 and more is A, 60 B, 40 C,
20 D, below that E; a company that is insolvent or dissolved is E whatever its score, and one
without a score is "none". Its events are numbered for ever, so it does not matter whether one is
polled, pushed or both, nor in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import httpx
import msgspec

from monitoring.alerts.rules import SCALE
from monitoring.bands import Band, band_of
from monitoring.feeds.asking import TokenClient, understood
from monitoring.feeds.contract import Heard, Number, Source, SourceDown, Told
from monitoring.feeds.sources import BUREAU
from monitoring.readings import NewReading
from receivables.errors import ReceivablesError
from receivables.money import LARGEST_MINOR, Money, digits_of

SOURCE = BUREAU.key

FLOORS = ((80, Band.A), (60, Band.B), (40, Band.C), (20, Band.D), (0, Band.E))
#: What the bureau says of a company that is beyond scoring.
_ENDED = ("insolvent", "dissolved")


class NotABureauEvent(ReceivablesError):
    """Somebody sent, under the bureau's name, what the bureau would not."""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """What the bureau says of a company now."""

    company_id: str
    registration_number: str
    country: str
    score: int | None
    limit: int | None
    currency: str
    status: str
    as_of: date


class Event(Company, frozen=True, kw_only=True):
    """One change; `event_id` grows with every event of the bureau."""

    event_id: int


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events, where to go on, and whether there are more right now."""

    events: Sequence[Event]
    next: int
    more: bool


def band_of_company(score: int | None, status: str) -> Band:
    """The band of what the bureau says; see the top of the file."""
    if status in _ENDED:
        return Band.E
    return Band.NONE if score is None else band_of(score, FLOORS)


def reading_of_event(event: Event) -> NewReading:
    """An event as a reading; polled or pushed, it is the same one."""
    return _reading(event, reference=f"event:{event.event_id}", sequence=event.event_id)


def reading_of_company(company: Company) -> NewReading:
    """How a company stands when we begin to watch it: what its next event is held against."""
    reference = f"company:{company.score}:{company.status}"
    return _reading(company, reference=reference, sequence=0)


def _reading(said: Company, *, reference: str, sequence: int) -> NewReading:
    limit = None
    if said.limit is not None:
        limit = Money(said.limit * 10 ** digits_of(said.currency), said.currency)
    return NewReading(
        source=SOURCE,
        as_of_on=said.as_of,
        scale=SCALE,
        score=said.score,
        band=band_of_company(said.score, said.status),
        limit=limit,
        status=said.status,
        reference=reference,
        sequence=sequence,
    )


def parse_events(body: bytes) -> list[Event]:
    """The events of a pushed body: one, or `{"events": [...]}`. Raises NotABureauEvent."""
    try:
        sent = msgspec.json.decode(body)
        listed = sent["events"] if isinstance(sent, dict) and "events" in sent else [sent]
        events = msgspec.convert(listed, list[Event])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotABureauEvent(str(error)) from error
    for event in events:
        _check(event)
    return events


def _check(said: Company) -> None:
    """Raises NotABureauEvent for numbers that are none of the bureau's."""
    currency = said.currency
    if said.score is not None and not 0 <= said.score <= 100:
        raise NotABureauEvent(f"{said.score} is no score")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise NotABureauEvent(f"{currency[:10]!r} is no currency")
    if said.limit is not None and not 0 <= said.limit * 10 ** digits_of(currency) <= LARGEST_MINOR:
        raise NotABureauEvent(f"{said.limit} is no limit")
    if len(said.status) > 40 or len(said.company_id) > 80:
        raise NotABureauEvent("a status or company id of that length")
    if isinstance(said, Event) and not 0 < said.event_id < 2**53:
        raise NotABureauEvent(f"{said.event_id} is no event id")


class _Companies(msgspec.Struct):
    companies: list[Company]


class _Watched(msgspec.Struct):
    unknown: list[str]


class _Events(msgspec.Struct):
    events: list[Event]
    next: int
    more: bool


Answer = TypeVar("Answer")


class BureauClient(TokenClient):
    """Asks the bureau, one supplier's portfolio after the other; an `EventFeed`."""

    def __init__(
        self,
        url: str,
        *,
        username: str,
        password: str,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(url, username=username, password=password, transport=transport)
        self._found: dict[str, Company] = {}

    @property
    def source(self) -> Source:
        return BUREAU

    def identify(self, numbers: Sequence[Number]) -> str | None:
        for _scheme, value in numbers:
            company = self.find(value)
            if company is not None:
                self._found[company.company_id] = company
                return company.company_id
        return None

    def subscribe(self, portfolio: str, company_ids: Sequence[str]) -> list[Told]:
        """How each stands is what `identify` was told of it."""
        self.watch(portfolio, company_ids)
        found = [self._found[one] for one in company_ids if one in self._found]
        return [
            Told(company_id=one.company_id, readings=(reading_of_company(one),)) for one in found
        ]

    def poll(self, portfolio: str, cursor: str) -> Heard:
        since = int(cursor or 0)
        page = self.events(portfolio, since=since)
        if page.next < since:
            raise SourceDown(f"went back from event {since} to {page.next}")
        told = [
            Told(company_id=one.company_id, readings=(reading_of_event(one),))
            for one in page.events
        ]
        return Heard(told, str(page.next), page.more, len(told))

    def find(self, registration_number: str) -> Company | None:
        """The company with this number, or None when the bureau does not know it."""
        asked = {"registration_number": registration_number}
        found = self._checked("GET", "/companies", _Companies, params=asked).companies
        return found[0] if found else None

    def watch(self, portfolio_id: str, company_ids: Sequence[str]) -> None:
        """Hear of these companies in `events` from now on."""
        path = f"/monitoring/portfolios/{portfolio_id}/companies"
        self._checked("POST", path, _Watched, json={"company_ids": list(company_ids)})

    def events(self, portfolio_id: str, *, since: int) -> EventPage:
        """What happened to watched companies after the event `since`, the oldest first."""
        path = f"/monitoring/portfolios/{portfolio_id}/events"
        page = self._checked("GET", path, _Events, params={"since": str(since)})
        return EventPage(page.events, page.next, page.more)

    def _checked(self, method: str, path: str, kind: type[Answer], **sent: Any) -> Answer:
        answer = understood(self._asked(method, path, **sent), kind)
        for said in _companies_of(answer):
            try:
                _check(said)
            except NotABureauEvent as error:
                raise SourceDown(str(error)) from error
        return answer


def _companies_of(answer: Any) -> Sequence[Company]:
    match answer:
        case _Companies():
            return answer.companies
        case _Events():
            return answer.events
        case _:
            return ()
