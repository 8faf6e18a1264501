"""Addresses that are told, and what they are to be told."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from monitoring.webhooks.payloads import body_of, data_of
from monitoring.webhooks.rules import CHOOSABLE, MOST_ENDPOINTS, SECRETS_OVERLAP, Kind
from monitoring.webhooks.tables import WebhookEndpoint, WebhookMessage
from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import Event
from receivables.hooks import new_secret
from receivables.ids import SupplierId, WebhookEndpointId, WebhookMessageId, new_id
from receivables.jobs import insert_or_ignore


class NoSuchEndpoint(NoSuch):
    """The supplier tells no such address."""


class TooManyEndpoints(ReceivablesError):
    """The supplier tells as many addresses as it may."""


class NothingChosen(ReceivablesError):
    """An address is told of something, or it is none."""


def add_endpoint(
    session: Session, *, supplier_id: SupplierId, url: str, kinds: Iterable[str], clock: Clock
) -> WebhookEndpointId:
    """Tell an address from now on; that we would talk to it, a HookCaller has checked.

    Raises NothingChosen and TooManyEndpoints.
    """
    chosen = _chosen(kinds)
    live = session.scalar(
        select(func.count())
        .select_from(WebhookEndpoint)
        .where(WebhookEndpoint.supplier_id == supplier_id, WebhookEndpoint.state != "removed")
    )
    if (live or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints(f"{live} addresses")
    endpoint_id = WebhookEndpointId(new_id())
    session.add(
        WebhookEndpoint(
            id=endpoint_id,
            supplier_id=supplier_id,
            url=url,
            events=chosen,
            state="on",
            trouble="",
            secret=new_secret(),
            created_at=clock.now(),
        )
    )
    session.flush()
    return endpoint_id


def _chosen(kinds: Iterable[str]) -> str:
    wanted = set(kinds)
    chosen = " ".join(kind.value for kind in CHOOSABLE if kind.value in wanted)
    if not chosen:
        raise NothingChosen("no kind of event")
    return chosen


def _held(
    session: Session, supplier_id: SupplierId, endpoint_id: WebhookEndpointId
) -> WebhookEndpoint:
    found = session.scalar(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.supplier_id == supplier_id,
            WebhookEndpoint.id == endpoint_id,
            WebhookEndpoint.state != "removed",
        )
        .with_for_update()
    )
    if found is None:
        raise NoSuchEndpoint(str(endpoint_id))
    return found


def choose_kinds(
    session: Session,
    *,
    supplier_id: SupplierId,
    endpoint_id: WebhookEndpointId,
    kinds: Iterable[str],
) -> None:
    """What an address is told of from now on. Raises NoSuchEndpoint and NothingChosen."""
    _held(session, supplier_id, endpoint_id).events = _chosen(kinds)


def rotate_secret(
    session: Session, *, supplier_id: SupplierId, endpoint_id: WebhookEndpointId, clock: Clock
) -> None:
    """A new secret; the one before signs as well for a day. Raises NoSuchEndpoint."""
    endpoint = _held(session, supplier_id, endpoint_id)
    endpoint.secret_before = endpoint.secret
    endpoint.secret_before_until = clock.now() + SECRETS_OVERLAP
    endpoint.secret = new_secret()


def pause(
    session: Session,
    *,
    supplier_id: SupplierId,
    endpoint_id: WebhookEndpointId,
    trouble: str = "",
) -> None:
    """Send nothing there; what happens meanwhile waits. Raises NoSuchEndpoint."""
    endpoint = _held(session, supplier_id, endpoint_id)
    endpoint.state, endpoint.trouble = "paused", trouble[:300]


def resume(
    session: Session, *, supplier_id: SupplierId, endpoint_id: WebhookEndpointId, clock: Clock
) -> None:
    """Send again, first what waited. Raises NoSuchEndpoint."""
    endpoint = _held(session, supplier_id, endpoint_id)
    endpoint.state, endpoint.trouble = "on", ""
    session.execute(
        update(WebhookMessage)
        .where(
            WebhookMessage.supplier_id == supplier_id,
            WebhookMessage.endpoint_id == endpoint_id,
            WebhookMessage.state == "pending",
        )
        .values(due_at=clock.now())
    )


def remove(session: Session, *, supplier_id: SupplierId, endpoint_id: WebhookEndpointId) -> None:
    """Never send there again; what waited is not sent. Raises NoSuchEndpoint."""
    endpoint = _held(session, supplier_id, endpoint_id)
    endpoint.state, endpoint.secret_before, endpoint.secret_before_until = "removed", None, None
    session.execute(
        update(WebhookMessage)
        .where(
            WebhookMessage.supplier_id == supplier_id,
            WebhookMessage.endpoint_id == endpoint_id,
            WebhookMessage.state.in_(("pending", "sending")),
        )
        .values(state="unneeded")
    )


def put_message(session: Session, happened: Event, *, clock: Clock) -> int:
    """One message for each address that wants to hear of an event; a second time adds none.

    Returns how many were put on record.
    """
    supplier_id = happened.supplier_id
    endpoints = session.execute(
        select(WebhookEndpoint.id, WebhookEndpoint.events).where(
            WebhookEndpoint.supplier_id == supplier_id, WebhookEndpoint.state != "removed"
        )
    ).all()
    wanting = [row.id for row in endpoints if happened.kind in row.events.split()]
    if not wanting:
        return 0
    kind, subject_id, data = data_of(session, happened)
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "supplier_id": supplier_id,
            "endpoint_id": endpoint_id,
            "kind": kind.value,
            "subject_id": subject_id,
            "body": body_of(kind, now, data),
            "state": "pending",
            "attempts": 0,
            "answer": "",
            "due_at": now,
            "created_at": now,
        }
        for endpoint_id in wanting
    ]
    added = session.execute(
        insert_or_ignore(session, WebhookMessage).values(rows).returning(WebhookMessage.id)
    )
    return len(added.all())


def put_test(
    session: Session, *, supplier_id: SupplierId, endpoint_id: WebhookEndpointId, clock: Clock
) -> WebhookMessageId:
    """An empty message, to see whether it arrives. Raises NoSuchEndpoint."""
    _held(session, supplier_id, endpoint_id)
    now, message_id = clock.now(), WebhookMessageId(new_id())
    session.add(
        WebhookMessage(
            id=message_id,
            supplier_id=supplier_id,
            endpoint_id=endpoint_id,
            kind=Kind.TEST.value,
            subject_id=message_id,
            body=body_of(Kind.TEST, now, {}),
            state="pending",
            due_at=now,
            created_at=now,
        )
    )
    session.flush()
    return message_id


def resend(
    session: Session,
    *,
    supplier_id: SupplierId,
    endpoint_id: WebhookEndpointId,
    message_id: WebhookMessageId,
    clock: Clock,
) -> None:
    """Send a message once more, under its own id: whoever has it already can tell.

    Raises NoSuchEndpoint, also where there is no such message.
    """
    _held(session, supplier_id, endpoint_id)
    again = session.execute(
        update(WebhookMessage)
        .where(
            WebhookMessage.supplier_id == supplier_id,
            WebhookMessage.endpoint_id == endpoint_id,
            WebhookMessage.id == message_id,
            WebhookMessage.state != "sending",
        )
        .values(state="pending", attempts=0, due_at=clock.now(), delivered_at=None)
        .returning(WebhookMessage.id)
    ).one_or_none()
    if again is None:
        raise NoSuchEndpoint(str(message_id))
