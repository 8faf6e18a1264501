"""A browser without a screen: keeps cookies, sends the forms it finds, follows what one clicks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lxml.html
from httpx import URL, Response
from litestar.testing import TestClient

from receivables.runtime import Runtime
from tests.support.faces import backoffice_app, portal_app
from tests.support.on_this_thread import OnThisThread


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it stands on a page; `fields` keeps the order and what is repeated."""

    method: str
    action: str
    fields: Sequence[tuple[str, str]]

    def filled(self, **values: str | Sequence[str]) -> list[tuple[str, str]]:
        """The fields with some of them changed or added; several values repeat a field."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        for name, given in values.items():
            kept += [(name, one) for one in ([given] if isinstance(given, str) else given)]
        return kept


class _Client(OnThisThread, TestClient[Any]):
    pass


class Browser:
    """One visitor of one face; `origin` is how the face is addressed."""

    def __init__(self, app: Any, origin: str) -> None:
        self.client = _Client(app)
        self.client.base_url = URL(origin)
        self.client.follow_redirects = False
        self.origin = origin

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        **headers: str,
    ) -> Response:
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        data: dict[str, Any] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        return self.client.post(path, data=data, headers=headers)

    def form(self, page: Response, action: str) -> Form:
        """The form of a page that leads to `action`."""
        document = lxml.html.fromstring(page.text)
        for form in document.forms:
            if (form.action or "").split("?")[0] == action:
                return Form(form.method, form.action or action, list(form.form_values()))
        raise AssertionError(f"no form leads to {action}")

    def submit(self, page: Response, action: str, **values: str | Sequence[str]) -> Response:
        """Fill in and send the form of a page that leads to `action`."""
        form = self.form(page, action)
        fields = form.filled(**values)
        if form.method.upper() == "GET":
            return self.client.get(action, params=fields)
        return self.post(action, fields)


def text_of(page: Response) -> str:
    """What a reader sees, in one line."""
    document = lxml.html.fromstring(page.text)
    for hidden in document.xpath("//script | //style | //head"):
        hidden.drop_tree()
    return re.sub(r"\s+", " ", document.text_content().replace("\xa0", " ")).strip()


def portal_browser(runtime: Runtime) -> Browser:
    """A browser on the portal that has followed no link yet."""
    return Browser(portal_app(runtime), runtime.settings.web.portal_url)


def backoffice_browser(runtime: Runtime) -> Browser:
    """A browser on the backoffice, not signed in."""
    return Browser(backoffice_app(runtime), runtime.settings.web.backoffice_url)
