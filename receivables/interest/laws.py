"""What each country's law grants for late payment, as data: from when, at which rate, and what
once on top. Computed with in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from receivables.errors import ReceivablesError
from receivables.interest.rates import Series
from receivables.money import Money


class DebtorKind(StrEnum):
    BUSINESS = "business"
    CONSUMER = "consumer"


class Begins(StrEnum):
    """What sets interest running."""

    DUE_DATE = "due_date"
    """The day after the due date; nobody needs to be reminded. Directive 2011/7, art. 3(3)(a)."""
    AGREED_DAY = "agreed_day"
    """The day after a due date that the contract fixes; otherwise the day after a reminder."""
    AGREED_DAY_OR_30 = "agreed_day_or_30"
    """Likewise, and at the latest 30 days after the due date. BGB 286 (3)."""
    FORMAL_NOTICE = "formal_notice"
    """The day after a formal notice."""
    REMINDER_AND_14_DAYS = "reminder_and_14_days"
    """The end of the 14 days that follow a free first reminder. Belgian CDE art. XIX.2."""


class FixedSum(StrEnum):
    """What is owed once for each invoice that is paid late."""

    NONE = "none"
    EUR_40 = "eur_40"
    """Directive 2011/7, art. 6(1); for each unpaid invoice: CJEU C-585/20."""
    GBP_TIERS = "gbp_tiers"
    """Late Payment of Commercial Debts (Interest) Act 1998, s. 5A."""
    BE_SCALE = "be_scale"
    """The most that a clause may grant against a consumer: Belgian CDE art. XIX.4."""


class Agreed(StrEnum):
    """What a rate that the contract names is worth."""

    STANDS = "stands"
    """It replaces the rate of the law; a court may correct a grossly unfair one: Directive 2011/7,
    art. 7.
    """
    AT_LEAST_3X_LEGAL = "at_least_3x_legal"
    """Not below three times the French legal rate: C. com. L441-10 II."""
    AT_MOST_BUSINESS = "at_most_business"
    """Not above what businesses owe each other: Belgian CDE art. XIX.4."""
    NOT_TAKEN = "not_taken"
    """The law's rate counts, whatever the contract says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Points above the reference for contracts from `since` on."""

    since: date
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """How the rate of a day is read from a series."""

    series: Series
    margins: tuple[Margin, ...]
    #: What is read counts for the half-year; otherwise each day has its own rate.
    half_yearly: bool = True
    #: Read on the first day of the half-year, or on the day before it.
    read_before: bool = False
    #: The half-year in which interest begins to run counts for all of it.
    fixed_at_start: bool = False
    #: A base rate that has kept this distance to the series ever since it was introduced.
    base_offset: Decimal = Decimal(0)
    #: The base rate moves only when the series has moved by as much since it last did.
    base_moves_by: Decimal | None = None
    #: From when its moves are followed, the base rate then being at its offset.
    base_since: date | None = None
    #: Rounded up to a multiple of this.
    rounded_up_to: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One country's rule for one kind of debtor."""

    country: str
    debtor: DebtorKind
    #: A rate that never changes, or how it is read.
    rate: Decimal | Reference
    begins: Begins
    fixed_sum: FixedSum
    #: For contracts from then on.
    fixed_sum_since: date
    agreed: Agreed
    #: After each year the interest of that year bears interest, too.
    compounds_yearly: bool = False
    source: str
    fixed_sum_source: str = ""


class NoLateInterestRule(ReceivablesError):
    """Nothing is known here of what such a debtor owes for being late, so nothing is asked."""

    def __init__(self, country: str, debtor: DebtorKind) -> None:
        self.country, self.debtor = country, debtor
        super().__init__(f"no rule of late interest for a {debtor} in {country}")


_ALWAYS = date(1900, 1, 1)
#: Directive 2011/7/EU had to be transposed by then.
_DIRECTIVE = date(2013, 3, 16)


def _above(points: str, since: date = _ALWAYS) -> tuple[Margin, ...]:
    return (Margin(since=since, points=Decimal(points)),)


def _business(country: str, rate: Reference, source: str, fixed_sum_source: str) -> Law:
    """As the directive has it."""
    return Law(
        country=country, debtor=DebtorKind.BUSINESS, rate=rate, begins=Begins.DUE_DATE,
        fixed_sum=FixedSum.EUR_40, fixed_sum_since=_DIRECTIVE, agreed=Agreed.STANDS,
        source=source, fixed_sum_source=fixed_sum_source,
    )  # fmt: skip


