"""What follows from a class or from an insolvency: pure, from what the supplier has chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from receivables.credit.rules import SolvencyClass, Standing
from receivables.money import Money, digits_of


class Effect(StrEnum):
    LIMIT = "limit"
    """The debtor may owe less."""
    PREPAYMENT = "prepayment"
    """What they order is paid before it is delivered."""
    PLANS = "plans"
    """Instalments need a person's answer."""
    RESUME = "resume"
    """The insolvency was taken back: may demands go out again? Never by itself."""


class Mode(StrEnum):
    OFF = "off"
    PROPOSE = "propose"
    APPLY = "apply"


#: Effects a supplier chooses a mode for.
CHOSEN = (Effect.LIMIT, Effect.PREPAYMENT, Effect.PLANS)

#: For so long a debtor of a bad class cannot agree instalments alone. Our proposal.
PLANS_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPolicy:
    """What a supplier wants: nothing by itself, unless they said so.

    `worst` is the class from which on it happens; `limit_percent` is what is left of the limit,
    or of what is owed where there is none.
    """

    limit: Mode = Mode.OFF
    prepayment: Mode = Mode.OFF
    plans: Mode = Mode.OFF
    worst: SolvencyClass = SolvencyClass.D
    limit_percent: int = 50

    def mode_of(self, effect: Effect) -> Mode:
        return {
            Effect.LIMIT: self.limit,
            Effect.PREPAYMENT: self.prepayment,
            Effect.PLANS: self.plans,
        }.get(effect, Mode.PROPOSE)

    def concerns(self, solvency: SolvencyClass) -> bool:
        """Whether a class is so bad that something is to follow."""
        order = list(SolvencyClass)
        return solvency is not SolvencyClass.NONE and order.index(solvency) >= order.index(
            self.worst
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing that is to be done: by itself (`now`), or when a person agrees."""

    effect: Effect
    now: bool
    #: For LIMIT: what the debtor may owe then.
    limit: Money | None = None


def after_class(
    policy: EffectPolicy, standing: Standing, owed: Money, *, is_person: bool
) -> list[Wanted]:
    """What follows from the debtor's class as it is now; `owed` is in the supplier's currency.

    Nothing is decided about a natural person without a person deciding it (GDPR, art. 22; CJEU
    C-634/21): what would happen by itself becomes a proposal.
    """
    if not policy.concerns(standing.solvency_class) or standing.insolvent_on is not None:
        return []
    found = []
    for effect in CHOSEN:
        mode = policy.mode_of(effect)
        if mode is Mode.OFF:
            continue
        wanted = Wanted(effect=effect, now=mode is Mode.APPLY and not is_person)
        if effect is Effect.LIMIT:
            limit = lowered(standing.limit, owed, policy.limit_percent)
            if standing.limit is not None and standing.limit.minor <= limit.minor:
                continue
            wanted = Wanted(effect=effect, now=wanted.now, limit=limit)
        elif effect is Effect.PREPAYMENT and standing.prepayment_since is not None:
            continue
        found.append(wanted)
    return found


def after_insolvency(
    policy: EffectPolicy, standing: Standing, currency: str, *, is_person: bool
) -> list[Wanted]:
    """What is proposed once a debtor is insolvent: no more credit, and prepayment.

    It is proposed even where the supplier chose nothing; done by itself only where they chose so.
    """
    found = []
    nothing = Money.zero(standing.limit.currency if standing.limit else currency)
    if standing.limit is None or standing.limit.minor > 0:
        now = policy.limit is Mode.APPLY and not is_person
        found.append(Wanted(effect=Effect.LIMIT, now=now, limit=nothing))
    if standing.prepayment_since is None:
        now = policy.prepayment is Mode.APPLY and not is_person
        found.append(Wanted(effect=Effect.PREPAYMENT, now=now))
    return found


def lowered(limit: Money | None, owed: Money, percent: int) -> Money:
    """A part of the limit, whole units; of what is owed where nobody set a limit."""
    base = limit if limit is not None else owed
    unit = 10 ** digits_of(base.currency)
    return Money(max(0, base.minor) * percent // 100 // unit * unit, base.currency)
