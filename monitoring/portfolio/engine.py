"""Between the health check and the engine that compares customers with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitoring.portfolio.company_numbers import numbers_of
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.identify import Known, Named
from monitoring.portfolio.merging import Cluster


def named(
    customers: Sequence[Customer], known: Sequence[tuple[Known, Customer]]
) -> Mapping[int, Named]:
    """By line of the file: which known company a name and a place speak of, and how surely."""
    return {}


def clusters(customers: Sequence[tuple[int, Customer]]) -> list[Cluster]:
    """Customers, given with their places, that are one company or belong together."""
    by_number: dict[str, list[int]] = defaultdict(list)
    for place, one in customers:
        for number in numbers_of(one.register_number, one.vat, one.country):
            by_number[number].append(place)
    found = {tuple(places): number for number, places in by_number.items() if len(places) > 1}
    return [
        Cluster(
            place=place,
            places=places,
            survivor=places[0],
            is_duplicate=True,
            score=1.0,
            reasons=(number,),
        )
        for place, (places, number) in enumerate(sorted(found.items()), start=1)
    ]
