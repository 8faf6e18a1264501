"""Values: frozen dataclasses, made in a fifth of the time.

The library has six functions of every frozen class compiled one by one. That takes half a
millisecond, and more than a thousand such classes stand between a command and its first answer.
Here one is compiled, and the others are shared by all classes. What is made is a dataclass:
`fields`, `replace` and `asdict` take it, and it does what the library's does.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(**options: bool) -> Callable[[type], type]:
        """`dataclasses.dataclass`, faster where nothing is asked but `frozen` and `slots`, with or
        without `kw_only`.
        """
        if options.keys() - {"kw_only"} != {"frozen", "slots"}:
            return dataclasses.dataclass(**options)
        return lambda cls: _value(cls, kw_only=options.get("kw_only", False))


#: What was made here. What stands on a frozen class of the library is frozen by the library.
_OURS: set[type] = set()

_set = object.__setattr__


def _value(cls: type, *, kw_only: bool) -> type:
    if any(isinstance(one, Field) and not one.init for one in vars(cls).values()):
        return dataclasses.dataclass(frozen=True, slots=True, kw_only=kw_only)(cls)
    is_ours = _OURS.issuperset(base for base in cls.__mro__[1:] if dataclasses.is_dataclass(base))
    made: type = dataclasses.dataclass(
        init=False, repr=False, eq=False, slots=True, kw_only=kw_only, frozen=not is_ours
    )(cls)
    fields = dataclasses.fields(made)
    methods = [_init(made, fields), *_compared(fields), _shown(fields)]
    if is_ours:
        _OURS.add(made)
        methods += _kept([one.name for one in fields])
    for method in methods:
        if method.__name__ not in vars(cls):
            setattr(made, method.__name__, method)
    return made


def _init(cls: type, fields: Sequence[Field[Any]]) -> Callable[..., None]:
    given: dict[str, Any] = {"_set": _set, "_new": MISSING}
    by_place: list[str] = []
    by_name, body = ["*"], ["pass"]
    for one in fields:
        parameter = value = one.name
        if one.default_factory is not MISSING:
            given[f"_make_{one.name}"] = one.default_factory
            parameter += "=_new"
            value = f"_make_{one.name}() if {one.name} is _new else {one.name}"
        elif one.default is not MISSING:
            given[f"_usual_{one.name}"] = one.default
            parameter += f"=_usual_{one.name}"
        (by_name if one.kw_only else by_place).append(parameter)
        body.append(f"_set(self, {one.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join(["self", *by_place, *(by_name if len(by_name) > 1 else ())])
    text = "\n  ".join([f"def make({', '.join(given)}):\n def __init__({parameters}):", *body])
    made: dict[str, Any] = {}
    # As the library does it: names of fields that stand in our own code, and no others.
    exec(f"{text}\n return __init__", vars(sys.modules[cls.__module__]), made)  # noqa: S102
    init: Callable[..., None] = made["make"](**given)
    init.__annotations__ = {one.name: one.type for one in fields} | {"return": None}
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _compared(fields: Sequence[Field[Any]]) -> list[Callable[..., Any]]:
    of_equals = _read([one.name for one in fields if one.compare])
    of_hash = _read([one.name for one in fields if one.compare and one.hash is not False])

    def __eq__(self: Any, other: object) -> Any:  # noqa: N807
        if other.__class__ is not self.__class__:
            return NotImplemented
        return of_equals(self) == of_equals(other)

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(of_hash(self))

    return [__eq__, __hash__]


def _read(names: Sequence[str]) -> Callable[[Any], Any]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


def _shown(fields: Sequence[Field[Any]]) -> Callable[..., str]:
    names = [one.name for one in fields if one.repr]

    def __repr__(self: Any) -> str:  # noqa: N807
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({shown})"

    return __repr__


def _kept(names: Sequence[str]) -> list[Callable[..., Any]]:
    """What keeps a value as it was made, and lets it be copied all the same."""

    def __setattr__(_self: Any, name: str, _value: Any) -> None:  # noqa: N807
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(_self: Any, name: str) -> None:  # noqa: N807
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self: Any) -> list[Any]:  # noqa: N807
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: Sequence[Any]) -> None:  # noqa: N807
        for name, value in zip(names, state, strict=True):
            _set(self, name, value)

    return [__setattr__, __delattr__, __getstate__, __setstate__]
