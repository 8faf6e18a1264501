"""A stage for the stories of debtors: one Chromium and one migrated database for a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import many_windows
from tests.support.databases import SqliteTemplate
from tests.support.stage import TELLINGS, Stage, Telling, staged


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with many_windows() as opened:
        yield opened


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=TELLINGS.values(), ids=TELLINGS)
def telling(request: pytest.FixtureRequest) -> Telling:
    found: Telling = request.param
    return found


@pytest.fixture
def country() -> str:
    """Where the debtor is, unless a story says otherwise."""
    return "CH"


@pytest.fixture
def stage(
    tmp_path: Path, template: SqliteTemplate, browser: Browser, telling: Telling, country: str
) -> Iterator[Stage]:
    """A Monday morning; when the story is over, no browser has complained."""
    with staged(tmp_path, template, browser, telling, begins="2026-11-02", country=country) as made:
        yield made
