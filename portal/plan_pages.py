"""What the templates about plans get as `page`: finished values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.pages import PortalHead
from receivables.money import Money
from receivables.parties.heads import TransferDetails
from receivables.web.parts import invoice_url


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInvoice:
    """An invoice the plan would cover."""

    number: str
    due_on: date
    outstanding: Money
    chosen: bool = True

    @property
    def url(self) -> str:
        return invoice_url(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One instalment in the table of dates; `state` is a word for where it stands."""

    place: int
    due_on: date
    amount: Money
    open: Money
    #: "paid", "late", "today", "next" or "coming".
    state: str
    #: What of it goes to which invoice, by number; empty where there is one invoice alone.
    pays: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCosts:
    """What a plan costs, item by item; nothing is made of what costs nothing."""

    total: Money
    rows: tuple[tuple[str, Money], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOption:
    """One radio card: so many parts, what the first and the others come to."""

    parts: int
    first: Money
    each: Money
    last_on: date
    needs_a_person: bool
    chosen: bool
    costs: PlanCosts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoicePage:
    """`GET /plan` -> plan.html: how many parts, at which rhythm; nothing is agreed yet.

    The form is sent by GET, to `/plan` (another rhythm) and to `/plan/sign` (onwards).
    """

    head: PortalHead
    currency: str
    invoices: tuple[PlanInvoice, ...]
    total: Money
    options: tuple[PlanOption, ...]
    #: Value and words of each rhythm the supplier offers.
    rhythms: tuple[tuple[str, str], ...]
    rhythm: str
    #: The day of the month, where the rhythm is monthly.
    day: int | None
    #: Of the option that is chosen, as the two after it; `to_pay` is the debt and the costs.
    schedule: tuple[ScheduleRow, ...]
    to_pay: Money
    costs: PlanCosts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefusedPage:
    """-> plan_refused.html: why there is no plan, and what is possible instead."""

    head: PortalHead
    reasons: tuple[str, ...]
    #: Where something else can be chosen; empty where nothing can.
    again_url: str
    pay_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSignPage:
    """`GET /plan/sign`, `GET /plans/{id}/sign` -> plan_sign.html: what would be agreed.

    Its form is a POST to `action` with `fields`, and, with `by_policy`, `agree`.
    """

    head: PortalHead
    action: str
    #: Hidden, one for each value.
    fields: tuple[tuple[str, str], ...]
    invoices: tuple[PlanInvoice, ...]
    schedule: tuple[ScheduleRow, ...]
    #: The debt and the costs.
    to_pay: Money
    costs: PlanCosts | None
    first: Money
    plain_words: tuple[str, ...]
    legal_words: tuple[str, ...]
    #: The policy, or a person, has said yes: it can be signed now. Else it is asked for.
    may_sign: bool
    #: Why a person answers, and until when.
    why_a_person: tuple[str, ...]
    answer_by: date | None
    back_url: str
    #: The form was sent without the tick.
    not_agreed: bool = False
    #: Something was paid, or a day has passed, since the page was made.
    was_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPart:
    """What instalments are charged to."""

    label: str
    usable: bool
    #: How many days before each charge the debtor is told.
    notice_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """`GET /plans/{id}` -> plan_view.html: what is paid, what comes next, and what one can do."""

    head: PortalHead
    id: UUID
    number: str
    state: str
    tone: str
    icon: str
    state_words: str
    #: What the state means for the reader, in a sentence or two.
    sentences: tuple[str, ...]
    #: The debt and the costs.
    total: Money
    costs: PlanCosts | None
    paid: Money
    outstanding: Money
    invoices: tuple[PlanInvoice, ...]
    schedule: tuple[ScheduleRow, ...]
    card: CardPart | None
    #: The instalment the button pays: the first that is open; None where nothing can be paid.
    payable: ScheduleRow | None
    can_pay_rest: bool
    can_change_card: bool
    can_sign: bool
    can_cancel: bool
    agreement_url: str
    #: Paying `payable` by bank transfer.
    transfer: TransferDetails | None
    #: Made with the page: a double click is one attempt.
    attempt_id: UUID
    #: Why the payment that was just asked for could not begin, and what to do instead.
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """A plan on the account page -> _plans.html."""

    url: str
    number: str
    tone: str
    icon: str
    state_words: str
    outstanding: Money
    next_on: date | None
    next_amount: Money | None
    #: What of it is late, where the debtor has to see to it.
    late: Money
    #: What the debtor should do, in a word; empty where nothing is.
    action: str
