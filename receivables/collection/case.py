"""Whose file is being gathered, as of which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from receivables.ids import DebtorId, SupplierId
from receivables.parties.tables import Debtor, Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    session: Session
    supplier: Supplier
    debtor: Debtor
    now: datetime
    today: date

    @property
    def supplier_id(self) -> SupplierId:
        return self.supplier.id

    @property
    def debtor_id(self) -> DebtorId:
        return self.debtor.id
