"""Customers that are one company, put together for the report: pure, and undone by not doing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitoring.portfolio.report_values import Duplicates, Group
from monitoring.portfolio.rules import Balance, Checked, Rated
from receivables.credit.rules import PayerClass
from receivables.money import Money

#: From this score on customers are more likely one than several.
SURE_FROM = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Places of customers that are one company, or (not `is_duplicate`) belong together."""

    place: int
    places: tuple[int, ...]
    survivor: int
    is_duplicate: bool
    score: float
    reasons: tuple[str, ...]
    #: "", "merged" or "apart": what a person decided.
    decision: str = ""

    @property
    def is_question(self) -> bool:
        """Less likely one than two: nobody merges it without having looked."""
        return self.score < SURE_FROM

    @property
    def is_merged(self) -> bool:
        return self.is_duplicate and self.decision == "merged"


def merged(customers: Sequence[Checked], clusters: Iterable[Cluster]) -> list[Checked]:
    """Every cluster that was merged as one customer in the survivor's place, the rest as it is."""
    by_place = {one.place: one for one in customers}
    gone: set[int] = set()
    for cluster in clusters:
        members = [
            by_place[place] for place in cluster.places if place in by_place and place not in gone
        ]
        # Two clusters may share a customer, who counts once.
        if not cluster.is_merged or cluster.survivor in gone or len(members) < 2:
            continue
        by_place[cluster.survivor] = _one(by_place[cluster.survivor], members)
        gone |= {one.place for one in members} - {cluster.survivor}
    return [by_place[one.place] for one in customers if one.place not in gone]


def _one(survivor: Checked, members: Sequence[Checked]) -> Checked:
    """Balances are added up, the worse opinion counts, limits are not added: the largest is one
    that somebody granted.
    """
    identified = [one for one in members if one.identity.confidence.is_identified]
    own = survivor.identity.confidence.is_identified
    limits = [
        one.limit
        for one in members
        if one.limit is not None and one.limit.currency == (survivor.limit or one.limit).currency
    ]
    currencies = {limit.currency for limit in limits}
    return replace(
        survivor,
        identity=survivor.identity if own or not identified else identified[0].identity,
        rated=max((one.rated for one in members), key=_worse),
        payer_class=max((one.payer_class for one in members), key=_worse_payer),
        balances=_added(members),
        limit=max(limits) if len(currencies) == 1 else survivor.limit,
        is_insured=any(one.is_insured for one in members),
        terms_days=max(
            (one.terms_days for one in members if one.terms_days is not None), default=None
        ),
        merged=len(members) - 1,
    )


def _worse(rated: Rated) -> tuple[bool, bool, int]:
    return rated.status.is_over, rated.band.rank is not None, rated.band.rank or 0


def _worse_payer(payer: PayerClass) -> tuple[bool, str]:
    return payer is not PayerClass.N, payer.value


def _added(members: Sequence[Checked]) -> tuple[Balance, ...]:
    codes = dict.fromkeys(balance.currency for one in members for balance in one.balances)
    found = []
    for code in codes:
        mine = [balance for one in members for balance in one.balances if balance.currency == code]
        known = [one.turnover for one in mine if one.turnover is not None]
        found.append(
            Balance(
                open=Money.total((one.open for one in mine), code),
                overdue=Money.total((one.overdue for one in mine), code),
                insured=Money.total((one.insured for one in mine), code),
                turnover=Money.total(known, code) if known else None,
            )
        )
    return tuple(found)


def duplicates_of(customers: Sequence[Checked], clusters: Iterable[Cluster]) -> Duplicates:
    """What was found twice and not declared to be two; `exposure` is what hangs on it."""
    standing = [
        one
        for one in clusters
        if one.is_duplicate and one.decision != "apart" and (one.is_merged or not one.is_question)
    ]
    by_place = {one.place: one for one in customers}
    members = [by_place[place] for one in standing for place in one.places if place in by_place]
    return Duplicates(
        clusters=len(standing),
        customers=len(members),
        merged=sum(1 for one in standing if one.is_merged),
        exposure=exposures(members),
    )


def groups_of(
    customers: Sequence[Checked], clusters: Iterable[Cluster], *, most: int = 25
) -> tuple[Group, ...]:
    """Companies that belong together, the most money first."""
    by_place = {one.place: one for one in customers}
    found = []
    for cluster in clusters:
        members = [by_place[place] for place in cluster.places if place in by_place]
        if not cluster.is_duplicate and cluster.decision != "apart" and len(members) > 1:
            names = tuple(one.name for one in members)
            found.append(Group(names=names, exposure=exposures(members)))
    return tuple(sorted(found, key=_weight, reverse=True)[:most])


def _weight(group: Group) -> int:
    return max((money.minor for money in group.exposure), default=0)


def exposures(customers: Iterable[Checked]) -> tuple[Money, ...]:
    """What these owe, by currency."""
    sums: dict[str, int] = {}
    for one in customers:
        for balance in one.balances:
            sums[balance.currency] = sums.get(balance.currency, 0) + balance.exposure.minor
    return tuple(Money(minor, code) for code, minor in sorted(sums.items()) if minor)
