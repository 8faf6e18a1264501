"""The request contract is the installed SDK's own: its generated TypedDicts.

A parameter the SDK does not know is refused here as Stripe refuses it, so that a version of the API
which drops a parameter is noticed on this machine. Source: `stripe.params` of the installed SDK.
"""

import sys
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import stripe
import typing_extensions

from sandbox.stripe.problems import ApiProblem, Json, invalid, missing, unknown

#: Keys of every params type that steer the SDK itself and never travel.
_SDK_OPTIONS = frozenset(stripe.RequestOptions.__annotations__)

#: Refused since API 2026-09-30.endive.
_REMOVED = "payment_method_types"

#: Names the SDK's annotations use without importing them at run time.
_LOCAL_NAMES = {
    "StripeContext": stripe.StripeContext,
    "Mapping": Mapping,
    "Any": Any,
}


def check(params: Json, contract: type) -> Json:
    """The decoded form as typed values. Raises ApiProblem, worded and coded as Stripe does."""
    return _typed_dict(params, contract, "")


@cache
def _hints(contract: type) -> dict[str, Any]:
    names = {**vars(sys.modules[contract.__module__]), **_LOCAL_NAMES}
    hints = typing_extensions.get_type_hints(contract, globalns=names, localns=_LOCAL_NAMES)
    return {name: hint for name, hint in hints.items() if name not in _SDK_OPTIONS}


def _typed_dict(value: Json, contract: type, path: str) -> Json:
    hints = _hints(contract)
    for name in value:
        if name not in hints:
            raise _refused(_join(path, name))
    required: frozenset[str] = contract.__required_keys__  # type: ignore[attr-defined]  # TypedDict
    for name in sorted(required - _SDK_OPTIONS):
        if name not in value:
            raise missing(_join(path, name))
    return {name: _value(item, hints[name], _join(path, name)) for name, item in value.items()}


def _refused(param: str) -> ApiProblem:
    if param.endswith(_REMOVED):
        return invalid(
            "payment_method_types is no longer supported; use allowed_payment_method_types, "
            "excluded_payment_method_types, or the settings of your Dashboard.",
            param,
            "payment_method_types_no_longer_supported",
        )
    return unknown(param)


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(leaf for part in get_args(hint) for leaf in _alternatives(part))
    return (hint,)


def _value(value: Any, hint: Any, path: str) -> Any:
    alternatives = _alternatives(hint)
    if isinstance(value, str):
        return _leaf(value, alternatives, path)
    for alternative in alternatives:
        if isinstance(value, list) and get_origin(alternative) is list:
            (item,) = get_args(alternative)
            return [_value(each, item, f"{path}[{index}]") for index, each in enumerate(value)]
        if isinstance(value, dict) and get_origin(alternative) is dict:
            _, item = get_args(alternative)
            return {k: v if v == "" else _value(v, item, _join(path, k)) for k, v in value.items()}
        if isinstance(value, dict) and typing_extensions.is_typeddict(alternative):
            return _typed_dict(value, alternative, path)
        # A map whose keys happen to be 0, 1, 2 looks like a list on the wire.
        if isinstance(value, list) and get_origin(alternative) is dict:
            return {str(index): each for index, each in enumerate(value)}
    raise invalid(f"Invalid {'array' if isinstance(value, list) else 'object'}", path)


def _leaf(value: str, alternatives: tuple[Any, ...], path: str) -> Any:
    choices = [c for a in alternatives if get_origin(a) is Literal for c in get_args(a)]
    if value in choices:
        return value
    if value == "":
        raise invalid(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset. You should remove '{path}' "
            "from your request or supply a non-empty value.",
            path,
            "parameter_invalid_empty",
        )
    for alternative in alternatives:
        if alternative in (bool, int, float, Decimal):
            return _number(value, alternative, path)
    # The SDK adds "|str" to every enumeration, for values to come; the API of today is closed.
    closed = [choice for choice in choices if choice != ""]
    if closed:
        raise invalid(f"Invalid {path}: must be one of {_one_of(closed)}", path)
    if str in alternatives:
        return value
    raise invalid(f"Invalid {_noun(alternatives)}", path)


def _number(value: str, wanted: type, path: str) -> bool | int | float | Decimal:
    if wanted is bool:
        if value not in ("true", "false"):
            raise invalid(f"Invalid boolean: {value}", path)
        return value == "true"
    try:
        return wanted(value)  # type: ignore[no-any-return]  # int, float or Decimal
    except (ValueError, InvalidOperation):
        code = "parameter_invalid_integer" if wanted is int else None
        raise invalid(f"Invalid {wanted.__name__.lower()}: {value}", path, code) from None


def _noun(alternatives: tuple[Any, ...]) -> str:
    return "array" if any(get_origin(a) is list for a in alternatives) else "object"


def _one_of(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])}, or {choices[-1]}"
