"""A debtor's standing: classes, limit, terms, cover, stops. Each part is a form of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import ROLES, Asker, RoleTooLow, role_of
from backoffice.pages import Role
from backoffice.payers import class_words
from backoffice.standing_pages import Part, StandingPage
from backoffice.timeline import timeline
from receivables import history
from receivables.credit import actions
from receivables.credit.errors import StandingRefused
from receivables.credit.queries import standing
from receivables.credit.rules import (
    LONGEST_TERMS_DAYS,
    MOST_STOP_DAYS,
    Cover,
    PayerClass,
    SolvencyClass,
    Standing,
    Wrong,
    stop_fault,
)
from receivables.i18n import translate as _
from receivables.ids import DebtorId
from receivables.intake.csv_cells import amount as read_amount
from receivables.intake.csv_cells import day as read_day
from receivables.money import Money, NotAnAmount
from receivables.parties import queries as parties
from receivables.parties.queries import NoSuchDebtor
from receivables.payers.actions import override
from receivables.payers.errors import OverrideRefused
from receivables.payers.rules import MOST_OVERRIDE_DAYS, WrongOverride
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)

#: Who may change what. What costs money, or widens what may be owed, is an owner's.
_NEEDED: Mapping[Part, Role] = {
    "payer": "collector",
    "solvency": "owner",
    "limit": "owner",
    "terms": "owner",
    "prepayment": "owner",
    "cover": "owner",
    "stop": "collector",
    "resume": "collector",
    "insolvent": "collector",
    "not-insolvent": "owner",
}

#: Policy numbers are shown in lists and letters.
_LONGEST_POLICY, _LONGEST_REASON = 60, 300


class _WrongField(StandingRefused):
    """`wrong`, and the field of the form that is."""

    def __init__(self, name: str, wrong: Wrong) -> None:
        self.name = name
        super().__init__(wrong)


@get("/debtors/{debtor_id:uuid}/standing", sync_to_thread=True)
def show_standing(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = standing_page(session, asker, DebtorId(debtor_id))
    return asker.page("standing.html", page)


def standing_page(
    session: Session,
    asker: Asker,
    debtor_id: DebtorId,
    typed: Mapping[str, Any] | None = None,
    wrong: _WrongField | None = None,
) -> StandingPage:
    """Raises NoSuchDebtor."""
    supplier_id = asker.supplier_id
    debtor = parties.debtor(session, supplier_id, debtor_id)
    now = standing(session, supplier_id, debtor_id)
    happenings = [
        one
        for one in history.of_debtor(session, supplier_id, debtor_id, most=300)
        if one.event.kind.startswith("credit.")
    ]
    values = _values(now)
    if typed is not None:
        values |= {name: field(typed, name) for name in values if name in typed}
    return StandingPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        currency=now.limit.currency if now.limit else asker.me.supplier_currency,
        today=asker.today,
        latest=asker.today + timedelta(days=MOST_STOP_DAYS),
        may=frozenset(part for part in _NEEDED if _may(asker, part)),
        values=values,
        payer_classes=tuple((one.value, _payer_words(one)) for one in PayerClass),
        solvency_classes=tuple((one.value, _solvency_words(one)) for one in SolvencyClass),
        is_stopped=bool(now.stop_reason)
        and (now.stopped_until is None or asker.today <= now.stopped_until),
        stop_reason=now.stop_reason,
        stopped_until=now.stopped_until,
        insolvent_on=now.insolvent_on,
        prepayment_since=now.prepayment_since,
        blocked_until=now.self_service_blocked_until,
        timeline=timeline(session, supplier_id, happenings[:25]),
        error=wrong.name if wrong else "",
        error_words=_words_of(wrong) if wrong else "",
    )


def _may(asker: Asker, part: Part) -> bool:
    return ROLES.index(role_of(asker.me)) >= ROLES.index(_NEEDED[part])


def _values(now: Standing) -> dict[str, str]:
    return {
        "payer_class": now.payer_class.value,
        "payer_reason": "",
        "payer_until": "",
        "solvency_class": now.solvency_class.value,
        "limit": str(now.limit.decimal) if now.limit is not None else "",
        "terms_days": str(now.terms_days) if now.terms_days is not None else "",
        "policy_number": now.cover.policy_number if now.cover else "",
        "extension_days": str(now.cover.extension_days) if now.cover else "",
        "stop_reason": "",
        "stop_until": "",
        "insolvent_on": "",
    }


def _payer_words(one: PayerClass) -> str:
    return f"{one.value}: {class_words(one)}"


def _solvency_words(one: SolvencyClass) -> str:
    return _("nobody has told us yet") if one is SolvencyClass.NONE else one.value


def _words_of(refused: _WrongField) -> str:
    if refused.name == "payer_until" and refused.wrong is Wrong.DAY_TOO_LATE:
        return _("Six months at most.")
    return {
        Wrong.NO_REASON: _("Please say why."),
        Wrong.NO_DAY: _("Please choose the last day; only an owner can leave it open."),
        Wrong.DAY_PASSED: _("That day has passed."),
        Wrong.DAY_TOO_LATE: _("Ninety days at most; only an owner can choose a later day."),
        Wrong.DAY_AHEAD: _("That day has not come yet."),
        Wrong.NO_POLICY: _("Please give the policy’s number."),
    }.get(refused.wrong, _("Please write a number that can be meant."))


@post("/debtors/{debtor_id:uuid}/standing/{part:str}", sync_to_thread=True)
def take_standing(
    debtor_id: FromPath[UUID],
    part: FromPath[str],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Response[Any]:
    """303 to the page; the form again with what is wrong. Raises NoSuchDebtor, and RoleTooLow."""
    known = _known(part, DebtorId(debtor_id))
    if not _may(collector, known):
        raise RoleTooLow(collector.me.role, _NEEDED[known])
    try:
        with collector.transaction() as session:
            parties.debtor(session, collector.supplier_id, DebtorId(debtor_id))
            _CHANGES[known](session, collector, DebtorId(debtor_id), data)
    except _WrongField as wrong:
        with collector.reading() as session:
            page = standing_page(session, collector, DebtorId(debtor_id), data, wrong)
        return collector.page("standing.html", page, status=422)
    log.info("standing.changed", part=known, by=str(collector.me.staff_id))
    return collector.back(f"/debtors/{debtor_id}/standing", "standing_saved")


def _known(part: str, debtor_id: DebtorId) -> Part:
    """Raises NoSuchDebtor for a part there is not."""
    for name in _NEEDED:
        if name == part:
            return name
    raise NoSuchDebtor(str(debtor_id))


def _whose(asker: Asker, debtor_id: DebtorId) -> dict[str, Any]:
    return {
        "supplier_id": asker.supplier_id,
        "debtor_id": debtor_id,
        "clock": asker.runtime.clock,
    }


def _set_payer(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    chosen = next((one for one in PayerClass if one.value == field(data, "payer_class")), None)
    reason = field(data, "payer_reason")[:_LONGEST_REASON]
    if chosen is None:
        raise _WrongField("payer_class", Wrong.OUT_OF_RANGE)
    last_day = asker.today + timedelta(days=MOST_OVERRIDE_DAYS)
    try:
        override(
            session,
            payer_class=chosen,
            reason=reason,
            until=_day(data, "payer_until") or last_day,
            staff_id=asker.me.staff_id,
            **_whose(asker, debtor_id),
        )
    except OverrideRefused as refused:
        name = "payer_reason" if refused.wrong is WrongOverride.NO_REASON else "payer_until"
        raise _WrongField(name, _WRONG_OVERRIDES[refused.wrong]) from refused


_WRONG_OVERRIDES: Mapping[WrongOverride, Wrong] = {
    WrongOverride.NO_REASON: Wrong.NO_REASON,
    WrongOverride.NO_DAY: Wrong.NO_DAY,
    WrongOverride.DAY_PASSED: Wrong.DAY_PASSED,
    WrongOverride.DAY_TOO_LATE: Wrong.DAY_TOO_LATE,
}


def _set_solvency(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    typed = field(data, "solvency_class")
    chosen = next((one for one in SolvencyClass if one.value == typed), None)
    if chosen is None:
        raise _WrongField("solvency_class", Wrong.OUT_OF_RANGE)
    actions.set_solvency_class(session, solvency_class=chosen, **_whose(asker, debtor_id))


def _set_limit(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    typed, limit = field(data, "limit"), None
    if typed:
        before = standing(session, asker.supplier_id, debtor_id).limit
        currency = before.currency if before else asker.me.supplier_currency
        try:
            limit = read_amount(typed, currency, None)
        except NotAnAmount:
            raise _WrongField("limit", Wrong.OUT_OF_RANGE) from None
        if limit < Money.zero(currency):
            raise _WrongField("limit", Wrong.OUT_OF_RANGE)
    actions.set_limit(session, limit=limit, **_whose(asker, debtor_id))


def _days(data: FormBody, name: str) -> int | None:
    """None where nothing was typed."""
    typed = field(data, name)
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and int(typed[:5]) <= LONGEST_TERMS_DAYS):
        raise _WrongField(name, Wrong.OUT_OF_RANGE)
    return int(typed)


def _set_terms(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    days = _days(data, "terms_days")
    actions.set_terms(session, days=days, **_whose(asker, debtor_id))


def _set_prepayment(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    since = asker.today if field(data, "prepayment") == "yes" else None
    actions.set_prepayment(session, since=since, **_whose(asker, debtor_id))


def _set_cover(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    number = field(data, "policy_number")[:_LONGEST_POLICY]
    days, cover = _days(data, "extension_days"), None
    if number and days is None:
        raise _WrongField("extension_days", Wrong.OUT_OF_RANGE)
    if days is not None:
        if not number:
            raise _WrongField("policy_number", Wrong.NO_POLICY)
        cover = Cover(policy_number=number, extension_days=days)
    actions.set_cover(session, cover=cover, **_whose(asker, debtor_id))


def _stop(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    reason, until = field(data, "stop_reason")[:_LONGEST_REASON], _day(data, "stop_until")
    wrong = stop_fault(reason, until, asker.today, by_owner=asker.me.role == "owner")
    if wrong is not None:
        name = "stop_reason" if wrong is Wrong.NO_REASON else "stop_until"
        raise _WrongField(name, wrong)
    actions.stop_demands(session, reason=reason, until=until, **_whose(asker, debtor_id))


def _day(data: FormBody, name: str) -> date | None:
    """None where nothing was typed."""
    typed = field(data, name)
    found = read_day(typed) if typed else None
    if typed and found is None:
        raise _WrongField(name, Wrong.OUT_OF_RANGE)
    return found


def _resume(session: Session, asker: Asker, debtor_id: DebtorId, _data: FormBody) -> None:
    actions.resume_demands(session, **_whose(asker, debtor_id))


def _note_insolvency(session: Session, asker: Asker, debtor_id: DebtorId, data: FormBody) -> None:
    insolvent_on = _day(data, "insolvent_on")
    if insolvent_on is None:
        raise _WrongField("insolvent_on", Wrong.OUT_OF_RANGE)
    if insolvent_on > asker.today:
        raise _WrongField("insolvent_on", Wrong.DAY_AHEAD)
    actions.note_insolvency(session, insolvent_on=insolvent_on, **_whose(asker, debtor_id))


def _retract_insolvency(
    session: Session, asker: Asker, debtor_id: DebtorId, _data: FormBody
) -> None:
    actions.retract_insolvency(session, **_whose(asker, debtor_id))


_Change = Callable[[Session, Asker, DebtorId, FormBody], None]

_CHANGES: Mapping[Part, _Change] = {
    "payer": _set_payer,
    "solvency": _set_solvency,
    "limit": _set_limit,
    "terms": _set_terms,
    "prepayment": _set_prepayment,
    "cover": _set_cover,
    "stop": _stop,
    "resume": _resume,
    "insolvent": _note_insolvency,
    "not-insolvent": _retract_insolvency,
}