_BE_BUSINESS_RATE = Reference(
    series=Series.ECB_MRO,
    margins=(
        Margin(since=date(2002, 8, 7), points=Decimal(7)),
        Margin(since=_DIRECTIVE, points=Decimal(8)),
    ),
    read_before=True,
    rounded_up_to=Decimal("0.5"),
)


def _german(margins: tuple[Margin, ...]) -> Reference:
    """The base rate of BGB 247: it moves each half-year by as much as the rate of the last main
    refinancing operation before it has, so it keeps its distance. Every half-year that the
    Bundesbank published since 2009 stands 0.88 points below.
    """
    return Reference(
        series=Series.ECB_MRO, margins=margins, read_before=True, base_offset=Decimal("-0.88")
    )


_LAWS = (
    Law(
        country="FR", debtor=DebtorKind.BUSINESS,
        rate=Reference(series=Series.ECB_MRO, margins=_above("10", date(2009, 1, 1))),
        begins=Begins.DUE_DATE, fixed_sum=FixedSum.EUR_40, fixed_sum_since=date(2013, 1, 1),
        agreed=Agreed.AT_LEAST_3X_LEGAL, source="C. com. L441-10 II",
        fixed_sum_source="C. com. D441-5",
    ),
    Law(
        country="FR", debtor=DebtorKind.CONSUMER,
        rate=Reference(series=Series.FR_LEGAL, margins=_above("0"), half_yearly=False),
        begins=Begins.FORMAL_NOTICE, fixed_sum=FixedSum.NONE, fixed_sum_since=_ALWAYS,
        agreed=Agreed.NOT_TAKEN, source="C. civ. 1231-6; CMF L313-2",
    ),
    Law(
        country="BE", debtor=DebtorKind.BUSINESS, rate=_BE_BUSINESS_RATE, begins=Begins.DUE_DATE,
        fixed_sum=FixedSum.EUR_40, fixed_sum_since=_DIRECTIVE, agreed=Agreed.STANDS,
        source="Loi/wet 2.8.2002, art. 5", fixed_sum_source="Loi/wet 2.8.2002, art. 6",
    ),
    Law(
        country="BE", debtor=DebtorKind.CONSUMER,
        rate=Reference(
            series=Series.BE_LEGAL, margins=_above("0", date(2023, 9, 1)), half_yearly=False
        ),
        begins=Begins.REMINDER_AND_14_DAYS, fixed_sum=FixedSum.BE_SCALE,
        fixed_sum_since=date(2023, 9, 1), agreed=Agreed.AT_MOST_BUSINESS,
        source="CDE/WER XIX.2, XIX.4; C. civ./BW 5.240", fixed_sum_source="CDE/WER XIX.4",
    ),
    # No word of merchants' bank discount rate (CO 104 par. 3): there is no published series.
    *(
        Law(
            country="CH", debtor=kind, rate=Decimal(5), begins=Begins.AGREED_DAY,
            fixed_sum=FixedSum.NONE, fixed_sum_since=_ALWAYS, agreed=Agreed.STANDS,
            source="CO/OR 104",
        )
        for kind in DebtorKind
    ),
    Law(
        country="DE", debtor=DebtorKind.BUSINESS,
        rate=_german(
            (
                Margin(since=date(2002, 1, 1), points=Decimal(8)),
                Margin(since=date(2014, 7, 29), points=Decimal(9)),
            )
        ),
        begins=Begins.AGREED_DAY_OR_30, fixed_sum=FixedSum.EUR_40,
        fixed_sum_since=date(2014, 7, 29), agreed=Agreed.STANDS,
        source="BGB 288 (2), 247", fixed_sum_source="BGB 288 (5)",
    ),
    Law(
        country="DE", debtor=DebtorKind.CONSUMER, rate=_german(_above("5", date(2002, 1, 1))),
        begins=Begins.AGREED_DAY, fixed_sum=FixedSum.NONE, fixed_sum_since=_ALWAYS,
        agreed=Agreed.NOT_TAKEN, source="BGB 288 (1), 247",
    ),
    _business(
        "LU", Reference(series=Series.ECB_MRO, margins=_above("8", date(2013, 4, 15))),
        "Loi 18.4.2004, art. 1, 3 (2013)", "Loi 18.4.2004, art. 5",
    ),
    Law(
        country="NL", debtor=DebtorKind.BUSINESS,
        rate=Reference(series=Series.ECB_MRO, margins=_above("8", _DIRECTIVE)),
        begins=Begins.DUE_DATE, fixed_sum=FixedSum.EUR_40, fixed_sum_since=_DIRECTIVE,
        agreed=Agreed.STANDS, compounds_yearly=True, source="BW 6:119a, 6:120 (2)",
        fixed_sum_source="BW 6:96 (4)",
    ),
    # The Austrian base rate leaves moves of less than half a point out: 1. Euro-JuBeG, art. I
    # § 1 (1). It stood at 0.38 % with the ECB at 1.00 % on 13 May 2009.
    _business(
        "AT",
        Reference(
            series=Series.ECB_MRO,
            margins=(
                Margin(since=date(2009, 5, 13), points=Decimal(8)),
                Margin(since=_DIRECTIVE, points=Decimal("9.2")),
            ),
            base_offset=Decimal("-0.62"), base_moves_by=Decimal("0.5"),
            base_since=date(2009, 5, 13),
        ),
        "UGB 456", "UGB 458",
    ),
    _business(
        "IT", Reference(series=Series.ECB_MRO, margins=_above("8", date(2013, 1, 1))),
        "D.Lgs. 231/2002, art. 2, 5", "D.Lgs. 231/2002, art. 6",
    ),
    Law(
        country="GB", debtor=DebtorKind.BUSINESS,
        rate=Reference(
            series=Series.BOE_BANK_RATE, margins=_above("8", date(2002, 8, 7)),
            read_before=True, fixed_at_start=True,
        ),
        begins=Begins.DUE_DATE, fixed_sum=FixedSum.GBP_TIERS, fixed_sum_since=date(2002, 8, 7),
        agreed=Agreed.STANDS, source="LPCDA 1998; SI 2002/1675, art. 4",
        fixed_sum_source="LPCDA 1998, s. 5A",
    ),
)  # fmt: skip

