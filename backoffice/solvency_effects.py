"""What is to follow from solvency: the supplier's choice, and the proposals that wait."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.solvency_pages import EffectsPage, ProposalRow
from monitoring.effects import actions
from monitoring.effects.actions import ChangedSince
from monitoring.effects.policies import is_strict, policy_of, set_policy, set_strict
from monitoring.effects.queries import ProposalLine, proposals, terms_list
from monitoring.effects.rules import EffectPolicy, Mode
from monitoring.effects.words import effect_title
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.words import name_of
from receivables.credit.rules import SolvencyClass
from receivables.i18n import translate as _
from receivables.ids import SolvencyProposalId
from receivables.spreadsheets import harmless
from receivables.web.forms import FormBody, field

#: The classes from which on something may follow.
_CLASSES = (SolvencyClass.C, SolvencyClass.D, SolvencyClass.E)
_CHOICES = ("limit", "prepayment", "plans")


@get("/monitoring/effects", sync_to_thread=True)
def show_solvency_effects(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = effects_page(session, asker)
    return asker.page("solvency_effects.html", page)


def effects_page(
    session: Session, asker: Asker, typed: Mapping[str, Any] | None = None, error: str = ""
) -> EffectsPage:
    policy = policy_of(session, asker.supplier_id)
    values = {
        "limit": policy.limit.value,
        "prepayment": policy.prepayment.value,
        "plans": policy.plans.value,
        "worst": policy.worst.value,
        "limit_percent": str(policy.limit_percent),
        "strict": "yes" if is_strict(session, asker.supplier_id) else "",
    }
    if typed is not None:
        values |= {name: field(typed, name) for name in values}
    found = [proposal_row(one) for one in proposals(session, asker.supplier_id)]
    return EffectsPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        values=values,
        modes=(
            (Mode.OFF.value, _("nothing")),
            (Mode.PROPOSE.value, _("propose it to us")),
            (Mode.APPLY.value, _("do it by itself")),
        ),
        classes=tuple(one.value for one in _CLASSES),
        error=error,
        open=tuple(one for one in found if one.state == "open"),
        decided=tuple(one for one in found if one.state not in ("open", "obsolete"))[:50],
        may_edit=asker.me.role == "owner",
    )


def proposal_row(one: ProposalLine) -> ProposalRow:
    return ProposalRow(
        id=one.proposal_id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        what=effect_title(one.effect),
        why=cause_words(one.cause),
        state=one.state,
        limit=one.limit,
        limit_before=one.limit_before,
        is_automatic=one.is_automatic,
        made_at=one.made_at,
        decided_at=one.decided_at,
        decided_by=one.decided_by,
    )


def cause_words(cause: str) -> str:
    """A class, or what was published."""
    if cause in {one.value for one in SolvencyClass}:
        return _("Solvency class %(name)s") % {"name": cause}
    return name_of(EventKind(cause))


@post("/monitoring/effects", sync_to_thread=True)
def take_solvency_effects(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """303 to the page; the form again where a number cannot be meant."""
    percent = field(data, "limit_percent").strip()
    modes = {name: field(data, name) for name in _CHOICES}
    worst = field(data, "worst")
    known = {one.value for one in Mode}
    if not (percent.isascii() and percent.isdigit() and int(percent[:4]) <= 100):
        with owner.reading() as session:
            page = effects_page(session, owner, data, "limit_percent")
        return owner.page("solvency_effects.html", page, status=422)
    if not set(modes.values()) <= known or worst not in {one.value for one in _CLASSES}:
        raise NotFoundException
    policy = EffectPolicy(
        limit=Mode(modes["limit"]),
        prepayment=Mode(modes["prepayment"]),
        plans=Mode(modes["plans"]),
        worst=SolvencyClass(worst),
        limit_percent=int(percent),
    )
    with owner.transaction() as session:
        set_policy(session, supplier_id=owner.supplier_id, policy=policy, clock=owner.runtime.clock)
        set_strict(
            session,
            supplier_id=owner.supplier_id,
            wanted=field(data, "strict") == "yes",
            worst=policy.worst,
            clock=owner.runtime.clock,
        )
    return owner.back("/monitoring/effects", "effects_saved")


@post("/monitoring/effects/{effect_id:uuid}/{choice:str}", sync_to_thread=True)
def decide_proposal(
    effect_id: FromPath[UUID],
    choice: FromPath[str],
    data: FormBody,
    owner: NamedDependency[Asker],
) -> Response[Any]:
    """Do it, leave it, or put back what stood before. Raises NoSuchProposal and AlreadyDecided."""
    deeds = {"apply": actions.apply, "decline": actions.decline, "undo": actions.undo}
    if choice not in deeds:
        raise NotFoundException
    notice = {"apply": "effect_done", "decline": "effect_left", "undo": "effect_undone"}[choice]
    back = field(data, "back")
    back = back if owner.face.is_own_path(back) else "/monitoring/effects"
    try:
        with owner.transaction() as session:
            deeds[choice](
                session,
                supplier_id=owner.supplier_id,
                proposal_id=SolvencyProposalId(effect_id),
                staff_id=owner.me.staff_id,
                clock=owner.runtime.clock,
            )
    except ChangedSince:
        return owner.back(back, "effect_changed_since")
    return owner.back(back, notice)


@get("/monitoring/terms.csv", sync_to_thread=True)
def take_terms(asker: NamedDependency[Asker]) -> Response[str]:
    """How debtors are to be supplied, for the supplier's own software."""
    with asker.reading() as session:
        found = terms_list(session, asker.supplier_id)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(
        ("debtor_number", "name", "limit", "currency", "prepayment_since", "insolvent_on")
    )
    for one in found:
        writer.writerow(
            (
                harmless(one.number),
                harmless(one.name),
                one.limit.decimal if one.limit is not None else "",
                one.limit.currency if one.limit is not None else "",
                one.prepayment_since or "",
                one.insolvent_on or "",
            )
        )
    return Response(
        written.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="terms.csv"'},
    )
