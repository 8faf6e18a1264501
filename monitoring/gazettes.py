"""Reading the official gazettes, once for all suppliers of the installation.

The BODACC is asked about companies, so every SIREN is asked about once, whoever sells to it. The
SHAB is read day by day, so every publication is fetched once. What is found is then taken for each
supplier in a transaction of its own. Publications turn up late and are cancelled afterwards, so
the last days are read again each time: taking what is known changes nothing.

Nothing is held open while a gazette is asked. What interrupts us loses at most one batch, which is
read again, because a mark is only moved after everything before it was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from monitoring.feeds import bodacc, shab
from monitoring.feeds.contract import Source, SourceBusy, SourceDown, SourceRefuses
from monitoring.feeds.reading_xml import BadXml
from monitoring.insolvency.actions import take_published
from monitoring.insolvency.numbers import register_number
from monitoring.insolvency.published import Published
from monitoring.insolvency.tables import SeenPublication
from monitoring.states import change, count, note, of_feed
from monitoring.tables import FeedState, FeedSubject
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.tables import Debtor, Identifier
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)

#: How far back the days before the last reading are read again.
OVERLAP = timedelta(days=10)
#: How far back a company is looked up that was not asked about before: proceedings last.
HISTORY = timedelta(days=3 * 365)
#: How far back the SHAB is read the first time: older publications are fetched by nobody.
FIRST_LOOK = timedelta(days=30)
#: Questions to the BODACC in one go; new companies beyond have their turn at the next.
MOST_QUESTIONS = 200
#: Publications of the SHAB in one go, at one a second.
MOST_FETCHED = 50

#: Which country's day each gazette counts.
_ZONES = {"FR": "Europe/Paris", "CH": "Europe/Zurich"}

#: Company number -> the debtors who bear it.
Watched = Mapping[str, Sequence[DebtorId]]


@dataclass(frozen=True, slots=True)
class Reader:
    """A supplier for whom a gazette is read, and how far that was done before."""

    supplier_id: SupplierId
    watched: Watched
    #: The day up to which everything was taken; None before the first time.
    read_until: date | None
    #: Companies that this gazette was asked about for this supplier before.
    asked: frozenset[str]


def read_bodacc(runtime: Runtime, client: bodacc.BodaccClient) -> None:
    """Ask the BODACC about every French company that any supplier sells to."""
    source, today = bodacc.SOURCE, local_date(runtime.clock.now(), _ZONES["FR"])
    readers = _readers(runtime, source, "SIREN")
    with _Troubles(runtime, source, readers) as troubles:
        if troubles.must_wait:
            return
        since = min((one.read_until for one in readers if one.read_until), default=today)
        known = {siren for one in readers for siren in one.asked & one.watched.keys()}
        fresh = {siren for one in readers for siren in one.watched.keys() - one.asked}
        questions = [
            *((batch, since - OVERLAP) for batch in _batches(known - fresh)),
            *((batch, today - HISTORY) for batch in _batches(fresh)),
        ]
        for sirens, from_day in questions[:MOST_QUESTIONS]:
            answer = client.notices(sirens, from_day)
            if answer.unread:
                log.warning("gazette.unread", source=source.key, notices=answer.unread)
            for reader in readers:
                _take_about(runtime, source, reader, sirens, answer.published)
        if len(questions) <= MOST_QUESTIONS:
            troubles.done(today)


def read_shab(
    runtime: Runtime,
    client: shab.ShabClient,
    *,
    wait: Callable[[float], None],
    most: int = MOST_FETCHED,
) -> bool:
    """Read the SHAB for every supplier with a Swiss debtor; whether there is more to fetch.

    `wait` holds us for so many seconds, before every question but the first.
    """
    source, today = shab.SOURCE, local_date(runtime.clock.now(), _ZONES["CH"])
    readers = _readers(runtime, source, "UID", country="CH")
    with _Troubles(runtime, source, readers) as troubles:
        if troubles.must_wait:
            return False
        pace = _Pace(source, wait)
        known = [one.read_until - OVERLAP for one in readers if one.read_until]
        since = min([*known, *([today - FIRST_LOOK] if len(known) < len(readers) else [])])
        unseen = _unseen(runtime, source, _listed(client, pace, since, today))
        fetched = [_fetch(client, pace, one) for one in unseen[:most]]
        published = [told for one in fetched for told in one]
        for reader in readers:
            _take_all(runtime, source, reader, published, answers=len(fetched))
        _remember_seen(runtime, source, unseen[:most], forget_before=since - OVERLAP)
        if len(unseen) > most:
            troubles.partly()
            return True
        troubles.done(today)
    return False


class _Pace:
    """Keeps to what a source allows."""

    def __init__(self, source: Source, wait: Callable[[float], None]) -> None:
        assert source.limit is not None
        self._seconds = source.limit.per / timedelta(seconds=1) / source.limit.requests
        self._wait, self._is_first = wait, True

    def step(self) -> None:
        if not self._is_first:
            self._wait(self._seconds)
        self._is_first = False


class _Troubles:
    """What goes wrong with a gazette, kept for every supplier for whom it is read."""

    def __init__(self, runtime: Runtime, source: Source, readers: Sequence[Reader]) -> None:
        self._runtime, self._source, self._readers = runtime, source, readers
        self._now = runtime.clock.now()
        self._pauses: list[datetime] = []

    def __enter__(self) -> _Troubles:
        for reader in self._readers:
            with self._runtime.transaction(Scope(reader.supplier_id)) as session:
                state = of_feed(session, reader.supplier_id, self._source.key, now=self._now)
                if state.paused_until is not None:
                    self._pauses.append(state.paused_until)
        return self

    @property
    def must_wait(self) -> bool:
        """Nobody to read it for, or it asked us to come back later."""
        return not self._readers or any(self._now < until for until in self._pauses)

    def partly(self) -> None:
        """It answered, and there is more to come."""
        self._note(last_success_at=self._now, last_error="", last_error_at=None, paused_until=None)

    def done(self, today: date) -> None:
        """It answered, and everything up to today was taken."""
        self._note(
            last_success_at=self._now, last_error="", last_error_at=None, paused_until=None,
            cursor=today.isoformat(),
        )  # fmt: skip

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, SourceBusy):
            self._note(paused_until=self._now + error.pause)
        elif isinstance(error, SourceDown | SourceRefuses):
            self._note(last_error=str(error)[:300], last_error_at=self._now)
        else:
            return False
        return True

    def _note(self, **values: Any) -> None:
        for reader in self._readers:
            note(self._runtime, reader.supplier_id, self._source.key, **values)


def _readers(
    runtime: Runtime, source: Source, scheme: str, *, country: str | None = None
) -> list[Reader]:
    """The suppliers who have somebody to watch: by number, or by name in a country."""
    watched: dict[SupplierId, dict[str, list[DebtorId]]] = {}
    with runtime.reading(SYSTEM) as session:
        for row in session.execute(
            select(
                Identifier.supplier_id, Identifier.debtor_id, Identifier.scheme, Identifier.value
            )
            .where(Identifier.scheme.in_((scheme, "SIRET", "VAT")))
            .order_by(Identifier.supplier_id, Identifier.debtor_id)
        ):
            number = register_number(row.scheme, row.value)
            if number is not None and number[0] == scheme:
                bearers = watched.setdefault(row.supplier_id, {})
                bearers.setdefault(number[1], []).append(row.debtor_id)
        if country is not None:
            for supplier_id in session.scalars(
                select(Debtor.supplier_id).where(Debtor.country == country).distinct()
            ):
                watched.setdefault(supplier_id, {})
        return [
            _reader(session, source, supplier_id, bearers)
            for supplier_id, bearers in sorted(watched.items())
        ]


def _reader(session: Session, source: Source, supplier_id: SupplierId, watched: Watched) -> Reader:
    mark = session.scalar(
        select(FeedState.cursor).where(
            FeedState.supplier_id == supplier_id, FeedState.feed == source.key
        )
    )
    asked = session.execute(
        select(FeedSubject.company_id, FeedSubject.debtor_id).where(
            FeedSubject.supplier_id == supplier_id, FeedSubject.feed == source.key
        )
    )
    known = {(row.company_id, row.debtor_id) for row in asked}
    return Reader(
        supplier_id,
        watched,
        date.fromisoformat(mark) if mark else None,
        frozenset(
            number
            for number, debtors in watched.items()
            if all((number, debtor) in known for debtor in debtors)
        ),
    )


def _batches(sirens: Iterable[str]) -> list[list[str]]:
    inorder = sorted(sirens)
    places = range(0, len(inorder), bodacc.NUMBERS_AT_ONCE)
    return [inorder[place : place + bodacc.NUMBERS_AT_ONCE] for place in places]


def _take_about(
    runtime: Runtime,
    source: Source,
    reader: Reader,
    numbers: Sequence[str],
    published: Sequence[Published],
) -> None:
    """Take what an answer says about one supplier's companies, and remember having asked."""
    mine = set(numbers) & reader.watched.keys()
    if not mine:
        return
    told = [one for one in published if any(value in mine for _scheme, value in one.numbers)]
    with runtime.transaction(Scope(reader.supplier_id)) as session:
        take_published(session, supplier_id=reader.supplier_id, published=told, clock=runtime.clock)
        _remember_asked(session, runtime, source, reader, mine)
        count(session, reader.supplier_id, source.key, len(told), now=runtime.clock.now())


