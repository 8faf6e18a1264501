"""Every page of the backoffice, as everybody may meet it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import backoffice.app
from tests.support.visitors import Visitors, each_page, visitors
from tests.support.visits import BACKOFFICE, NO_PAGES, Visit, routes, visited


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    with visitors(tmp_path_factory.mktemp("showroom")) as found:
        yield found


def test_every_page_there_is_has_a_visit() -> None:
    there = routes(backoffice.app.HANDLERS)
    assert visited(BACKOFFICE, there) == there - set(NO_PAGES["backoffice"])
    assert set(NO_PAGES["backoffice"]) <= there


@pytest.mark.parametrize("visit", list(each_page(BACKOFFICE, backoffice.app.HANDLERS)))
def test_a_page_can_be_used_by_everybody(everybody: Visitors, visit: Visit, thorough: bool) -> None:
    assert everybody.objections(visit, thorough=thorough) == []
