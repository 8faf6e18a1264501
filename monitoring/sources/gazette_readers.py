"""For whom gazettes are read, how far, what goes wrong with them, and what was asked already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.feeds.contract import Source, SourceBusy, SourceDown, SourceRefuses
from monitoring.insolvency.numbers import register_number
from monitoring.sources.states import note, of_feed
from monitoring.tables import FeedState, FeedSubject
from receivables.database import SYSTEM, Scope
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.tables import Debtor, Identifier
from receivables.runtime import Runtime

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


class Troubles:
    """What goes wrong with a gazette, kept for every supplier for whom it is read."""

    def __init__(self, runtime: Runtime, source: Source, readers: Sequence[Reader]) -> None:
        self._runtime, self._source, self._readers = runtime, source, readers
        self._now = runtime.clock.now()
        self._pauses: list[datetime] = []

    def __enter__(self) -> Troubles:
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


def readers_of(
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


def remember_asked(
    session: Session, runtime: Runtime, source: Source, reader: Reader, numbers: Iterable[str]
) -> None:
    """From now on a gazette counts as asked about these companies."""
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
