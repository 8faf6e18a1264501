"""How a wish for a plan may be answered, and why."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    AUTO = "auto"
    """The policy says yes; nobody needs to look."""
    QUEUE = "queue"
    """A person of the supplier's answers within the term."""
    REFUSED = "refused"


class Reason(StrEnum):
    """Why a plan is not offered, or is not decided without a person."""

    INSOLVENT = "insolvent"
    """The law, not the supplier, decides who is paid what now."""
    DISPUTED = "disputed"
    """An invoice is contested as a whole: first it must be clear what is owed."""
    PAYMENT_UNDER_WAY = "payment_under_way"
    """Money is on its way for one of the invoices; what is left is known when it has come."""
    ALREADY_ON_PLAN = "already_on_plan"
    NOTHING_OPEN = "nothing_open"
    TOO_SMALL = "too_small"
    """Two instalments would be smaller than the least the supplier takes."""

    TOO_FEW_PARTS = "too_few_parts"
    TOO_LONG = "too_long"
    """It would last longer than the debtor's class allows."""
    INSTALMENT_TOO_SMALL = "instalment_too_small"
    FREQUENCY_NOT_OFFERED = "frequency_not_offered"
    DAY_NOT_OFFERED = "day_not_offered"

    CLASS_NEEDS_A_PERSON = "class_needs_a_person"
    """The payer class has no plan of its own."""
    SOLVENCY_UNKNOWN = "solvency_unknown"
    SOLVENCY_WEAK = "solvency_weak"
    DEFAULTED_LATELY = "defaulted_lately"
    SELF_SERVICE_BLOCKED = "self_service_blocked"
    ANOTHER_PLAN_STANDS = "another_plan_stands"
    AMOUNT_BELOW = "amount_below"
    AMOUNT_ABOVE = "amount_above"
    DISPUTED_IN_PART = "disputed_in_part"
    DEMANDS_STOPPED = "demands_stopped"
    BEYOND_COVER = "beyond_cover"
    """The insurer must agree before the last instalment may fall that late."""
