"""Readings that come in by themselves: an uploaded file, a push from the bureau."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.actions import evaluate
from monitoring.feeds import bureau, file
from monitoring.feeds.file import BadReadingsFile, Fault, FileReading
from monitoring.readings import record_reading
from receivables.clock import Clock, local_date
from receivables.ids import DebtorId, SupplierId
from receivables.parties.queries import supplier
from receivables.parties.tables import Debtor, Identifier


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of a file: readings that were new, that were known, and what they set off."""

    taken: int
    known: int
    alerts_raised: int


def take_file(
    session: Session, *, supplier_id: SupplierId, content: bytes, clock: Clock
) -> FileTaken:
    """Record the readings of a CSV file, all or none. Raises BadReadingsFile."""
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    lines = file.parse(content, today=today)
    debtors = _debtors_of_lines(session, supplier_id, lines)
    taken = 0
    touched: dict[tuple[DebtorId, str], None] = {}
    for line, debtor_id in zip(lines, debtors, strict=True):
        is_new = record_reading(
            session,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            reading=line.reading,
            clock=clock,
        )
        if is_new:
            taken += 1
            touched[debtor_id, line.reading.source] = None
    raised = [
        alert_id
        for debtor_id, source in touched
        for alert_id in evaluate(
            session, supplier_id=supplier_id, debtor_id=debtor_id, source=source, clock=clock
        )
    ]
    return FileTaken(taken=taken, known=len(lines) - taken, alerts_raised=len(raised))


def _debtors_of_lines(
    session: Session, supplier_id: SupplierId, lines: Sequence[FileReading]
) -> list[DebtorId]:
    by_number = {
        row.number: row.id
        for row in session.execute(
            select(Debtor.number, Debtor.id).where(Debtor.supplier_id == supplier_id)
        )
    }
    by_registration: dict[str, set[DebtorId]] = {}
    for row in session.execute(
        select(Identifier.value, Identifier.debtor_id).where(Identifier.supplier_id == supplier_id)
    ):
        by_registration.setdefault(row.value, set()).add(row.debtor_id)
    found, faults = [], []
    for line in lines:
        candidates = set(by_registration.get(compact(line.registration_number), ()))
        if line.debtor_number:
            named = by_number.get(line.debtor_number)
            candidates = {named} if named else set()
        if len(candidates) == 1:
            found.append(candidates.pop())
        else:
            faults.append(_nobody(line, is_ambiguous=bool(candidates)))
    if faults:
        raise BadReadingsFile(faults)
    return found


def _nobody(line: FileReading, *, is_ambiguous: bool) -> Fault:
    if line.debtor_number:
        what = f"there is no debtor number {line.debtor_number[:60]!r}"
        return Fault(line.line, what, "take the number from the list of debtors")
    number = line.registration_number[:40]
    if is_ambiguous:
        return Fault(line.line, f"{number!r} is of several debtors", "give the debtor_number")
    what = f"no debtor has the registration number {number!r}"
    return Fault(line.line, what, "add it to the debtor, or give the debtor_number")


def compact(registration_number: str) -> str:
    """As python-stdnum writes company numbers: no spaces, points or hyphens."""
    return re.sub(r"[\s.\-]", "", registration_number).upper()


#: In which register a bureau's number is kept, by country; VAT numbers name theirs themselves.
_REGISTERS = {"FR": ("SIREN", "VAT"), "BE": ("KBO", "VAT"), "CH": ("UID", "VAT")}


def take_events(session: Session, events: Iterable[bureau.Event], *, clock: Clock) -> int:
    """Record pushed events for every supplier that has the company; returns how many were new.

    Needs a system transaction: the bureau knows companies, not whose debtors they are.
    """
    new = 0
    for event in events:
        rows = session.execute(
            select(Identifier.supplier_id, Identifier.debtor_id)
            .where(
                Identifier.value == compact(event.registration_number),
                Identifier.scheme.in_(_REGISTERS.get(event.country, ("VAT",))),
            )
            .distinct()
        ).all()
        new += sum(
            record_reading(
                session,
                supplier_id=row.supplier_id,
                debtor_id=row.debtor_id,
                reading=bureau.reading_of_event(event),
                clock=clock,
            )
            for row in rows
        )
    return new
