"""Publications taken in, confirmed, dismissed, taken back and deleted in the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitoring.alerts.tables import Alert
from monitoring.insolvency import expiry
from monitoring.insolvency.claims import take_insolvency
from monitoring.insolvency.events import SolvencyEventRecorded, SolvencyEventRetracted
from monitoring.insolvency.kinds import EventKind, Family, family_of
from monitoring.insolvency.matching import Match, matches
from monitoring.insolvency.published import Published
from monitoring.insolvency.rules import Line, taken_back
from monitoring.insolvency.tables import InsolvencyClaim, SolvencyEvent
from receivables.clock import Clock, local_date
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, SolvencyEventId, StaffId, SupplierId, new_id
from receivables.jobs import add_unless_known
from receivables.parties.queries import supplier
from receivables.parties.tables import Debtor

_ENDS = frozenset({EventKind.CLOSED, EventKind.REVOKED})


class NoSuchPublication(NoSuch):
    """The supplier has no such publication."""


class PublicationDecided(ReceivablesError):
    """Somebody has said already whose it is, or the source took it back: see `state`."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(f"the publication is {state}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of publications: rows that stand now, wait for a person, were taken back.

    `known` came before; `strangers` are about none of the supplier's debtors, and are not kept.
    """

    stands: int = 0
    candidates: int = 0
    retracted: int = 0
    known: int = 0
    strangers: int = 0


def take_published(
    session: Session, *, supplier_id: SupplierId, published: Iterable[Published], clock: Clock
) -> Taken:
    """Write down what was published about the supplier's debtors; a repeat changes nothing.

    A debtor is told by register number (a SIRET or a VAT number in our books will do). A match by
    name alone, and everything about a person, becomes a `candidate` that somebody confirms or
    dismisses. What stands is recorded as SolvencyEventRecorded; an annulment, a correction or a
    revocation takes back what it means, as SolvencyEventRetracted, whichever is read first. A
    correction stands as what it is `about`, and is recorded before the wrong one is taken back;
    one that does not repeat what it puts right takes nothing back, and is for a person to read.
    What was over before we heard of it is written down, and told to nobody.
    """
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    kept = [one for one in published if _expires_on(one, one.is_person) > today]
    counted = Taken()
    touched: dict[tuple[DebtorId, str], set[SolvencyEventId]] = {}
    for one, found in zip(kept, matches(session, supplier_id, kept), strict=True):
        whose = found + _named_by_reference(session, supplier_id, one, found)
        if not whose:
            counted = replace(counted, strangers=counted.strangers + 1)
        for match in whose:
            event_id = _store(session, supplier_id, one, match, clock=clock)
            if event_id is None:
                counted = replace(counted, known=counted.known + 1)
                continue
            touched.setdefault((match.debtor_id, one.source), set()).add(event_id)
    for (debtor_id, source), new in sorted(touched.items()):
        told = _settle(session, supplier_id, debtor_id, source, new, clock=clock)
        counted = replace(
            counted,
            stands=counted.stands + told.stands,
            candidates=counted.candidates + told.candidates,
            retracted=counted.retracted + told.retracted,
        )
    return counted


def confirm(
    session: Session,
    *,
    supplier_id: SupplierId,
    event_id: SolvencyEventId,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """A candidate is about this debtor indeed: from now on it stands.

    Raises NoSuchPublication, PublicationDecided.
    """
    row = _row(session, supplier_id, event_id)
    _decide(row, "stands", staff_id, ("candidate",), clock=clock)
    session.flush()
    _settle(session, supplier_id, row.debtor_id, row.source, {row.id}, clock=clock)


def dismiss(
    session: Session,
    *,
    supplier_id: SupplierId,
    event_id: SolvencyEventId,
    staff_id: StaffId,
    reason: str,
    clock: Clock,
) -> None:
    """A publication is about somebody else; what stood because of it is taken back.

    Raises NoSuchPublication, PublicationDecided.
    """
    row = _row(session, supplier_id, event_id)
    stood = row.state == "stands"
    _decide(row, "dismissed", staff_id, ("candidate", "stands"), clock=clock)
    session.flush()
    if stood and _is_told(row):
        record(session, _retracted(row, reason), clock=clock)
    _settle(session, supplier_id, row.debtor_id, row.source, set(), clock=clock)


def delete_expired(session: Session, *, supplier_id: SupplierId, today: date) -> int:
    """Delete what the register itself no longer shows; how many publications went.

    Alerts and claims that rest on one stay, without it.
    """
    expired = select(SolvencyEvent.id).where(
        SolvencyEvent.supplier_id == supplier_id, SolvencyEvent.expires_on <= today
    )
    # What an alert said of it goes with it; that there was one stays.
    session.execute(
        update(Alert)
        .where(Alert.supplier_id == supplier_id, Alert.solvency_event_id.in_(expired))
        .values(detail={})
    )
    for table in (Alert, InsolvencyClaim):
        session.execute(
            update(table)
            .where(table.supplier_id == supplier_id, table.solvency_event_id.in_(expired))
            .values(solvency_event_id=None)
        )
    gone = session.execute(
        delete(SolvencyEvent)
        .where(SolvencyEvent.supplier_id == supplier_id, SolvencyEvent.expires_on <= today)
        .returning(SolvencyEvent.id)
    )
    return len(gone.all())


def _named_by_reference(
    session: Session, supplier_id: SupplierId, one: Published, found: Sequence[Match]
) -> list[Match]:
    """Whom the publication was about that this one takes back: its reference says it all."""
    if not one.replaces:
        return []
    rows = session.execute(
        select(SolvencyEvent.debtor_id, SolvencyEvent.matched_by, SolvencyEvent.is_person).where(
            SolvencyEvent.supplier_id == supplier_id,
            SolvencyEvent.source == one.source,
            SolvencyEvent.reference == one.replaces,
            SolvencyEvent.debtor_id.not_in([match.debtor_id for match in found]),
        )
    )
    return [
        Match(debtor_id=row.debtor_id, by=row.matched_by, is_person=row.is_person) for row in rows
    ]


def _store(
    session: Session, supplier_id: SupplierId, one: Published, match: Match, *, clock: Clock
) -> SolvencyEventId | None:
    """Write down a publication; None when it was known."""
    kind, replaces = one.kind, one.replaces
    if kind is EventKind.CORRECTED:
        kind = one.about or EventKind.HUMAN_READ
        replaces = (replaces or "") if one.about else None
    elif kind is EventKind.ANNULLED:
        replaces = replaces or ""
    is_person = one.is_person or match.is_person
    event_id = SolvencyEventId(new_id())
    row = {
        "id": event_id,
        "supplier_id": supplier_id,
        "debtor_id": match.debtor_id,
        "source": one.source,
        "reference": one.reference,
        "event": kind.value,
        "country": one.country,
        "published_on": one.published_on,
        "decided_on": one.decided_on,
        "claims_until": one.claims_until,
        "name": one.name[:200],
        "place": one.place[:120],
        "label": one.label[:300],
        "court": one.court[:200],
        "link": one.link[:500],
        "is_person": is_person,
        "matched_by": match.by,
        "state": "candidate" if is_person or match.by == "name" else "stands",
        "received_at": clock.now(),
        "decided_by": None,
        "decided_at": None,
        "replaces": replaces,
        "about": one.about.value if one.about and kind is EventKind.ANNULLED else "",
        "expires_on": _expires_on(one, is_person),
    }
    return event_id if add_unless_known(session, SolvencyEvent, row) else None


def _expires_on(one: Published, is_person: bool) -> date:
    return expiry.expires_on(
        is_person=is_person, published_on=one.published_on, public_until=one.public_until
    )


def _settle(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    source: str,
    new: Set[SolvencyEventId],
    *,
    clock: Clock,
) -> Taken:
    """Bring every row about a debtor to the state that all of them together say it has.

    `new` are rows nobody was told of yet. Settlings of one debtor wait for each other.
    """
    session.execute(
        select(Debtor.id)
        .where(Debtor.supplier_id == supplier_id, Debtor.id == debtor_id)
        .with_for_update(key_share=True)
    )
    rows = session.scalars(
        select(SolvencyEvent)
        .where(
            SolvencyEvent.supplier_id == supplier_id,
            SolvencyEvent.debtor_id == debtor_id,
            SolvencyEvent.source == source,
            SolvencyEvent.state != "dismissed",
        )
        .order_by(SolvencyEvent.published_on, SolvencyEvent.reference)
        .execution_options(populate_existing=True)
    ).all()
    taken = taken_back(map(_line, rows))
    before = {row.id: row.state for row in rows}
    for row in rows:
        row.state = "retracted" if row.id in taken else _untouched(row)
    news, undone = [], []
    for row in rows:
        was = before[row.id]
        if row.state == "stands" and (row.id in new or was == "retracted") and _is_told(row):
            if not _is_over(row, rows):
                news.append(_recorded(row))
        elif row.state == "retracted" and was != "retracted":
            row.decided_at = clock.now()
            if was == "stands" and row.id not in new and _is_told(row):
                undone.append(_retracted(row, taken[row.id].reference))
    _shorten(rows)
    session.flush()
    for event in (*news, *undone):
        record(session, event, clock=clock)
    for event in news:
        # With the publication itself: no reminder slips in between the two.
        take_insolvency(
            session, supplier_id=supplier_id, event_id=event.solvency_event_id, clock=clock
        )
    return Taken(
        stands=sum(row.state == "stands" for row in rows if row.id in new),
        candidates=sum(row.state == "candidate" for row in rows if row.id in new),
        retracted=len(undone),
    )


def _is_over(row: SolvencyEvent, rows: Sequence[SolvencyEvent]) -> bool:
    """Whether its procedure had ended before we heard of it: then it is history, and no news."""
    kind = EventKind(row.event)
    if family_of(kind) is not Family.INSOLVENCY or kind in _ENDS:
        return False
    place = (row.published_on, row.reference)
    return any(
        EventKind(one.event) in _ENDS
        and one.state == "stands"
        and (one.published_on, one.reference) > place
        for one in rows
    )


def _untouched(row: SolvencyEvent) -> str:
    """The state of a publication that nothing takes back."""
    waits = row.is_person or row.matched_by == "name"
    return "candidate" if waits and row.decided_by is None else "stands"


def _shorten(rows: Sequence[SolvencyEvent]) -> None:
    """What belongs to a procedure that has ended is kept no longer than its country shows it."""
    ends = [
        row
        for row in rows
        if EventKind(row.event) in _ENDS and row.state in ("stands", "candidate")
    ]
    for row in rows:
        end = next((end for end in ends if end.published_on >= row.published_on), None)
        if end is not None:
            last = expiry.after_the_end(
                country=row.country,
                is_person=row.is_person,
                ended_on=end.decided_on or end.published_on,
            )
            row.expires_on = min(row.expires_on, last)


def _line(row: SolvencyEvent) -> Line:
    return Line(
        id=row.id,
        reference=row.reference,
        kind=EventKind(row.event),
        published_on=row.published_on,
        replaces=row.replaces,
        about=EventKind(row.about) if row.about else None,
        is_candidate=_untouched(row) == "candidate",
    )


def _is_told(row: SolvencyEvent) -> bool:
    """An annulment speaks through what it takes back; what concerns no creditor is no news."""
    kind = EventKind(row.event)
    return kind is not EventKind.ANNULLED and family_of(kind) is not Family.NONE


def _recorded(row: SolvencyEvent) -> SolvencyEventRecorded:
    return SolvencyEventRecorded(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        solvency_event_id=row.id,
        event=row.event,
        source=row.source,
        published_on=row.published_on,
        # History is never deleted: of a person it does not keep what names them.
        label="" if row.is_person else row.label,
    )


def _retracted(row: SolvencyEvent, reason: str) -> SolvencyEventRetracted:
    return SolvencyEventRetracted(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        solvency_event_id=row.id,
        event=row.event,
        source=row.source,
        reason=reason,
    )


def _row(session: Session, supplier_id: SupplierId, event_id: SolvencyEventId) -> SolvencyEvent:
    row = session.scalars(
        select(SolvencyEvent)
        .where(SolvencyEvent.supplier_id == supplier_id, SolvencyEvent.id == event_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchPublication(str(event_id))
    return row


def _decide(
    row: SolvencyEvent, state: str, staff_id: StaffId, possible: tuple[str, ...], *, clock: Clock
) -> None:
    if row.state not in possible:
        raise PublicationDecided(row.state)
    row.state, row.decided_by, row.decided_at = state, staff_id, clock.now()
