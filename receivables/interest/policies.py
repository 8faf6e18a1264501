"""What a supplier chose: claim interest or not, and what becomes of it after payment (R-11)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, InvoiceId, SupplierId, new_id
from receivables.interest.events import InterestAgreed, InterestDecided, InterestPolicyChanged
from receivables.interest.tables import (
    AfterPayment,
    InterestAgreement,
    InterestDecision,
    InterestPolicy,
    Stance,
)
from receivables.invoices.queries import of_supplier
from receivables.parties.queries import debtor as debtor_of
from receivables.parties.tables import Debtor

#: No agreed rate is higher; more than that is a slip of the pen, or usury everywhere.
MOST_PERCENT = Decimal(30)


class RateImpossible(ReceivablesError):
    """An agreed rate is above zero, below MOST_PERCENT, and has four digits at most."""

    def __init__(self, percent: Decimal) -> None:
        self.percent = percent
        super().__init__(f"{percent} % a year cannot have been agreed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`agreed` is the rate of the supplier's terms with businesses, percent a year."""

    stance: Stance = Stance.SILENT
    after_payment: AfterPayment = AfterPayment.ASK
    compensation: bool = True
    agreed: Decimal | None = None
    due_is_agreed: bool = True
    creditor_is_small: bool = False


def policy_of(session: Session, supplier_id: SupplierId) -> Policy:
    """The supplier's choice; until there is one, not a word is said."""
    row = session.scalar(select(InterestPolicy).where(InterestPolicy.supplier_id == supplier_id))
    if row is None:
        return Policy()
    return Policy(
        stance=Stance(row.stance),
        after_payment=AfterPayment(row.after_payment),
        compensation=row.compensation,
        agreed=None if row.agreed_text is None else Decimal(row.agreed_text),
        due_is_agreed=row.due_is_agreed,
        creditor_is_small=row.creditor_is_small,
    )


def set_policy(session: Session, *, supplier_id: SupplierId, policy: Policy, clock: Clock) -> None:
    """Another choice from now on, also for what is open already. Raises RateImpossible."""
    if policy.agreed is not None:
        _check(policy.agreed)
    if policy == policy_of(session, supplier_id):
        return
    session.execute(delete(InterestPolicy).where(InterestPolicy.supplier_id == supplier_id))
    session.execute(
        insert(InterestPolicy),
        {
            "supplier_id": supplier_id,
            "stance": policy.stance.value,
            "after_payment": policy.after_payment.value,
            "compensation": policy.compensation,
            "agreed_text": None if policy.agreed is None else f"{policy.agreed:f}",
            "due_is_agreed": policy.due_is_agreed,
            "creditor_is_small": policy.creditor_is_small,
            "changed_at": clock.now(),
        },
    )
    record(session, InterestPolicyChanged(supplier_id=supplier_id), clock=clock)


def agree_rate(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    percent: Decimal | None,
    clock: Clock,
) -> None:
    """The contract with this debtor names that rate, or (None) no rate of its own.

    Raises NoSuchDebtor and RateImpossible.
    """
    debtor_of(session, supplier_id, debtor_id)
    if percent is not None:
        _check(percent)
    if percent == agreed_with(session, supplier_id, debtor_id):
        return
    session.execute(
        delete(InterestAgreement).where(
            InterestAgreement.supplier_id == supplier_id, InterestAgreement.debtor_id == debtor_id
        )
    )
    text = "" if percent is None else f"{percent:f}"
    if percent is not None:
        row = {
            "supplier_id": supplier_id, "debtor_id": debtor_id, "agreed_text": text,
            "changed_at": clock.now(),
        }  # fmt: skip
        session.execute(insert(InterestAgreement), row)
    agreed = InterestAgreed(supplier_id=supplier_id, debtor_id=debtor_id, percent=text)
    record(session, agreed, clock=clock)


def agreed_with(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Decimal | None:
    """The rate that the contract with this debtor names."""
    text = session.scalar(
        select(InterestAgreement.agreed_text).where(
            InterestAgreement.supplier_id == supplier_id, InterestAgreement.debtor_id == debtor_id
        )
    )
    return None if text is None else Decimal(text)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The rate of the contract with one debtor."""

    debtor_id: DebtorId
    debtor_name: str
    debtor_number: str
    percent: Decimal


def agreements(session: Session, supplier_id: SupplierId) -> list[Agreement]:
    """All of them, by the debtors' names."""
    rows = session.execute(
        select(Debtor.id, Debtor.name, Debtor.number, InterestAgreement.agreed_text)
        .join(
            InterestAgreement,
            (InterestAgreement.supplier_id == Debtor.supplier_id)
            & (InterestAgreement.debtor_id == Debtor.id),
        )
        .where(Debtor.supplier_id == supplier_id)
        .order_by(Debtor.name, Debtor.id)
    )
    return [Agreement(row.id, row.name, row.number, Decimal(row.agreed_text)) for row in rows]


def decide(
    session: Session,
    *,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    keep: bool,
    by: str,
    clock: Clock,
) -> None:
    """Keep the interest of an invoice, or waive it; the latest word counts.

    Raises NoSuchInvoice.
    """
    invoice = of_supplier(session, supplier_id, invoice_id)
    choice = AfterPayment.KEEP if keep else AfterPayment.WAIVE
    if decision_on(session, supplier_id, invoice_id) is choice:
        return
    row = {
        "id": new_id(), "supplier_id": supplier_id, "invoice_id": invoice_id,
        "choice": choice.value, "decided_by": by, "decided_at": clock.now(),
    }  # fmt: skip
    session.execute(insert(InterestDecision), row)
    decided = InterestDecided(
        supplier_id=supplier_id,
        debtor_id=invoice.debtor_id,
        invoice_id=invoice_id,
        choice=choice.value,
    )
    record(session, decided, clock=clock)


def decision_on(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId
) -> AfterPayment | None:
    """What was decided last about the interest of this invoice."""
    choice = session.scalar(
        select(InterestDecision.choice)
        .where(
            InterestDecision.supplier_id == supplier_id, InterestDecision.invoice_id == invoice_id
        )
        .order_by(InterestDecision.id.desc())
        .limit(1)
    )
    return None if choice is None else AfterPayment(choice)


def _check(percent: Decimal) -> None:
    exponent = percent.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent >= -4
    if not percent.is_finite() or not 0 < percent <= MOST_PERCENT or not is_short:
        raise RateImpossible(percent)
