"""Who can be sent a text message, and what became of those that were."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, ExecutionId, SupplierId
from receivables.sms.tables import TextMessage, TextState


def state_of(
    session: Session, supplier_id: SupplierId, execution_id: ExecutionId
) -> TextState | None:
    """How the text of an execution stands; None when there is none."""
    state = session.scalar(
        select(TextMessage.state).where(
            TextMessage.supplier_id == supplier_id, TextMessage.execution_id == execution_id
        )
    )
    return None if state is None else TextState(state)


def texts(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    states: Sequence[TextState] = (),
    limit: int = 50,
) -> Sequence[TextMessage]:
    """Texts of the supplier's, the newest first; of one debtor, in some states, if given."""
    statement = select(TextMessage).where(TextMessage.supplier_id == supplier_id)
    if debtor_id is not None:
        statement = statement.where(TextMessage.debtor_id == debtor_id)
    if states:
        statement = statement.where(TextMessage.state.in_(states))
    return session.scalars(statement.order_by(TextMessage.id.desc()).limit(limit)).all()
