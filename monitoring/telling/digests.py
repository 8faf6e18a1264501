"""Digests: several alerts in one mail, once per person, kind and day."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.alerts.notices import digest_mail
from monitoring.telling import unsubscribing
from monitoring.telling.mails import WAITING
from monitoring.telling.tables import Delivery, Digest, TellingPerson
from monitoring.telling.told import is_moot, lines_of, telling_rows
from receivables.clock import Clock
from receivables.ids import DigestId, SupplierId
from receivables.ports import MailMessage
from receivables.settings import Settings


def _mine(supplier_id: SupplierId, digest_id: DigestId) -> tuple[Any, ...]:
    return (Digest.supplier_id == supplier_id, Digest.id == digest_id)


def begin_digest(
    session: Session,
    *,
    supplier_id: SupplierId,
    digest_id: DigestId,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Claim a digest and compose its mail; None when there is nothing in it any more.

    What was acknowledged, taken back or put off meanwhile is left out, and so is what this
    person was told already. From its first attempt on nothing is added to a digest.
    """
    claimed = session.execute(
        update(Digest)
        .where(*_mine(supplier_id, digest_id), Digest.state.in_(WAITING))
        .values(state="sending", attempts=Digest.attempts + 1)
        .returning(Digest.kind, Digest.staff_id)
    ).one_or_none()
    if claimed is None:
        return None
    now = clock.now()
    rows = session.execute(
        telling_rows(supplier_id)
        .where(Delivery.digest_id == digest_id, Delivery.state.in_(WAITING))
        .order_by(Delivery.created_at, Delivery.id)
    ).all()
    unwanted = session.scalar(
        select(TellingPerson.digests_off_at).where(
            TellingPerson.supplier_id == supplier_id,
            TellingPerson.staff_id == claimed.staff_id,
        )
    )
    # What a flood brings was asked for at once: who wants no digests gets it together anyway.
    off = unwanted is not None and claimed.kind != "flood"
    told = [row for row in rows if not off and not is_moot(row.Alert, row.Staff, now)]
    left_out = {row.Delivery.id for row in rows} - {row.Delivery.id for row in told}
    _set(session, supplier_id, digest_id, left_out, "unneeded")
    if not told:
        session.execute(
            update(Digest).where(*_mine(supplier_id, digest_id)).values(state="unneeded")
        )
        return None
    _set(session, supplier_id, digest_id, {row.Delivery.id for row in told}, "sending")
    lines = lines_of(session, supplier_id, [row.Alert.id for row in told])
    return digest_mail(
        digest_id,
        cast('Literal["daily", "weekly", "flood"]', claimed.kind),
        list(lines.values()),
        staff=told[0].Staff,
        supplier=told[0].Supplier,
        unsubscribe_url=unsubscribing.url_for(
            claimed.staff_id, settings.web.backoffice_url, secrets=settings.links.secrets
        ),
        backoffice_url=settings.web.backoffice_url,
    )


def _set(
    session: Session,
    supplier_id: SupplierId,
    digest_id: DigestId,
    delivery_ids: set[Any],
    state: str,
) -> None:
    if delivery_ids:
        session.execute(
            update(Delivery)
            .where(
                Delivery.supplier_id == supplier_id,
                Delivery.digest_id == digest_id,
                Delivery.id.in_(delivery_ids),
            )
            .values(state=state)
        )


def close_digest(
    session: Session,
    *,
    supplier_id: SupplierId,
    digest_id: DigestId,
    state: Literal["delivered", "pending", "failed"],
    reason: str = "",
    clock: Clock,
) -> None:
    """Write down what became of a digest and of everything in it; "pending" is tried again."""
    at: datetime | None = clock.now() if state == "delivered" else None
    values = {"state": state, "reason": reason[:300], "delivered_at": at}
    closed = session.execute(
        update(Digest)
        .where(*_mine(supplier_id, digest_id), Digest.state.in_(WAITING))
        .values(**values)
        .returning(Digest.attempts)
    ).one_or_none()
    if closed is not None:
        session.execute(
            update(Delivery)
            .where(
                Delivery.supplier_id == supplier_id,
                Delivery.digest_id == digest_id,
                Delivery.state.in_(WAITING),
            )
            .values(**values, attempts=closed.attempts)
        )
