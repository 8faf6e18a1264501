"""Why a promise that staff write down is refused, as the pages that take one are told."""

from __future__ import annotations

from typing import Any

from receivables.money import NotAnAmount
from receivables.promises.errors import (
    NothingChosen,
    NotPromisable,
    PromisedForThePast,
    PromisedTooLate,
    PromisesNothing,
    PromisesTooMuch,
)

PROMISE_REFUSALS = (
    NotAnAmount,
    NothingChosen,
    NotPromisable,
    PromisedForThePast,
    PromisedTooLate,
    PromisesNothing,
    PromisesTooMuch,
)


def said_of_promise(refused: Exception) -> dict[str, Any]:
    """What a page is told of one of PROMISE_REFUSALS: its `error`, and the most there is."""
    if isinstance(refused, NotAnAmount | PromisesNothing):
        return {"error": "not_an_amount"}
    if isinstance(refused, PromisesTooMuch):
        return {"error": "too_much", "most": refused.payable}
    if isinstance(refused, PromisedTooLate):
        return {"error": "too_late"}
    if isinstance(refused, PromisedForThePast):
        return {"error": "past"}
    return {"error": "nothing_chosen"}
