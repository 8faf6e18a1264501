"""One text message from the decision to its outcome: claim, hand over, write down.

Text messages go out at most once. The claim is committed before the gateway is spoken to, and what
a dead worker leaves behind is shown to a person, never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from receivables.database import Scope
from receivables.ids import SupplierId
from receivables.ports import ChannelMessage, TextDeferred, TextRefused, TextUnknown
from receivables.runtime import Runtime
from receivables.sms import actions
from receivables.sms.queries import state_of
from receivables.sms.tables import TextState

#: The engine's part of the claim: reads the ledger again in the transaction that puts the text on
#: record, and says what goes out now, or None when nothing does any more.
Claim = Callable[[Session], ChannelMessage | None]


def send(runtime: Runtime, supplier_id: SupplierId, claim: Claim) -> TextState | None:
    """Send one text at most once, and say how it stands. None: the claim said no.

    DUE means that the gateway certainly did not take it: call again later, with the same
    execution. Everything else is final but UNKNOWN, which a person resolves
    (`actions.confirm_sent`, `actions.give_up`). The same is told by events, for what is found out
    later. Never call this within a transaction.
    """
    texter, clock = runtime.texter, runtime.clock
    assert texter is not None, "the installation has a gateway"
    scope = Scope(supplier_id)
    with runtime.transaction(scope) as session:
        message = claim(session)
        if message is None:
            return None
        claimed = actions.claim(session, message, clock=clock)
        if claimed is None:
            return state_of(session, supplier_id, message.execution_id)
    text_id, text = claimed
    try:
        gateway_id = texter.send(text)
    except TextDeferred as deferred:
        with runtime.transaction(scope) as session:
            return actions.put_off(session, supplier_id, text_id, deferred.reason, clock=clock)
    except TextRefused as refusal:
        with runtime.transaction(scope) as session:
            actions.refuse(session, supplier_id, text_id, refusal, clock=clock)
        return TextState.FAILED
    except TextUnknown:
        with runtime.transaction(scope) as session:
            actions.lose_sight(session, supplier_id, text_id, clock=clock)
        return TextState.UNKNOWN
    with runtime.transaction(scope) as session:
        actions.mark_sent(session, supplier_id, text_id, gateway_id=gateway_id, clock=clock)
    return TextState.SENT
