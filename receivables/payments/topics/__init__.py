"""What Stripe's messages are about: for each beginning of their kinds, who fetches the thing
afresh and who takes it down.
"""

from __future__ import annotations

from typing import Any

from receivables.payments.inbox import NOT_OURS, Topic
from receivables.payments.topics import accounts, charges, checkouts, returns, saved_methods

TOPICS: tuple[Topic[Any], ...] = (
    checkouts.PAGES,
    charges.INTENTS,
    saved_methods.METHODS,
    saved_methods.MANDATES,
    returns.REFUNDS,
    returns.CHARGEBACKS,
    accounts.ACCOUNTS,
)

_ANYTHING_ELSE: Topic[None] = Topic("", fetch=lambda *_: None, apply=lambda *_: NOT_OURS)


def topic_of(kind: str) -> Topic[Any]:
    """What a message of this kind is about."""
    return next((topic for topic in TOPICS if kind.startswith(topic.prefix)), _ANYTHING_ELSE)
