"""Scenarios in words, and where their steps stand on the calendar line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backoffice.dunning_pages import ChangeRow, ScenarioView, StepRow
from backoffice.dunning_words import reason_words
from receivables.dunning.explaining import Difference, Outcome
from receivables.dunning.steps import (
    Audience,
    Conditions,
    LegalEffect,
    Mode,
    Scenario,
    Step,
    Tone,
)
from receivables.i18n import money, translate_plural
from receivables.i18n import translate as _
from receivables.ports.channels import Channel

#: The calendar line runs from ten days before the due date to sixty after it.
_FIRST, _LAST = -10, 60


def step_words(name: str) -> str:
    """A step's name as staff read it; a supplier's own step has its own."""
    return {
        "courtesy": _("Courtesy"),
        "r1": _("Reminder 1"),
        "r2": _("Reminder 2"),
        "call": _("Call"),
        "r3": _("Reminder 3"),
        "formal": _("Formal notice"),
        "handover": _("Handover"),
    }.get(name, name)


def tone_words(tone: Tone) -> str:
    return {
        Tone.HELPFUL: _("helpful"),
        Tone.FRIENDLY: _("friendly"),
        Tone.FIRM: _("firm"),
        Tone.HUMAN: _("personal"),
        Tone.STRICT: _("strict"),
        Tone.LEGAL: _("legal"),
    }[tone]


def mode_words(mode: Mode) -> str:
    return {
        Mode.AUTO: _("by itself"),
        Mode.AUTO_WITH_VETO: _("by itself, once it was shown the afternoon before"),
        Mode.MANUAL: _("a person lets it out"),
    }[mode]


def channel_words(channel: Channel) -> str:
    return {
        Channel.EMAIL: _("e-mail"),
        Channel.SMS: _("text message"),
        Channel.LETTER: _("letter"),
        Channel.REGISTERED: _("registered letter"),
        Channel.CALL: _("telephone"),
    }[channel]


def audience_words(audience: Audience) -> str:
    return {
        Audience.PRIMARY: _("the primary contact"),
        Audience.BILLING: _("accounts payable"),
        Audience.APPROVER: _("whoever approves invoices"),
        Audience.MANAGER: _("the management"),
    }[audience]


def effect_words(effect: LegalEffect) -> str:
    return {
        LegalEffect.NONE: _("none"),
        LegalEffect.FIRST_REMINDER_B2C: _("the free first reminder to a consumer"),
        LegalEffect.FORMAL_NOTICE: _("a formal notice"),
    }[effect]


def preset_words(name: str) -> str:
    return {
        "default": _("From the courtesy to the handover"),
        "three_mails": _("Three friendly e-mails and no more"),
        "strict": _("Sooner, for debtors who may fail"),
        "consumers": _("For consumers, with the free first reminder"),
    }.get(name, name)


def when_words(days: int) -> str:
    """An offset as people say it: nobody has to know what a sign means."""
    if days == 0:
        return _("on the due date")
    count = abs(days)
    if days < 0:
        words = translate_plural(
            "%(num)s day before the due date", "%(num)s days before the due date", count
        )
    else:
        words = translate_plural(
            "%(num)s day after the due date", "%(num)s days after the due date", count
        )
    return words % {"num": count}


def scenario_view(place: int, scenario: Scenario) -> ScenarioView:
    known = {"default", "three_mails", "strict", "consumers"}
    return ScenarioView(
        place=place,
        name=preset_words(scenario.name) if scenario.name in known else scenario.name,
        whom=_whom(scenario.conditions),
        steps=tuple(_step(place, one) for one in scenario.steps),
        due_at=_at(0),
        has_first_reminder=any(
            one.legal_effect is LegalEffect.FIRST_REMINDER_B2C for one in scenario
        ),
    )


def _step(place: int, step: Step) -> StepRow:
    ways = [channel_words(one) for one in step.beside]
    if step.channels:
        ways.insert(0, _tried(step.channels))
    return StepRow(
        name=step_words(step.name),
        offset_days=step.offset_days,
        when=when_words(step.offset_days),
        level=step.level,
        tone=tone_words(step.tone),
        ways=" + ".join(ways) or _("collection file"),
        mode=mode_words(step.mode),
        effect="" if step.legal_effect is LegalEffect.NONE else effect_words(step.legal_effect),
        url=f"/reminders/scenarios/step?scenario={place}&step={step.name}",
        at=_at(step.offset_days),
    )


def _tried(channels: Sequence[Channel]) -> str:
    """Ways in the order in which they are tried."""
    words = channel_words(channels[0])
    for one in channels[1:]:
        words = _("%(first)s, else %(then)s") % {"first": words, "then": channel_words(one)}
    return words


def _at(days: int) -> float:
    inside = min(max(days, _FIRST), _LAST)
    return (inside - _FIRST) / (_LAST - _FIRST)


def _whom(conditions: Conditions) -> str:
    parts = [
        " ".join(sorted(kind_words(one) for one in conditions.kinds)),
        " ".join(sorted(conditions.countries)),
        _classes(_("payer class"), conditions.payer_classes),
        _classes(_("solvency"), conditions.solvency_classes),
    ]
    return ", ".join(part for part in parts if part) or _("all debtors")


def kind_words(kind: str) -> str:
    return _("businesses") if kind == "business" else _("consumers")


def _classes(label: str, classes: Iterable[str]) -> str:
    names = " ".join(sorted(classes))
    return f"{label} {names}" if names else ""


def rows_of(differences: Iterable[Difference]) -> tuple[ChangeRow, ...]:
    return tuple(
        ChangeRow(
            debtor_id=one.debtor_id,
            debtor_name=one.debtor_name,
            on=one.on,
            before=_outcome(one.before),
            after=_outcome(one.after),
        )
        for one in differences
    )


def _outcome(outcome: Outcome) -> str:
    parts = []
    if outcome.step:
        parts.append(step_words(outcome.step))
        if outcome.amount is not None:
            parts.append(money(outcome.amount))
    parts += [step_words(one) for one in outcome.tasks]
    return ", ".join(parts) or _("nothing: %(why)s") % {"why": reason_words(outcome.reason)}
