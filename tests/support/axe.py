"""What axe objects to on a page: in light everything, in dark what colours decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

Scheme = Literal["light", "dark"]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: The rules of those tags that look at colours; what the others look at is the same in the dark.
COLOURS = ["color-contrast", "link-in-text-block"]

_RUN = """(only) => axe.run(document, {runOnly: only, resultTypes: ["violations"]}).then((found) =>
  found.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ")}`))"""
_IS_LOADED = "typeof axe !== 'undefined'"


def objections(page: Page, *, only: Sequence[str] = ()) -> list[str]:
    """Violations, one a line: of all rules, or of those named."""
    if not page.evaluate(_IS_LOADED):
        page.evaluate(AXE)
    rules = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": TAGS}
    found: list[str] = page.evaluate(_RUN, rules)
    return found


def objections_on(page: Page, schemes: Sequence[Scheme] = ("light", "dark")) -> list[str]:
    """The same as the page lies there, in light and in dark."""
    wrong: list[str] = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        only = COLOURS if scheme == "dark" else ()
        wrong += [f"{scheme}: {one}" for one in objections(page, only=only)]
    page.emulate_media(color_scheme="light")
    return wrong


def objections_at(page: Page, widths: Sequence[int]) -> list[str]:
    """The same at each width."""
    wrong: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [f"{width} px, {one}" for one in objections_on(page)]
    return wrong
