"""What an alert says, in words: for lists, mails and pages alike, in the reader's language.

`detail` of an alert has what its words need: `event` (an `EventKind`), `label` and `claims_until`
of a publication; `limit_before`, `limit_after` and `currency` of a cut limit;
`status` of a register; `days_before` and `days_after` beyond terms; `percent`, `limit` and
`currency` of a used limit; `since` and `silence` of a silent source; `count` of a mass change. Of a
publication that is no longer public nothing is left.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Protocol

from monitoring.alerts.severities import RuleKind
from monitoring.bands import Band
from monitoring.feeds.scales import name_of
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.words import name_of as event_name
from receivables.i18n import day, instant, money, translate_plural
from receivables.i18n import translate as _
from receivables.money import Money


class Told(Protocol):
    """What is told of: `queries.AlertLine` is one."""

    @property
    def kind(self) -> RuleKind: ...
    @property
    def threshold(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def as_of_on(self) -> date: ...
    @property
    def score_before(self) -> int | None: ...
    @property
    def score_after(self) -> int | None: ...
    @property
    def band_before(self) -> Band | None: ...
    @property
    def band_after(self) -> Band | None: ...
    @property
    def detail(self) -> dict[str, Any]: ...


def headline(line: Told) -> str:
    """One short sentence without the debtor's name, such as “Solvency fell from B to D”."""
    detail = line.detail
    match line.kind:
        case RuleKind.THRESHOLD | RuleKind.DROP | RuleKind.CLASS:
            return _fall(line)
        case RuleKind.PAYER_CLASS:
            return _("Pays worse than before: from %(before)s to %(after)s") % _bands(line)
        case RuleKind.IMPROVED:
            return _("Solvency rose from %(before)s to %(after)s") % _bands(line)
        case RuleKind.LIMIT:
            return _cut(detail)
        case RuleKind.STATUS | RuleKind.INSOLVENCY | RuleKind.FILING:
            if "event" in detail:
                return event_name(EventKind(detail["event"]))
            if "status" in detail:
                return _("Status: %(status)s") % {"status": detail["status"] or "–"}
            return _("A publication that is no longer public")
        case RuleKind.BEYOND_TERMS:
            return translate_plural(
                "Pays others %(num)s day late, it was %(before)s",
                "Pays others %(num)s days late, it was %(before)s",
                detail["days_after"],
            ) % {"num": detail["days_after"], "before": detail["days_before"]}
        case RuleKind.USE:
            if detail["percent"] >= 100:
                return _("Over the limit: %(percent)s %% used") % detail
            return _("%(percent)s %% of the limit used") % detail
        case RuleKind.DEAD:
            return _silent(line)
        case RuleKind.MASS:
            return translate_plural(
                "%(source)s changed %(num)s debtor at once",
                "%(source)s changed %(num)s debtors at once",
                detail["count"],
            ) % {"num": detail["count"], "source": name_of(line.source)}


def explained(line: Told) -> str:
    """What happened, who says so, and what the supplier asked for: one or two sentences."""
    detail, says = line.detail, {"source": name_of(line.source), "day": day(line.as_of_on)}
    match line.kind:
        case RuleKind.THRESHOLD | RuleKind.DROP | RuleKind.CLASS:
            return f"{_scored(line)} {asked_for(line)}"
        case RuleKind.PAYER_CLASS:
            said = _("By your own books, as of %(day)s.") % says
            return f"{said} {asked_for(line)}"
        case RuleKind.STATUS | RuleKind.INSOLVENCY | RuleKind.FILING if "event" in detail:
            return _published(line)
        case RuleKind.USE:
            limit = money(Money(detail["limit"], detail["currency"]))
            return _("The limit is %(limit)s. You asked to hear when %(percent)s %% are used.") % {
                "limit": limit,
                "percent": line.threshold,
            }
        case RuleKind.DEAD:
            since = detail.get("since")
            told = instant(datetime.fromisoformat(since)) if since else day(line.as_of_on)
            return _(
                "%(source)s has given nothing new since %(when)s. What happens to your debtors"
                " meanwhile is not seen."
            ) % {**says, "when": told}
        case RuleKind.MASS:
            return (
                _(
                    "So many changes at once may mean that %(source)s reckons otherwise than"
                    " before. They are listed here, and are not told one by one."
                )
                % says
            )
        case _:
            said = _("%(source)s, as of %(day)s.") % says
            return f"{said} {asked_for(line)}".strip()


