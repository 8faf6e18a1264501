"""What a browser complains of while a person uses pages: none of it may be there."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

_LISTEN = """
addEventListener("securitypolicyviolation", (event) => window.tellTheTest(
  `${event.violatedDirective} blocked ${event.blockedURI || "inline"} on ${location.href}`));
"""


class Complaints:
    """Collects a whole browser's console errors, uncaught errors and violations of a policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.heard: list[str] = []
        context.expose_binding("tellTheTest", self._violated)
        context.add_init_script(_LISTEN)
        context.on("console", self._said)
        context.on("weberror", self._thrown)

    def _violated(self, _source: Any, text: str) -> None:
        self.heard.append(f"policy: {text}")

    def _said(self, message: ConsoleMessage) -> None:
        where = str(message.location.get("url", ""))
        # Asked for by the browser itself, when it shows a tab before the page has named its icon.
        if message.type in ("error", "warning") and not where.endswith("/favicon.ico"):
            self.heard.append(f"console: {message.text} at {where}")

    def _thrown(self, error: WebError) -> None:
        self.heard.append(f"uncaught: {error.error}")
