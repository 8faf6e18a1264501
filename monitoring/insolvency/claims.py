"""Claims to lodge with liquidators: opened by a publication, lodged or given up by a person.

Nothing here stops anything: that is `receivables.credit`, which is told first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.insolvency.deadlines import Basis, deadline_of
from monitoring.insolvency.events import ClaimDecided, ClaimToLodge, InsurerTold
from monitoring.insolvency.kinds import OPENINGS, EventKind
from monitoring.insolvency.tables import InsolvencyClaim, SolvencyEvent
from receivables.clock import Clock
from receivables.credit import actions as credit
from receivables.credit.queries import standing
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import (
    DebtorId,
    InsolvencyClaimId,
    SolvencyEventId,
    StaffId,
    SupplierId,
    new_id,
)
from receivables.parties.queries import supplier as supplier_of
from receivables.workdays import HOLIDAYS


class NoSuchClaim(NoSuch):
    """The supplier has no such claim to lodge."""


class ClaimIsClosed(ReceivablesError):
    """It was lodged, given up or withdrawn before."""

    def __init__(self, claim_id: InsolvencyClaimId, state: str) -> None:
        self.claim_id, self.state = claim_id, state
        super().__init__(f"claim {claim_id} is {state}")


class DayNotPossible(ReceivablesError):
    """A claim is lodged between the opening and today."""

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(f"no claim is lodged on {day}")


def take_insolvency(
    session: Session, *, supplier_id: SupplierId, event_id: SolvencyEventId, clock: Clock
) -> bool:
    """Stop every demand and charge, and open the claim or bring it up to date, if the publication
    opens a procedure and still stands; False where it does not. Twice changes nothing.
    """
    event = session.scalar(
        select(SolvencyEvent).where(
            SolvencyEvent.supplier_id == supplier_id,
            SolvencyEvent.id == event_id,
            SolvencyEvent.state == "stands",
        )
    )
    if event is None or EventKind(event.event) not in OPENINGS:
        return False
    opened_on = event.decided_on or event.published_on
    credit.note_insolvency(
        session,
        supplier_id=supplier_id,
        debtor_id=event.debtor_id,
        insolvent_on=opened_on,
        clock=clock,
    )
    _open_claim(session, event, opened_on, clock)
    return True


def _open_claim(session: Session, event: SolvencyEvent, opened_on: date, clock: Clock) -> None:
    found = deadline_of(
        country=event.country,
        kind=EventKind(event.event),
        published_on=event.published_on,
        claims_until=event.claims_until,
        creditor_country=supplier_of(session, event.supplier_id).country,
        calendar=HOLIDAYS,
    )
    claim = session.scalar(
        select(InsolvencyClaim)
        .where(
            InsolvencyClaim.supplier_id == event.supplier_id,
            InsolvencyClaim.debtor_id == event.debtor_id,
            InsolvencyClaim.state.in_(("open", "lodged")),
        )
        .order_by(InsolvencyClaim.created_at.desc())
        .with_for_update()
    )
    if claim is None:
        cover = standing(session, event.supplier_id, event.debtor_id).cover
        claim = InsolvencyClaim(
            id=InsolvencyClaimId(new_id()),
            supplier_id=event.supplier_id,
            debtor_id=event.debtor_id,
            solvency_event_id=event.id,
            opened_on=opened_on,
            lodge_until=found.until,
            basis=found.basis,
            state="open",
            lodged_on=None,
            retains_title=False,
            securities="",
            insurer_waits=cover is not None,
            created_at=clock.now(),
            changed_at=clock.now(),
        )
        session.add(claim)
    elif claim.state == "open" and _says_more(found.basis, Basis(claim.basis), found.until):
        claim.solvency_event_id = event.id
        claim.opened_on = min(claim.opened_on, opened_on)
        claim.lodge_until, claim.basis = found.until, found.basis
        claim.changed_at = clock.now()
    else:
        return
    session.flush()
    record(
        session,
        ClaimToLodge(
            supplier_id=event.supplier_id,
            debtor_id=event.debtor_id,
            claim_id=claim.id,
            lodge_until=claim.lodge_until,
            basis=claim.basis,
        ),
        clock=clock,
    )


_ORDER = (Basis.UNKNOWN, Basis.LATER, Basis.LAW, Basis.PUBLICATION)


def _says_more(new: Basis, known: Basis, until: date | None) -> bool:
    """A day in a publication beats one that was counted, and any day beats none."""
    return until is not None and _ORDER.index(new) > _ORDER.index(known)


def take_back(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, reason: str, clock: Clock
) -> bool:
    """Withdraw the open claim when nothing that opens a procedure stands any more; True if none
    does. Demands stay stopped: whether they go out again is a person's to decide.
    """
    if _standing_openings(session, supplier_id, debtor_id):
        return False
    claim = session.scalar(
        select(InsolvencyClaim)
        .where(
            InsolvencyClaim.supplier_id == supplier_id,
            InsolvencyClaim.debtor_id == debtor_id,
            InsolvencyClaim.state == "open",
        )
        .with_for_update()
    )
    if claim is not None:
        _close(session, claim, "withdrawn", reason, None, clock)
    return True


def _standing_openings(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> bool:
    return (
        session.scalar(
            select(SolvencyEvent.id)
            .where(
                SolvencyEvent.supplier_id == supplier_id,
                SolvencyEvent.debtor_id == debtor_id,
                SolvencyEvent.state == "stands",
                SolvencyEvent.event.in_(OPENINGS),
            )
            .limit(1)
        )
        is not None
    )


def lodge(
    session: Session,
    *,
    supplier_id: SupplierId,
    claim_id: InsolvencyClaimId,
    lodged_on: date,
    today: date,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """The claim was lodged. Raises NoSuchClaim, ClaimIsClosed and DayNotPossible."""
    claim = _open(session, supplier_id, claim_id)
    if not claim.opened_on <= lodged_on <= today:
        raise DayNotPossible(lodged_on)
    claim.lodged_on = lodged_on
    _close(session, claim, "lodged", "", staff_id, clock)


def give_up(
    session: Session,
    *,
    supplier_id: SupplierId,
    claim_id: InsolvencyClaimId,
    reason: str,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """It is not worth lodging. Raises NoSuchClaim and ClaimIsClosed."""
    claim = _open(session, supplier_id, claim_id)
    _close(session, claim, "given_up", reason, staff_id, clock)


def describe(
    session: Session,
    *,
    supplier_id: SupplierId,
    claim_id: InsolvencyClaimId,
    lodge_until: date | None,
    retains_title: bool,
    securities: str,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """What only the supplier knows: securities, retention of title, and the term as it was read in
    the judgment. Raises NoSuchClaim and ClaimIsClosed.
    """
    claim = _open(session, supplier_id, claim_id)
    if lodge_until != claim.lodge_until:
        basis = Basis.UNKNOWN if lodge_until is None else Basis.PUBLICATION
        claim.lodge_until, claim.basis = lodge_until, basis
    claim.retains_title, claim.securities = retains_title, securities.strip()[:1000]
    claim.changed_at, claim.changed_by = clock.now(), staff_id


def insurer_told(
    session: Session,
    *,
    supplier_id: SupplierId,
    claim_id: InsolvencyClaimId,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """The credit insurer knows. Raises NoSuchClaim."""
    claim = _locked(session, supplier_id, claim_id)
    if not claim.insurer_waits:
        return
    claim.insurer_waits = False
    claim.changed_at, claim.changed_by = clock.now(), staff_id
    record(
        session,
        InsurerTold(supplier_id=supplier_id, debtor_id=claim.debtor_id, claim_id=claim_id),
        clock=clock,
    )


def _locked(
    session: Session, supplier_id: SupplierId, claim_id: InsolvencyClaimId
) -> InsolvencyClaim:
    claim = session.scalar(
        select(InsolvencyClaim)
        .where(InsolvencyClaim.supplier_id == supplier_id, InsolvencyClaim.id == claim_id)
        .with_for_update()
    )
    if claim is None:
        raise NoSuchClaim(str(claim_id))
    return claim


def _open(
    session: Session, supplier_id: SupplierId, claim_id: InsolvencyClaimId
) -> InsolvencyClaim:
    claim = _locked(session, supplier_id, claim_id)
    if claim.state != "open":
        raise ClaimIsClosed(claim_id, claim.state)
    return claim


def _close(
    session: Session,
    claim: InsolvencyClaim,
    state: str,
    note: str,
    staff_id: StaffId | None,
    clock: Clock,
) -> None:
    claim.state, claim.changed_at, claim.changed_by = state, clock.now(), staff_id
    session.flush()
    record(
        session,
        ClaimDecided(
            supplier_id=claim.supplier_id,
            debtor_id=claim.debtor_id,
            claim_id=claim.id,
            state=state,
            note=note.strip()[:300],
        ),
        clock=clock,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """A claim as pages show it; `label` is the publication it rests on, as published."""

    claim_id: InsolvencyClaimId
    debtor_id: DebtorId
    state: str
    opened_on: date
    lodge_until: date | None
    basis: Basis
    lodged_on: date | None
    retains_title: bool
    securities: str
    insurer_waits: bool
    created_at: datetime
    label: str
    court: str
    source: str
    reference: str
    published_on: date | None
    link: str
    country: str


def claims_of(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId | None = None,
    *,
    only_waiting: bool = False,
) -> list[ClaimLine]:
    """Claims, the newest first; of one debtor, or of all. `only_waiting`: where a person still has
    to lodge something or to tell the insurer.
    """
    statement = (
        select(InsolvencyClaim, SolvencyEvent)
        .outerjoin(
            SolvencyEvent,
            (SolvencyEvent.supplier_id == InsolvencyClaim.supplier_id)
            & (SolvencyEvent.id == InsolvencyClaim.solvency_event_id),
        )
        .where(InsolvencyClaim.supplier_id == supplier_id)
        .order_by(InsolvencyClaim.created_at.desc(), InsolvencyClaim.id)
    )
    if debtor_id is not None:
        statement = statement.where(InsolvencyClaim.debtor_id == debtor_id)
    if only_waiting:
        statement = statement.where(
            (InsolvencyClaim.state == "open")
            | (InsolvencyClaim.insurer_waits & (InsolvencyClaim.state == "lodged"))
        )
    return [_line(claim, event) for claim, event in session.execute(statement)]


def _line(claim: InsolvencyClaim, event: SolvencyEvent | None) -> ClaimLine:
    return ClaimLine(
        claim_id=claim.id,
        debtor_id=claim.debtor_id,
        state=claim.state,
        opened_on=claim.opened_on,
        lodge_until=claim.lodge_until,
        basis=Basis(claim.basis),
        lodged_on=claim.lodged_on,
        retains_title=claim.retains_title,
        securities=claim.securities,
        insurer_waits=claim.insurer_waits,
        created_at=claim.created_at,
        label=event.label if event else "",
        court=event.court if event else "",
        source=event.source if event else "",
        reference=event.reference if event else "",
        published_on=event.published_on if event else None,
        link=event.link if event else "",
        country=event.country if event else "",
    )
