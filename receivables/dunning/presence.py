"""What there is at all about one debtor, or about any of a supplier's, asked in one statement.

Each message is decided anew in the transaction that claims it. Most debtors have no dispute, no
promise, no plan: what is not there need not be asked for, and twenty statements a message are the
larger part of what sending it costs. A whole run asks once, when it begins: what comes while it
lasts is seen when each message is claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Date, Table, Uuid, bindparam, exists, select
from sqlalchemy.orm import Session

from receivables.bank.tables import BankStatement
from receivables.bounces.tables import Suppression
from receivables.credit.tables import StandingRow
from receivables.disputes.tables import Dispute
from receivables.dunning.control_tables import (
    DunningAbsence,
    DunningPreview,
    DunningSettings,
    DunningStop,
    DunningVeto,
)
from receivables.dunning.scenario_tables import ScenarioRow
from receivables.handover.tables import Handover
from receivables.ids import DebtorId, SupplierId
from receivables.parties.tables import Contact
from receivables.payments.tables import Payment
from receivables.plans.tables import Plan
from receivables.promises.tables import PaidClaim, Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """What is perhaps there; what is False is certainly not."""

    #: Of the debtor, or of any debtor.
    disputes: bool = True
    handovers: bool = True
    paid_claims: bool = True
    payments: bool = True
    plans: bool = True
    promises: bool = True
    standings: bool = True
    stops: bool = True
    suppressions: bool = True
    bounced: bool = True
    #: Of the supplier, whoever the debtor is.
    absences: bool = True
    scenarios: bool = True
    settings: bool = True
    statements: bool = True
    #: Of the supplier's day.
    previews: bool = True
    vetoes: bool = True


#: Nothing is left out.
PERHAPS_ALL = Presence()

_OF_DEBTOR: dict[str, type] = {
    "disputes": Dispute, "handovers": Handover, "paid_claims": PaidClaim, "payments": Payment,
    "plans": Plan, "promises": Promise, "standings": StandingRow, "stops": DunningStop,
    "suppressions": Suppression,
}  # fmt: skip
_OF_SUPPLIER: dict[str, type] = {
    "absences": DunningAbsence, "scenarios": ScenarioRow, "settings": DunningSettings,
    "statements": BankStatement,
}  # fmt: skip
_OF_DAY: dict[str, type] = {"previews": DunningPreview, "vetoes": DunningVeto}

_SUPPLIER = bindparam("supplier", type_=Uuid())
_DEBTOR, _DAY = bindparam("debtor", type_=Uuid()), bindparam("day", type_=Date())


def _of(kind: type) -> Any:
    return cast("Table", kind.__table__).c  # type: ignore[attr-defined]


def _any(kind: type, *further: Any) -> Any:
    return exists().where(_of(kind).supplier_id == _SUPPLIER, *further)


def _asking(*, of_one: bool) -> Any:
    """Whether each is there; what is a debtor's, of one of them or of any."""

    def whose(kind: type) -> Any:
        return (_of(kind).debtor_id == _DEBTOR,) if of_one else ()

    return select(
        *(_any(kind, *whose(kind)).label(name) for name, kind in _OF_DEBTOR.items()),
        _any(Contact, _of(Contact).bounced_at.is_not(None), *whose(Contact)).label("bounced"),
        *(_any(kind).label(name) for name, kind in _OF_SUPPLIER.items()),
        *(_any(kind, _of(kind).run_on == _DAY).label(name) for name, kind in _OF_DAY.items()),
    )


_OF_ONE, _OF_ALL = _asking(of_one=True), _asking(of_one=False)


def present(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None, today: date
) -> Presence:
    """What there is about a debtor, or (None) about any, and of the supplier's own that a
    decision asks for.
    """
    asked: dict[str, Any] = {"supplier": supplier_id, "day": today}
    if debtor_id is not None:
        asked["debtor"] = debtor_id
    statement = _OF_ALL if debtor_id is None else _OF_ONE
    return Presence(**session.execute(statement, asked).one()._mapping)
