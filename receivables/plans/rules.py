"""Whether a debt may be paid in parts, in which, and who decides.

Everything follows from the supplier's policy, the debtor's standing, what is open, and the day:
the page that offers a plan, the action that agrees it and the backoffice's example all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from receivables.credit.rules import PayerClass, SolvencyClass, Standing
from receivables.ids import InvoiceId
from receivables.money import Money, digits_of
from receivables.plans.costs import NOBODY, Bearer, Costs, Debt, costs_of
from receivables.plans.covering import cover_ends_on
from receivables.plans.reasons import Decision, Reason

#: Told by a module of their own, and part of what is decided here.
__all__ = ["Decision", "Reason"]


class Frequency(StrEnum):
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


#: Days between two instalments, and, of a month, the least between the first payment and the
#: next: nobody pays twice within a few days because of the day of the month they chose.
_STRIDE = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}
_LEAST_GAP = timedelta(days=14)

#: A plan has no more parts than this, however often they fall due.
MOST_PARTS = 30


#: A debit of a bank account is announced so many calendar days before, unless debtor and
#: creditor agree on fewer. Source: EPC016-06, SEPA direct debit core, "pre-notification".
SEPA_NOTICE_DAYS = 14
#: Fewer would be less than whoever pays by card is told.
LEAST_SEPA_NOTICE = 2


@dataclass(frozen=True, slots=True)
class ClassTerms:
    """What a payer class may choose. `most_months` 0: only a person agrees a plan."""

    most_months: int
    first_percent: int
    #: What a plan costs a business of the class: once (None: nothing), and a year, in basis points.
    fee: Money | None = None
    rate_bp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A supplier's terms for plans; every field can be changed by the supplier.

    The defaults are ours. There is no fee and no interest; to a consumer there never is (`costs`).
    """

    least: Money
    most: Money
    least_instalment: Money
    terms: Mapping[PayerClass, ClassTerms]
    frequencies: frozenset[Frequency] = frozenset(Frequency)
    #: Instalments in whole units of the currency; the last takes what remains.
    whole_units: bool = False
    #: Solvency classes for which nobody needs to look.
    auto_solvency: frozenset[SolvencyClass] = frozenset(
        {SolvencyClass.A, SolvencyClass.B, SolvencyClass.C}
    )
    #: Business days in which a person answers.
    answer_days: int = 5
    #: What a class without a plan of its own may ask a person for.
    asked: ClassTerms = ClassTerms(3, 40)
    #: Calendar months during which a broken plan keeps the debtor from agreeing another alone.
    blocked_months: int = 12
    #: Calendar days to cure a default after its notice.
    cure_days: int = 8
    #: Calendar days' notice of each debit of a bank account.
    sepa_notice_days: int = SEPA_NOTICE_DAYS

    def terms_of(self, payer_class: PayerClass) -> ClassTerms:
        """What a debtor of that class may choose, or may ask a person for, at the class's price."""
        own = self.terms[payer_class]
        if own.most_months > 0:
            return own
        return replace(self.asked, fee=own.fee, rate_bp=own.rate_bp)


DEFAULT_TERMS: Mapping[PayerClass, ClassTerms] = {
    PayerClass.A: ClassTerms(6, 10),
    PayerClass.B: ClassTerms(6, 20),
    PayerClass.C: ClassTerms(4, 30),
    PayerClass.D: ClassTerms(3, 40),
    PayerClass.E: ClassTerms(0, 40),
    PayerClass.N: ClassTerms(3, 30),
}


