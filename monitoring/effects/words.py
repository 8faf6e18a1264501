"""What solvency sets off, in words."""

from __future__ import annotations

from monitoring.effects.rules import Effect
from receivables.i18n import translate as _


def effect_words(effect: Effect) -> str:
    return {
        Effect.LIMIT: _("a lower limit"),
        Effect.PREPAYMENT: _("delivery against payment in advance"),
        Effect.PLANS: _("no instalments without a person’s answer"),
        Effect.RESUME: _("demands go out again"),
    }[effect]
