"""A real Chromium: the machine's own, else the one Playwright installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

#: How long a page may take on a machine that is busy, in milliseconds; only ends what would
#: never end.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

#: What a browser does by itself and a test does not want: talk to its maker.
QUIET = (
    "--no-first-run",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--disable-gpu",
)


def find_chromium(playwright: Playwright) -> str | None:
    """The path of a browser, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def without_chromium() -> NoReturn:
    """Fail under CI, where a test that cannot run is a fault; skip on a machine that lacks it."""
    text = "no Chromium: install the package chromium, or run `playwright install chromium`"
    if os.environ.get("CI") == "true":
        pytest.fail(text)
    pytest.skip(text)


@contextmanager
def many_windows() -> Iterator[Browser]:
    """A headless browser for several people, each in a context of their own that forgets."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_found(playwright), headless=True, args=list(QUIET)
        )
        try:
            yield browser
        finally:
            browser.close()


def _found(playwright: Playwright) -> str:
    found = find_chromium(playwright)
    if found is None:
        without_chromium()
    return found


@contextmanager
def chromium(
    profile: Path,
    *,
    flags: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[BrowserContext]:
    """A headless browser with a profile of its own, kept in the folder `profile`.

    A profile on disk, because push is refused in a window without a memory. `flags` are added to
    the command line, `environment` to the process's; `options` are those of Playwright's
    `launch_persistent_context` (viewport, color_scheme, locale, java_script_enabled).
    """
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=_found(playwright),
            headless=True,
            args=[*QUIET, *flags],
            env={**os.environ, **(environment or {})},
            **options,
        )
        context.set_default_timeout(PATIENCE)
        try:
            yield context
        finally:
            context.close()
