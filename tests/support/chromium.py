"""A real Chromium: the machine's own, else the one Playwright installed.

Most pages are looked at in Chromium's headless shell, where there is one: the same engine without
the windows, menus and services around it, for half the work. What it lacks is push.
"""

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
    # A page lives for a second: what optimises its scripts would be done when the page is gone.
    "--js-flags=--always-sparkplug --no-opt --no-maglev",
)


_SHELL = "chromium-headless-shell"


def find_chromium(playwright: Playwright, *, whole: bool = True) -> str | None:
    """The path of a browser, or None; unless it must be a `whole` one, rather of the shell."""
    for name in (*(() if whole else (_SHELL,)), "chromium", "chromium-browser", "google-chrome"):
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
            executable_path=_found(playwright, whole=False), headless=True, args=list(QUIET)
        )
        try:
            yield browser
        finally:
            browser.close()


def _found(playwright: Playwright, *, whole: bool) -> str:
    found = find_chromium(playwright, whole=whole)
    if found is None:
        without_chromium()
    return found


@contextmanager
def chromium(
    profile: Path,
    *,
    flags: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    whole: bool = False,
    **options: Any,
) -> Iterator[BrowserContext]:
    """A headless browser with a profile of its own, kept in the folder `profile`.

    A profile on disk, because push is refused in a window without a memory; and in all but a
    `whole` browser. `flags` are added to the command line, `environment` to the process's;
    `options` are those of Playwright's `launch_persistent_context` (viewport, color_scheme,
    locale, java_script_enabled).
    """
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=_found(playwright, whole=whole),
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