def asked_for(line: Told) -> str:
    """What the rule was set to when it fired; nothing where it has no number."""
    number = line.threshold
    match line.kind:
        case RuleKind.THRESHOLD:
            return _("Your threshold is %(score)s.") % {"score": number}
        case RuleKind.DROP:
            return translate_plural(
                "You asked to hear of a loss of %(num)s point or more.",
                "You asked to hear of a loss of %(num)s points or more.",
                number,
            ) % {"num": number}
        case RuleKind.CLASS | RuleKind.PAYER_CLASS:
            return translate_plural(
                "You asked to hear of a fall by %(num)s band or more.",
                "You asked to hear of a fall by %(num)s bands or more.",
                number,
            ) % {"num": number}
        case RuleKind.LIMIT:
            return _("You asked to hear of a cut by %(percent)s %% or more.") % {"percent": number}
        case RuleKind.BEYOND_TERMS:
            return translate_plural(
                "You asked to hear of %(num)s day more.",
                "You asked to hear of %(num)s days more.",
                number,
            ) % {"num": number}
        case _:
            return ""


def _fall(line: Told) -> str:
    if line.band_after is Band.NONE:
        return _("Score withdrawn")
    if line.band_before != line.band_after:
        return _("Solvency fell from %(before)s to %(after)s") % _bands(line)
    return _("Score fell from %(before)s to %(after)s") % {
        "before": line.score_before,
        "after": line.score_after,
    }


def _silent(line: Told) -> str:
    says = {"source": name_of(line.source)}
    match line.detail.get("silence"):
        case "empty":
            return _("%(source)s answers, and has nothing to say") % says
        case "late":
            return _("%(source)s is late") % says
        case _:
            return _("%(source)s is silent") % says


def _bands(line: Told) -> dict[str, str]:
    def shown(band: Band | None) -> str:
        return "–" if band in (None, Band.NONE) else str(band)

    return {"before": shown(line.band_before), "after": shown(line.band_after)}


def _scored(line: Told) -> str:
    says = {
        "source": name_of(line.source),
        "day": day(line.as_of_on),
        "before": line.score_before,
        "after": line.score_after,
    }
    if line.band_after is Band.NONE:
        if line.score_before is None:
            return _("%(source)s withdrew its opinion on %(day)s.") % says
        return _("%(source)s withdrew the score on %(day)s; it was %(before)s.") % says
    if line.score_before is None or line.score_after is None:
        return _("%(source)s says band %(band)s as of %(day)s.") % {
            **says,
            "band": _bands(line)["after"],
        }
    return _("%(source)s lowered the score from %(before)s to %(after)s as of %(day)s.") % says


def _cut(detail: dict[str, Any]) -> str:
    amounts = {
        name: money(Money(detail[f"limit_{name}"], detail["currency"]))
        for name in ("before", "after")
    }
    return _("Credit limit cut from %(before)s to %(after)s") % amounts


def _published(line: Told) -> str:
    detail = line.detail
    told = _("Published by %(source)s on %(day)s: %(label)s.") % {
        "source": name_of(line.source),
        "day": day(line.as_of_on),
        "label": str(detail.get("label", "")).rstrip(". "),
    }
    until = detail.get("claims_until")
    if until:
        lodge = _("Claims are to be lodged by %(day)s.") % {"day": day(date.fromisoformat(until))}
        return f"{told} {lodge}"
    return told
