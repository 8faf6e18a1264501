"""What somebody chose about being told: read for the page, changed by its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from monitoring.alerts.rules import Severity
from monitoring.telling.choices import USUAL, WAKING, Choice, Choices, Pace, Portfolio
from monitoring.telling.people import time_of
from monitoring.telling.tables import AlertOpening, TellingChoice, TellingPerson
from receivables.clock import Clock
from receivables.errors import NoSuch
from receivables.ids import AlertId, StaffId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.queries import team


class NoSuchDeputy(NoSuch):
    """Nobody of that id could stand in for this person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How one person wants to be told; what is not chosen is as usual."""

    choices: Choices = field(default_factory=dict)
    waking: tuple[time, time] = WAKING
    names_on_push: bool = False
    deputy_id: StaffId | None = None
    wants_digests: bool = True

    def chose(self, portfolio: Portfolio, severity: Severity) -> Choice:
        return self.choices.get((portfolio, severity), USUAL[portfolio, severity])


def preferences(session: Session, supplier_id: SupplierId, staff_id: StaffId) -> Preferences:
    """What somebody chose."""
    row = session.scalar(
        select(TellingPerson).where(
            TellingPerson.supplier_id == supplier_id, TellingPerson.staff_id == staff_id
        )
    )
    choices = {
        (Portfolio(one.portfolio), Severity(one.severity)): Choice(
            Pace(one.pace), one.mail, one.push
        )
        for one in session.scalars(
            select(TellingChoice).where(
                TellingChoice.supplier_id == supplier_id, TellingChoice.staff_id == staff_id
            )
        )
    }
    if row is None:
        return Preferences(choices=choices)
    return Preferences(
        choices=choices,
        waking=(time_of(row.waking_from), time_of(row.waking_until)),
        names_on_push=row.names_on_push,
        deputy_id=row.deputy_id,
        wants_digests=row.digests_off_at is None,
    )


def save_preferences(
    session: Session,
    *,
    supplier_id: SupplierId,
    staff_id: StaffId,
    wanted: Preferences,
    clock: Clock,
) -> None:
    """Tell this person so from now on. Raises NoSuchDeputy."""
    here = {one.staff_id for one in team(session, supplier_id) if not one.disabled}
    if wanted.deputy_id is not None and wanted.deputy_id not in here - {staff_id}:
        raise NoSuchDeputy(str(wanted.deputy_id))
    before = preferences(session, supplier_id, staff_id)
    now = clock.now()
    values: dict[str, Any] = {
        "waking_from": _minutes(wanted.waking[0]),
        "waking_until": _minutes(wanted.waking[1]),
        "names_on_push": wanted.names_on_push,
        "deputy_id": wanted.deputy_id,
        "changed_at": now,
    }
    if wanted.wants_digests != before.wants_digests:
        values["digests_off_at"] = None if wanted.wants_digests else now
    _save_person(session, supplier_id, staff_id, values, now=now)
    session.execute(
        delete(TellingChoice).where(
            TellingChoice.supplier_id == supplier_id, TellingChoice.staff_id == staff_id
        )
    )
    rows = _rows(supplier_id, staff_id, wanted.choices)
    if rows:
        session.execute(insert(TellingChoice), rows)


def _rows(
    supplier_id: SupplierId, staff_id: StaffId, choices: Mapping[Any, Choice]
) -> list[dict[str, Any]]:
    """What differs from the usual: when the usual changes, it changes for whoever left it."""
    return [
        {
            "supplier_id": supplier_id,
            "staff_id": staff_id,
            "portfolio": portfolio.value,
            "severity": severity.value,
            "pace": choice.pace.value,
            "mail": choice.mail,
            "push": choice.push,
        }
        for (portfolio, severity), choice in choices.items()
        if choice != USUAL[portfolio, severity]
    ]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _save_person(
    session: Session,
    supplier_id: SupplierId,
    staff_id: StaffId,
    values: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    usual = {
        "supplier_id": supplier_id,
        "staff_id": staff_id,
        "waking_from": _minutes(WAKING[0]),
        "waking_until": _minutes(WAKING[1]),
        "names_on_push": False,
        "changed_at": now,
    }
    session.execute(insert_or_ignore(session, TellingPerson).values(usual))
    session.execute(
        update(TellingPerson)
        .where(TellingPerson.supplier_id == supplier_id, TellingPerson.staff_id == staff_id)
        .values(**values)
    )


def stop_digests(
    session: Session, *, supplier_id: SupplierId, staff_id: StaffId, clock: Clock
) -> None:
    """No digest goes to this person from now on; the list of alerts has what would stand there."""
    now = clock.now()
    values = {"digests_off_at": now, "changed_at": now}
    _save_person(session, supplier_id, staff_id, values, now=now)


def openers(session: Session, supplier_id: SupplierId, alert_id: AlertId) -> frozenset[StaffId]:
    """Who has had the alert's page before them."""
    return frozenset(
        session.scalars(
            select(AlertOpening.staff_id).where(
                AlertOpening.supplier_id == supplier_id, AlertOpening.alert_id == alert_id
            )
        )
    )


def note_opened(
    session: Session,
    *,
    supplier_id: SupplierId,
    alert_id: AlertId,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """This person has the alert's page before them; only the first time counts."""
    session.execute(
        insert_or_ignore(session, AlertOpening).values(
            supplier_id=supplier_id,
            alert_id=alert_id,
            staff_id=staff_id,
            opened_at=clock.now(),
        )
    )
