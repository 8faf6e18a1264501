"""Profiles are worked out anew, and people say otherwise for a while."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.credit.actions import set_payer_class
from receivables.credit.rules import PayerClass
from receivables.credit.tables import StandingRow
from receivables.history import record
from receivables.ids import DebtorId, StaffId, SupplierId
from receivables.parties import queries as parties
from receivables.parties.tables import Debtor
from receivables.payers import events
from receivables.payers.books import MEMORY, facts_of, portfolio, settlements
from receivables.payers.errors import OverrideRefused
from receivables.payers.rules import (
    MOST_OVERRIDE_DAYS,
    Facts,
    Profile,
    Trend,
    override_fault,
    profile,
)
from receivables.payers.tables import ProfileRow
from receivables.plans.queries import due_items

#: The reason of a class that stood before profiles were kept: a person's word, whoever's it was.
ADOPTED = "adopted"


def work_out(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, clock: Clock
) -> None:
    """One debtor's profile, now, because somebody asks. Raises NoSuchDebtor."""
    parties.debtor(session, supplier_id, debtor_id)
    today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
    typical = portfolio(session, supplier_id, today)
    facts = facts_of(
        session,
        supplier_id,
        settlements(session, supplier_id, issued_since=today - MEMORY, debtor_id=debtor_id),
        due_items(session, supplier_id, debtor_id, today=today),
        typical,
        today,
        debtor_id=debtor_id,
    )
    refresh(session, supplier_id, facts, typical.prior_days_late, today, clock=clock)


def refresh(
    session: Session,
    supplier_id: SupplierId,
    facts: Mapping[DebtorId, Facts],
    prior_days_late: float,
    today: date,
    *,
    clock: Clock,
) -> None:
    """The profiles of these debtors, a few hundred at most, from what is known of them."""
    debtor_ids = sorted(facts)
    rows = _rows(session, supplier_id, debtor_ids)
    consumers = set(
        session.scalars(
            select(Debtor.id).where(
                Debtor.supplier_id == supplier_id,
                Debtor.id.in_(debtor_ids),
                Debtor.kind == "consumer",
            )
        )
    )
    told = _told(session, supplier_id, debtor_ids)
    for debtor_id in debtor_ids:
        keeper = _Keeper(session, supplier_id, debtor_id, debtor_id in consumers, today, clock)
        now = told.get(debtor_id, PayerClass.N)
        keeper.refresh(rows.get(debtor_id), facts[debtor_id], prior_days_late, now)


def _told(
    session: Session, supplier_id: SupplierId, debtor_ids: Sequence[DebtorId]
) -> dict[DebtorId, PayerClass]:
    """What the debtors' standings say; nothing of those of whom nobody said a word."""
    rows = session.execute(
        select(StandingRow.debtor_id, StandingRow.payer_class).where(
            StandingRow.supplier_id == supplier_id, StandingRow.debtor_id.in_(debtor_ids)
        )
    )
    return {row.debtor_id: PayerClass(row.payer_class) for row in rows}


