"""Tasks from money that came, went back, or lies about."""

from __future__ import annotations

from uuid import uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bank.matching_queries import waiting_by_account
from receivables.clock import local_date
from receivables.ledger.portfolio import unapplied_by_debtor
from receivables.payments.queries import for_a_person
from receivables.payments.refund_rules import RefundState
from receivables.payments.return_tables import Chargeback, Refund
from receivables.payments.tables import Payment
from receivables.worklist.rules import Kind, Task
from receivables.worklist.sources.asking import Asked


def payments(session: Session, asked: Asked) -> list[Task]:
    """Attempts of which looking again will not tell the outcome."""
    return [
        Task(
            kind=Kind.PAYMENT,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.state_since,
            episode=row.state_since.isoformat(),
            matter=(row.amount,),
            facts={"amount": row.amount, "problem": row.problem},
        )
        for row in for_a_person(session, asked.supplier_id)
    ]


def refunds(session: Session, asked: Asked) -> list[Task]:
    """Refunds that did not reach the payer, or of which something is wrong."""
    rows = session.execute(
        select(Refund.id, Refund.payment_id, Refund.amount, Refund.state_since, Payment.debtor_id)
        .join(
            Payment,
            (Payment.supplier_id == Refund.supplier_id) & (Payment.id == Refund.payment_id),
        )
        .where(
            Refund.supplier_id == asked.supplier_id,
            (Refund.problem != "")
            | ((Refund.state == RefundState.UNKNOWN) & Refund.next_check_at.is_(None)),
        )
    )
    return [
        Task(
            kind=Kind.REFUND,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.state_since,
            episode=row.state_since.isoformat(),
            matter=(row.amount,),
            facts={"amount": row.amount, "payment_id": row.payment_id},
        )
        for row in rows
    ]


def chargebacks(session: Session, asked: Asked) -> list[Task]:
    """Payments that the payer's bank contests, with the day by which it wants an answer."""
    rows = session.execute(
        select(
            Chargeback.id,
            Chargeback.payment_id,
            Chargeback.amount,
            Chargeback.state,
            Chargeback.opened_at,
            Chargeback.respond_by,
            Payment.debtor_id,
        )
        .join(
            Payment,
            (Payment.supplier_id == Chargeback.supplier_id) & (Payment.id == Chargeback.payment_id),
        )
        .where(
            Chargeback.supplier_id == asked.supplier_id,
            Chargeback.state.in_(("inquiry", "open")),
        )
    )
    return [
        Task(
            kind=Kind.CHARGEBACK,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.opened_at,
            due_on=local_date(row.respond_by, asked.zone) if row.respond_by else None,
            episode=row.state,
            matter=(row.amount,),
            facts={"amount": row.amount, "payment_id": row.payment_id},
        )
        for row in rows
    ]


def unapplied(session: Session, asked: Asked) -> list[Task]:
    """Money that is put against nothing, of debtors who owe something."""
    return [
        Task(
            kind=Kind.UNAPPLIED,
            subject_id=debtor_id,
            debtor_id=debtor_id,
            episode=", ".join(str(amount) for amount in amounts),
            matter=tuple(amounts),
            only_if_owing=True,
            facts={"amounts": tuple(amounts)},
        )
        for debtor_id, amounts in unapplied_by_debtor(session, asked.supplier_id).items()
    ]


def bank_lines(session: Session, asked: Asked) -> list[Task]:
    """Lines that wait for a match: one task for each account, new with each new day of lines."""
    return [
        Task(
            kind=Kind.BANK_LINES,
            subject_id=uuid5(asked.supplier_id, one.account),
            debtor_id=None,
            due_on=one.oldest_on,
            episode=one.newest_on.isoformat(),
            matter=one.amounts,
            facts={"account": one.account, "count": one.count},
        )
        for one in waiting_by_account(session, asked.supplier_id)
    ]