def default_policy(currency: str) -> Policy:
    """The policy of a supplier who has said nothing, in the supplier's currency."""
    return Policy(
        least=Money.parse("150", currency),
        most=Money.parse("10000", currency),
        least_instalment=Money.parse("50", currency),
        terms=DEFAULT_TERMS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An open invoice that a plan would cover."""

    invoice_id: InvoiceId
    number: str
    due_on: date
    outstanding: Money
    disputed: Money
    #: What a payment that is at the bank is to put against it.
    processing: Money
    on_plan: bool = False
    #: Whether a plan over it may ask for interest on it.
    bears: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a debtor would like to pay. `day` is of the month, and None leaves it to us."""

    parts: int
    frequency: Frequency = Frequency.MONTHLY
    day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What plans the debtor has had with this supplier."""

    last_default_on: date | None = None
    standing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One instalment of a schedule; place 0 is the first payment, due at once."""

    place: int
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A plan that could be agreed: its schedule, what it costs, and who decides, with why."""

    items: tuple[Item, ...]
    wish: Wish
    schedule: tuple[Part, ...]
    total: Money
    decision: Decision
    reasons: tuple[Reason, ...]
    costs: Costs | None = None

    @property
    def to_pay(self) -> Money:
        return Money.total((part.amount for part in self.schedule), self.total.currency)

    @property
    def cost(self) -> Money:
        """What paying in parts costs on top of the debt."""
        return self.to_pay - self.total

    @property
    def last_on(self) -> date:
        return self.schedule[-1].due_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No such plan, with every reason."""

    reasons: tuple[Reason, ...] = field()

    decision = Decision.REFUSED


def quote(
    policy: Policy,
    standing: Standing,
    items: Sequence[Item],
    today: date,
    wish: Wish,
    past: Past = Past(),
    bearer: Bearer = NOBODY,
) -> Quote | Refusal:
    """A plan over all of `items` (one currency), as wished, or every reason why not.

    The base is what is outstanding today, not what was invoiced; costs are on the last part.
    """
    never = obstacles(policy, standing, items)
    if never:
        return Refusal(reasons=never)
    total = total_of(items)
    terms = policy.terms_of(standing.payer_class)
    faults = _faults(policy, terms, total, wish, today)
    if faults:
        return Refusal(reasons=faults)
    schedule = make_schedule(policy, terms, total, wish, today)
    needs = _needs_a_person(policy, standing, items, schedule, today, past)
    costs = _costs(terms, bearer, items, schedule)
    return Quote(
        items=tuple(items),
        wish=wish,
        schedule=schedule if costs is None else _with_costs(schedule, costs.total),
        total=total,
        decision=Decision.QUEUE if needs else Decision.AUTO,
        reasons=needs,
        costs=costs,
    )


def _costs(
    terms: ClassTerms, bearer: Bearer, items: Sequence[Item], schedule: Sequence[Part]
) -> Costs | None:
    fee = terms.fee or Money.zero(schedule[0].amount.currency)
    oldest_first = sorted(items, key=lambda item: (item.due_on, item.invoice_id))
    debts = [
        Debt(due_on=item.due_on, amount=item.outstanding, bears=item.bears) for item in oldest_first
    ]
    parts = [(part.due_on, part.amount) for part in schedule]
    return costs_of(fee, terms.rate_bp, bearer, debts, parts)


def _with_costs(schedule: tuple[Part, ...], costs: Money) -> tuple[Part, ...]:
    *others, last = schedule
    return (*others, replace(last, amount=last.amount + costs))


def options(
    policy: Policy,
    standing: Standing,
    items: Sequence[Item],
    today: date,
    *,
    frequency: Frequency = Frequency.MONTHLY,
    day: int | None = None,
    past: Past = Past(),
    bearer: Bearer = NOBODY,
) -> list[Quote]:
    """Everything the debtor could choose at that rhythm, the fewest parts first."""
    quotes = (
        quote(
            policy, standing, items, today,
            Wish(parts=parts, frequency=frequency, day=day), past, bearer,
        )
        for parts in range(2, MOST_PARTS + 1)
    )  # fmt: skip
    return [one for one in quotes if isinstance(one, Quote)]


def total_of(items: Sequence[Item]) -> Money:
    """What a plan over these invoices would be about."""
    return Money.total((item.outstanding for item in items), items[0].outstanding.currency)


def obstacles(policy: Policy, standing: Standing, items: Sequence[Item]) -> tuple[Reason, ...]:
    """Why there can be no plan over these invoices, whatever its schedule."""
    if not any(item.outstanding for item in items):
        return (Reason.NOTHING_OPEN,)
    found = {
        Reason.INSOLVENT: standing.insolvent_on is not None,
        Reason.ALREADY_ON_PLAN: any(item.on_plan for item in items),
        Reason.DISPUTED: any(item.disputed >= item.outstanding for item in items),
        Reason.PAYMENT_UNDER_WAY: any(item.processing for item in items),
        Reason.TOO_SMALL: total_of(items) < policy.least_instalment + policy.least_instalment,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _faults(
    policy: Policy, terms: ClassTerms, total: Money, wish: Wish, today: date
) -> tuple[Reason, ...]:
    """What is wrong with a wish."""
    if not 2 <= wish.parts <= MOST_PARTS:
        return (Reason.TOO_FEW_PARTS if wish.parts < 2 else Reason.TOO_LONG,)
    if wish.day is not None and not 1 <= wish.day <= 28:
        return (Reason.DAY_NOT_OFFERED,)
    found = []
    if wish.frequency not in policy.frequencies:
        found.append(Reason.FREQUENCY_NOT_OFFERED)
    if due_days(today, wish)[-1] > add_months(today, terms.most_months):
        found.append(Reason.TOO_LONG)
    if min(_amounts(policy, terms, total, wish.parts)) < policy.least_instalment:
        found.append(Reason.INSTALMENT_TOO_SMALL)
    return tuple(found)


def _needs_a_person(
    policy: Policy,
    standing: Standing,
    items: Sequence[Item],
    schedule: Sequence[Part],
    today: date,
    past: Past,
) -> tuple[Reason, ...]:
    total = total_of(items)
    defaulted = past.last_default_on
    unknown = standing.solvency_class is SolvencyClass.NONE
    trusted = standing.solvency_class in policy.auto_solvency
    found = {
        Reason.CLASS_NEEDS_A_PERSON: policy.terms[standing.payer_class].most_months == 0,
        Reason.SOLVENCY_UNKNOWN: unknown and not trusted,
        Reason.SOLVENCY_WEAK: not unknown and not trusted,
        Reason.DEFAULTED_LATELY: defaulted is not None
        and today <= add_months(defaulted, policy.blocked_months),
        Reason.SELF_SERVICE_BLOCKED: not standing.may_help_themselves(today),
        Reason.ANOTHER_PLAN_STANDS: past.standing > 0,
        Reason.AMOUNT_BELOW: total < policy.least,
        Reason.AMOUNT_ABOVE: total > policy.most,
        Reason.DISPUTED_IN_PART: any(item.disputed for item in items),
        Reason.DEMANDS_STOPPED: standing.is_stopped(today),
        Reason.BEYOND_COVER: is_beyond_cover(standing, items, schedule[-1].due_on),
    }
    return tuple(reason for reason, holds in found.items() if holds)


def is_beyond_cover(standing: Standing, items: Sequence[Item], last_on: date) -> bool:
    """Whether the insurer must agree first; the original due dates stay the reference."""
    cover = standing.cover
    return cover is not None and last_on > cover_ends_on(cover, (one.due_on for one in items))


def make_schedule(
    policy: Policy, terms: ClassTerms, total: Money, wish: Wish, today: date
) -> tuple[Part, ...]:
    """The instalments, which add up to `total` exactly; what does not divide is on the last."""
    amounts = _amounts(policy, terms, total, wish.parts)
    assert Money.total(amounts, total.currency) == total, "a schedule is the debt"
    return tuple(
        Part(place=place, due_on=due_on, amount=amount)
        for place, (due_on, amount) in enumerate(zip(due_days(today, wish), amounts, strict=True))
    )


def _amounts(policy: Policy, terms: ClassTerms, total: Money, parts: int) -> list[Money]:
    """The first is the class's share of the debt, one instalment at least; the others are
    equal, and what does not divide is on the last.
    """
    unit = 10 ** digits_of(total.currency) if policy.whole_units else 1
    equal = _floor(min(total.split([1] * parts)), unit)
    share = _ceiling(total.split([terms.first_percent, 100 - terms.first_percent])[0], unit)
    first = max(equal, share)
    rest = total - first
    each = equal if first == equal else _floor(min(rest.split([1] * (parts - 1))), unit)
    middle = [each] * (parts - 2)
    return [first, *middle, rest - Money.total(middle, total.currency)]


def _floor(amount: Money, unit: int) -> Money:
    return Money(amount.minor // unit * unit, amount.currency)


def _ceiling(amount: Money, unit: int) -> Money:
    return Money(-(-amount.minor // unit) * unit, amount.currency)


def due_days(today: date, wish: Wish) -> list[date]:
    """The days on which the parts fall due: the first at once, then by the calendar."""
    stride = _STRIDE.get(wish.frequency)
    if stride is not None:
        return [today + timedelta(days=stride * place) for place in range(wish.parts)]
    day = wish.day or min(today.day, 28)
    following = today.replace(day=day)
    while following - today < _LEAST_GAP:
        following = add_months(following, 1)
    return [today, *(add_months(following, place) for place in range(wish.parts - 1))]


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of that month where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
