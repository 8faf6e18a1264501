"""The watch rules: what a supplier asks to be told, and what that would have been in the past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.watch_pages import PastAlert, RulePast, WatchRule, WatchRulesPage
from backoffice.watch_words import number_name, rule_name, shift_names, would_have_fired
from monitoring import watching
from monitoring.alerts.rehearsal import rehearse
from monitoring.alerts.rulebook import RuleChange, RuleOutOfRange, change_rule, rule_as_changed
from monitoring.alerts.wording import headline
from monitoring.feeds.scales import name_of
from monitoring.watching import WatchRuleLine
from receivables.i18n import translate as _
from receivables.ids import WatchRuleId
from receivables.web.forms import FormBody, field


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wrote into a rule's form, and what came of it."""

    rule_id: UUID
    is_on: bool
    threshold: str
    window_days: str
    severity_shift: str
    error: str = ""
    error_in: str = ""
    past: RulePast | None = None

    @property
    def change(self) -> RuleChange:
        window = self.window_days
        shift = self.severity_shift
        return RuleChange(
            threshold=_whole(self.threshold),
            window_days=_whole(window) if window else None,
            severity_shift=int(shift) if shift in ("-2", "-1", "0", "1", "2") else 0,
        )


def _typed(rule_id: UUID, data: FormBody) -> Typed:
    return Typed(
        rule_id=rule_id,
        is_on=bool(field(data, "is_on")),
        threshold=field(data, "threshold").strip(),
        window_days=field(data, "window_days").strip(),
        severity_shift=field(data, "severity_shift"),
    )


def _whole(text: str) -> int:
    """The number, or one that is out of every range."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@get("/monitoring/rules", sync_to_thread=True)
def show_rules(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = rules_page(session, asker)
    return asker.page("watch_rules.html", page)


def rules_page(session: Session, asker: Asker, typed: Typed | None = None) -> WatchRulesPage:
    rules = watching.watch_rules(session, asker.supplier_id, now=asker.runtime.clock.now())
    return WatchRulesPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        rules=tuple(_rule(one, typed) for one in rules),
        shifts=shift_names(),
    )


def _rule(line: WatchRuleLine, typed: Typed | None) -> WatchRule:
    rule = WatchRule(
        id=line.rule_id,
        rule=line.kind.value,
        name=rule_name(line.kind),
        is_on=line.is_on,
        number_name=number_name(line.kind),
        threshold=str(line.threshold),
        window_days=None if line.window_days is None else str(line.window_days),
        severity_shift=line.severity_shift,
        fired_last_90_days=line.fired_last_90_days,
        error="",
        error_in="",
        past=None,
    )
    if typed is None or typed.rule_id != line.rule_id:
        return rule
    return replace(
        rule,
        is_on=typed.is_on,
        threshold=typed.threshold,
        window_days=None if line.window_days is None else typed.window_days,
        severity_shift=typed.change.severity_shift,
        error=typed.error,
        error_in=typed.error_in,
        past=typed.past,
    )


@post("/monitoring/rules/{rule_id:uuid}", sync_to_thread=True)
def save_rule(
    rule_id: FromPath[UUID], data: FormBody, owner: NamedDependency[Asker]
) -> Response[Any]:
    """The rule's numbers hold for what arrives from now on."""
    typed = _typed(rule_id, data)
    try:
        with owner.transaction() as session:
            change_rule(
                session,
                supplier_id=owner.supplier_id,
                rule_id=WatchRuleId(rule_id),
                is_on=typed.is_on,
                threshold=typed.change.threshold,
                window_days=typed.change.window_days,
                severity_shift=typed.change.severity_shift,
                clock=owner.runtime.clock,
            )
    except RuleOutOfRange as refused:
        return _refused(owner, typed, refused)
    return owner.back("/monitoring/rules", "rule_saved")


def _refused(owner: Asker, typed: Typed, refused: RuleOutOfRange) -> Response[Any]:
    with owner.reading() as session:
        shown = replace(typed, error=_range(refused), error_in=refused.field)
        page = rules_page(session, owner, shown)
    return owner.page("watch_rules.html", page, status=422)


def _range(refused: RuleOutOfRange) -> str:
    return _("Please give a whole number from %(low)s to %(high)s.") % {
        "low": refused.low,
        "high": refused.high,
    }


@post("/monitoring/rules/{rule_id:uuid}/past", status_code=200, sync_to_thread=True)
def try_rule(
    request: Request[Any, Any, Any],
    rule_id: FromPath[UUID],
    data: FormBody,
    owner: NamedDependency[Asker],
) -> Response[Any]:
    """What the rule would have told with these numbers; nothing is saved."""
    typed = _typed(rule_id, data)
    try:
        with owner.reading() as session:
            past = _past(session, owner, typed)
            page = rules_page(session, owner, replace(typed, past=past))
    except RuleOutOfRange as refused:
        if request.headers.get("hx-request") != "true":
            return _refused(owner, typed, refused)
        with owner.reading() as session:
            past = RulePast.refused(_range(refused))
            page = rules_page(session, owner)
    if request.headers.get("hx-request") == "true":
        return owner.page("_rule_past.html", page, past=past)
    return owner.page("watch_rules.html", page)


def _past(session: Session, owner: Asker, typed: Typed) -> RulePast:
    clock = owner.runtime.clock
    rule = rule_as_changed(
        session,
        supplier_id=owner.supplier_id,
        rule_id=WatchRuleId(typed.rule_id),
        change=typed.change,
        clock=clock,
    )
    found = rehearse(session, supplier_id=owner.supplier_id, rule=rule, clock=clock)
    return RulePast(
        sentence=would_have_fired(found.count, is_today=found.is_today),
        alerts=tuple(
            PastAlert(
                on=fired.as_of_on,
                debtor_id=fired.debtor_id,
                debtor_name=name,
                source=name_of(fired.source),
                what=headline(fired),
            )
            for fired, name in found.listed
        ),
        more=found.count - len(found.listed),
        is_partial=found.is_partial,
        is_today=found.is_today,
    )
