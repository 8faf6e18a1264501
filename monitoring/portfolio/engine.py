"""Between the health check and the engine that compares customers with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from monitoring.portfolio.customers import Customer
from monitoring.portfolio.duplicates import Duplicates, find_duplicates, survivor_of
from monitoring.portfolio.identify import Known, Named
from monitoring.portfolio.judging import Kind
from monitoring.portfolio.linking import link
from monitoring.portfolio.merging import Cluster

_MEANT = (Kind.DUPLICATE, Kind.REVIEW)
#: Pairs that nobody would look through if there were more, the likeliest first.
_MOST_QUESTIONS = 200
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
    """Customers, given with their places, that are one company, then pairs about which a person
    has to say, then those that belong together. Reasons are in the language being read.
    """
    places = {one.key: place for place, one in customers}
    found = find_duplicates([one for _place, one in customers])
    reasons = _reasons(found)
    told = [
        *_placed(((each.members, each.survivor, each.score) for each in found.clusters), places),
        *_placed(
            (
                ((one.left, one.right), survivor_of((one.left, one.right)), one.score)
                for one in islice(found.of_kind(Kind.REVIEW), _MOST_QUESTIONS)
            ),
            places,
        ),
    ]
    groups = _placed(((each, each[0], 0.0) for each in found.groups()), places)
    keys = {place: one.key for place, one in customers}
    return [
        Cluster(
            place=turn,
            places=members,
            survivor=survivor,
            is_duplicate=turn <= len(told),
            score=score,
            reasons=_of({keys[place] for place in members}, reasons),
        )
        for turn, (members, survivor, score) in enumerate([*told, *groups], start=1)
    ]


Members = tuple[Sequence[Customer], Customer, float]


def _placed(
    found: Iterable[Members], places: Mapping[str, int]
) -> list[tuple[tuple[int, ...], int, float]]:
    """Customers by their places: members, who stays, and the score; in the order of the file."""
    return sorted(
        (tuple(sorted(places[one.key] for one in members)), places[survivor.key], score)
        for members, survivor, score in found
    )


#: By a customer's key: with whom it makes a pair, and why.
Reasons = Mapping[str, Sequence[tuple[str, str]]]


def _reasons(found: Duplicates) -> Reasons:
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in found.pairs:
        told[pair.left.key].append((pair.right.key, pair.reason))
    return told


def _of(members: set[str], reasons: Reasons) -> tuple[str, ...]:
    """Why these, each reason once."""
    told = [
        why for left in sorted(members) for right, why in reasons.get(left, ()) if right in members
    ]
    return tuple(dict.fromkeys(told))[:_MOST_REASONS]
