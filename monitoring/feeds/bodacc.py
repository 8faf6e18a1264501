"""The BODACC, the French gazette of companies, as open data: notices told as publications.

Asked through Opendatasoft's Explore API v2.1 (no key), or read from the gazette's own XML files by
`bodacc_files`. Both speak of the same notices under the same reference: the letter of the edition,
the number of the issue, the number of the notice (A202601852758).

Worth knowing of a record: `jugement`, `listepersonnes` and others are JSON inside a string (or,
rarely, JSON at once); `registre` gives each SIREN twice, with and without blanks, and is empty for
whoever is in no register; a sale names buyer and seller; an annulment or a rectification names
what it takes the place of (`parutionavisprecedent`); a family that does not exist gives no records
rather than an error.

Only the family of collective proceedings speaks of insolvency. A striking-off is told as such;
sales and all other families are of no concern to a creditor, and conciliations are confidential.
Source: https://bodacc-datadila.opendatasoft.com/explore/dataset/annonces-commerciales/ (Licence
Ouverte / Etalab).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from monitoring.feeds import sources
from monitoring.feeds.asking import SourceClient, understood
from monitoring.feeds.bodacc_labels import day_of, is_withdrawn, kind_of, plain, repaired
from monitoring.feeds.contract import SourceDown
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.published import Published
from receivables.errors import ReceivablesError

SOURCE = sources.BODACC

#: The operator's own address of it; see `settings`.
PUBLIC_URL = "https://bodacc-datadila.opendatasoft.com"
_RECORDS = "/api/explore/v2.1/catalog/datasets/annonces-commerciales/records"
#: What the API gives at most in one answer, and how far one can page. Source: Opendatasoft,
#: Explore API v2.1, "limit" and "offset + limit".
PAGE, REACH = 100, 10_000
#: Numbers in one question: what fits into an address that every server on the way takes.
NUMBERS_AT_ONCE = 50
#: The families worth asking for.
FAMILIES = ("collective", "radiation")


class UnreadableNotice(ReceivablesError):
    """A record that is no notice as the gazette writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whom a notice is about."""

    name: str
    place: str
    siren: str | None
    is_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice, however it came: `kind` is "initial", "rectification" or "annulment"."""

    reference: str
    kind: str
    family: str
    published_on: date
    court: str
    link: str
    #: The judgment: its family, its label, its text and its day.
    judged: str
    label: str
    complement: str
    decided_on: date | None
    parties: tuple[Party, ...]
    replaces: str | None


_TAKING_BACK = (EventKind.ANNULLED, EventKind.CORRECTED)


def published_of_record(record: Mapping[str, Any]) -> list[Published]:
    """What a record of the API says, of each party; empty where it concerns nobody we know of.

    Raises UnreadableNotice.
    """
    return list(publications(notice_of(record)))


def publications(notice: Notice) -> Iterator[Published]:
    """A notice as publications, one for each party; the estates of people are left out."""
    kind, about = _kinds(notice)
    for party in notice.parties:
        if _is_estate(notice, party):
            continue
        yield Published(
            source=SOURCE.key,
            reference=notice.reference,
            kind=kind,
            country="FR",
            published_on=notice.published_on,
            decided_on=notice.decided_on,
            claims_until=None,
            name=party.name,
            place=party.place,
            is_person=party.is_person,
            numbers=(("SIREN", party.siren),) if party.siren else (),
            label=_told(notice, kind),
            court=notice.court,
            link=notice.link,
            replaces=notice.replaces if kind in _TAKING_BACK else None,
            about=about,
        )


def _kinds(notice: Notice) -> tuple[EventKind, EventKind | None]:
    """What a notice is, and of what it takes back or puts right: what that speaks of.

    A rectification that nobody understands takes nothing back: a person reads it.
    """
    content = _content(notice)
    if notice.kind == "annulment" or is_withdrawn(notice.judged):
        is_known = content not in (EventKind.HUMAN_READ, EventKind.OTHER)
        return EventKind.ANNULLED, content if is_known else None
    if notice.kind == "rectification":
        if content is EventKind.STRUCK_OFF and "rapport" in plain(notice.complement):
            return EventKind.ANNULLED, content
        if content is not EventKind.HUMAN_READ:
            return EventKind.CORRECTED, content
    return content, None


