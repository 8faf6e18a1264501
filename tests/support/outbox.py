"""Fakes of the ports that carry messages: they keep what they were given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from receivables.clock import SystemClock
from receivables.errors import ReceivablesError
from receivables.mail import compose
from receivables.ports import (
    MailMessage,
    MailUnknown,
    PushOutcome,
    PushPayload,
    PushResult,
    PushTarget,
)


class RecordingMailer:
    """Takes every message the real mailer could write, unless `answers` holds an error for it.

    `answers` is consumed from the front, one for each `send`; None means taken. A message that
    was refused or deferred is not in `sent`; after MailUnknown the test decides what it means.
    `silent_to` is an address whose messages are never answered.
    """

    def __init__(self) -> None:
        self.sent: list[MailMessage] = []
        self.answers: list[ReceivablesError | None] = []
        self.silent_to: str | None = None

    def send(self, message: MailMessage) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if message.to_address == self.silent_to:
            answer = MailUnknown("the line broke")
        compose(message, from_address="reminders@quittance.example", clock=SystemClock())
        if answer is not None:
            raise answer
        self.sent.append(message)

    def to(self, address: str) -> Sequence[MailMessage]:
        """The messages to one address, oldest first."""
        return [message for message in self.sent if message.to_address == address]


class RecordingPusher:
    """Delivers every push, unless `outcomes` holds another outcome for the next one."""

    def __init__(self) -> None:
        self.pushed: list[tuple[PushTarget, PushPayload]] = []
        self.outcomes: list[PushOutcome] = []

    def push(self, subscription: PushTarget, payload: PushPayload, *, now: datetime) -> PushOutcome:
        outcome = self.outcomes.pop(0) if self.outcomes else PushOutcome(PushResult.DELIVERED)
        self.pushed.append((subscription, payload))
        return outcome
