"""Readings that come in by themselves: an uploaded file, a push from the bureau."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts.judging import judge
from monitoring.feeds import bureau, file
from monitoring.feeds.file import BadReadingsFile, Fault, FileReading
from monitoring.readings import Accepted, record_only, record_readings
from monitoring.tables import ScoreReading
from receivables.clock import Clock, local_date
from receivables.i18n import translate as _
from receivables.ids import DebtorId, SupplierId
from receivables.jobs import enqueue
from receivables.parties.queries import supplier
from receivables.parties.tables import Debtor, Identifier

#: Files up to so many new readings are recorded and judged while the upload waits.
AT_ONCE = 200
#: Of longer ones so many at a time: others want to write, too.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of a file: readings that were new, that were known, and what they set off.

    Of a long file (`is_queued`) every reading is accepted and waits to be recorded in turn; what
    it sets off shows then, and `alerts_raised` is 0.
    """

    taken: int
    known: int
    alerts_raised: int
    is_queued: bool = False


def take_file(
    session: Session, *, supplier_id: SupplierId, content: bytes, clock: Clock
) -> FileTaken:
    """Take the readings of a CSV file, all or none. Raises BadReadingsFile."""
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    lines = file.parse(content, today=today)
    debtors = _debtors_of_lines(session, supplier_id, lines)
    accepted = [
        Accepted(debtor_id, line.reading) for line, debtor_id in zip(lines, debtors, strict=True)
    ]
    known = _known(session, supplier_id, accepted)
    # The same line twice in one file is one reading.
    by_key = {_key(one): one for one in accepted}
    new = [one for key, one in by_key.items() if key not in known]
    raised = 0
    if len(new) <= AT_ONCE:
        raised = record_accepted(session, supplier_id=supplier_id, accepted=new, clock=clock)
    return FileTaken(
        taken=len(new),
        known=len(lines) - len(new),
        alerts_raised=raised,
        is_queued=_queue(session, supplier_id, new, clock=clock),
    )


def record_accepted(
    session: Session, *, supplier_id: SupplierId, accepted: Sequence[Accepted], clock: Clock
) -> int:
    """Record readings and judge their debtors; returns how many alerts that raised."""
    recorded = record_only(session, supplier_id=supplier_id, accepted=accepted, clock=clock)
    said = (*recorded.changed, *recorded.first)
    return len(judge(session, supplier_id=supplier_id, said=said, clock=clock)) if said else 0


Key = tuple[DebtorId, str, date, str]


def _key(one: Accepted) -> Key:
    return one.debtor_id, one.reading.source, one.reading.as_of_on, one.reading.key


def _known(session: Session, supplier_id: SupplierId, accepted: Sequence[Accepted]) -> set[Key]:
    """The keys of readings that stand already, of the sources and days in question."""
    if not accepted:
        return set()
    days = [one.reading.as_of_on for one in accepted]
    rows = session.execute(
        select(
            ScoreReading.debtor_id,
            ScoreReading.source,
            ScoreReading.as_of_on,
            ScoreReading.source_reference,
        ).where(
            ScoreReading.supplier_id == supplier_id,
            ScoreReading.source.in_({one.reading.source for one in accepted}),
            ScoreReading.as_of_on.between(min(days), max(days)),
        )
    )
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def _queue(
    session: Session, supplier_id: SupplierId, new: Sequence[Accepted], *, clock: Clock
) -> bool:
    """Leave the readings of a long file to jobs, oldest first; False for a short one."""
    if len(new) <= AT_ONCE:
        return False
    # A debtor's history is recorded in order, so that a fall is told where it happened.
    in_order = sorted(new, key=lambda one: one.reading.as_of_on)
    for first in range(0, len(in_order), CHUNK):
        chunk = msgspec.to_builtins(in_order[first : first + CHUNK])
        enqueue(session, RECORDER, {"accepted": chunk}, now=clock.now(), supplier_id=supplier_id)
    return True


#: The actor in `tasks` that records what a long file left to be done.
RECORDER = "monitoring.record_lines"


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
        what = _("There is no debtor number “%(number)s”.") % {"number": line.debtor_number[:60]}
        return Fault(line.line, what, _("Take the number from the list of debtors."))
    number = {"number": line.registration_number[:40]}
    if is_ambiguous:
        what = _("“%(number)s” is the number of several debtors.") % number
        return Fault(line.line, what, _("Give the debtor_number."))
    what = _("No debtor has the registration number “%(number)s”.") % number
    return Fault(line.line, what, _("Add it to the debtor, or give the debtor_number."))


def compact(registration_number: str) -> str:
    """As python-stdnum writes company numbers: no spaces, points or hyphens."""
    return re.sub(r"[\s.\-]", "", registration_number).upper()


#: In which register a bureau's number is kept, by country; VAT numbers name theirs themselves.
_REGISTERS = {"FR": ("SIREN", "VAT"), "BE": ("KBO", "VAT"), "CH": ("UID", "VAT")}


def take_events(session: Session, events: Iterable[bureau.Event], *, clock: Clock) -> int:
    """Record pushed events for every supplier that has the company; returns how many were new.

    Needs a system transaction: the bureau knows companies, not whose debtors they are.
    """
    found: dict[SupplierId, list[Accepted]] = {}
    for event in events:
        rows = session.execute(
            select(Identifier.supplier_id, Identifier.debtor_id)
            .where(
                Identifier.value == compact(event.registration_number),
                Identifier.scheme.in_(_REGISTERS.get(event.country, ("VAT",))),
            )
            .distinct()
        ).all()
        for row in rows:
            one = Accepted(row.debtor_id, bureau.reading_of_event(event))
            found.setdefault(row.supplier_id, []).append(one)
    return sum(
        record_readings(session, supplier_id=supplier_id, accepted=accepted, clock=clock)
        for supplier_id, accepted in found.items()
    )
