"""Every page of the portal, as everybody may meet it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import portal.app
from tests.support.axe import objections_on
from tests.support.visitors import PHONE, Visitors, each_page, visitors
from tests.support.visits import NO_PAGES, PORTAL, Visit, routes, visited


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    with visitors(tmp_path_factory.mktemp("showroom")) as found:
        yield found


def test_every_page_there_is_has_a_visit() -> None:
    there = routes(portal.app.HANDLERS)
    assert visited(PORTAL, there) == there - set(NO_PAGES["portal"])
    assert set(NO_PAGES["portal"]) <= there


@pytest.mark.parametrize("visit", list(each_page(PORTAL, portal.app.HANDLERS)))
def test_a_page_can_be_used_by_everybody(everybody: Visitors, visit: Visit, thorough: bool) -> None:
    assert everybody.objections(visit, thorough=thorough) == []


def test_what_is_wrong_with_a_page_is_noticed(everybody: Visitors) -> None:
    """The control: a picture nobody can hear, a box too wide, and what the policy forbids."""
    page = everybody.go(Visit("portal", "/", "stranger", 401))
    assert objections_on(page) == []
    assert everybody.too_wide(PHONE) == []
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    page.evaluate("document.querySelector('main').style.width = '400px'")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.querySelector('h1').style.color = 'rgb(50, 50, 50)'")

    wrong = objections_on(page)
    assert [one for one in wrong if one.startswith("light: image-alt")]
    assert [one for one in wrong if one.startswith("dark: color-contrast")]
    assert everybody.too_wide(PHONE)
    heard = everybody.complaints.heard
    assert [one for one in heard if one.startswith("policy: style-src")]