def _content(notice: Notice) -> EventKind:
    if notice.family == "collective":
        return kind_of(notice.label, notice.complement)
    if notice.family == "radiation" and "transfert" not in plain(notice.complement):
        return EventKind.STRUCK_OFF
    return EventKind.OTHER


def _told(notice: Notice, kind: EventKind) -> str:
    """The label; with what stands beside it where a person has to read."""
    if kind is EventKind.HUMAN_READ and notice.complement:
        return f"{notice.label}: {notice.complement}"[:300]
    return notice.label


_ESTATE = re.compile(r"\bsuccessions? (de|vacantes?|non reclamees?|repudiees?)\b|\ben desherence\b")


def _is_estate(notice: Notice, party: Party) -> bool:
    told = plain(f"{party.name} {notice.label}")
    return bool(_ESTATE.search(told)) or (
        party.is_person and "succession vacante" in plain(notice.complement)
    )


def notice_of(record: Mapping[str, Any]) -> Notice:
    """A record of the API, taken apart. Raises UnreadableNotice."""
    published_on = day_of(_text(record.get("dateparution")))
    if published_on is None:
        raise UnreadableNotice("a record without the day of its publication")
    judged = _mapping(record.get("jugement"))
    family = _family(record)
    struck = json.dumps(_inner(record.get("radiationaurcs")), ensure_ascii=False)
    complement = _text(judged.get("complementJugement")) if judged else ""
    named = _text(judged.get("nature")) or _text(judged.get("famille"))
    label = repaired(named) or _text(record.get("familleavis_lib"))
    return Notice(
        reference=reference_of(record),
        kind=_kind_of_notice(record, judged),
        family=family,
        published_on=published_on,
        court=repaired(_text(record.get("tribunal"))),
        link=_link(record.get("url_complete")),
        judged=_text(judged.get("famille")),
        label=label or family,
        complement=struck if family == "radiation" else complement,
        decided_on=day_of(_text(judged.get("date"))),
        parties=tuple(_parties(record)),
        replaces=_replaced(_mapping(record.get("parutionavisprecedent"))),
    )


def reference_of(record: Mapping[str, Any]) -> str:
    """The gazette's own key of a notice; a digest of the record where it gives none."""
    if identified := _text(record.get("id")):
        return identified[:120]
    built = _numbered(
        _text(record.get("publicationavis")),
        _text(record.get("parution")),
        _text(record.get("numeroannonce")),
    )
    if built is not None:
        return built
    content = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    return f"content:{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def _replaced(previous: Mapping[str, Any]) -> str | None:
    return _numbered(
        _text(previous.get("nomPublication")),
        _text(previous.get("numeroParution")),
        _text(previous.get("numeroAnnonce")),
    )


def _numbered(edition: str, issue: str, notice: str) -> str | None:
    """`BODACC A`, 20260185, 2758 as A202601852758."""
    letter = edition.split()[-1:] or [""]
    if not (letter[0].isalpha() and issue.isdecimal() and notice.isdecimal()):
        return None
    return f"{letter[0].upper()}{issue}{int(notice)}"


#: How the families are told by their key or by their French name.
_FAMILIES = (
    ("collective", "collective"),
    ("radiation", "radiation"),
    ("vente", "vente"),
    ("cession", "vente"),
    ("conciliation", "conciliation"),
)


def _family(record: Mapping[str, Any]) -> str:
    told = plain(_text(record.get("familleavis")) or _text(record.get("familleavis_lib")))
    return next((family for word, family in _FAMILIES if word in told), told)


def _kind_of_notice(record: Mapping[str, Any], judged: Mapping[str, Any]) -> str:
    told = [record.get("typeavis"), record.get("typeavis_lib"), judged.get("type")]
    words = " ".join(plain(_text(one)) for one in told)
    if "annulation" in words:
        return "annulment"
    return "rectification" if "rectificati" in words else "initial"


