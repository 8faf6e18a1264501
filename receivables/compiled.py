"""Compiled statements, found without hashing what they say."""

from __future__ import annotations

from typing import Any

from sqlalchemy.util import LRUCache

#: How many are kept; the product has some hundred, each in a few variants.
_STATEMENTS = 1000


class CompiledStatements(LRUCache[Any, Any]):
    """By what they say, as SQLAlchemy keeps them, and by which they are: its `compiled_cache`.

    What a statement says is a tree of some hundred values, hashed each time it is executed: longer
    than SQLite takes to answer many of them. Most of ours are made once a process.
    """

    def __init__(self) -> None:
        super().__init__(_STATEMENTS)
        self._same: dict[tuple[object, ...], tuple[object, Any]] = {}

    def get(self, key: Any, default: Any = None) -> Any:
        _, said, *how = key
        place = (id(said), *how)
        found = self._same.get(place)
        if found is not None and found[0] is said:
            return found[1]
        compiled = super().get(key, default)
        if compiled is not None:
            if len(self._same) >= _STATEMENTS:
                self._same.clear()
            self._same[place] = (said, compiled)
        return compiled
