"""What the pages of the backoffice's Settings section get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """What somebody chose for one severity; the fields are `pace-{portfolio}-{severity}` and so
    on.
    """

    portfolio: Literal["mine", "others"]
    severity: Literal["critical", "high", "medium", "low", "info"]
    pace: Literal["now", "waking", "daily", "weekly", "not"]
    mail: bool
    push: bool

    @property
    def name(self) -> str:
        return f"{self.portfolio}-{self.severity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingForm:
    """`POST /settings/notifications`: the rows, `waking_from`, `waking_until`, `names_on_push`,
    `digests` (ticks) and `deputy`.
    """

    rows: tuple[ChoiceRow, ...]
    #: `07:00`.
    waking_from: str
    waking_until: str
    names_on_push: bool
    wants_digests: bool
    deputy_id: UUID | None
    colleagues: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestsOffPage:
    """`GET /digests/off/{token}` -> digests_off.html; the same POST ends the digests."""

    token: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsPage:
    """`GET /settings/notifications` -> notifications.html; `static/push.js` does the rest.

    The button posts to `/push/subscriptions`; `.../{id}/delete` and `.../{id}/test` are forms.
    """

    head: OfficeHead
    notice: Notice | None
    email: str
    vapid_key: str
    vapid_key_id: str
    #: id, how people call the browser, since when.
    subscriptions: tuple[tuple[UUID, str, datetime], ...]
    form: TellingForm


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    id: UUID
    name: str
    email: str
    role: Role
    last_seen_at: datetime | None
    is_you: bool
    is_disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage:
    """`GET /settings/team` -> team.html.

    For an owner: `POST /settings/team` hires (`name`, `email`, `role`, `language`, `password`),
    `.../{id}/role`, `.../{id}/password`, `.../{id}/disable`, `.../{id}/enable`.
    For everybody: `POST /settings/password` with `current` and `password`.
    """

    head: OfficeHead
    notice: Notice | None
    staff: tuple[StaffRow, ...]
    #: Why the last form was refused, as a sentence; empty when none was.
    error: str = ""
    shortest_password: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    id: UUID
    name: str
    queue: str
    attempts: int
    died_at: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    """`GET /settings/jobs` -> jobs.html; `POST /settings/jobs/{id}/again` runs one again."""

    head: OfficeHead
    notice: Notice | None
    dead: tuple[JobRow, ...]
    waiting: int
    done_today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """One address that is told; `trouble` says why it was paused by itself."""

    id: UUID
    url: str
    kinds: tuple[str, ...]
    is_paused: bool
    trouble: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksPage:
    """`GET /settings/webhooks` -> webhooks.html; the same POST adds `url` with its `kinds`."""

    head: OfficeHead
    notice: Notice | None
    endpoints: tuple[WebhookRow, ...]
    #: What can be chosen, with what it is about.
    kinds: tuple[tuple[str, str], ...]
    #: As it was typed.
    url: str
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookMessageRow:
    """One message; `status` is what it was answered with last, None when nothing came back."""

    id: UUID
    kind: str
    about: str
    state: Literal["pending", "sending", "delivered", "failed", "unneeded"]
    attempts: int
    status: int | None
    answer: str
    created_at: datetime
    tried_at: datetime | None
    due_at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPage:
    """`GET /settings/webhooks/{id}` -> webhook.html.

    The same POST has `do`: rotate, pause, resume, test or remove; without, `kinds` are chosen.
    `.../messages/{id}/resend` sends one once more.
    """

    head: OfficeHead
    notice: Notice | None
    endpoint: WebhookRow
    kinds: tuple[tuple[str, str], ...]
    secret: str
    #: Until when the secret before signs as well.
    secret_before_until: datetime | None
    messages: tuple[WebhookMessageRow, ...]
    error: str = ""
