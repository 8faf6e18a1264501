"""Reading the official gazettes, once for all suppliers of the installation.

The BODACC is asked about companies, so every SIREN is asked about once, whoever sells to it. The
SHAB is read day by day, so every publication is fetched once; what it published of a company
before we knew the company is looked up by name, the only thing it can be searched for. What is
found is taken for each supplier in a transaction of its own. Publications turn up late and are
cancelled afterwards, so the last days are read again each time: taking what is known changes
nothing.

Nothing is held open while a gazette is asked. What interrupts us loses at most one batch, which is
read again, because a mark is only moved after everything before it was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

import structlog
from sqlalchemy import delete, select

from monitoring.feeds import bodacc, shab
from monitoring.feeds.contract import Source, SourceRefuses
from monitoring.feeds.reading_xml import BadXml
from monitoring.insolvency.actions import take_published
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.published import Published
from monitoring.insolvency.tables import SeenPublication
from monitoring.sources.gazette_readers import Reader, Troubles, readers_of, remember_asked
from monitoring.sources.states import change, count
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.jobs import insert_or_ignore
from receivables.parties.queries import debtor_names
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
#: Publications of the SHAB in one go, and companies looked up there by name, at one a second.
MOST_FETCHED, MOST_LOOKUPS = 50, 30

#: More publications than that nobody has in the years we look back.
MOST_OF_ONE = 20

#: Which country's day each gazette counts.
_ZONES = {"FR": "Europe/Paris", "CH": "Europe/Zurich"}


def read_bodacc(runtime: Runtime, client: bodacc.BodaccClient) -> None:
    """Ask the BODACC about every French company that any supplier sells to."""
    source, today = bodacc.SOURCE, local_date(runtime.clock.now(), _ZONES["FR"])
    readers = readers_of(runtime, source, "SIREN")
    with Troubles(runtime, source, readers) as troubles:
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
    readers = readers_of(runtime, source, "UID", country="CH")
    with Troubles(runtime, source, readers) as troubles:
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
        is_more = _look_up(runtime, client, pace, readers, today)
        if len(unseen) > most:
            troubles.partly()
            return True
        troubles.done(today)
        return is_more
    return False


def _look_up(
    runtime: Runtime,
    client: shab.ShabClient,
    pace: _Pace,
    readers: Sequence[Reader],
    today: date,
) -> bool:
    """Look up what was published of companies before they were known to us, and of those alone;
    whether some have to wait for the next go.
    """
    left = MOST_LOOKUPS
    for reader in readers:
        fresh = sorted(reader.watched.keys() - reader.asked)
        with runtime.reading(Scope(reader.supplier_id)) as session:
            debtors = [reader.watched[uid][0] for uid in fresh[:left]]
            names = debtor_names(session, reader.supplier_id, debtors)
        for uid in fresh[:left]:
            found = _published_of(client, pace, names.get(reader.watched[uid][0], ""), uid, today)
            with runtime.transaction(Scope(reader.supplier_id)) as session:
                take_published(
                    session, supplier_id=reader.supplier_id, published=found, clock=runtime.clock
                )
                remember_asked(session, runtime, shab.SOURCE, reader, [uid])
        if len(fresh) > left:
            return True
        left -= len(fresh)
    return False


def _published_of(
    client: shab.ShabClient, pace: _Pace, name: str, uid: str, today: date
) -> list[Published]:
    """What the gazette has of a company, which it finds by name and we tell by number."""
    if not name:
        return []
    pace.step()
    _total, listed = client.listed("KK", today - HISTORY, today, 0, name=name)
    told = [one for line in listed[:MOST_OF_ONE] for one in _fetch(client, pace, line)]
    return [one for one in told if ("UID", uid) in one.numbers or one.kind is EventKind.ANNULLED]


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
        remember_asked(session, runtime, source, reader, mine)
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
        count(session, reader.supplier_id, source.key, answers, now=runtime.clock.now())
        if published:
            newest = max(one.published_on for one in published)
            change(session, reader.supplier_id, source.key, newest_on=newest)


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
