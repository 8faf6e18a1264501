"""Scenarios as values: which steps there are, for whom, when, how firmly and by which way.

A scenario is data. What a supplier never edited is the default as it stands here; what was edited
is rows (`scenarios`, `scenario_steps`) that read as the same values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from receivables.credit.rules import PayerClass, SolvencyClass
from receivables.ports.channels import Channel


class Tone(StrEnum):
    """How a message speaks, mildest first."""

    HELPFUL = "helpful"
    FRIENDLY = "friendly"
    FIRM = "firm"
    HUMAN = "human"
    STRICT = "strict"
    LEGAL = "legal"


class Mode(StrEnum):
    """Who lets a step go out."""

    AUTO = "auto"
    AUTO_WITH_VETO = "auto_with_veto"
    """By itself, once it was shown on the afternoon before and nobody objected."""
    MANUAL = "manual"
    """A person releases it."""


class LegalEffect(StrEnum):
    NONE = "none"
    FIRST_REMINDER_B2C = "first_reminder_b2c"
    """The law's free first reminder to a consumer: its waiting time begins with it."""
    FORMAL_NOTICE = "formal_notice"
    """Puts the debtor in default: the law's consequences follow from it."""


class Audience(StrEnum):
    """Which contact a step is for; where there is none, the primary one."""

    PRIMARY = "primary"
    BILLING = "billing"
    APPROVER = "approver"
    MANAGER = "manager"


#: Levels go from 0, helpful, to 5, handed over.
HIGHEST_LEVEL = 5

#: What a formal notice leaves to pay before anything else is done.
#: Source: the default scenario of the product's specification, "deadline 8 days".
FORMAL_DEADLINE = timedelta(days=8)

