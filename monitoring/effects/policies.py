"""What a supplier wants to follow from solvency: read with its default, changed as a whole."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from monitoring.effects.events import EffectPolicyChanged
from monitoring.effects.rules import EffectPolicy, Mode
from monitoring.effects.tables import SolvencyPolicy
from receivables.clock import Clock
from receivables.credit.rules import SolvencyClass
from receivables.dunning.scenarios import save_scenarios, scenarios_of
from receivables.dunning.steps import OURS, STRICT, Scenario
from receivables.history import record
from receivables.ids import SupplierId


def policy_of(session: Session, supplier_id: SupplierId) -> EffectPolicy:
    """What the supplier chose; nothing by itself where they chose nothing."""
    row = session.scalar(select(SolvencyPolicy).where(SolvencyPolicy.supplier_id == supplier_id))
    if row is None:
        return EffectPolicy()
    return EffectPolicy(
        limit=Mode(row.limit_mode),
        prepayment=Mode(row.prepayment_mode),
        plans=Mode(row.plans_mode),
        worst=SolvencyClass(row.worst),
        limit_percent=row.limit_percent,
    )


def set_policy(
    session: Session, *, supplier_id: SupplierId, policy: EffectPolicy, clock: Clock
) -> None:
    """Other wishes from now on; what was done or proposed stays as it is."""
    if policy == policy_of(session, supplier_id):
        return
    values = {
        "limit_mode": policy.limit.value,
        "prepayment_mode": policy.prepayment.value,
        "plans_mode": policy.plans.value,
        "worst": policy.worst.value,
        "limit_percent": policy.limit_percent,
    }
    session.execute(delete(SolvencyPolicy).where(SolvencyPolicy.supplier_id == supplier_id))
    session.execute(
        insert(SolvencyPolicy).values(supplier_id=supplier_id, changed_at=clock.now(), **values)
    )
    record(session, EffectPolicyChanged(supplier_id=supplier_id, policy=values), clock=clock)


def is_strict(session: Session, supplier_id: SupplierId) -> bool:
    """Whether debtors of a bad class are reminded by the stricter scenario."""
    return any(one.name == STRICT.name for one in scenarios_of(session, supplier_id))


def set_strict(
    session: Session,
    *,
    supplier_id: SupplierId,
    wanted: bool,
    worst: SolvencyClass,
    clock: Clock,
) -> None:
    """Put the stricter scenario before the others for businesses of that class and worse, or take
    it away. Steps that the supplier has changed in it are kept while it stands.
    """
    standing = scenarios_of(session, supplier_id)
    others = tuple(one for one in standing if one.name != STRICT.name)
    if not wanted:
        if len(others) != len(standing):
            save_scenarios(session, supplier_id, others or OURS, clock=clock)
        return
    mine = next((one for one in standing if one.name == STRICT.name), STRICT)
    order: list[SolvencyClass] = [one for one in SolvencyClass if one is not SolvencyClass.NONE]
    strict = Scenario(
        name=mine.name,
        steps=mine.steps,
        conditions=replace(
            STRICT.conditions, solvency_classes=frozenset(order[order.index(worst) :])
        ),
    )
    save_scenarios(session, supplier_id, (strict, *others), clock=clock)
