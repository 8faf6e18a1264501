"""Messages to suppliers' systems, in rounds, as `telling.pushes` does it: at least once each,
always under one id, in no particular order.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.webhooks.rules import next_step
from monitoring.webhooks.tables import WebhookEndpoint, WebhookMessage
from receivables.clock import Clock
from receivables.ids import SupplierId, WebhookEndpointId, WebhookMessageId
from receivables.ports import HookAnswer, HookCaller, HookMessage

ROUND = 32
SIDE_BY_SIDE = 16
#: Longer than a round can take: two waves of the client's own ten seconds, and the writing.
ROUND_LEASE = timedelta(minutes=2)
_WAITING = ("pending", "sending")


@dataclass(frozen=True, slots=True)
class Sending:
    """One message that was claimed; `attempts` tells this claim from a later one."""

    id: WebhookMessageId
    endpoint_id: WebhookEndpointId
    attempts: int
    message: HookMessage


@dataclass(frozen=True, slots=True)
class Round:
    """What one look claimed; `has_more` when as much again may be due."""

    sendings: tuple[Sending, ...]
    has_more: bool


def suppliers_with_messages_due(session: Session, *, now: datetime) -> list[SupplierId]:
    """Who has messages that are due; needs a system transaction."""
    due = (
        select(WebhookMessage.supplier_id)
        .join(
            WebhookEndpoint,
            (WebhookEndpoint.supplier_id == WebhookMessage.supplier_id)
            & (WebhookEndpoint.id == WebhookMessage.endpoint_id),
        )
        .where(
            WebhookMessage.state.in_(_WAITING),
            WebhookMessage.due_at <= now,
            WebhookEndpoint.state == "on",
        )
    )
    return list(session.scalars(due.distinct().order_by(WebhookMessage.supplier_id)))


def begin_round(session: Session, *, supplier_id: SupplierId, clock: Clock) -> Round:
    """Claim what is due at addresses that are on, the longest due first."""
    now = clock.now()
    due = session.execute(
        select(WebhookMessage.id, WebhookMessage.body, WebhookEndpoint)
        .join(
            WebhookEndpoint,
            (WebhookEndpoint.supplier_id == WebhookMessage.supplier_id)
            & (WebhookEndpoint.id == WebhookMessage.endpoint_id),
        )
        .where(
            WebhookMessage.supplier_id == supplier_id,
            WebhookMessage.state.in_(_WAITING),
            WebhookMessage.due_at <= now,
            WebhookEndpoint.state == "on",
        )
        .order_by(WebhookMessage.due_at, WebhookMessage.id)
        .limit(ROUND)
        .with_for_update(skip_locked=True, of=WebhookMessage)
    ).all()
    found = []
    for row in due:
        attempts = session.execute(
            update(WebhookMessage)
            .where(WebhookMessage.supplier_id == supplier_id, WebhookMessage.id == row.id)
            .values(
                state="sending",
                attempts=WebhookMessage.attempts + 1,
                due_at=now + ROUND_LEASE,
                tried_at=now,
            )
            .returning(WebhookMessage.attempts)
        ).scalar_one()
        endpoint: WebhookEndpoint = row.WebhookEndpoint
        message = HookMessage(
            url=endpoint.url,
            message_id=f"msg_{row.id}",
            body=row.body.encode(),
            secrets=_secrets(endpoint, now),
        )
        found.append(Sending(WebhookMessageId(row.id), endpoint.id, attempts, message))
    return Round(tuple(found), has_more=len(due) == ROUND)


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    before, until = endpoint.secret_before, endpoint.secret_before_until
    if before is not None and until is not None and now < until:
        return endpoint.secret, before
    return (endpoint.secret,)


def send_round(
    caller: HookCaller | None, sendings: Sequence[Sending]
) -> list[tuple[Sending, HookAnswer]]:
    """Send side by side and wait for all of them; no transaction is open meanwhile."""
    if caller is None:
        off = HookAnswer(None, "this installation calls nobody")
        return [(sending, off) for sending in sendings]
    with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(sendings)), "webhook") as lines:
        answers = lines.map(lambda sending: caller.call(sending.message), sendings)
        return list(zip(sendings, answers, strict=True))


def close_round(
    session: Session,
    *,
    supplier_id: SupplierId,
    answers: Sequence[tuple[Sending, HookAnswer]],
    clock: Clock,
) -> list[datetime]:
    """Write down what was answered; returns when to look again.

    A claim that was taken over meanwhile writes nothing. An address that wants nothing any more,
    or that did not take a message in three days, is paused with the reason.
    """
    now = clock.now()
    again = set()
    for sending, answer in answers:
        step = next_step(answer, sending.attempts)
        values = {
            "state": step.state,
            "status": answer.status,
            "answer": answer.text[:500],
            "delivered_at": now if step.state == "delivered" else None,
        }
        if step.wait is not None:
            values["due_at"] = now + step.wait
            again.add(now + step.wait)
        session.execute(
            update(WebhookMessage)
            .where(
                WebhookMessage.supplier_id == supplier_id,
                WebhookMessage.id == sending.id,
                WebhookMessage.state == "sending",
                WebhookMessage.attempts == sending.attempts,
            )
            .values(**values)
        )
        if step.pause:
            session.execute(
                update(WebhookEndpoint)
                .where(
                    WebhookEndpoint.supplier_id == supplier_id,
                    WebhookEndpoint.id == sending.endpoint_id,
                    WebhookEndpoint.state == "on",
                )
                .values(state="paused", trouble=step.pause[:300])
            )
    return sorted(again)