def _take_all(
    runtime: Runtime,
    source: Source,
    reader: Reader,
    published: Sequence[Published],
    *,
    answers: int,
) -> None:
    """Take whatever of some publications is about one supplier's debtors."""
    with runtime.transaction(Scope(reader.supplier_id)) as session:
        take_published(
            session, supplier_id=reader.supplier_id, published=published, clock=runtime.clock
        )
        _remember_asked(session, runtime, source, reader, reader.watched.keys())
        count(session, reader.supplier_id, source.key, answers, now=runtime.clock.now())
        if published:
            newest = max(one.published_on for one in published)
            change(session, reader.supplier_id, source.key, newest_on=newest)


def _remember_asked(
    session: Session, runtime: Runtime, source: Source, reader: Reader, numbers: Iterable[str]
) -> None:
    rows = [
        {
            "supplier_id": reader.supplier_id,
            "feed": source.key,
            "debtor_id": debtor_id,
            "company_id": number,
            "asked_at": runtime.clock.now(),
            "said": "",
        }
        for number in sorted(set(numbers) - reader.asked)
        for debtor_id in reader.watched[number]
    ]
    if rows:
        session.execute(insert_or_ignore(session, FeedSubject), rows)


def _listed(client: shab.ShabClient, pace: _Pace, since: date, until: date) -> list[shab.Listed]:
    """Everything that was published since a day in the rubrics we read, the oldest first."""
    found: dict[str, shab.Listed] = {}
    for rubric in shab.RUBRICS:
        page, total = 0, 1
        while page * shab.PAGE < total:
            pace.step()
            total, listed = client.listed(rubric, since, until, page)
            found.update((one.key, one) for one in listed)
            page += 1
    return sorted(found.values(), key=lambda one: (one.published_on, one.key))


