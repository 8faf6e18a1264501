"""How a dispute goes: its states, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from receivables.disputes.errors import StepNotPossible


class State(StrEnum):
    SUBMITTED = "submitted"
    """The debtor sent it; nobody has looked yet."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody at the supplier's has it."""
    INVESTIGATING = "investigating"
    WAITING_DEBTOR = "waiting_debtor"
    """The debtor was asked something; the supplier's clock stands still."""
    WAITING_INTERNAL = "waiting_internal"
    """A colleague of the supplier's was asked something."""
    PROPOSED = "proposed"
    """An outcome was offered, and the debtor may agree to it."""
    ACCEPTED = "accepted"
    ACCEPTED_IN_PART = "accepted_in_part"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """The debtor was asked and did not answer."""
    AWAITING_CREDIT_NOTE = "awaiting_credit_note"
    """The debtor is right; the supplier's books do not say so yet."""
    CLOSED = "closed"


class Step(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    INVESTIGATE = "investigate"
    ASK_DEBTOR = "ask_debtor"
    ASK_COLLEAGUE = "ask_colleague"
    ANSWER = "answer"
    """The debtor answers."""
    PROPOSE = "propose"
    ACCEPT = "accept"
    ACCEPT_IN_PART = "accept_in_part"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    AWAIT_CREDIT_NOTE = "await_credit_note"
    CLOSE = "close"
    REOPEN = "reopen"


_UNDER_WAY: Final = (
    State.SUBMITTED,
    State.ACKNOWLEDGED,
    State.INVESTIGATING,
    State.WAITING_DEBTOR,
    State.WAITING_INTERNAL,
    State.PROPOSED,
)

#: Nobody has decided yet.
UNDECIDED: Final = frozenset(_UNDER_WAY)
#: What was disputed is not asked for, or not all of it.
OPEN: Final = UNDECIDED | {
    State.ACCEPTED,
    State.ACCEPTED_IN_PART,
    State.AWAITING_CREDIT_NOTE,
}
#: The debtor may have another word.
REOPENABLE: Final = frozenset((State.REJECTED, State.WITHDRAWN, State.EXPIRED, State.CLOSED))

TRANSITIONS: Final[Mapping[State, Mapping[Step, State]]] = {
    State.SUBMITTED: {
        Step.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.ACKNOWLEDGED: {
        Step.INVESTIGATE: State.INVESTIGATING,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.INVESTIGATING: {
        Step.ASK_DEBTOR: State.WAITING_DEBTOR,
        Step.ASK_COLLEAGUE: State.WAITING_INTERNAL,
        Step.PROPOSE: State.PROPOSED,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.WAITING_DEBTOR: {
        Step.ANSWER: State.INVESTIGATING,
        Step.INVESTIGATE: State.INVESTIGATING,
        Step.EXPIRE: State.EXPIRED,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.WAITING_INTERNAL: {
        Step.INVESTIGATE: State.INVESTIGATING,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.PROPOSED: {
        Step.ANSWER: State.INVESTIGATING,
        Step.INVESTIGATE: State.INVESTIGATING,
        Step.ACCEPT: State.ACCEPTED,
        Step.ACCEPT_IN_PART: State.ACCEPTED_IN_PART,
        Step.REJECT: State.REJECTED,
        Step.WITHDRAW: State.WITHDRAWN,
    },
    State.ACCEPTED: {Step.AWAIT_CREDIT_NOTE: State.AWAITING_CREDIT_NOTE},
    State.ACCEPTED_IN_PART: {Step.AWAIT_CREDIT_NOTE: State.AWAITING_CREDIT_NOTE},
    State.REJECTED: {Step.CLOSE: State.CLOSED, Step.REOPEN: State.INVESTIGATING},
    State.WITHDRAWN: {Step.CLOSE: State.CLOSED, Step.REOPEN: State.INVESTIGATING},
    State.EXPIRED: {Step.CLOSE: State.CLOSED, Step.REOPEN: State.INVESTIGATING},
    State.AWAITING_CREDIT_NOTE: {Step.CLOSE: State.CLOSED},
    State.CLOSED: {Step.REOPEN: State.INVESTIGATING},
}


def after(state: State, step: Step) -> State:
    """Where a step leads. Raises StepNotPossible."""
    try:
        return TRANSITIONS[state][step]
    except KeyError:
        raise StepNotPossible(state, step) from None


#: How to come to `investigating` without leaving a state out.
_TO_INVESTIGATING: Final[Mapping[State, tuple[Step, ...]]] = {
    State.SUBMITTED: (Step.ACKNOWLEDGE, Step.INVESTIGATE),
    State.ACKNOWLEDGED: (Step.INVESTIGATE,),
    State.INVESTIGATING: (),
    State.WAITING_DEBTOR: (Step.INVESTIGATE,),
    State.WAITING_INTERNAL: (Step.INVESTIGATE,),
    State.PROPOSED: (Step.INVESTIGATE,),
}


def way_to_investigating(state: State) -> tuple[Step, ...]:
    """The steps that take an undecided dispute there. Raises StepNotPossible for a decided one."""
    try:
        return _TO_INVESTIGATING[state]
    except KeyError:
        raise StepNotPossible(state, Step.INVESTIGATE) from None


def way_to_a_decision(state: State) -> tuple[Step, ...]:
    """The steps before a decision: one that was proposed is decided, another is first proposed."""
    if state is State.PROPOSED:
        return ()
    return (*way_to_investigating(state), Step.PROPOSE)
