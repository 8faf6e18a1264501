"""The SHAB/FOSC, the Swiss gazette of commerce: bankruptcies (KK) and deletions (HR03).

A list tells what was published between two days, `meta` alone; whom it is about is told by the
publication itself, fetched one by one and at most one a second. No key is needed, but without
`publicationStates` the API answers 401.

Worth knowing: `meta` holds two elements `id`, the publication's own and, deeper, its office's.
Titles come in four languages, those of KK10 are free text, and none tells a seat. About half of
the bankruptcies are people's, without a number; estates that all heirs turned down (“ausgeschlagene
Erbschaft”, “succession répudiée”, “eredità rifiutata”, “eredità giacente”) are nobody's customer
any more and are left out. `noUID` says that an office found no number: none is made up. Filters by
sub-rubric and canton are taken and ignored by the API. A publication that is cancelled keeps its
id and is listed as CANCELLED.
Source: https://amtsblattportal.ch/docs/api; export schemas KK01 to KK12 and HR03, 1.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import httpx
from lxml import etree

from monitoring.feeds import sources
from monitoring.feeds.asking import SourceClient, check
from monitoring.feeds.bodacc_labels import plain
from monitoring.feeds.contract import SourceDown
from monitoring.feeds.reading_xml import BadXml, every, first, local, parse, text_at
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.numbers import register_number
from monitoring.insolvency.published import Published

SOURCE = sources.SHAB

#: The operator's own address of it; see `settings`.
PUBLIC_URL = "https://amtsblattportal.ch"
_LIST = "/api/v1/publications/xml"
#: Far below what the API would give at once (2000), so that an answer stays small.
PAGE = 500

#: What each sub-rubric is to a creditor. KK12 says that a foreign bankruptcy is not carried out
#: here: where claims go then, a person has to read.
KINDS = {
    "KK01": EventKind.PROVISIONAL_OPENING,
    "KK02": EventKind.CALL_TO_CREDITORS,
    "KK03": EventKind.SUSPENDED,
    "KK04": EventKind.CLAIMS_LIST,
    "KK05": EventKind.DISTRIBUTION,
    "KK06": EventKind.CLOSED,
    "KK07": EventKind.REVOKED,
    "KK08": EventKind.AUCTION,
    "KK09": EventKind.AUCTION,
    "KK10": EventKind.HUMAN_READ,
    "KK11": EventKind.FOREIGN_RECOGNISED,
    "KK12": EventKind.HUMAN_READ,
    "HR03": EventKind.STRUCK_OFF,
}
#: The rubrics asked for, and the sub-rubrics of each that are read.
RUBRICS = {"KK": tuple(one for one in KINDS if one.startswith("KK")), "HR": ("HR03",)}

_CANCELLED = "CANCELLED"
_LANGUAGES = ("de", "fr", "it", "en")
#: Where the publications of each sub-rubric say when it was decided.
_DECIDED = (
    "resolutionDate", "cessationDate", "proceedingEndDate", "proceedingRevocationDate",
    "journalDate",
)  # fmt: skip
#: `addition` of a publication about an estate.
_ESTATES = ("legacy", "refusedLegacy")
_ESTATE = re.compile(
    r"\b(erbschaft|verlassenschaft|nachlass(es)? (von|des)|successions? (repudiee|vacante|de)"
    r"|succession$|eredita (rifiutata|giacente|ripudiata)|refused (estate|legacy|inheritance))"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list."""

    publication_id: str
    sub_rubric: str
    title: str
    is_cancelled: bool
    published_on: date

    @property
    def key(self) -> str:
        """What tells this state of the publication from the one before it."""
        return self.publication_id + (":cancelled" if self.is_cancelled else "")


def parse_list(body: bytes) -> tuple[int, list[Listed]]:
    """How many publications there are in all, and those of this page that are read at all.

    Raises BadXml.
    """
    root = parse(body)
    total = text_at(root, "total")
    listed = []
    for meta in every(root, "meta"):
        publication_id, on = text_at(meta, "id"), _day(text_at(meta, "publicationDate"))
        sub_rubric = text_at(meta, "subRubric")
        if on is not None and sub_rubric in KINDS and _is_id(publication_id):
            is_cancelled = text_at(meta, "publicationState") == _CANCELLED
            listed.append(Listed(publication_id, sub_rubric, _title(meta), is_cancelled, on))
    return int(total) if total.isdecimal() else len(listed), listed


def parse_publication(body: bytes) -> list[Published]:
    """What a publication says, of each debtor it names; empty for an estate. Raises BadXml."""
    root = parse(body)
    meta, content = first(root, "meta"), first(root, "content")
    if meta is None or content is None:
        raise BadXml(f"no publication: <{local(root)}>")
    sub_rubric, on = text_at(meta, "subRubric"), _day(text_at(meta, "publicationDate"))
    publication_id = text_at(meta, "id")
    if on is None or not publication_id:
        raise BadXml(f"a publication without id or day ({sub_rubric or 'no rubric'})")
    title = _title(meta)
    if _is_estate(content, title):
        return []
    kind = KINDS.get(sub_rubric, _of_rubric(sub_rubric))
    if text_at(meta, "publicationState") == _CANCELLED and sub_rubric in KINDS:
        return [cancelled(Listed(publication_id, sub_rubric, title, True, on))]
    return [
        Published(
            source=SOURCE.key,
            reference=publication_id,
            kind=kind,
            country="CH",
            published_on=on,
            decided_on=next(filter(None, (_day(text_at(content, one)) for one in _DECIDED)), None),
            claims_until=_claims_until(content, on) if sub_rubric == "KK02" else None,
            name=party.name,
            place=party.place,
            is_person=party.is_person,
            numbers=party.numbers,
            label=title,
            court=text_at(meta, "registrationOffice", "displayName"),
            link=f"https://www.shab.ch/#!/search/publications/detail/{publication_id}",
            public_until=_day(text_at(meta, "expirationDate")),
        )
        for party in _parties(content, title)
    ]


