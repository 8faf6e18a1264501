"""The team: who may sign in and what they may do; one's own password."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backoffice.access import ROLES, Asker
from backoffice.pages import Role
from backoffice.paging import one_of
from backoffice.settings_pages import StaffRow, TeamPage
from receivables.i18n import LANGUAGES
from receivables.i18n import translate as _
from receivables.ids import StaffId
from receivables.parties import actions, queries
from receivables.parties.passwords import LONGEST, SHORTEST, WeakPassword, hash_password
from receivables.parties.sessions import SignInRefused, check_password
from receivables.parties.tables import StaffSession
from receivables.web.forms import FormBody, field

_PATH = "/settings/team"


@get("/settings/team", sync_to_thread=True)
def show_team(asker: NamedDependency[Asker]) -> Response[str]:
    return _answer(asker)


def _answer(asker: Asker, error: str = "") -> Response[str]:
    with asker.reading() as session:
        page = team_page(session, asker, error=_sentence(error))
    return asker.page("team.html", page, status=422 if error else 200)


def _sentence(error: str) -> str:
    """Why a form was refused, in the reader's language."""
    return {
        "": "",
        "email": _("Somebody signs in with this address already, or it is none."),
        "name": _("Please give a name."),
        "weak": _("Please choose a password of %(least)s to %(most)s characters, not a usual one.")
        % {"least": SHORTEST, "most": LONGEST},
        "current": _("Your current password is another one."),
        "last_owner": _("One owner has to remain."),
    }[error]


def team_page(session: Session, asker: Asker, *, error: str = "") -> TeamPage:
    seen = _last_seen(session, asker)
    return TeamPage(
        head=asker.head(session, "settings"),
        notice=asker.notice(),
        staff=tuple(
            StaffRow(
                id=one.staff_id,
                name=one.name,
                email=one.email,
                role=_role(one.role),
                last_seen_at=seen.get(one.staff_id),
                is_you=one.staff_id == asker.me.staff_id,
                is_disabled=one.disabled,
            )
            for one in queries.team(session, asker.supplier_id)
        ),
        error=error,
        shortest_password=SHORTEST,
    )


def _role(text: str) -> Role:
    return one_of(text, ROLES)


def _last_seen(session: Session, asker: Asker) -> dict[StaffId, Any]:
    rows = session.execute(
        select(StaffSession.staff_id, func.max(StaffSession.seen_at).label("at"))
        .where(StaffSession.supplier_id == asker.supplier_id)
        .group_by(StaffSession.staff_id)
    )
    return {row.staff_id: row.at for row in rows}


@post("/settings/team", sync_to_thread=True)
def hire(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    name, email = field(data, "name")[:120], field(data, "email")[:254]
    language = field(data, "language")
    if not name:
        return _answer(owner, "name")
    if email.count("@") != 1 or " " in email:
        return _answer(owner, "email")
    try:
        password_hash = hash_password(str(data.get("password", "")))
        with owner.transaction() as session:
            actions.hire_with_hash(
                session,
                supplier_id=owner.supplier_id,
                email=email,
                name=name,
                role=_role(field(data, "role")),
                language=language if language in LANGUAGES else owner.me.language,
                password_hash=password_hash,
                clock=owner.runtime.clock,
            )
    except WeakPassword:
        return _answer(owner, "weak")
    except actions.EmailTaken:
        return _answer(owner, "email")
    return owner.back(_PATH, "hired", name=name)


@post("/settings/team/{staff_id:uuid}/role", sync_to_thread=True)
def change_role(
    staff_id: FromPath[UUID], data: FormBody, owner: NamedDependency[Asker]
) -> Response[Any]:
    try:
        with owner.transaction() as session:
            actions.change_role(
                session,
                supplier_id=owner.supplier_id,
                staff_id=StaffId(staff_id),
                role=_role(field(data, "role")),
            )
    except actions.LastOwner:
        return _answer(owner, "last_owner")
    return owner.back(_PATH, "role_changed", name=_name(owner, staff_id))


@post("/settings/team/{staff_id:uuid}/disable", sync_to_thread=True)
def disable(staff_id: FromPath[UUID], owner: NamedDependency[Asker]) -> Response[Any]:
    try:
        with owner.transaction() as session:
            actions.disable(
                session,
                supplier_id=owner.supplier_id,
                staff_id=StaffId(staff_id),
                clock=owner.runtime.clock,
            )
    except actions.LastOwner:
        return _answer(owner, "last_owner")
    return owner.back(_PATH, "disabled", name=_name(owner, staff_id))


@post("/settings/team/{staff_id:uuid}/enable", sync_to_thread=True)
def enable(staff_id: FromPath[UUID], owner: NamedDependency[Asker]) -> Response[Any]:
    with owner.transaction() as session:
        actions.enable(session, supplier_id=owner.supplier_id, staff_id=StaffId(staff_id))
    return owner.back(_PATH, "enabled", name=_name(owner, staff_id))


@post("/settings/team/{staff_id:uuid}/password", sync_to_thread=True)
def give_password(
    staff_id: FromPath[UUID], data: FormBody, owner: NamedDependency[Asker]
) -> Response[Any]:
    """A new password for a colleague who forgot theirs."""
    return _set_password(owner, StaffId(staff_id), str(data.get("password", "")))


@post("/settings/password", sync_to_thread=True)
def change_own_password(data: FormBody, asker: NamedDependency[Asker]) -> Response[Any]:
    """One's own; whoever sits at an open browser must know the old one."""
    face = asker.face
    face.limiter.count("sign-in by person", asker.me.email)
    try:
        check_password(
            asker.runtime,
            supplier_id=asker.supplier_id,
            staff_id=asker.me.staff_id,
            password=str(data.get("current", "")),
        )
    except SignInRefused:
        return _answer(asker, "current")
    return _set_password(asker, asker.me.staff_id, str(data.get("password", "")))


def _set_password(asker: Asker, staff_id: StaffId, password: str) -> Response[Any]:
    """Every session of the person ends, the one at hand too if it is their own."""
    try:
        password_hash = hash_password(password)
    except WeakPassword:
        return _answer(asker, "weak")
    with asker.transaction() as session:
        actions.change_password(
            session,
            supplier_id=asker.supplier_id,
            staff_id=staff_id,
            password_hash=password_hash,
        )
    return asker.back(_PATH, "password_changed")


def _name(asker: Asker, staff_id: UUID) -> str:
    with asker.reading() as session:
        names = {one.staff_id: one.name for one in queries.team(session, asker.supplier_id)}
    return names.get(StaffId(staff_id), "")