LAWS: Mapping[tuple[str, DebtorKind], Law] = {(one.country, one.debtor): one for one in _LAWS}


def law_of(country: str, debtor: DebtorKind) -> Law:
    """ISO 3166 alpha-2; "UK" is taken for GB. Raises NoLateInterestRule."""
    code = {"UK": "GB"}.get(country.upper(), country.upper())
    found = LAWS.get((code, debtor))
    if found is None:
        raise NoLateInterestRule(code, debtor)
    return found


#: Up to this level of a scenario (0, helpful, to 5) a message asks, and no more: what is firmer
#: is no first reminder.
MILDEST = 1


@cache
def wants_first_reminder(country: str, kind: str) -> bool:
    """Whether the law wants a free first reminder before more is asked of such a debtor."""
    try:
        return law_of(country, DebtorKind(kind)).begins is Begins.REMINDER_AND_14_DAYS
    except NoLateInterestRule:
        return False


def fixed_sum(law: Law, principal: Money, contracted_on: date) -> Money | None:
    """What is owed once for an invoice of which `principal` was open when it became late.

    In the currency of the law; None where the law grants nothing, or measures a principal in
    another currency than this one is in.
    """
    if contracted_on < law.fixed_sum_since or principal.minor <= 0:
        return None
    match law.fixed_sum:
        case FixedSum.EUR_40:
            return Money(4000, "EUR")
        case FixedSum.GBP_TIERS if principal.currency == "GBP":
            tiers = ((1000_00, 4000), (10_000_00, 7000))
            return Money(next((sum_ for up_to, sum_ in tiers if principal.minor < up_to), 10000),
                         "GBP")  # fmt: skip
        case FixedSum.BE_SCALE if principal.currency == "EUR":
            return Money(_be_scale(principal.minor), "EUR")
        case _:
            return None


def _be_scale(cents: int) -> int:
    """Belgian CDE art. XIX.4: 20 up to 150; 30 and 10 % up to 500; 65 and 5 %, at most 2,000.

    Half a cent counts up.
    """
    if cents <= 150_00:
        return 20_00
    if cents <= 500_00:
        return 30_00 + ((cents - 150_00) + 5) // 10
    return min(65_00 + ((cents - 500_00) + 10) // 20, 2000_00)
