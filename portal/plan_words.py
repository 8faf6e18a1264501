"""Plans in a debtor's words. Nothing here says how anybody rates them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from receivables.i18n import day, money, pgettext
from receivables.i18n import translate as _
from receivables.money import Money
from receivables.plans.rules import Frequency, Policy, Reason
from receivables.plans.states import PlanState


def rhythm_words(frequency: Frequency) -> str:
    return {
        Frequency.WEEKLY: _("every week"),
        Frequency.FORTNIGHTLY: _("every two weeks"),
    }.get(frequency, _("every month"))


def refusal_words(reasons: Iterable[Reason], policy: Policy) -> tuple[str, ...]:
    """Why there can be no such plan, and what would help."""
    least = policy.least_instalment
    words = {
        Reason.DISPUTED: _(
            "One of the invoices is in dispute as a whole. Once that is settled, you can come back."
        ),
        Reason.PAYMENT_UNDER_WAY: _(
            "A payment for one of the invoices is at the bank."
            " Please come back once it has arrived."
        ),
        Reason.ALREADY_ON_PLAN: _("One of the invoices is on a plan already."),
        Reason.NOTHING_OPEN: _("None of the chosen invoices is open."),
        Reason.TOO_SMALL: _(
            "An instalment is at least %(amount)s, so two of them are more than this."
        ),
        Reason.TOO_FEW_PARTS: _("A plan has two instalments at least."),
        Reason.TOO_LONG: _("The plan would take too long. Please choose fewer instalments."),
        Reason.INSTALMENT_TOO_SMALL: _(
            "An instalment is at least %(amount)s. Please choose fewer instalments."
        ),
        Reason.FREQUENCY_NOT_OFFERED: _("This rhythm is not offered."),
        Reason.DAY_NOT_OFFERED: _("Please choose a day between the 1st and the 28th."),
    }
    other = _("A plan cannot be agreed here at present. Please get in touch with us.")
    found = [words.get(reason, other) % {"amount": money(least)} for reason in reasons]
    return tuple(dict.fromkeys(found))


def queue_words(reasons: Iterable[Reason], policy: Policy) -> tuple[str, ...]:
    """Why a person answers."""
    words = {
        Reason.AMOUNT_BELOW: _("Plans below %(least)s are decided by a person."),
        Reason.AMOUNT_ABOVE: _("Plans above %(most)s are decided by a person."),
        Reason.ANOTHER_PLAN_STANDS: _("You have a plan already."),
        Reason.DISPUTED_IN_PART: _("A part of it is in dispute."),
        Reason.DEFAULTED_LATELY: _("An earlier plan was not kept to the end."),
        Reason.SELF_SERVICE_BLOCKED: _("An earlier plan was not kept to the end."),
    }
    values = {"least": money(policy.least), "most": money(policy.most)}
    other = _("For this amount and time a person looks at each request.")
    found = [words.get(reason, other) % values for reason in reasons]
    return tuple(dict.fromkeys(found))


#: Tone and symbol of each state, for the tag beside its word.
TONES: dict[PlanState, tuple[str, str]] = {
    PlanState.PROPOSED: ("info", "clock"),
    PlanState.APPROVED: ("soon", "person"),
    PlanState.AWAITING_FIRST: ("soon", "card"),
    PlanState.ACTIVE: ("info", "calendar"),
    PlanState.CURED: ("info", "calendar"),
    PlanState.IN_DEFAULT: ("overdue", "overdue"),
    PlanState.COMPLETED: ("paid", "paid"),
    PlanState.ACCELERATED: ("overdue", "alert"),
}


def state_words(state: PlanState) -> str:
    return {
        PlanState.PROPOSED: _("waiting for an answer"),
        PlanState.APPROVED: _("waiting for your signature"),
        PlanState.AWAITING_FIRST: _("waiting for the first instalment"),
        PlanState.ACTIVE: pgettext("plan", "running"),
        PlanState.CURED: pgettext("plan", "running"),
        PlanState.IN_DEFAULT: _("instalment late"),
        PlanState.COMPLETED: pgettext("plan", "paid off"),
        PlanState.ACCELERATED: pgettext("plan", "ended"),
        PlanState.REFUSED: pgettext("plan", "not agreed"),
        PlanState.RESTRUCTURED: pgettext("plan", "replaced"),
        PlanState.EXPIRED: pgettext("plan", "expired"),
    }.get(state, pgettext("plan", "cancelled"))


def paused_words() -> str:
    return _(
        "The plan is paused: nothing is charged until it has been looked into."
        " You will hear from us."
    )


def default_words(amount: Money, cure_until: date) -> str:
    return _("Please pay %(amount)s by %(until)s; the plan then goes on as agreed.") % {
        "amount": money(amount),
        "until": day(cure_until),
    }
