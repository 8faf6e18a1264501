"""Stripe's messages: stored under Stripe's own key first, understood afterwards.

A message is a signal. What it is about is fetched afresh, so neither the order of messages nor
the version of their content matters. Who fetches and applies what is said in `topics`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, TypeVar

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables import jobs
from receivables.clock import Clock
from receivables.ids import SupplierId
from receivables.parties.tables import Supplier
from receivables.payments.tables import StripeEvent
from receivables.ports import Gateway, SignedEvent

log = structlog.get_logger(__name__)

#: The actor in `tasks`, which stands on this module.
PROCESS = "payments.process_stripe_event"

#: A message about an attempt we do not know is shown to a person after this long ...
UNMATCHED_AFTER = timedelta(hours=1)
#: ... and we go on looking for as long as Stripe itself would go on sending.
#: Source: docs.stripe.com/webhooks, automatic retries ("up to three days").
LOOKED_FOR = timedelta(days=3)
_LONGEST_WAIT = timedelta(hours=1)


class EventState(StrEnum):
    RECEIVED = "received"
    """Stored; not understood yet."""
    APPLIED = "applied"
    """What it is about has been taken down."""
    REJECTED = "rejected"
    """Not for us, or not what it claims to be; without effect, for a person to look at."""
    UNMATCHED = "unmatched"
    """It names an attempt of ours that we do not know; we keep looking."""
    SET_ASIDE = "set_aside"
    """Not about a payment of ours: the account is used for other things, too."""


def receive(session: Session, event: SignedEvent, gateway: Gateway, *, clock: Clock) -> bool:
    """Store a verified message; False when it stands already, and then nothing changes."""
    now = clock.now()
    reason = _why_not(session, event, gateway)
    row = {
        "account": event.account,
        "id": event.id,
        "supplier_id": None,
        "kind": event.kind,
        "object_id": event.object_id,
        "api_version": event.api_version,
        "livemode": event.livemode,
        "body": event.body,
        "received_at": now,
        "state": EventState.REJECTED if reason else EventState.RECEIVED,
        "reason": reason,
        "tries": 0,
    }
    statement = jobs.insert_or_ignore(session, StripeEvent).values(row).returning(StripeEvent.id)
    if session.execute(statement).one_or_none() is None:
        return False
    if reason:
        log.error("stripe.event_rejected", event_id=event.id, kind=event.kind, reason=reason)
    else:
        process_later(session, event.account, event.id, clock=clock)
    return True


def unknown(session: Session, told: Sequence[SignedEvent]) -> list[SignedEvent]:
    """Those of the messages that were never received."""
    rows = session.execute(
        select(StripeEvent.account, StripeEvent.id).where(
            StripeEvent.account.in_({event.account for event in told}),
            StripeEvent.id.in_({event.id for event in told}),
        )
    )
    received = {(row.account, row.id) for row in rows}
    return [event for event in told if (event.account, event.id) not in received]


def _why_not(session: Session, event: SignedEvent, gateway: Gateway) -> str:
    if event.livemode != gateway.livemode:
        return f"livemode is {event.livemode}, ours is {gateway.livemode}"
    if event.api_version not in ("", gateway.api_version):
        return f"api_version is {event.api_version}, ours is {gateway.api_version}"
    if event.account and event.account not in accounts(session):
        return f"no supplier has the account {event.account}"
    return ""


def accounts(session: Session) -> list[str]:
    """Every connected account, and "" for our own; needs a system transaction."""
    connected = session.scalars(
        select(Supplier.stripe_account)
        .where(Supplier.stripe_account.is_not(None))
        .distinct()
        .order_by(Supplier.stripe_account)
    )
    return ["", *(account for account in connected if account)]


def process_later(
    session: Session, account: str, event_id: str, *, clock: Clock, wait: timedelta = timedelta(0)
) -> None:
    """Have the message understood, in the caller's transaction."""
    now = clock.now()
    jobs.enqueue(
        session,
        PROCESS,
        {"account": account, "event_id": event_id},
        now=now,
        supplier_id=None,
        available_at=now + wait,
    )


def pending(session: Session, account: str, event_id: str) -> StripeEvent | None:
    """The message, unless it is done with."""
    return session.scalar(
        select(StripeEvent).where(
            StripeEvent.account == account,
            StripeEvent.id == event_id,
            StripeEvent.state.in_((EventState.RECEIVED, EventState.UNMATCHED)),
        )
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message came to. UNMATCHED means that we go on looking; `supplier_id` where it is
    known whose it was; `reason` with anything but APPLIED.
    """

    state: EventState
    supplier_id: SupplierId | None = None
    reason: str = ""


#: The account is used for other things, too.
NOT_OURS = Verdict(EventState.SET_ASIDE, reason="not about a payment of ours")
UNKNOWN_ATTEMPT = Verdict(EventState.UNMATCHED, reason="it names an attempt we do not know")

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Topic(Generic[Found]):
    """What the messages are about whose kind begins with `prefix`.

    `fetch` asks the gateway how the thing stands now, outside any transaction. `apply` takes
    that down, in a system transaction; it may be called any number of times, in any order.
    """

    prefix: str
    fetch: Callable[[Gateway, StripeEvent], Found]
    apply: Callable[[Session, Found, Clock], Verdict]


def conclude(
    session: Session,
    account: str,
    event_id: str,
    topic: Topic[Found],
    found: Found,
    *,
    clock: Clock,
) -> None:
    """Take down what a message was about, as `topic.fetch` found it."""
    event = session.scalar(
        select(StripeEvent)
        .where(StripeEvent.account == account, StripeEvent.id == event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if event is None or event.state not in (EventState.RECEIVED, EventState.UNMATCHED):
        return
    event.tries += 1
    verdict = topic.apply(session, found, clock)
    event.supplier_id = verdict.supplier_id or event.supplier_id
    if verdict.state is EventState.UNMATCHED:
        _look_for_it_later(session, event, verdict.reason, clock)
        return
    event.state, event.reason = verdict.state, verdict.reason[:300]
    if verdict.state is EventState.REJECTED:
        log.error("stripe.event_rejected", event_id=event.id, kind=event.kind, reason=event.reason)


def _look_for_it_later(session: Session, event: StripeEvent, reason: str, clock: Clock) -> None:
    age = clock.now() - event.received_at
    if age >= UNMATCHED_AFTER and event.state != EventState.UNMATCHED:
        event.state, event.reason = EventState.UNMATCHED, reason[:300]
        log.error("stripe.event_unmatched", event_id=event.id, kind=event.kind)
    if age < LOOKED_FOR:
        wait = min(_LONGEST_WAIT, timedelta(seconds=10 * 2 ** min(event.tries, 10)))
        process_later(session, event.account, event.id, clock=clock, wait=wait)
