"""Every source there is below the faces, by the kinds of task that it tells."""

from __future__ import annotations

from collections.abc import Mapping

from receivables.worklist.rules import Kind
from receivables.worklist.sources import agreements, money, own, replies, sending, terms
from receivables.worklist.sources.asking import Source

#: A subject that has tasks for people adds its function here, and its sentence in the face.
SOURCES: Mapping[tuple[Kind, ...], Source] = {
    (Kind.CALL,): sending.calls,
    (Kind.STEP,): sending.steps,
    (Kind.BROKEN_PROMISE,): agreements.broken_promises,
    (Kind.CLAIM,): agreements.claims,
    (Kind.DISPUTE,): agreements.disputes,
    (Kind.PLAN,): agreements.plans,
    (Kind.CHARGE,): agreements.charges,
    (Kind.PROPOSAL,): agreements.proposals,
    (Kind.PAYMENT,): money.payments,
    (Kind.REFUND,): money.refunds,
    (Kind.CHARGEBACK,): money.chargebacks,
    (Kind.UNAPPLIED,): money.unapplied,
    (Kind.BANK_LINES,): money.bank_lines,
    (Kind.ADDRESS,): sending.addresses,
    (Kind.UNKNOWN_MESSAGE, Kind.FAILED_MESSAGE): sending.messages,
    (Kind.REPLY,): replies.replies,
    (Kind.LIMITATION,): terms.limitation,
    (Kind.OWN,): own.own_tasks,
}