def _unseen(runtime: Runtime, source: Source, listed: Sequence[shab.Listed]) -> list[shab.Listed]:
    with runtime.reading(SYSTEM) as session:
        seen = set(
            session.scalars(
                select(SeenPublication.reference).where(SeenPublication.source == source.key)
            )
        )
    return [one for one in listed if one.key not in seen]


def _fetch(client: shab.ShabClient, pace: _Pace, listed: shab.Listed) -> list[Published]:
    """One publication; nothing where it has gone again, or nobody can read it."""
    if listed.is_cancelled:
        return [shab.cancelled(listed)]
    pace.step()
    try:
        return client.publication(listed.publication_id)
    except (BadXml, SourceRefuses) as error:
        log.warning("gazette.unread", publication=listed.publication_id, error=str(error))
        return []


def _remember_seen(
    runtime: Runtime, source: Source, seen: Sequence[shab.Listed], *, forget_before: date
) -> None:
    with runtime.transaction(SYSTEM) as session:
        rows = [
            {"source": source.key, "reference": one.key, "published_on": one.published_on}
            for one in seen
        ]
        if rows:
            session.execute(insert_or_ignore(session, SeenPublication), rows)
        session.execute(
            delete(SeenPublication).where(
                SeenPublication.source == source.key,
                SeenPublication.published_on < forget_before,
            )
        )
