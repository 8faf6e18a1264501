"""What the fragment about how a debtor pays gets as `payer`: finished values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """When one open invoice is expected; `by_due` is None where that day has passed."""

    number: str
    expected_on: date
    prudent_on: date
    by_due: float | None
    why: str
    is_guess: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerOverride:
    payer_class: str
    reason: str
    until: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerView:
    """One debtor's profile -> _debtor_payer.html; `POST /debtors/{id}/payer/again` works it out,
    `POST /debtors/{id}/payer/calculated` ends what a person said instead.
    """

    debtor_id: UUID
    #: The class that counts, and what it means.
    payer_class: str
    words: str
    #: As calculated; None before the first night.
    calculated: str | None
    score: int
    trend: str
    is_worsening: bool
    #: The largest penalties in words, the largest first.
    reasons: tuple[str, ...]
    paid_count: int
    as_of: date | None
    override: PayerOverride | None
    #: The worse of behaviour and solvency; empty where neither is known.
    joint: str
    is_person: bool
    expected: tuple[ExpectedLine, ...]