#: Thanks are for those who paid before it became serious.
#: Source: SPEC of the scenario, "only if last level <= 2; never after formal notice".
THANKED_UP_TO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Of which debtors something is true; an empty set says nothing."""

    kinds: frozenset[str] = frozenset()
    """"business" and "consumer"."""
    countries: frozenset[str] = frozenset()
    payer_classes: frozenset[PayerClass] = frozenset()
    solvency_classes: frozenset[SolvencyClass] = frozenset()

    def hold_for(
        self, *, kind: str, country: str, payer: PayerClass, solvency: SolvencyClass
    ) -> bool:
        return all(
            not wanted or value in wanted
            for wanted, value in (
                (self.kinds, kind),
                (self.countries, country),
                (self.payer_classes, payer),
                (self.solvency_classes, solvency),
            )
        )


ANYBODY = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of a scenario: `offset_days` after the due date, negative before it.

    `class_offsets` are those of single payer classes; None leaves the step out for a class.
    Amounts are whole units of whichever currency the message is in.
    """

    name: str
    offset_days: int
    level: int
    tone: Tone = Tone.FIRM
    #: The first by which the contact can be reached is used; none: a person's work alone.
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    #: Sent along with it, where the contact can be reached by them.
    beside: tuple[Channel, ...] = ()
    mode: Mode = Mode.AUTO
    #: Below, the step is not taken.
    min_amount: int | None = None
    #: Above, a person releases it.
    max_auto_amount: int | None = None
    audience: Audience = Audience.PRIMARY
    conditions: Conditions = ANYBODY
    shows_interest: bool = False
    legal_effect: LegalEffect = LegalEffect.NONE
    class_offsets: tuple[tuple[PayerClass, int | None], ...] = ()

    def offset_for(self, payer: PayerClass) -> int | None:
        """Days after the due date for a debtor of this class; None: not for them."""
        found = (offset for of, offset in self.class_offsets if of is payer)
        return next(found, self.offset_days)

    @property
    def is_manual(self) -> bool:
        """Whether it is a task of a person's and never a message by itself."""
        return self.mode is Mode.MANUAL

    @property
    def hands_over(self) -> bool:
        """Whether the item leaves the scenario with it: a person goes on with a file."""
        return not self.channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The steps of one kind of debtor, the lowest first. Iterating gives its steps."""

    name: str
    steps: tuple[Step, ...]
    #: Which debtors it is for; the first scenario of the supplier that fits is taken.
    conditions: Conditions = ANYBODY

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __hash__(self) -> int:
        """Of the name alone: scenarios are few, and looked up for every item."""
        return hash(self.name)

    def place(self, name: str) -> int:
        """Where a step stands in the order of the scenario; -1: it is not in it."""
        return next((at for at, step in enumerate(self.steps) if step.name == name), -1)

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)


_COURTESY = Step(
    name="courtesy", offset_days=-7, level=0, tone=Tone.HELPFUL,
    class_offsets=((PayerClass.A, None), (PayerClass.D, -10), (PayerClass.E, -10)),
)  # fmt: skip
_R1 = Step(
    name="r1", offset_days=3, level=1, tone=Tone.FRIENDLY,
    class_offsets=((PayerClass.A, 5), (PayerClass.D, 1), (PayerClass.E, 1)),
)  # fmt: skip
_R2 = Step(name="r2", offset_days=10, level=2, tone=Tone.FIRM, beside=(Channel.SMS,))

#: What businesses get of every supplier who has chosen nothing else.
#: Source: the table "Default B2B scenario" of the product's specification, part 2.1.
DEFAULT = Scenario(
    name="default",
    conditions=Conditions(kinds=frozenset({"business"})),
    steps=(
        _COURTESY,
        _R1,
        _R2,
        Step(
            name="call", offset_days=17, level=2, tone=Tone.HUMAN, channels=(Channel.CALL,),
            mode=Mode.MANUAL,
        ),
        Step(
            name="r3", offset_days=24, level=3, tone=Tone.STRICT, mode=Mode.AUTO_WITH_VETO,
            shows_interest=True,
        ),
        Step(
            name="formal", offset_days=34, level=4, tone=Tone.LEGAL,
            channels=(Channel.REGISTERED, Channel.LETTER), beside=(Channel.EMAIL,),
            mode=Mode.MANUAL, shows_interest=True, legal_effect=LegalEffect.FORMAL_NOTICE,
        ),
        Step(
            name="handover", offset_days=45, level=5, tone=Tone.LEGAL, channels=(),
            mode=Mode.MANUAL,
        ),
    ),
)  # fmt: skip

_CONSUMER_DAYS = {
    "courtesy": -7, "r1": 3, "r2": 21, "call": 28, "r3": 35, "formal": 45, "handover": 59,
}  # fmt: skip


def _for_consumers(step: Step) -> Step:
    """The same words for everybody, later: the first reminder is free, and leaves its days."""
    days = replace(step, offset_days=_CONSUMER_DAYS[step.name], class_offsets=())
    if step.name != "r1":
        return days
    return replace(
        days, channels=(Channel.EMAIL, Channel.LETTER), legal_effect=LegalEffect.FIRST_REMINDER_B2C
    )


#: What consumers get of a supplier who has chosen nothing else. Our proposal; the second reminder
#: comes after the fourteen days that Belgian law leaves after the first one (WER/CDE XIX.2), and
#: whatever a supplier chose, there nothing firmer comes sooner (`first_reminder`).
CONSUMERS = Scenario(
    name="consumers",
    steps=tuple(_for_consumers(step) for step in DEFAULT),
    conditions=Conditions(kinds=frozenset({"consumer"})),
)

#: What a supplier has who has chosen nothing else.
OURS = (DEFAULT, CONSUMERS)

#: The three friendly e-mails alone, for a supplier who goes no further by himself.
THREE_MAILS = Scenario(name="three_mails", steps=(_COURTESY, _R1, _R2))

_STRICT_DAYS = {
    "courtesy": -10, "r1": 1, "r2": 7, "call": 10, "r3": 15, "formal": 22, "handover": 35,
}  # fmt: skip

#: For businesses of which a source says that they may fail: the same words, sooner. Our proposal.
STRICT = Scenario(
    name="strict",
    steps=tuple(
        replace(step, offset_days=_STRICT_DAYS[step.name], class_offsets=()) for step in DEFAULT
    ),
    conditions=Conditions(
        kinds=frozenset({"business"}),
        solvency_classes=frozenset({SolvencyClass.D, SolvencyClass.E}),
    ),
)

#: What a supplier may begin a scenario of their own from.
PRESETS = (DEFAULT, THREE_MAILS)

#: What they may begin one for some of their debtors from.
FOR_SOME = (*PRESETS, CONSUMERS, STRICT)


def scenario_for(
    scenarios: tuple[Scenario, ...],
    *,
    kind: str,
    country: str,
    payer: PayerClass,
    solvency: SolvencyClass,
) -> Scenario:
    """The first that fits; the last where none does, so that nobody is without one."""
    assert scenarios, "every supplier has one"
    fitting = (
        one
        for one in scenarios
        if one.conditions.hold_for(kind=kind, country=country, payer=payer, solvency=solvency)
    )
    return next(fitting, scenarios[-1])
