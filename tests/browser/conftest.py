"""A stage for the stories of debtors: one Chromium and one migrated database for a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A story that does not say otherwise is told in every telling; one of them in the gate, turn
    about.
    """
    own = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "telling" not in metafunc.fixturenames or any("telling" in names for names in own):
        return
    chosen = crc32(metafunc.function.__name__.encode()) % len(TELLINGS)
    told = [
        pytest.param(telling, id=name, marks=() if place == chosen else pytest.mark.proof)
        for place, (name, telling) in enumerate(TELLINGS.items())
    ]
    metafunc.parametrize("telling", told)


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
