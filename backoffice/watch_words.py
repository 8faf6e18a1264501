"""The watch rules in words: what each looks at, and what its number counts."""

from __future__ import annotations

from monitoring.alerts.severities import RuleKind
from receivables.i18n import translate as _
from receivables.i18n import translate_plural


def rule_name(kind: RuleKind) -> str:
    """What a rule looks for, as a heading."""
    return {
        RuleKind.THRESHOLD: _("A score falls below a threshold"),
        RuleKind.DROP: _("A score falls fast"),
        RuleKind.CLASS: _("A debtor falls into a worse band"),
        RuleKind.LIMIT: _("A recommended or insured limit is cut"),
        RuleKind.STATUS: _("A company is inactive, dissolved or struck off"),
        RuleKind.INSOLVENCY: _("An insolvency is published"),
        RuleKind.FILING: _("Accounts are overdue at the register"),
        RuleKind.BEYOND_TERMS: _("A debtor pays others later than before"),
        RuleKind.PAYER_CLASS: _("A debtor pays you worse than before"),
        RuleKind.USE: _("A debtor uses much of the limit you gave"),
        RuleKind.IMPROVED: _("A debtor rises into a better band"),
    }[kind]


def number_name(kind: RuleKind) -> str:
    """What a rule's number counts; empty where it has none."""
    return {
        RuleKind.THRESHOLD: _("Threshold (score)"),
        RuleKind.DROP: _("Points lost"),
        RuleKind.CLASS: _("Bands lost"),
        RuleKind.LIMIT: _("Cut by so many percent"),
        RuleKind.BEYOND_TERMS: _("Days later"),
        RuleKind.PAYER_CLASS: _("Classes lost"),
        RuleKind.USE: _("Percent of the limit"),
        RuleKind.IMPROVED: _("Bands won"),
    }.get(kind, "")


def shift_names() -> tuple[tuple[int, str], ...]:
    """By how much a supplier takes what a rule tells graver or less grave."""
    return (
        (-2, _("two steps less grave")),
        (-1, _("one step less grave")),
        (0, _("as grave as usual")),
        (1, _("one step graver")),
        (2, _("two steps graver")),
    )


def would_have_fired(count: int, *, is_today: bool) -> str:
    """How often a rule would have spoken, as a sentence."""
    if is_today:
        return translate_plural(
            "It is true of %(num)s debtor today.", "It is true of %(num)s debtors today.", count
        ) % {"num": count}
    if not count:
        return _("It would not have fired in the last twelve months.")
    return translate_plural(
        "It would have fired %(num)s time in the last twelve months:",
        "It would have fired %(num)s times in the last twelve months:",
        count,
    ) % {"num": count}
