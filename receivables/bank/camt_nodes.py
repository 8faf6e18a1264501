"""Pieces of a camt document as plain trees, found by local names in whatever version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from lxml import etree

_LOCAL: Final[dict[str, str]] = {}


def local_name(tag: str) -> str:
    """The tag without its namespace; versions differ in the latter alone."""
    name = _LOCAL.get(tag)
    if name is None:
        name = tag.rpartition("}")[2]
        if len(_LOCAL) < 2000:
            _LOCAL[tag] = name
    return name


class Node:
    """One element: its text in one line, its currency, its line, and its children by name."""

    __slots__ = ("children", "currency", "line", "text")

    def __init__(self, element: etree._Element, *, without: str = "") -> None:
        text = element.text
        self.text = " ".join(text.split()) if text else ""
        self.currency = element.get("Ccy") or ""
        self.line: int = cast("int | None", element.sourceline) or 0
        self.children: dict[str, list[Node]] = {}
        for child in element:
            tag = child.tag
            if not isinstance(tag, str):
                continue  # an entity that was not resolved
            name = local_name(tag)
            if name != without:
                self.children.setdefault(name, []).append(Node(child, without=without))

    def every(self, *path: str) -> Iterator[Node]:
        """All nodes at a chain of names."""
        if not path:
            yield self
            return
        for child in self.children.get(path[0], ()):
            yield from child.every(*path[1:])

    def first(self, *path: str) -> Node | None:
        return next(self.every(*path), None)

    def said(self, *path: str) -> str | None:
        """The first text at `path` that is not empty."""
        return next((node.text for node in self.every(*path) if node.text), None)

    def all_said(self, *path: str) -> list[str]:
        return [node.text for node in self.every(*path) if node.text]
