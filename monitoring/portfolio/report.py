"""From checked customers to the report: pure, and in one pass for each currency.

Sources of the measures: Herfindahl-Hirschman index as the sum of squared percentages; expected
loss as exposure at default × probability of default × loss given default (Basel Committee, CRE35);
the probabilities are the supplier's own and never ours to vouch for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from monitoring.bands import RATED, Band
from monitoring.portfolio.cover import compare
from monitoring.portfolio.proposals import limit_cuts, to_insure, to_prepay, to_watch
from monitoring.portfolio.report_values import (
    ClassLine,
    Coverage,
    Duplicates,
    Group,
    Line,
    LossLine,
    MatrixCell,
    OneDefault,
    Report,
    ScoreDates,
    Slice,
    Suggested,
    Top,
)
from monitoring.portfolio.rules import (
    Assumptions,
    Balance,
    Checked,
    Confidence,
    Flaw,
    portion,
    share_of,
)
from receivables.credit.rules import PayerClass
from receivables.money import Money

#: So many of each list are in the report; the CSV has all.
MOST_LINES = 25
LARGEST = 10

_BANDS = (*RATED, Band.NONE)

Owed = tuple[Checked, Balance]


def build(
    customers: Sequence[Checked],
    assumptions: Assumptions,
    *,
    as_of_on: date,
    country: str = "",
    currency: str = "",
    duplicates: Duplicates | None = None,
    groups: Sequence[Group] = (),
) -> Report:
    """The report, without what changed since another. `country` and `currency` are the
    supplier's own: who is foreign, and which slice comes first.
    """
    by_currency: dict[str, list[Owed]] = defaultdict(list)
    for one in customers:
        for balance in one.balances:
            by_currency[balance.currency].append((one, balance))
    in_order = sorted(by_currency, key=lambda code: (code != currency, code))
    counted = Counter(one.rated.band for one in customers)
    return Report(
        as_of_on=as_of_on,
        coverage=_coverage(customers, country),
        counts=tuple((band, counted[band]) for band in _BANDS),
        slices=tuple(_slice(by_currency[code], code, assumptions) for code in in_order),
        duplicates=duplicates or Duplicates(),
        groups=tuple(groups),
        flaws=_flaws(customers),
        scores=_scores(customers),
        assumptions=assumptions,
        suggested=Suggested(
            limits=len(limit_cuts(customers)),
            watch=len(to_watch(customers)),
            prepay=len(to_prepay(customers)),
            insure=len(to_insure(customers)),
        ),
        covers=tuple(
            comparison
            for code in in_order
            if (comparison := compare(customers, code, assumptions, country=country)) is not None
        ),
    )


def _coverage(customers: Sequence[Checked], country: str) -> Coverage:
    by = Counter(one.identity.confidence for one in customers)
    return Coverage(
        customers=len(customers),
        exact=by[Confidence.EXACT],
        strong=by[Confidence.STRONG],
        review=by[Confidence.REVIEW],
        unidentified=by[Confidence.NONE],
        persons=by[Confidence.SKIPPED],
        foreign=sum(1 for one in customers if country and one.country not in ("", country)),
        scored=sum(1 for one in customers if one.rated.band is not Band.NONE),
    )


def _flaws(customers: Iterable[Checked]) -> tuple[tuple[Flaw, int], ...]:
    counted = Counter(flaw for one in customers for flaw in one.flaws)
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _scores(customers: Iterable[Checked]) -> tuple[ScoreDates, ...]:
    days: dict[str, list[date | None]] = defaultdict(list)
    for one in customers:
        if one.rated.band is not Band.NONE or one.rated.source:
            days[one.rated.source].append(one.rated.as_of_on)
    return tuple(
        ScoreDates(
            source=source,
            count=len(found),
            oldest_on=min((day for day in found if day), default=None),
            newest_on=max((day for day in found if day), default=None),
        )
        for source, found in sorted(days.items())
    )


def _slice(owed: Sequence[Owed], currency: str, assumptions: Assumptions) -> Slice:
    exposed = sorted(
        (pair for pair in owed if pair[1].exposure),
        key=lambda pair: (-pair[1].exposure.minor, pair[0].place),
    )
    exposure = _total((balance.exposure for _, balance in exposed), currency)
    insured = _total((_insured(balance) for _, balance in exposed), currency)
    largest = exposed[:LARGEST]
    turnovers = [balance.turnover for _, balance in owed if balance.turnover is not None]
    losses = _losses(exposed, currency, assumptions)

    def top(wanted: Callable[[Checked, Balance], bool], most: int = MOST_LINES) -> Top:
        return _top([pair for pair in exposed if wanted(*pair)], exposure, most)

    return Slice(
        currency=currency,
        customers=len(exposed),
        exposure=exposure,
        overdue=_total((balance.overdue for _, balance in exposed), currency),
        insured=insured,
        uninsured=exposure - insured,
        turnover=_total(turnovers, currency),
        turnover_known=len(turnovers),
        classes=_classes(exposed, exposure),
        largest=_top(largest, exposure, LARGEST),
        largest_share=share_of(_total((pair[1].exposure for pair in largest), currency), exposure),
        hhi=_hhi([pair[1].exposure.minor for pair in exposed]),
        red=top(lambda one, _: is_red(one)),
        over_limit=top(_is_over_limit),
        limits_known=sum(1 for one, _ in exposed if one.limit is not None),
        matrix=_matrix(exposed, currency),
        losses=losses,
        expected_loss=_total((line.loss for line in losses), currency),
        uninsured_loss=_total(
            (
                portion(
                    balance.exposure - _insured(balance),
                    assumptions.pd_of(one.rated) * assumptions.lgd / 100,
                )
                for one, balance in exposed
            ),
            currency,
        ),
        one_default=_one_default(exposed, assumptions),
        long_terms=top(lambda one, _: has_long_terms(one, assumptions)),
    )


def is_red(one: Checked) -> bool:
    """Insolvent, dissolved or in the worst class."""
    return one.rated.status.is_over or one.rated.band is Band.E


def has_long_terms(one: Checked, assumptions: Assumptions) -> bool:
    """Whether a weak customer is given longer to pay than the supplier means to give its class."""
    band = Band.E if one.rated.status.is_over else one.rated.band
    most = assumptions.terms_days.get(band)
    return most is not None and one.terms_days is not None and one.terms_days > most


def _is_over_limit(one: Checked, balance: Balance) -> bool:
    limit = one.limit
    return limit is not None and limit.currency == balance.currency and balance.exposure > limit


def _insured(balance: Balance) -> Money:
    """Nobody insures more than is owed."""
    return min(balance.insured, balance.exposure)


def _total(amounts: Iterable[Money], currency: str) -> Money:
    return Money.total(amounts, currency)


def _top(pairs: Sequence[Owed], whole: Money, most: int) -> Top:
    return Top(
        lines=tuple(_line(one, balance, whole) for one, balance in pairs[:most]),
        count=len(pairs),
        total=_total((balance.exposure for _, balance in pairs), whole.currency),
    )


def _line(one: Checked, balance: Balance, whole: Money) -> Line:
    debtor_id = one.identity.debtor_id
    return Line(
        place=one.place,
        number=one.number,
        name=one.name,
        band=one.rated.band,
        payer_class=one.payer_class,
        status=one.rated.status,
        exposure=balance.exposure,
        overdue=balance.overdue,
        share=share_of(balance.exposure, whole),
        limit=one.limit,
        terms_days=one.terms_days,
        debtor_id=str(debtor_id) if debtor_id is not None else "",
    )


def _classes(exposed: Sequence[Owed], exposure: Money) -> tuple[ClassLine, ...]:
    by_band: Mapping[Band, list[Balance]] = {band: [] for band in _BANDS}
    for one, balance in exposed:
        by_band[one.rated.band].append(balance)
    return tuple(
        ClassLine(
            band=band,
            count=len(found),
            exposure=(sum_of := _total((each.exposure for each in found), exposure.currency)),
            overdue=_total((each.overdue for each in found), exposure.currency),
            share=share_of(sum_of, exposure),
        )
        for band, found in by_band.items()
    )


def _hhi(amounts: Sequence[int]) -> int:
    """From 0 (nobody owes anything) to 10 000 (one customer owes all)."""
    whole = sum(amounts)
    if not whole:
        return 0
    exact = Decimal(10_000 * sum(amount * amount for amount in amounts)) / (whole * whole)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _matrix(exposed: Sequence[Owed], currency: str) -> tuple[MatrixCell, ...]:
    """Behaviour by solvency; empty where behaviour is known of nobody."""
    if all(one.payer_class is PayerClass.N for one, _ in exposed):
        return ()
    cells: dict[tuple[PayerClass, Band], list[int]] = defaultdict(list)
    for one, balance in exposed:
        cells[one.payer_class, one.rated.band].append(balance.exposure.minor)
    return tuple(
        MatrixCell(
            payer=payer,
            band=band,
            count=len(cells[payer, band]),
            exposure=Money(sum(cells[payer, band]), currency),
        )
        for payer in PayerClass
        for band in _BANDS
    )


def _losses(
    exposed: Sequence[Owed], currency: str, assumptions: Assumptions
) -> tuple[LossLine, ...]:
    """By class, so that each line can be reckoned again by hand; the failed apart."""
    sums: dict[Band | None, int] = defaultdict(int)
    for one, balance in exposed:
        sums[None if one.rated.status.is_over else one.rated.band] += balance.exposure.minor
    lgd = assumptions.lgd / 100
    lines = []
    for band in (*_BANDS, None):
        if sums[band]:
            pd = Decimal(1) if band is None else assumptions.pd[band] / 100
            exposure = Money(sums[band], currency)
            loss = portion(exposure, pd * lgd)
            lines.append(LossLine(band=band, exposure=exposure, pd=pd, loss=loss))
    return tuple(lines)


def _one_default(exposed: Sequence[Owed], assumptions: Assumptions) -> OneDefault | None:
    """Of the largest customer; None where nothing is owed, or nothing is left of turnover."""
    if not exposed or assumptions.margin <= 0:
        return None
    one, balance = exposed[0]
    lost = portion(balance.exposure, assumptions.lgd / 100)
    return OneDefault(
        name=one.name,
        exposure=balance.exposure,
        lost=lost,
        turnover_needed=portion(lost, 100 / assumptions.margin),
    )
