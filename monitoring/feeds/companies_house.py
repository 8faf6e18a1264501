"""Companies House: how British companies stand, each asked about once a day.

A company's profile says whether it trades and whether its accounts are overdue, its insolvency
resource which cases there are, of what kind, since when. The register numbers cases, so nothing
has to be remembered: a case, an end of a case, a status and a set of accounts each have a
reference of their own, and are told once however often they are read.

Source: Companies House Public Data API; the enumerations of github.com/companieshouse/
api-enumerations (constants.yml, insolvency_mappings.yml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import httpx
import msgspec

from monitoring.feeds.asking import SourceClient, understood
from monitoring.feeds.contract import Number, Source, Told
from monitoring.feeds.sources import COMPANIES_HOUSE
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.published import Published
from receivables.clock import Clock
from receivables.intake.identifiers import british_number

#: Where anybody can read the same.
PUBLIC: Final = "https://find-and-update.company-information.service.gov.uk/company/"

#: What begins a case, and what ends it, by its type.
CASES: Final[Mapping[str, EventKind]] = {
    "compulsory-liquidation": EventKind.LIQUIDATION,
    "creditors-voluntary-liquidation": EventKind.LIQUIDATION,
    "members-voluntary-liquidation": EventKind.VOLUNTARY_WINDING_UP,
    "in-administration": EventKind.REORGANISATION,
    "administration-order": EventKind.REORGANISATION,
    "corporate-voluntary-arrangement": EventKind.REORGANISATION,
    "corporate-voluntary-arrangement-moratorium": EventKind.SAFEGUARD,
    # A secured creditor takes what it was given as security: no procedure, and no good sign.
    "receiver-manager": EventKind.HUMAN_READ,
    "administrative-receiver": EventKind.REORGANISATION,
    "scottish-administrative-receiver": EventKind.REORGANISATION,
    "foreign-insolvency": EventKind.FOREIGN_RECOGNISED,
}
_BEGINS: Final = (
    "wound-up-on", "ordered-to-wind-up-on", "administration-started-on",
    "voluntary-arrangement-started-on", "moratorium-started-on", "instrumented-on",
)  # fmt: skip
_ENDS: Final = (
    "concluded-winding-up-on", "administration-ended-on", "administration-discharged-on",
    "voluntary-arrangement-ended-on",
)  # fmt: skip
_PETITION: Final = "petitioned-on"

#: What a status says where no case does. A status of insolvency comes with a case, and the case
#: says which; so these are about the company itself.
STATUSES: Final[Mapping[str, EventKind]] = {
    "dissolved": EventKind.DISSOLVED,
    "converted-closed": EventKind.INACTIVE,
    "removed": EventKind.STRUCK_OFF,
    "closed": EventKind.INACTIVE,
}
#: Statuses that a case explains; without one a person has to read the register.
_IN_A_CASE: Final = frozenset(
    {"liquidation", "receivership", "voluntary-arrangement", "insolvency-proceedings",
     "administration"}
)  # fmt: skip


class _Accounts(msgspec.Struct, frozen=True):
    overdue: bool = False
    next_due: date | None = None
    next_made_up_to: date | None = None


class _Links(msgspec.Struct, frozen=True):
    insolvency: str | None = None


class _Address(msgspec.Struct, frozen=True):
    locality: str = ""


class _Profile(msgspec.Struct, frozen=True):
    company_number: str
    company_name: str = ""
    company_status: str = ""
    date_of_cessation: date | None = None
    accounts: _Accounts = _Accounts()
    has_insolvency_history: bool = False
    links: _Links = _Links()
    registered_office_address: _Address = _Address()


class _Dated(msgspec.Struct, frozen=True):
    date: date
    type: str


class _Case(msgspec.Struct, frozen=True):
    type: str = ""
    number: int | str = ""
    dates: list[_Dated] = []


class _Insolvency(msgspec.Struct, frozen=True):
    cases: list[_Case] = []


class CompaniesHouseClient(SourceClient):
    """Asks Companies House; a `StateFeed`. The key is the name of a password-less account."""

    def __init__(
        self, url: str, *, key: str, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> None:
        super().__init__(url, auth=(key, ""), transport=transport)
        self._clock = clock

    @property
    def source(self) -> Source:
        return COMPANIES_HOUSE

    def identify(self, numbers: Sequence[Number]) -> str | None:
        """The company number itself: the register is asked when it is looked at."""
        for scheme, value in numbers:
            number = british_number(value) if scheme == "CRN" else None
            if number is not None:
                return number
        return None

    def look(self, company_id: str) -> Told:
        """Two requests where the register knows of insolvency, one otherwise."""
        response = self._send("GET", f"/company/{company_id}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return Told(company_id=company_id, said="unknown")
        profile = understood(response, _Profile)
        insolvency = _Insolvency()
        if profile.has_insolvency_history or profile.links.insolvency:
            response = self._send("GET", f"/company/{company_id}/insolvency")
            # It may say that there is a history and have none to show.
            if response.status_code != httpx.codes.NOT_FOUND:
                insolvency = understood(response, _Insolvency)
        today = self._clock.now().date()
        return Told(
            company_id=company_id,
            published=(
                *_from_cases(profile, insolvency, today),
                *_from_status(profile, insolvency, today),
                *_from_accounts(profile, today),
            ),
            said=profile.company_status[:120],
        )


def _from_cases(profile: _Profile, insolvency: _Insolvency, today: date) -> Iterator[Published]:
    for case in insolvency.cases:
        days: dict[str, date] = {}
        for one in case.dates:
            days.setdefault(one.type, one.date)
        begun = next((days[name] for name in _BEGINS if name in days), None)
        over = next((days[name] for name in _ENDS if name in days), None)
        name = f"case:{case.number}:{case.type}"
        if begun is None and _PETITION in days and over is None:
            yield _published(
                profile, f"{name}:petition", EventKind.PETITION, days[_PETITION], today, case.type
            )
            continue
        if over is not None:
            # What began and ended before anybody looked is over: its beginning is no news.
            yield _published(profile, f"{name}:end", EventKind.CLOSED, over, today, case.type)
            continue
        kind = CASES.get(case.type, EventKind.HUMAN_READ)
        yield _published(profile, name, kind, begun, today, case.type)


def _from_status(profile: _Profile, insolvency: _Insolvency, today: date) -> Iterator[Published]:
    status = profile.company_status
    kind = STATUSES.get(status)
    if kind is None and status in _IN_A_CASE and not insolvency.cases:
        kind = EventKind.HUMAN_READ
    if kind is not None:
        since = profile.date_of_cessation
        reference = f"status:{status}:{since or ''}".rstrip(":")
        yield _published(profile, reference, kind, since, today, status)


def _from_accounts(profile: _Profile, today: date) -> Iterator[Published]:
    """Overdue accounts count once for each set of accounts."""
    accounts = profile.accounts
    if not accounts.overdue or profile.company_status in STATUSES:
        return
    due = accounts.next_due
    which = accounts.next_made_up_to or due
    # From the day after the last day on which they could have been filed.
    yield _published(
        profile, f"accounts:{which or 'unknown'}", EventKind.ACCOUNTS_OVERDUE, due, today,
        "accounts overdue",
    )  # fmt: skip


def _published(
    profile: _Profile, reference: str, kind: EventKind, on: date | None, today: date, label: str
) -> Published:
    number = profile.company_number
    return Published(
        source=COMPANIES_HOUSE.key,
        reference=f"{number}:{reference}"[:120],
        kind=kind,
        country="GB",
        # The register gives the day of the event; that of its publication it does not say.
        published_on=min(on or today, today),
        decided_on=on,
        claims_until=None,
        name=profile.company_name,
        place=profile.registered_office_address.locality,
        is_person=False,
        numbers=(("CRN", number),),
        label=label.replace("-", " "),
        link=f"{PUBLIC}{number}",
    )
