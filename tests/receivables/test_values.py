"""Values of ours are held against the library's dataclasses, class by class."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import asdict, field, fields, replace
from typing import Any, ClassVar, get_type_hints

import msgspec
import pytest

from receivables.values import dataclass as ours

MAKERS: tuple[Callable[..., Any], ...] = (dataclasses.dataclass, ours)
FROZEN = {"frozen": True, "slots": True}


def shapes(make: Callable[..., Any]) -> dict[str, Any]:
    """One class of each kind that we write, made by `make`."""

    @make(**FROZEN)
    class Plain:
        """Given by place."""

        number: int
        name: str = "nobody"

    @make(**FROZEN, kw_only=True)
    class Named:
        kind: ClassVar[str] = "named"
        secret: str = field(repr=False)
        parts: list[int] = field(default_factory=list)
        note: str = field(default="", compare=False)

    @make(**FROZEN, kw_only=True)
    class More(Named):
        limit: int | None = None

        def __post_init__(self) -> None:
            if self.limit == 0:
                raise ValueError("nothing is no limit")

        def __repr__(self) -> str:
            return f"up to {self.limit}"

    @make(**FROZEN)
    class Empty:
        pass

    return {"Plain": Plain, "Named": Named, "More": More, "Empty": Empty}


LIBRARY, OURS = (shapes(make) for make in MAKERS)
GIVEN: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Plain", (1,), {}),
    ("Plain", (1, "one"), {}),
    ("Plain", (), {"name": "two", "number": 2}),
    ("Named", (), {"secret": "s"}),
    ("Named", (), {"secret": "s", "parts": [3], "note": "n"}),
    ("More", (), {"secret": "s", "limit": 7}),
    ("Empty", (), {}),
]
REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Plain", (), {}),
    ("Plain", (1, "one", "too many"), {}),
    ("Named", ("by place",), {}),
    ("Named", (), {"secret": "s", "unknown": 1}),
    ("More", (), {"secret": "s", "limit": 0}),
]


def pairs() -> list[tuple[Any, Any]]:
    return [
        (LIBRARY[name](*args, **named), OURS[name](*args, **named)) for name, args, named in GIVEN
    ]


def outcome(ask: Callable[[], Any]) -> Any:
    """What comes of it: the answer, or the kind of error."""
    try:
        return ask()
    except (TypeError, ValueError, AttributeError) as error:
        return type(error)


def test_a_value_says_of_itself_what_a_dataclass_says():
    for theirs, mine in pairs():
        shown = repr(theirs)
        assert repr(mine) == shown
        assert asdict(mine) == asdict(theirs)
        assert msgspec.to_builtins(mine) == msgspec.to_builtins(theirs)
        assert outcome(lambda one=mine: hash(one)) == outcome(lambda one=theirs: hash(one))
        assert not hasattr(mine, "__dict__")
    assert "hidden" not in repr(OURS["Named"](secret="hidden"))


def test_values_are_equal_where_dataclasses_are():
    compared = [
        [[one == other for other in side] for one in side]
        for side in zip(*[(*pair,) for pair in (*pairs(), *pairs())], strict=True)
    ]
    assert compared[0] == compared[1]
    assert OURS["Plain"](1) != LIBRARY["Plain"](1)


def test_a_value_is_made_as_a_dataclass_is_and_refuses_what_it_refuses():
    for name, args, named in REFUSED:
        errors = [outcome(lambda c=side[name]: c(*args, **named)) for side in (LIBRARY, OURS)]  # noqa: B023
        assert errors[0] is errors[1]
        assert isinstance(errors[0], type)
    for name, mine in OURS.items():
        theirs = LIBRARY[name]
        expected = inspect.signature(theirs).parameters
        made = inspect.signature(mine).parameters
        assert [(p.name, p.kind) for p in made.values()] == [
            (p.name, p.kind) for p in expected.values()
        ]
        assert get_type_hints(mine.__init__) == get_type_hints(theirs.__init__)
        assert [f.name for f in fields(mine)] == [f.name for f in fields(theirs)]
        assert mine.__match_args__ == theirs.__match_args__


def test_each_value_has_its_own_default_list():
    first, second = OURS["Named"](secret="a"), OURS["Named"](secret="a")

    first.parts.append(1)

    assert second.parts == []


def test_a_value_cannot_be_changed_but_replaced_copied_and_sent():
    value = OURS["Plain"](1)
    for change in (lambda: setattr(value, "number", 2), lambda: delattr(value, "number")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.other = 1

    assert replace(value, number=2) == OURS["Plain"](2)
    assert copy.deepcopy(value) == copy.copy(value) == value
    assert pickle.loads(pickle.dumps(Sent(1, ("x",)))) == Sent(1, ("x",))  # noqa: S301


@ours(**FROZEN)
class Sent:
    """Pickled by its name."""

    number: int
    names: tuple[str, ...]


@pytest.mark.parametrize(("below", "above"), [(0, 1), (1, 1)])
def test_a_value_may_stand_on_any_frozen_dataclass(below, above):
    base, kind = MAKERS[below], MAKERS[above]

    @base(**FROZEN, kw_only=True)
    class Base:
        at: int = 0

    @kind(**FROZEN, kw_only=True)
    class Derived(Base):
        more: str

    value = Derived(more="m")
    assert (value.at, value.more) == (0, "m")
    assert value == Derived(more="m", at=0)
    assert replace(value, at=3) != value
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.at = 1


def test_what_asks_for_more_than_a_frozen_value_is_the_librarys():
    @ours(slots=True)
    class Counter:
        number: int = 0

    @ours(frozen=True, slots=True, order=True)
    class Place:
        number: int

    counter = Counter()
    counter.number += 1
    assert counter == Counter(1)
    assert Place(1) < Place(2)