def cancelled(listed: Listed) -> Published:
    """What the list alone says of a publication that was cancelled: which one it takes back."""
    kind = KINDS[listed.sub_rubric]
    return Published(
        source=SOURCE.key,
        reference=listed.key,
        kind=EventKind.ANNULLED,
        country="CH",
        published_on=listed.published_on,
        decided_on=None,
        claims_until=None,
        name="",
        place="",
        is_person=False,
        numbers=(),
        label=listed.title,
        replaces=listed.publication_id,
        about=kind if kind is not EventKind.HUMAN_READ else None,
    )


def _of_rubric(sub_rubric: str) -> EventKind:
    """A sub-rubric of bankruptcy that is not known yet is read by a person."""
    return EventKind.HUMAN_READ if sub_rubric.startswith("KK") else EventKind.OTHER


def _title(meta: etree._Element) -> str:
    """In the publication's own language, else in the first of the country's it has."""
    for language in (text_at(meta, "language"), *_LANGUAGES):
        if language and (title := text_at(meta, "title", language)):
            return title
    return text_at(meta, "subRubric")


def _is_estate(content: etree._Element, title: str) -> bool:
    """Whether it is about what somebody left behind, by its mark or by the words it uses.

    A company whose own name has such a word in it is none.
    """
    if text_at(content, "addition") in _ESTATES:
        return True
    if first(content, "debtor", "companies", "company") is not None:
        return False
    words = (plain(text_at(content, "additionCustom")), plain(title))
    return any(_ESTATE.search(one) for one in words)


@dataclass(frozen=True, slots=True)
class _Party:
    name: str
    place: str
    is_person: bool
    numbers: tuple[tuple[str, str], ...]


def _parties(content: etree._Element, title: str) -> Iterator[_Party]:
    debtor = first(content, "debtor")
    companies = _registered(content) if debtor is None else every(debtor, "company")
    for company in companies:
        yield _Party(
            _without_state(text_at(company, "name")),
            text_at(company, "address", "town") or text_at(company, "seat"),
            is_person=False,
            numbers=_numbers(company),
        )
    people = every(debtor, "person") if debtor is not None else []
    for person in people:
        name = f"{text_at(person, 'prename')} {text_at(person, 'name')}".strip()
        yield _Party(name, text_at(person, "addressSwitzerland", "town"), True, ())
    if not companies and not people:
        # Free text: nobody is named but in the title, and so nobody is recognised by a number.
        yield _Party(title, "", False, ())


def _registered(content: etree._Element) -> list[etree._Element]:
    """The company of an entry in the register; a deletion only has the state it ends."""
    for commons in ("commonsActual", "commonsNew"):
        company = first(content, commons, "company")
        if company is not None:
            return [company]
    return []


def _numbers(company: etree._Element) -> tuple[tuple[str, str], ...]:
    for value in (text_at(company, "uid"), text_at(company, "uidOrganisationId")):
        number = register_number("UID", value)
        if number is not None:
            return (number,)
    return ()


_STATE = re.compile(r",? (in liquidation|en liquidation|in liquidazione|in konkurs)$", re.I)


def _without_state(name: str) -> str:
    return _STATE.sub("", name)


def _claims_until(content: etree._Element, published_on: date) -> date | None:
    """Until when claims are to be lodged: the day itself, else counted from the publication."""
    for place in ((), ("claimOfCreditors",)):
        if until := _day(text_at(content, *place, "entryDeadline")):
            return until
        days = text_at(content, *place, "daysAfterPublication")
        if days.isdecimal() and len(days) < 4:
            return published_on + timedelta(days=int(days))
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _is_id(text: str) -> bool:
    """Whether it is a publication's id: it becomes a part of an address."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


class ShabClient(SourceClient):
    """Asks the gazette. May raise SourceBusy, SourceDown, SourceRefuses. Who calls keeps to one
    call a second (`SOURCE.limit`).
    """

    def listed(
        self, rubric: str, since: date, until: date, page: int, *, name: str = ""
    ) -> tuple[int, Sequence[Listed]]:
        """One page of what was published in a rubric: how many there are in all, and these. With
        `name` only what has the name in its title, as far as the gazette can tell.
        """
        asked: list[tuple[str, str | int | float | bool | None]] = [
            ("publicationStates", "PUBLISHED"),
            ("publicationStates", _CANCELLED),
            ("rubrics", rubric),
            *(("subRubrics", one) for one in RUBRICS[rubric] if rubric != "KK"),
            *([("keyword", name)] if name else []),
            ("publicationDate.start", since.isoformat()),
            ("publicationDate.end", until.isoformat()),
            ("pageRequest.size", str(PAGE)),
            ("pageRequest.page", str(page)),
        ]
        body = self._xml(_LIST, httpx.QueryParams(asked))
        try:
            total, listed = parse_list(body)
        except BadXml as error:
            raise SourceDown(f"unreadable list: {error}") from error
        return total, [one for one in listed if one.sub_rubric in RUBRICS[rubric]]

    def publication(self, publication_id: str) -> list[Published]:
        """One publication. Raises BadXml when it cannot be read: the next one may."""
        return parse_publication(self._xml(f"/api/v1/publications/{publication_id}/xml"))

    def _xml(self, path: str, params: httpx.QueryParams | None = None) -> bytes:
        response = self._send("GET", path, params=params)
        check(response)
        return response.content
