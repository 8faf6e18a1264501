"""What holds for all of a supplier's debtors: limits, hours, absences, bank data, imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from receivables.bank.queries import LastStatement, last_statements
from receivables.dunning.control_tables import DunningAbsence, DunningPreview, DunningSettings
from receivables.dunning.limits import DEFAULT_LIMITS, House, Limits, known_until
from receivables.dunning.presence import PERHAPS_ALL, Presence
from receivables.dunning.reasons import Reason
from receivables.dunning.windows import USUAL_HOURS, Hours
from receivables.ids import SupplierId
from receivables.jobs import IMPORT, Job, JobState
from receivables.parties import queries as parties

#: The work that turns a statement into payments: until it is done, nobody knows what was paid.
#: Written out, as the index over it wants.
_IMPORT: ColumnElement[str] = literal_column(f"'{IMPORT}'")
_JOB = Job.__table__.c
IMPORTS_NOT_DONE = (
    select(_JOB.state, func.max(_JOB.created_at).label("at"))
    .where(
        _JOB.supplier_id == bindparam("supplier"),
        _JOB.actor == _IMPORT,
        _JOB.state != JobState.DONE,
    )
    .group_by(_JOB.state)
)


def house_of(
    session: Session, supplier_id: SupplierId, today: date, *, known: Presence = PERHAPS_ALL
) -> House:
    """What holds on a day, as far as it is known now."""
    shown = known.previews and session.scalar(
        select(DunningPreview.run_on).where(
            DunningPreview.supplier_id == supplier_id, DunningPreview.run_on == today
        )
    )
    statements = last_statements(session, supplier_id) if known.statements else []
    supplier = parties.supplier(session, supplier_id)
    return House(
        country=supplier.country,
        names_itself=bool(supplier.company_number),
        absences=absences_since(session, supplier_id, today - timedelta(days=1))
        if known.absences
        else (),
        bank_known_until=known_until(one.last_on for one in statements),
        importing=_importing(session, supplier_id, statements) if known.statements else None,
        shown=frozenset({shown}) if shown else frozenset(),
        limits=limits_of(session, supplier_id) if known.settings else DEFAULT_LIMITS,
    )


def absences_since(session: Session, supplier_id: SupplierId, day: date) -> list[tuple[date, date]]:
    """When the supplier is away: first and last days of what is not over on a day."""
    rows = session.execute(
        select(DunningAbsence.first_on, DunningAbsence.last_on).where(
            DunningAbsence.supplier_id == supplier_id,
            DunningAbsence.cancelled_at.is_(None),
            DunningAbsence.last_on >= day,
        )
    )
    return [(row.first_on, row.last_on) for row in rows]


def _settings(session: Session, supplier_id: SupplierId) -> DunningSettings | None:
    return session.scalar(select(DunningSettings).where(DunningSettings.supplier_id == supplier_id))


def limits_of(session: Session, supplier_id: SupplierId) -> Limits:
    """How often the supplier lets anybody be written to."""
    row = _settings(session, supplier_id)
    if row is None:
        return DEFAULT_LIMITS
    return Limits(
        least_days_between=row.least_days_between,
        most_in_7_days=row.most_in_7_days,
        most_in_30_days=row.most_in_30_days,
        quiet_days=row.quiet_days,
        gather_days=row.gather_days,
    )


def hours_of(session: Session, supplier_id: SupplierId) -> Hours:
    """Within which hours of their day the supplier's debtors are written to."""
    row = _settings(session, supplier_id)
    return USUAL_HOURS if row is None else Hours(row.opens, row.closes)


def _importing(
    session: Session, supplier_id: SupplierId, statements: Sequence[LastStatement]
) -> Reason | None:
    """Whether bank data is being taken in, or could not be and nothing newer was."""
    rows = session.execute(IMPORTS_NOT_DONE, {"supplier": supplier_id})
    not_done = {row.state: row.at for row in rows}
    if not_done.keys() - {JobState.DEAD}:
        return Reason.IMPORT_RUNNING
    failed_at = not_done.get(JobState.DEAD)
    taken_at = max((one.taken_at for one in statements), default=None)
    if failed_at is None or (taken_at is not None and failed_at < taken_at):
        return None
    return Reason.IMPORT_FAILED
