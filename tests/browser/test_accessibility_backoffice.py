"""Every page of the backoffice, as everybody may meet it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import backoffice.app
from tests.support.visitors import Visitors, visitors
from tests.support.visits import BACKOFFICE, NO_PAGES, Visit, routes, visited


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    with visitors(tmp_path_factory.mktemp("showroom")) as found:
        yield found


def test_every_page_there_is_has_a_visit() -> None:
    there = routes(backoffice.app.HANDLERS)
    assert visited(BACKOFFICE, there) == there - set(NO_PAGES["backoffice"])
    assert set(NO_PAGES["backoffice"]) <= there


def each_page() -> Iterator[Any]:
    """Every page in the gate; what is another look at one of them, with other rows in it and
    nobody doing anything, in the long runs.
    """
    there, seen = routes(backoffice.app.HANDLERS), set()
    for visit in BACKOFFICE:
        page = (*visited([visit], there), visit.status)
        again = visit.act is None and page in seen
        seen.add(page)
        yield pytest.param(visit, id=str(visit), marks=pytest.mark.proof if again else ())


@pytest.mark.parametrize("visit", list(each_page()))
def test_a_page_can_be_used_by_everybody(everybody: Visitors, visit: Visit, thorough: bool) -> None:
    assert everybody.objections(visit, thorough=thorough) == []