def override(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payer_class: PayerClass,
    reason: str,
    until: date | None,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """A person says how the debtor pays, until that day. Raises OverrideRefused, NoSuchDebtor."""
    debtor = parties.debtor(session, supplier_id, debtor_id)
    today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
    wrong = override_fault(reason, until, today)
    if wrong is not None or until is None:
        assert wrong is not None, "a day is there, or is missed"
        raise OverrideRefused(wrong)
    keeper = _Keeper(session, supplier_id, debtor_id, debtor.kind == "consumer", today, clock)
    now = _told(session, supplier_id, [debtor_id]).get(debtor_id, PayerClass.N)
    row = _rows(session, supplier_id, [debtor_id]).get(debtor_id) or keeper.new_row(now)
    row.override_class, row.override_until = payer_class, until
    row.override_reason, row.override_by = reason.strip(), staff_id
    happened = events.PayerClassOverridden(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        payer_class=payer_class,
        reason=reason.strip(),
        until=until,
    )
    record(session, happened, clock=clock)
    keeper.give(row, reason.strip())


def end_override(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> None:
    """A person takes the word back; what is calculated counts again. Raises NoSuchDebtor."""
    debtor = parties.debtor(session, supplier_id, debtor_id)
    today = local_date(clock.now(), parties.supplier(session, supplier_id).zone)
    row = _rows(session, supplier_id, [debtor_id]).get(debtor_id)
    if row is None or row.override_class is None:
        return
    keeper = _Keeper(session, supplier_id, debtor_id, debtor.kind == "consumer", today, clock)
    keeper.end_override(row, lapsed=False)
    keeper.give(row, "")


def _rows(
    session: Session, supplier_id: SupplierId, debtor_ids: Sequence[DebtorId]
) -> dict[DebtorId, ProfileRow]:
    """The rows there are, held until the transaction ends."""
    found = session.scalars(
        select(ProfileRow)
        .where(ProfileRow.supplier_id == supplier_id, ProfileRow.debtor_id.in_(debtor_ids))
        .order_by(ProfileRow.debtor_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.debtor_id: row for row in found}


class _Keeper:
    """Keeps one debtor's row, and tells the debtor's standing what class counts."""

    def __init__(
        self,
        session: Session,
        supplier_id: SupplierId,
        debtor_id: DebtorId,
        is_person: bool,
        today: date,
        clock: Clock,
    ) -> None:
        self._session, self._supplier_id, self._debtor_id = session, supplier_id, debtor_id
        self._is_person, self._today, self._clock = is_person, today, clock

    def refresh(
        self, row: ProfileRow | None, facts: Facts, prior_days_late: float, told: PayerClass
    ) -> None:
        """`told` is what the debtor's standing says now."""
        before = PayerClass.N if row is None else PayerClass(row.payer_class)
        found = profile(facts, prior_days_late=prior_days_late, before=before, today=self._today)
        ours = PayerClass.N if row is None else row.given_class
        row = row or self.new_row(told)
        if told != ours and row.override_class is None:
            self._adopt(row, told)
        self._write(row, found)
        until = row.override_until
        if until is not None and until < self._today:
            self.end_override(row, lapsed=True)
        self.give(row, row.override_reason if row.override_class else "")

    def new_row(self, told: PayerClass) -> ProfileRow:
        row = ProfileRow(
            supplier_id=self._supplier_id,
            debtor_id=self._debtor_id,
            payer_class=PayerClass.N,
            given_class=told,
            score=0,
            trend=Trend.UNKNOWN,
            parts={},
            paid_count=0,
            as_of=self._today,
            changed_at=self._clock.now(),
            override_class=None,
            override_reason="",
            override_until=None,
            override_by=None,
        )
        self._session.add(row)
        return row

    def _adopt(self, row: ProfileRow, told: PayerClass) -> None:
        """A class that somebody gave the standing without a profile counts as a person's word."""
        row.override_class, row.override_reason = told, ADOPTED
        row.override_until = self._today + timedelta(days=MOST_OVERRIDE_DAYS)
        row.given_class = told

    def _write(self, row: ProfileRow, found: Profile) -> None:
        row.payer_class, row.score = found.payer_class, round(found.score)
        row.trend, row.paid_count = found.trend, found.paid_count
        row.parts = {name: round(value, 4) for name, value in asdict(found.parts).items()}
        row.as_of, row.changed_at = self._today, self._clock.now()

    def end_override(self, row: ProfileRow, *, lapsed: bool) -> None:
        assert row.override_class is not None, "there is a word to end"
        happened = events.PayerOverrideEnded(
            supplier_id=self._supplier_id,
            debtor_id=self._debtor_id,
            payer_class=row.override_class,
            lapsed=lapsed,
        )
        row.override_class, row.override_until, row.override_by = None, None, None
        row.override_reason = ""
        record(self._session, happened, clock=self._clock)

    def give(self, row: ProfileRow, reason: str) -> None:
        """Tell the standing, by which others decide, what class counts.

        Of a natural person only what a person said is told: a calculated class orders work and
        refuses nothing by itself.
        """
        calculated = PayerClass.N if self._is_person else PayerClass(row.payer_class)
        counts = PayerClass(row.override_class) if row.override_class else calculated
        if counts == row.given_class:
            return
        row.given_class = counts
        set_payer_class(
            self._session,
            supplier_id=self._supplier_id,
            debtor_id=self._debtor_id,
            payer_class=counts,
            reason=reason,
            clock=self._clock,
        )
