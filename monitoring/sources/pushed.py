"""Solvency events that somebody pushes to us, for every supplier whose debtor they are about.

    {"events": [...],      what the bureau pushes, see feeds/bureau.py
     "published": [...]}   what a gazette or register says, one object each:

    reference     the sender's own key: the same again is known                     needed
    kind          an `EventKind`: liquidation, reorganisation, closed, annulled ...  needed
    country       ISO 3166 alpha-2                                                  needed
    published_on  2026-11-02                                                        needed
    numbers       {"SIREN": "732829320"}, also KBO, UID, CRN, VAT                   needed
    label         as published                                                      needed
    name, place, court, link, decided_on, claims_until, replaces, is_person

A name alone is nobody: whoever pushes says by number whom it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from monitoring.feeds import bureau
from monitoring.feeds.bureau import NotABureauEvent
from monitoring.feeds.sources import PUSHED
from monitoring.insolvency.actions import take_published
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.numbers import register_numbers, sirets_of, spellings
from monitoring.insolvency.published import Published
from monitoring.taking import take_events
from receivables.clock import Clock
from receivables.ids import SupplierId
from receivables.parties.tables import Identifier

#: In one body; whoever has more to say pushes again.
MOST = 500


class _Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reference: str
    kind: EventKind
    country: str
    published_on: date
    numbers: dict[str, str]
    label: str
    name: str = ""
    place: str = ""
    court: str = ""
    link: str = ""
    decided_on: date | None = None
    claims_until: date | None = None
    replaces: str | None = None
    is_person: bool = False


class _Body(msgspec.Struct, frozen=True):
    published: list[_Event] = []


@dataclass(frozen=True, slots=True)
class Pushed:
    """A body, understood."""

    events: Sequence[bureau.Event]
    published: Sequence[Published]


def understand(body: bytes) -> Pushed:
    """What a pushed body says. Raises NotABureauEvent."""
    try:
        sent = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotABureauEvent(str(error)) from error
    if not isinstance(sent, dict) or "published" not in sent:
        return Pushed(bureau.parse_events(body), ())
    try:
        listed = msgspec.convert(sent, _Body).published
    except msgspec.MsgspecError as error:
        raise NotABureauEvent(str(error)) from error
    events = bureau.parse_events(body) if "events" in sent else ()
    if len(listed) > MOST:
        raise NotABureauEvent(f"{len(listed)} publications at once")
    return Pushed(events, [_published(one) for one in listed])


def _published(one: _Event) -> Published:
    numbers = tuple(sorted(register_numbers(one.numbers.items())))
    if not numbers:
        raise NotABureauEvent(f"{one.reference[:40]!r} names nobody by number")
    if not 0 < len(one.reference) <= 120 or len(one.replaces or "") > 120:
        raise NotABureauEvent("a reference of that length")
    if not (len(one.country) == 2 and one.country.isascii() and one.country.isupper()):
        raise NotABureauEvent(f"{one.country[:10]!r} is no country")
    if one.link and not one.link.startswith("https://"):
        raise NotABureauEvent("a link that is none")
    return Published(
        source=PUSHED.key, reference=one.reference, kind=one.kind, country=one.country,
        published_on=one.published_on, decided_on=one.decided_on, claims_until=one.claims_until,
        name=one.name, place=one.place, is_person=one.is_person, numbers=numbers,
        label=one.label, court=one.court, link=one.link, replaces=one.replaces,
    )  # fmt: skip


def take(session: Session, pushed: Pushed, *, clock: Clock) -> int:
    """Record what was pushed for every supplier it concerns; returns how much of it was new.

    Needs a system transaction: the sender knows companies, not whose debtors they are.
    """
    new = take_events(session, pushed.events, clock=clock)
    for supplier_id in _concerned(session, pushed.published):
        taken = take_published(
            session, supplier_id=supplier_id, published=pushed.published, clock=clock
        )
        new += taken.stands + taken.candidates + taken.retracted
    return new


def _concerned(session: Session, published: Iterable[Published]) -> list[SupplierId]:
    """The suppliers that have one of these companies among their debtors."""
    numbers = {number for one in published for number in one.numbers}
    spelt = sorted({each for number in numbers for each in spellings(*number)})
    found: set[SupplierId] = set()
    for start in range(0, len(spelt), 300):
        some = spelt[start : start + 300]
        found |= set(
            session.scalars(
                select(Identifier.supplier_id)
                .where(tuple_(Identifier.scheme, Identifier.value).in_(some))
                .distinct()
            )
        )
    for scheme, value in sorted(numbers):
        if scheme == "SIREN":
            first, last = sirets_of(value)
            found |= set(
                session.scalars(
                    select(Identifier.supplier_id)
                    .where(Identifier.scheme == "SIRET", Identifier.value.between(first, last))
                    .distinct()
                )
            )
    return sorted(found)
