"""What a debtor let us keep and charge, as staff see it on the debtor's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.ids import DebtorId, SupplierId
from receivables.payments import saved
from receivables.payments.tables import SavedMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMethodRow:
    """One saved card or bank account."""

    #: As people call it, "Visa ...4242".
    label: str
    #: "12/2040"; empty for a bank account.
    expires: str
    state: Literal["usable", "refused", "expired"]
    #: Since when it is in that state, or, while it is usable, kept.
    since: date


def saved_methods(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, zone: str
) -> tuple[SavedMethodRow, ...]:
    """For `_debtor_saved_methods.html`, which gets it as `saved_methods`; the newest first."""
    return tuple(_row(method, zone) for method in saved.methods_of(session, supplier_id, debtor_id))


def _row(method: SavedMethod, zone: str) -> SavedMethodRow:
    expires = f"{method.exp_month:02}/{method.exp_year}" if method.exp_month is not None else ""
    return SavedMethodRow(
        label=method.label,
        expires=expires,
        state=method.state,  # type: ignore[arg-type]  # what is removed is not listed
        since=local_date(method.state_since, zone),
    )