def _parties(record: Mapping[str, Any]) -> Iterator[Party]:
    """Everybody a notice names; both sides of a sale."""
    people = [
        person
        for field in ("listepersonnes", "listeprecedentproprietaire", "listeprecedentexploitant")
        for person in people_of(_inner(record.get(field)))
    ]
    town = repaired(_text(record.get("ville")))
    sirens = list(dict.fromkeys(filter(None, map(siren_of, _texts(record.get("registre"))))))
    for person in people:
        party = _party(person, town)
        if party.siren is None and len(people) == len(sirens) == 1:
            party = replace(party, siren=sirens[0])
        yield party
    if people:
        return
    name = repaired(_text(record.get("commercant")))
    for siren in sirens:
        yield Party(name=name, place=town, siren=siren, is_person=False)
    if not sirens:
        yield Party(name=name, place=town, siren=None, is_person=False)


def people_of(said: Any) -> Iterator[Mapping[str, Any]]:
    """The people of a list, which is one object where it has one: {"personne": {...}}."""
    if isinstance(said, list):
        for one in said:
            yield from people_of(one)
    elif isinstance(said, dict):
        inner = said.get("personne")
        if inner is None:
            yield said
        else:
            yield from people_of(inner)


def _party(person: Mapping[str, Any], town: str) -> Party:
    is_person = _text(person.get("typePersonne")).lower() == "pp" or bool(person.get("prenom"))
    name = _text(person.get("denomination"))
    if not name:
        name = " ".join(filter(None, (_text(person.get("prenom")), _text(person.get("nom")))))
    address = next(
        (
            _mapping(person[field])
            for field in ("adresseSiegeSocial", "adressePP", "adresse")
            if _mapping(person.get(field))
        ),
        {},
    )
    registered = _mapping(person.get("numeroImmatriculation"))
    return Party(
        name=repaired(name),
        place=repaired(_text(address.get("ville"))) or town,
        siren=siren_of(_text(registered.get("numeroIdentification"))),
        is_person=is_person,
    )


def siren_of(text: str) -> str | None:
    """The SIREN in a text such as “791 195 415” or a SIRET; None for anything else."""
    digits = re.sub(r"\s", "", text)
    return digits[:9] if re.fullmatch(r"\d{9}(\d{5})?", digits, re.ASCII) else None


def _inner(value: Any) -> Any:
    """A field that is JSON, be it inside a string or not; None for what is neither."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value.encode())
    except msgspec.DecodeError:
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    inner = _inner(value)
    return inner if isinstance(inner, dict) else {}


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _link(value: Any) -> str:
    link = _text(value)
    return link if link.startswith("https://") and len(link) <= 500 else ""


class _Records(msgspec.Struct):
    total_count: int
    results: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question gave; `unread` counts records that were no notices."""

    published: Sequence[Published]
    records: int
    unread: int


class BodaccClient(SourceClient):
    """Asks the open data about companies. May raise SourceBusy, SourceDown, SourceRefuses."""

    def notices(self, sirens: Sequence[str], since: date) -> Answer:
        """Everything published since a day about at most NUMBERS_AT_ONCE companies."""
        assert 0 < len(sirens) <= NUMBERS_AT_ONCE, f"{len(sirens)} numbers in one question"
        found: list[Published] = []
        records = unread = 0
        where = where_of(sirens, since)
        while True:
            page = self._page(where, records)
            for record in page.results:
                try:
                    found.extend(published_of_record(record))
                except UnreadableNotice:
                    unread += 1
            records += len(page.results)
            if not page.results or records >= page.total_count:
                return Answer(found, records, unread)
            if records + PAGE > REACH:
                raise SourceDown(f"{page.total_count} notices about {len(sirens)} companies")

    def _page(self, where: str, offset: int) -> _Records:
        asked = {
            "where": where,
            "order_by": "dateparution, id",
            "limit": str(PAGE),
            "offset": str(offset),
        }
        return understood(self._send("GET", _RECORDS, params=asked), _Records)


def where_of(sirens: Iterable[str], since: date) -> str:
    """The question in the API's query language (ODSQL); every value is digits, or ours."""
    numbers = " OR ".join(f'registre="{siren}"' for siren in sirens if siren_of(siren))
    families = " OR ".join(f'familleavis="{family}"' for family in FAMILIES)
    return f"({numbers}) AND ({families}) AND dateparution>=date'{since.isoformat()}'"
