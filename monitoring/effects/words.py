"""What solvency sets off, in words."""

from __future__ import annotations

from monitoring.effects.rules import Effect
from receivables.i18n import translate as _


def effect_title(effect: Effect) -> str:
    """The same as it stands alone, over a proposal."""
    return {
        Effect.LIMIT: _("Lower the limit"),
        Effect.PREPAYMENT: _("Deliver against payment in advance"),
        Effect.PLANS: _("No instalments without a person’s answer"),
        Effect.RESUME: _("Let demands go out again"),
    }[effect]


def effect_words(effect: Effect) -> str:
    """Within a sentence."""
    return {
        Effect.LIMIT: _("a lower limit"),
        Effect.PREPAYMENT: _("delivery against payment in advance"),
        Effect.PLANS: _("no instalments without a person’s answer"),
        Effect.RESUME: _("demands go out again"),
    }[effect]
