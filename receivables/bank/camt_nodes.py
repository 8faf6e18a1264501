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

    def __init__(self, element: etree._Element, name: str = "", *, without: str = "") -> None:
        text = element.text
        self.text = " ".join(text.split()) if text else ""
        # Amounts alone have one, and there are ten other elements for each of them.
        self.currency = (element.get("Ccy") or "") if name.endswith("Amt") else ""
        self.line: int = cast("int | None", element.sourceline) or 0
        self.children: dict[str, list[Node]] = {}
        for child in element:
            tag = child.tag
            if not isinstance(tag, str):
                continue  # an entity that was not resolved
            name = local_name(tag)
            if name != without:
                self.children.setdefault(name, []).append(Node(child, name, without=without))

    def every(self, *path: str) -> Iterator[Node]:
        """All nodes at a chain of names."""
        if not path:
            yield self
            return
        for child in self.children.get(path[0], ()):
            yield from child.every(*path[1:])

    def first(self, *path: str) -> Node | None:
        """The first node at a chain of names."""
        node = self
        for name in path:
            found = node.children.get(name)
            if found is None:
                return None
            if len(found) > 1:
                return next(self.every(*path), None)
            node = found[0]
        return node

    def said(self, *path: str) -> str | None:
        """The first text at `path` that is not empty."""
        node = self.first(*path)
        if node is None or node.text:
            return node.text if node is not None else None
        return next((each.text for each in self.every(*path) if each.text), None)

    def all_said(self, *path: str) -> list[str]:
        if self.first(*path[:1]) is None:
            return []
        return [node.text for node in self.every(*path) if node.text]
