"""What the pages about a debtor's solvency, and what follows from it, get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice.pages import Band, Notice, OfficeHead, ScoreChart
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One thing that solvency calls for; `state` is open, applied, declined, undone or obsolete."""

    id: UUID
    debtor_id: UUID
    debtor_name: str
    what: str
    why: str
    state: str
    limit: Money | None
    limit_before: Money | None
    is_automatic: bool
    made_at: datetime
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRow:
    """`state`: candidate, stands, retracted or dismissed."""

    what: str
    label: str
    source: str
    published_on: date
    state: str
    by_name: bool
    link: str
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """A claim to lodge, as a line."""

    id: UUID
    state: str
    opened_on: date
    lodge_until: date | None
    days_left: int | None
    lodged_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """How much of a limit is used, in percent; above 100 it is exceeded."""

    owed: Money
    limit: Money
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvencyPage:
    """`GET /debtors/{id}/solvency` -> solvency.html."""

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    band: Band
    previous_band: Band
    #: How the class came about, in sentences that can be given to whoever asks (GDPR, art. 15).
    reasons: tuple[str, ...]
    payer_class: str
    payer_words: str
    #: The worse of the two classes, and what it advises.
    joint: str
    advice: str
    charts: tuple[ScoreChart, ...]
    publications: tuple[PublicationRow, ...]
    exposure: tuple[Money, ...]
    limit_use: LimitUse | None
    cover: str
    insolvent_on: date | None
    prepayment_since: date | None
    proposals: tuple[ProposalRow, ...]
    claims: tuple[ClaimRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectsPage:
    """`GET /monitoring/effects` -> solvency_effects.html; an owner posts to the same
    (`limit`, `prepayment`, `plans`, `worst`, `limit_percent`, `strict`). Proposals are decided by
    `POST /monitoring/effects/{id}/{apply|decline|undo}` (`back`).
    """

    head: OfficeHead
    notice: Notice | None
    values: dict[str, str]
    modes: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]
    error: str
    open: tuple[ProposalRow, ...]
    decided: tuple[ProposalRow, ...]
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPage:
    """`GET /debtors/{id}/claim` -> insolvency_claim.html; `POST` to the same saves what only the
    supplier knows (`lodge_until`, `retains_title`, `securities`), `POST .../claim/{lodge|give-up|
    insurer}` says what was done (`claim`, `lodged_on`, `reason`).
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    claim_id: UUID
    state: str
    opened_on: date
    lodge_until: date | None
    days_left: int | None
    basis: str
    lodged_on: date | None
    values: dict[str, str]
    insurer_waits: bool
    policy_number: str
    label: str
    court: str
    published_on: date | None
    link: str
    totals: tuple[Money, ...]
    today: date
    error: str
