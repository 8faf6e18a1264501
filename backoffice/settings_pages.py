"""What the pages of the backoffice's Settings section get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice.pages import Notice, OfficeHead, Role


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
