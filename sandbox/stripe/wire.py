"""Requests and answers as plain values, and Stripe's form encoding read back without loss."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.problems import Json, invalid


@dataclass(frozen=True, slots=True)
class Request:
    """Header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """`dropped` means that the effect stands and the connection is closed without an answer."""

    status: int
    body: bytes
    headers: dict[str, str]
    dropped: bool = False


def as_json(status: int, value: Json, headers: dict[str, str] | None = None) -> Response:
    return Response(
        status,
        json.dumps(value, indent=2, ensure_ascii=False).encode(),
        {"content-type": "application/json", **(headers or {})},
    )


def decode_form(encoded: str) -> Json:
    """Nested names into nested values: `a[b]=1` is {"a": {"b": "1"}}, `a[0]=1` is {"a": ["1"]}.

    Every leaf stays a string: only the contract knows which are numbers.
    Raises ApiProblem where a name is both a value and a group, or a group never closes.
    """
    tree: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True, max_num_fields=5000):
        _plant(tree, _steps(name), value, name)
    return {key: _lists(value) for key, value in tree.items()}


def _steps(name: str) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [head]
    if not head or not rest.endswith("]"):
        raise invalid(f"Invalid parameter name: {name}", name)
    return [head, *rest[:-1].split("][")]


def _plant(tree: Json, steps: list[str], value: str, name: str) -> None:
    node = tree
    for step in steps[:-1]:
        node = node.setdefault(step or str(len(node)), {})
        if not isinstance(node, dict):
            raise invalid(f"Invalid parameter: {name}", name)
    last = steps[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise invalid(f"Invalid parameter: {name}", name)
    node[last] = value


def _lists(node: Any) -> Any:
    """Groups whose names count from zero are lists."""
    if not isinstance(node, dict):
        return node
    values = {key: _lists(value) for key, value in node.items()}
    if values and list(values) == [str(index) for index in range(len(values))]:
        return list(values.values())
    return values
