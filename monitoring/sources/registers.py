"""Files of registers taken in: how our debtors stand there, and what is news of that.

A register's file tells how things stand and not what happened; so what it said last is remembered
of each debtor, and only what is different now is told. The same file twice, or an older one after
a newer, says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.feeds import kbo
from monitoring.feeds.kbo import Enterprise, Fault, OpenData
from monitoring.feeds.sources import KBO
from monitoring.insolvency.actions import take_published
from monitoring.insolvency.kinds import OPENINGS, EventKind
from monitoring.insolvency.numbers import register_number
from monitoring.insolvency.published import Published
from monitoring.sources.states import change, count, of_feed
from monitoring.tables import FeedSubject
from receivables.database import Scope
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.tables import Identifier
from receivables.runtime import Runtime

#: The register's public search, by number.
PUBLIC = "https://kbopub.economie.fgov.be/kbopub/zoeknummerform.html?nummer="
#: What is remembered of an enterprise that the file no longer lists.
_GONE = "gone"
_CHUNK = 200


@dataclass(slots=True)
class RegisterTaken:
    """What became of a file: of which day it is, how many of our debtors it knows, and how many
    publications that made (see `insolvency.actions.Taken`).
    """

    snapshot_on: date
    is_full: bool
    lines: int
    debtors: int = 0
    found: int = 0
    news: int = 0
    stands: int = 0
    candidates: int = 0
    faults: Sequence[Fault] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class _Ours:
    """A debtor of a supplier by enterprise number, and what the register said last."""

    debtor_id: DebtorId
    number: str
    said: str


def take_kbo(
    runtime: Runtime, supplier_ids: Iterable[SupplierId], path: Path
) -> dict[SupplierId, RegisterTaken]:
    """Take the Belgian register's file for these suppliers; it is read once for all of them.

    Raises NotOpenData when nothing of it can be taken.
    """
    ours = {one: _ours(runtime, one) for one in supplier_ids}
    wanted = {one.number for each in ours.values() for one in each}
    data = kbo.read(path, wanted)
    return {
        supplier_id: _take(runtime, supplier_id, its, data) for supplier_id, its in ours.items()
    }


def _ours(runtime: Runtime, supplier_id: SupplierId) -> list[_Ours]:
    with runtime.reading(Scope(supplier_id)) as session:
        rows = session.execute(
            select(Identifier.debtor_id, Identifier.scheme, Identifier.value).where(
                Identifier.supplier_id == supplier_id, Identifier.scheme.in_(KBO.schemes)
            )
        )
        numbers = {}
        for row in rows:
            found = register_number(row.scheme, row.value)
            if found is not None and found[0] == "KBO":
                numbers[row.debtor_id] = found[1]
        said: dict[DebtorId, str] = {
            row.debtor_id: row.said
            for row in session.execute(
                select(FeedSubject.debtor_id, FeedSubject.said).where(
                    FeedSubject.supplier_id == supplier_id, FeedSubject.feed == KBO.key
                )
            )
        }
    return [
        _Ours(debtor_id, number, said.get(debtor_id, "")) for debtor_id, number in numbers.items()
    ]


def _take(
    runtime: Runtime, supplier_id: SupplierId, ours: Sequence[_Ours], data: OpenData
) -> RegisterTaken:
    now = runtime.clock.now()
    taken = RegisterTaken(
        data.snapshot_on, data.is_full, data.lines, debtors=len(ours), faults=data.faults
    )
    with runtime.transaction(Scope(supplier_id)) as session:
        of_feed(session, supplier_id, KBO.key, now=now)
    for start in range(0, len(ours), _CHUNK):
        with runtime.transaction(Scope(supplier_id)) as session:
            news = []
            for one in ours[start : start + _CHUNK]:
                taken.found += one.number in data.found
                said, published = news_of(one.number, one.said, data)
                _remember(session, supplier_id, one, said, now=now)
                news += published
            became = take_published(
                session, supplier_id=supplier_id, published=news, clock=runtime.clock
            )
            taken.news += len(news)
            taken.stands += became.stands
            taken.candidates += became.candidates
    with runtime.transaction(Scope(supplier_id)) as session:
        state = of_feed(session, supplier_id, KBO.key, now=now)
        newest = max(filter(None, (state.newest_on, data.snapshot_on)))
        change(
            session, supplier_id, KBO.key, last_success_at=now, last_error="", last_error_at=None,
            newest_on=newest,
        )  # fmt: skip
        count(session, supplier_id, KBO.key, taken.found, now=now)
    return taken


def news_of(number: str, said: str, data: OpenData) -> tuple[str, list[Published]]:
    """What is to be remembered of an enterprise, and what is news, given what was said last.

    Remembered is the situation's code and the day of the file it was last seen in.
    """
    before, _, seen_on = said.partition("@")
    if seen_on and data.snapshot_on.isoformat() < seen_on:
        return said, []
    enterprise = data.found.get(number)
    if enterprise is None:
        is_gone = number in data.gone or (data.is_full and bool(said))
        if not is_gone:
            return said, []
        new = _GONE
    else:
        new = enterprise.situation
    remembered = f"{new}@{data.snapshot_on.isoformat()}"
    if new == before:
        return remembered, []
    return remembered, _news(number, before, enterprise, data)


def _news(
    number: str, before: str, enterprise: Enterprise | None, data: OpenData
) -> list[Published]:
    if enterprise is None:
        return [_published(number, _GONE, EventKind.INACTIVE, "", None, data)]
    kind = enterprise.kind
    if kind is not EventKind.OTHER:
        return [_published(number, enterprise.situation, kind, enterprise.label, enterprise, data)]
    was = data.situations.get(before)
    if was not in OPENINGS:
        return []
    # The register takes a bankruptcy that was undone away, and lets a reorganisation run out.
    ended = EventKind.REVOKED if was is EventKind.LIQUIDATION else EventKind.CLOSED
    return [_published(number, enterprise.situation, ended, enterprise.label, enterprise, data)]


def _published(
    number: str,
    situation: str,
    kind: EventKind,
    label: str,
    enterprise: Enterprise | None,
    data: OpenData,
) -> Published:
    return Published(
        source=KBO.key,
        reference=f"{number}:{situation}:{data.snapshot_on.isoformat()}",
        kind=kind,
        country="BE",
        # The day of the file: the register's open data do not say since when.
        published_on=data.snapshot_on,
        decided_on=None,
        claims_until=None,
        name=enterprise.name if enterprise else "",
        place="",
        is_person=enterprise.is_person if enterprise else False,
        numbers=(("KBO", number),),
        label=label,
        link=f"{PUBLIC}{number}",
    )


def _remember(
    session: Session, supplier_id: SupplierId, one: _Ours, said: str, *, now: datetime
) -> None:
    key = {"supplier_id": supplier_id, "feed": KBO.key, "debtor_id": one.debtor_id}
    values = {"company_id": one.number, "asked_at": now, "said": said}
    session.execute(insert_or_ignore(session, FeedSubject), {**key, **values})
    session.execute(
        update(FeedSubject)
        .where(*(getattr(FeedSubject, name) == value for name, value in key.items()))
        .values(**values)
    )
