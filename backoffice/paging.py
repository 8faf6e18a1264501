"""Lists that live in the address: what is shown, in which order, which page of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from litestar import Request

from receivables.web.parts import Pager

PAGE_SIZE = 50
#: Nobody turns so many pages by hand; beyond lies a number made up to make us work.
LAST_PAGE = 10_000

Choice = TypeVar("Choice", bound=str)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; whatever makes no sense there is left out."""

    path: str
    q: str
    show: str
    sort: str
    page: int

    @property
    def skip(self) -> int:
        return (self.page - 1) * PAGE_SIZE

    def pager(self, shown: int, total: int) -> Pager:
        """The pager under `shown` rows of `total`."""
        first = self.skip + 1 if shown else 0
        last = self.skip + shown if shown else 0
        return Pager(
            first=first,
            last=last,
            total=total,
            previous_url=self.url(self.page - 1) if self.page > 1 else None,
            next_url=self.url(self.page + 1) if last and last < total else None,
        )

    def url(self, page: int) -> str:
        asked = {"q": self.q, "show": self.show, "sort": self.sort, "page": str(page)}
        return f"{self.path}?{urlencode({name: value for name, value in asked.items() if value})}"


def wanted(request: Request[Any, Any, Any]) -> Wanted:
    """What the address asks for."""
    query = request.query_params
    page = str(query.get("page", "1"))
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
    return Wanted(
        path=request.url.path,
        q=str(query.get("q", "")).replace("\0", "").strip()[:200],
        show=str(query.get("show", "")),
        sort=str(query.get("sort", "")),
        page=min(max(number, 1), LAST_PAGE),
    )


def one_of(value: str, choices: tuple[Choice, ...]) -> Choice:
    """The choice that was named, or the first."""
    return next((choice for choice in choices if choice == value), choices[0])


def like(text: str) -> str:
    """A pattern that finds `text` anywhere; escape with a backslash."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
