"""The supplier's terms for plans: read with their defaults, changed as a whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.history import record
from receivables.ids import SupplierId
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.plans.bearing import most_known_bp
from receivables.plans.errors import PolicyContradicts
from receivables.plans.events import PlanPolicyChanged
from receivables.plans.rules import (
    LEAST_SEPA_NOTICE,
    SEPA_NOTICE_DAYS,
    ClassTerms,
    Frequency,
    Policy,
    default_policy,
)
from receivables.plans.tables import PlanPolicy, PlanPolicyClass

#: A plan may not last longer, whatever the supplier thinks of a class.
_MOST_MONTHS = 24


def policy_of(session: Session, supplier_id: SupplierId) -> Policy:
    """The supplier's terms; the defaults in the supplier's currency where none were set."""
    row = session.scalar(select(PlanPolicy).where(PlanPolicy.supplier_id == supplier_id))
    if row is None:
        return default_policy(supplier_of(session, supplier_id).currency)
    classes = session.scalars(
        select(PlanPolicyClass).where(PlanPolicyClass.supplier_id == supplier_id)
    )
    return Policy(
        least=Money(row.least_minor, row.currency),
        most=Money(row.most_minor, row.currency),
        least_instalment=Money(row.least_instalment_minor, row.currency),
        terms={
            PayerClass(one.payer_class): ClassTerms(
                one.most_months,
                one.first_percent,
                Money(one.fee_minor, row.currency) if one.fee_minor else None,
                one.rate_bp,
            )
            for one in classes
        },
        frequencies=frozenset(Frequency(name) for name in row.frequencies.split()),
        whole_units=row.whole_units,
        auto_solvency=frozenset(SolvencyClass(name) for name in row.auto_solvency.split()),
        answer_days=row.answer_days,
        asked=ClassTerms(row.asked_months, row.asked_percent),
        blocked_months=row.blocked_months,
        cure_days=row.cure_days,
        sepa_notice_days=row.sepa_notice_days,
    )


def check_policy(policy: Policy, most_bp: int) -> None:
    """Raises PolicyContradicts for the first field that cannot be meant. No yearly rate is above
    `most_bp` (`most_rate_bp`).
    """
    zero = Money.zero(policy.least.currency)
    sound = {
        "least": zero < policy.least,
        "most": policy.least <= policy.most,
        # Twice the least instalment is the smallest plan there is.
        "least_instalment": zero < policy.least_instalment
        and policy.least_instalment + policy.least_instalment <= policy.most,
        "frequencies": bool(policy.frequencies),
        "answer_days": 1 <= policy.answer_days <= 20,
        "blocked_months": 0 <= policy.blocked_months <= 60,
        "cure_days": 1 <= policy.cure_days <= 60,
        "sepa_notice_days": LEAST_SEPA_NOTICE <= policy.sepa_notice_days <= SEPA_NOTICE_DAYS,
        "asked": _sound(policy.asked) and policy.asked.most_months > 0,
        "terms": set(policy.terms) == set(PayerClass) and all(map(_sound, policy.terms.values())),
        # Nobody pays more for being let pay in parts than a part.
        "fees": all(
            zero <= (one.fee or zero) <= policy.least_instalment for one in policy.terms.values()
        ),
        "rates": all(0 <= one.rate_bp <= most_bp for one in policy.terms.values()),
    }
    for field, is_sound in sound.items():
        if not is_sound:
            raise PolicyContradicts(field)


def most_rate_bp(session: Session, supplier_id: SupplierId, clock: Clock) -> int:
    """The highest yearly rate that may be set: the highest a law is known to grant today, or what
    was set before. Of each debtor no more is asked than their own law grants (`costs`).
    """
    before = (one.rate_bp for one in policy_of(session, supplier_id).terms.values())
    return max(most_known_bp(session, supplier_id, clock), *before)


def _sound(terms: ClassTerms) -> bool:
    return 0 <= terms.most_months <= _MOST_MONTHS and 0 <= terms.first_percent <= 90


def set_policy(session: Session, *, supplier_id: SupplierId, policy: Policy, clock: Clock) -> None:
    """Other terms from now on; plans that are agreed keep theirs. Raises PolicyContradicts."""
    check_policy(policy, most_rate_bp(session, supplier_id, clock))
    if policy == policy_of(session, supplier_id):
        return
    session.execute(delete(PlanPolicyClass).where(PlanPolicyClass.supplier_id == supplier_id))
    session.execute(delete(PlanPolicy).where(PlanPolicy.supplier_id == supplier_id))
    session.execute(insert(PlanPolicy), _row(supplier_id, policy, clock))
    session.execute(
        insert(PlanPolicyClass),
        [
            {
                "supplier_id": supplier_id,
                "payer_class": payer_class,
                "most_months": terms.most_months,
                "first_percent": terms.first_percent,
                "fee_minor": terms.fee.minor if terms.fee else 0,
                "rate_bp": terms.rate_bp,
            }
            for payer_class, terms in policy.terms.items()
        ],
    )
    record(session, PlanPolicyChanged(supplier_id=supplier_id), clock=clock)


def _row(supplier_id: SupplierId, policy: Policy, clock: Clock) -> dict[str, Any]:
    return {
        "supplier_id": supplier_id,
        "currency": policy.least.currency,
        "least_minor": policy.least.minor,
        "most_minor": policy.most.minor,
        "least_instalment_minor": policy.least_instalment.minor,
        "frequencies": " ".join(sorted(policy.frequencies)),
        "whole_units": policy.whole_units,
        "auto_solvency": " ".join(sorted(policy.auto_solvency)),
        "answer_days": policy.answer_days,
        "blocked_months": policy.blocked_months,
        "cure_days": policy.cure_days,
        "sepa_notice_days": policy.sepa_notice_days,
        "asked_months": policy.asked.most_months,
        "asked_percent": policy.asked.first_percent,
        "changed_at": clock.now(),
    }
