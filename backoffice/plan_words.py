"""Plans in a collector's words."""

from __future__ import annotations

from collections.abc import Iterable

from receivables.i18n import pgettext
from receivables.i18n import translate as _
from receivables.plans.moving import MessageKind, PauseReason
from receivables.plans.rules import Frequency, Reason
from receivables.plans.states import PlanState

TONES: dict[PlanState, tuple[str, str]] = {
    PlanState.PROPOSED: ("soon", "person"),
    PlanState.APPROVED: ("info", "clock"),
    PlanState.AWAITING_FIRST: ("info", "card"),
    PlanState.ACTIVE: ("info", "calendar"),
    PlanState.CURED: ("info", "calendar"),
    PlanState.IN_DEFAULT: ("overdue", "overdue"),
    PlanState.COMPLETED: ("paid", "paid"),
    PlanState.ACCELERATED: ("danger", "alert"),
}


def state_words(state: PlanState) -> str:
    return {
        PlanState.PROPOSED: _("waits for your answer"),
        PlanState.APPROVED: _("waits for the signature"),
        PlanState.AWAITING_FIRST: _("waits for the first instalment"),
        PlanState.ACTIVE: pgettext("plan", "running"),
        PlanState.CURED: _("running, was late before"),
        PlanState.IN_DEFAULT: _("late, notice given"),
        PlanState.COMPLETED: pgettext("plan", "paid off"),
        PlanState.ACCELERATED: pgettext("plan", "broken"),
        PlanState.REFUSED: pgettext("plan", "refused"),
        PlanState.RESTRUCTURED: _("replaced by another version"),
        PlanState.EXPIRED: pgettext("plan", "ran out"),
    }.get(state, pgettext("plan", "cancelled"))


def reason_words(reasons: Iterable[str]) -> tuple[str, ...]:
    words = {
        Reason.INSOLVENT: _("insolvent"),
        Reason.DISPUTED: _("contested as a whole"),
        Reason.PAYMENT_UNDER_WAY: _("a payment is at the bank"),
        Reason.ALREADY_ON_PLAN: _("on a plan already"),
        Reason.NOTHING_OPEN: _("nothing is open"),
        Reason.TOO_SMALL: _("too small for two instalments"),
        Reason.TOO_FEW_PARTS: _("fewer than two instalments"),
        Reason.TOO_LONG: _("longer than the class may have"),
        Reason.INSTALMENT_TOO_SMALL: _("instalments below the least"),
        Reason.FREQUENCY_NOT_OFFERED: _("a rhythm you do not offer"),
        Reason.DAY_NOT_OFFERED: _("no such day of the month"),
        Reason.CLASS_NEEDS_A_PERSON: _("payer class without a plan of its own"),
        Reason.SOLVENCY_UNKNOWN: _("solvency unknown"),
        Reason.SOLVENCY_WEAK: _("weak solvency"),
        Reason.DEFAULTED_LATELY: _("an earlier plan was broken"),
        Reason.SELF_SERVICE_BLOCKED: _("cannot agree a plan alone"),
        Reason.ANOTHER_PLAN_STANDS: _("another plan stands"),
        Reason.AMOUNT_BELOW: _("below your range"),
        Reason.AMOUNT_ABOVE: _("above your range"),
        Reason.DISPUTED_IN_PART: _("contested in part"),
        Reason.DEMANDS_STOPPED: _("demands are stopped"),
        Reason.BEYOND_COVER: _("beyond the insurer’s extension period"),
    }
    return tuple(words[Reason(reason)] for reason in reasons)


def pause_words(why: str) -> str:
    return {
        PauseReason.CHARGEBACK: _("Paused: a payment was taken back by the bank."),
        PauseReason.REFUND: _("Paused: a payment was sent back."),
        PauseReason.DISCONNECTED: _("Paused: your account takes no card payments."),
        PauseReason.INSOLVENCY: _("Paused: the debtor is insolvent."),
    }.get(PauseReason(why), _("Paused by a colleague."))


def needs_words(needs: str) -> str:
    return {
        "card": _("waits for another card"),
        "confirmation": _("waits for the debtor’s confirmation"),
        "person": _("needs you: the bank refused too often"),
    }.get(needs, "")


def rhythm_words(frequency: Frequency) -> str:
    return {
        Frequency.WEEKLY: _("every week"),
        Frequency.FORTNIGHTLY: _("every two weeks"),
    }.get(frequency, _("every month"))


def message_words(kind: str) -> str:
    return {
        MessageKind.ANNOUNCE_CHARGE: _("Notice of a charge"),
        MessageKind.REMIND_COMING: _("Instalment coming"),
        MessageKind.REMIND_LATE: _("Instalment late"),
        MessageKind.GIVE_NOTICE: _("Notice of default"),
        MessageKind.WARN: _("Warning after two late instalments"),
        MessageKind.ACCELERATED: _("Plan ended"),
        MessageKind.APPROVED: _("Approved, please sign"),
        MessageKind.REFUSED: _("Refused"),
        MessageKind.AGREEMENT: _("Agreement"),
        MessageKind.CARD_NEEDED: _("Card needed"),
        MessageKind.CONFIRM: _("Confirmation needed"),
        MessageKind.NOT_CHARGED: _("Charge refused"),
        MessageKind.COMPLETED: _("Paid off"),
        MessageKind.CANCELLED: _("Cancelled"),
        MessageKind.LAPSED: _("Request not answered"),
        MessageKind.OFFICE_LAPSED: _("To you: request not answered"),
        MessageKind.OFFICE_ASKED: _("To you: request"),
        MessageKind.OFFICE_AGREEMENT: _("To you: agreement"),
        MessageKind.OFFICE_ACCELERATED: _("To you: plan broken"),
        MessageKind.OFFICE_NOT_CHARGED: _("To you: charge refused"),
        MessageKind.OFFICE_BY_HAND: _("To you: cannot be charged"),
        MessageKind.OFFICE_COVER_ENDING: _("To you: the insurer’s period ends"),
        MessageKind.OFFICE_COVER_SOON: _("To you: the insurer’s period ends soon"),
        MessageKind.OFFICE_COVER_ENDED: _("To you: stop deliveries"),
        MessageKind.OFFICE_COVER_COLLECT: _("To you: time for collection"),
    }[MessageKind(kind)]
