"""What an account offers at Stripe: its payment method configuration, kept for ten minutes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import stripe

from receivables.payments.stripe.transport import Line
from receivables.payments.stripe.words import method_name
from receivables.ports import (
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
    OfferedMethod,
)

#: A supplier who switches a method on or off sees it on the page after this long at the latest.
KEPT_SECONDS = 600.0

#: Nobody waits again for a gateway that has just left somebody waiting.
_SILENCE_SECONDS = 60.0

_NO_ANSWER = (
    GatewayNotConfigured,
    GatewayRefused,
    GatewayUnreached,
    GatewaySilent,
    GatewayUnclear,
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an account said; `methods` None when it has never said anything."""

    methods: tuple[OfferedMethod, ...] | None
    good_until: float


class Kept:
    """What accounts said lately; safe to share between threads.

    `passed` counts seconds and is not a calendar: stepping a clock makes nothing stale.
    """

    def __init__(self, passed: Callable[[], float] = time.monotonic) -> None:
        self._passed = passed
        self._lock = threading.Lock()
        self._answers: dict[str, _Answer] = {}

    def of(
        self, account: str, ask: Callable[[], tuple[OfferedMethod, ...]]
    ) -> tuple[OfferedMethod, ...]:
        """What was said lately, or what `ask` finds out.

        Where `ask` fails, what was said last stands a little longer; GatewaySilent when nothing
        was ever said.
        """
        with self._lock:
            known = self._answers.get(account)
        if known is not None and self._passed() < known.good_until:
            return _said(known)
        try:
            answer = _Answer(ask(), self._passed() + KEPT_SECONDS)
        except _NO_ANSWER:
            last = known.methods if known is not None else None
            answer = _Answer(last, self._passed() + _SILENCE_SECONDS)
        with self._lock:
            self._answers[account] = answer
        return _said(answer)


def _said(answer: _Answer) -> tuple[OfferedMethod, ...]:
    if answer.methods is None:
        raise GatewaySilent("what the account offers is not known")
    return answer.methods


class StripeMethods:
    """`ports.Methods` at Stripe."""

    line: Line
    kept: Kept

    def methods(self, account: str) -> tuple[OfferedMethod, ...]:
        return self.kept.of(account, lambda: self._ask(account))

    def _ask(self, account: str) -> tuple[OfferedMethod, ...]:
        with self.line.asking_aside():
            listed = self.line.client.v1.payment_method_configurations.list(
                {"limit": 100}, self.line.options(account)
            )
        used = _in_force(listed.data, account)
        return _switched_on(used.to_dict()) if used is not None else ()


def _in_force(
    configurations: Sequence[stripe.PaymentMethodConfiguration], account: str
) -> stripe.PaymentMethodConfiguration | None:
    """The one that payments made without naming any are offered by.

    For a payment made for a connected account it is the child of ours, where there is one.
    Source: docs.stripe.com/api/payment_method_configurations and
    docs.stripe.com/connect/payment-method-configurations.
    """
    standing = [each for each in configurations if each.active and each.is_default]
    children = [each for each in standing if each.parent]
    own = [each for each in standing if not each.parent]
    wanted = (children or own) if account else own
    return wanted[0] if wanted else None


def _switched_on(configuration: dict[str, Any]) -> tuple[OfferedMethod, ...]:
    """`available`: shown, and the account may use it. Fields that are no methods have none."""
    return tuple(
        OfferedMethod(kind, method_name(kind))
        for kind, state in sorted(configuration.items())
        if isinstance(state, dict) and state.get("available") is True
    )
