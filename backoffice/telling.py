"""How somebody wants to be told: the choices of the notifications page, and ending digests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any
from uuid import UUID

from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker, stranger
from backoffice.settings_pages import ChoiceRow, DigestsOffPage, TellingForm
from monitoring.alerts.rules import Severity
from monitoring.telling import unsubscribing
from monitoring.telling.choices import Choice, Pace, Portfolio
from monitoring.telling.preferences import Preferences, preferences, save_preferences
from receivables.database import SYSTEM
from receivables.ids import StaffId
from receivables.parties.queries import team
from receivables.runtime import Runtime
from receivables.web.face import Face, no_session
from receivables.web.forms import FormBody, field

_PATH = "/settings/notifications"
#: The gravest first, as one reads them.
_SEVERITIES = tuple(reversed(Severity))


def telling_form(session: Session, asker: Asker) -> TellingForm:
    """What this person chose, as the form shows it."""
    chosen = preferences(session, asker.supplier_id, asker.me.staff_id)
    colleagues = [
        one
        for one in team(session, asker.supplier_id)
        if not one.disabled and one.staff_id != asker.me.staff_id
    ]
    return TellingForm(
        rows=tuple(
            ChoiceRow(
                portfolio=portfolio.value,
                severity=severity.value,
                pace=chosen.chose(portfolio, severity).pace.value,
                mail=chosen.chose(portfolio, severity).mail,
                push=chosen.chose(portfolio, severity).push,
            )
            for portfolio in Portfolio
            for severity in _SEVERITIES
        ),
        waking_from=f"{chosen.waking[0]:%H:%M}",
        waking_until=f"{chosen.waking[1]:%H:%M}",
        names_on_push=chosen.names_on_push,
        wants_digests=chosen.wants_digests,
        deputy_id=chosen.deputy_id,
        colleagues=tuple((one.staff_id, one.name) for one in colleagues),
    )


@post(_PATH, sync_to_thread=True)
def take_choices(data: FormBody, asker: NamedDependency[Asker]) -> Redirect:
    """Tell this person so from now on; what makes no sense stays as it was."""
    with asker.transaction() as session:
        before = preferences(session, asker.supplier_id, asker.me.staff_id)
        save_preferences(
            session,
            supplier_id=asker.supplier_id,
            staff_id=asker.me.staff_id,
            wanted=_wanted(data, before),
            clock=asker.runtime.clock,
        )
    return asker.back(_PATH, "telling_saved")


def _wanted(data: Mapping[str, Any], before: Preferences) -> Preferences:
    choices = {
        (portfolio, severity): _choice(data, portfolio, severity, before)
        for portfolio in Portfolio
        for severity in _SEVERITIES
    }
    return Preferences(
        choices=choices,
        waking=(
            _time(field(data, "waking_from"), before.waking[0]),
            _time(field(data, "waking_until"), before.waking[1]),
        ),
        names_on_push=bool(field(data, "names_on_push")),
        deputy_id=_staff(field(data, "deputy")),
        wants_digests=bool(field(data, "digests")),
    )


def _choice(
    data: Mapping[str, Any], portfolio: Portfolio, severity: Severity, before: Preferences
) -> Choice:
    name = f"{portfolio.value}-{severity.value}"
    pace = field(data, f"pace-{name}")
    if pace not in set(Pace):
        return before.chose(portfolio, severity)
    ways = (bool(field(data, f"mail-{name}")), bool(field(data, f"push-{name}")))
    return Choice(Pace(pace), *ways)


def _time(text: str, before: time) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return before


def _staff(text: str) -> StaffId | None:
    try:
        return StaffId(UUID(text))
    except ValueError:
        return None


@get(unsubscribing.PATH + "/{token:str}", before_request=no_session, sync_to_thread=True)
def show_digests_off(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """Asks: whoever only looks, such as a scanner of mails, ends nothing. Raises NoSuchDigest."""
    unsubscribing.staff_of(token, secrets=runtime.settings.links.secrets)
    page = DigestsOffPage(token=token, is_done=False)
    return face.page("digests_off.html", stranger(face, request, ""), page=page)


@post(
    unsubscribing.PATH + "/{token:str}",
    status_code=200,
    media_type=MediaType.HTML,
    before_request=no_session,
    sync_to_thread=True,
)
def take_digests_off(
    token: FromPath[str],
    request: Request[Any, Any, Any],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """End somebody's digests; a mail program posts here by itself (RFC 8058), with no session.

    Raises NoSuchDigest.
    """
    staff_id = unsubscribing.staff_of(token, secrets=runtime.settings.links.secrets)
    with runtime.transaction(SYSTEM, by=f"staff:{staff_id}") as session:
        unsubscribing.unsubscribe(session, staff_id, clock=runtime.clock)
    page = DigestsOffPage(token=token, is_done=True)
    return face.page("digests_off.html", stranger(face, request, ""), page=page)
