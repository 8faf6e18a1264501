"""Between the health check and the engine that compares customers with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from monitoring.portfolio.customers import Customer
from monitoring.portfolio.duplicates import Duplicates, find_duplicates
from monitoring.portfolio.identify import Known, Named
from monitoring.portfolio.judging import Kind
from monitoring.portfolio.linking import link
from monitoring.portfolio.merging import Cluster

_MEANT = (Kind.DUPLICATE, Kind.REVIEW)
#: Reasons of one cluster that are told.
_MOST_REASONS = 3


def named(
    customers: Sequence[Customer], known: Sequence[tuple[Known, Customer]]
) -> Mapping[int, Named]:
    """By line of the file: which known company a name and a place speak of, and how surely.

    Two companies of one group are two, so a likeness of that kind is none.
    """
    by_key = {said.key: one for one, said in known}
    found = {}
    for each in link(customers, [said for _known, said in known]):
        best = next((one for one in each.matches if one.kind in _MEANT), None)
        if best is not None:
            is_question = best.kind is Kind.REVIEW
            found[each.left.line] = Named(by_key[best.right.key], best.score, is_question)
    return found


def clusters(customers: Sequence[tuple[int, Customer]]) -> list[Cluster]:
    """Customers, given with their places, that are one company, and then those that belong
    together. Reasons are in the language being read.
    """
    places = {one.key: place for place, one in customers}
    found = find_duplicates([one for _place, one in customers])
    reasons = _reasons(found)
    twins = [
        (sorted(places[one.key] for one in each.members), places[each.survivor.key], each.score)
        for each in found.clusters
    ]
    groups = _groups((pair.left.key, pair.right.key, pair.score)
                     for pair in found.of_kind(Kind.GROUP))  # fmt: skip
    together = [(sorted(places[key] for key in keys), score) for keys, score in groups]
    told = [
        *((members, survivor, score, Kind.DUPLICATE) for members, survivor, score in sorted(twins)),
        *((members, members[0], score, Kind.GROUP) for members, score in sorted(together)),
    ]
    keys = {place: one.key for place, one in customers}
    return [
        Cluster(
            place=turn,
            places=tuple(members),
            survivor=survivor,
            is_duplicate=kind is Kind.DUPLICATE,
            score=score,
            reasons=_of({keys[place] for place in members}, reasons, kind),
        )
        for turn, (members, survivor, score, kind) in enumerate(told, start=1)
    ]


#: By a customer's key: with whom it makes a pair, of what kind, and why.
Reasons = Mapping[str, Sequence[tuple[str, Kind, str]]]


def _reasons(found: Duplicates) -> Reasons:
    told: dict[str, list[tuple[str, Kind, str]]] = defaultdict(list)
    for pair in found.pairs:
        told[pair.left.key].append((pair.right.key, pair.kind, pair.reason))
    return told


def _of(members: set[str], reasons: Reasons, kind: Kind) -> tuple[str, ...]:
    """Why these, each reason once."""
    told = [
        why
        for left in sorted(members)
        for right, what, why in reasons.get(left, ())
        if what is kind and right in members
    ]
    return tuple(dict.fromkeys(told))[:_MOST_REASONS]


def _groups(pairs: Iterable[tuple[str, str, float]]) -> list[tuple[set[str], float]]:
    """Whatever hangs together by pairs, with the lowest score among them."""
    groups: dict[str, tuple[set[str], float]] = {}
    for left, right, score in pairs:
        first = groups.get(left, ({left}, score))
        second = groups.get(right, ({right}, score))
        joined = (first[0] | second[0], min(first[1], second[1], score))
        groups |= dict.fromkeys(joined[0], joined)
    return list({id(one[0]): one for one in groups.values()}.values())
