"""What a supplier knows of a debtor's credit, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from receivables.money import Money


class PayerClass(StrEnum):
    """How a debtor has paid so far, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    N = "N"
    """Too little history to say."""


class SolvencyClass(StrEnum):
    """How likely it is that a debtor can pay, as sources say, best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    NONE = "none"
    """No source has an opinion, which is not a bad one."""


class Wrong(StrEnum):
    """Why something said about a debtor's standing is refused."""

    NO_REASON = "no_reason"
    NO_DAY = "no_day"
    """A stop without an end is an owner's to decide."""
    DAY_PASSED = "day_passed"
    DAY_TOO_LATE = "day_too_late"
    DAY_AHEAD = "day_ahead"
    """Nobody is insolvent since tomorrow."""
    OUT_OF_RANGE = "out_of_range"
    NO_POLICY = "no_policy"


#: A stop of every demand lasts at most this long, unless an owner decides otherwise.
MOST_STOP_DAYS = 90
#: Days that can be meant: terms of payment, and what an insurer allows.
LONGEST_TERMS_DAYS = 365


def stop_fault(reason: str, until: date | None, today: date, *, by_owner: bool) -> Wrong | None:
    """What is wrong with a stop on demands: it has a reason and an end within ninety days, which
    an owner may leave open or put later.
    """
    if not reason:
        return Wrong.NO_REASON
    if until is None:
        return None if by_owner else Wrong.NO_DAY
    if until < today:
        return Wrong.DAY_PASSED
    late = until > today + timedelta(days=MOST_STOP_DAYS)
    return Wrong.DAY_TOO_LATE if late and not by_owner else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """The claims on a debtor are insured.

    An insurer lets a claim be deferred for `extension_days` after its due date (the maximum
    extension period, mostly 60 days); anything later needs its agreement beforehand.
    Source: Atradius, credit insurance glossary, "maximum extension period".
    """

    policy_number: str
    extension_days: int

    def ends_on(self, due_on: date) -> date:
        """The last day to which a claim that was due then may be deferred without asking."""
        return due_on + timedelta(days=self.extension_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a debtor stands with a supplier; the defaults are those of one nobody said a word of."""

    payer_class: PayerClass = PayerClass.N
    solvency_class: SolvencyClass = SolvencyClass.NONE
    limit: Money | None = None
    #: None: not insured.
    cover: Cover | None = None
    #: Days in which the debtor has agreed to pay; None: as each invoice says.
    terms_days: int | None = None
    #: Why nothing is demanded of the debtor; empty while demands go out.
    stop_reason: str = ""
    #: The last day of the stop; None where it has no end.
    stopped_until: date | None = None
    #: The last day on which the debtor cannot agree a plan alone.
    self_service_blocked_until: date | None = None
    #: Since when the debtor is known to be insolvent.
    insolvent_on: date | None = None
    #: Since when what the debtor orders is paid before it is delivered; None: on terms.
    prepayment_since: date | None = None

    def is_stopped(self, today: date) -> bool:
        """Whether nothing may be demanded of the debtor on this day."""
        if self.insolvent_on is not None:
            return True
        return bool(self.stop_reason) and (
            self.stopped_until is None or today <= self.stopped_until
        )

    def may_help_themselves(self, today: date) -> bool:
        """Whether the debtor may agree a plan without a person."""
        blocked_until = self.self_service_blocked_until
        return blocked_until is None or today > blocked_until
