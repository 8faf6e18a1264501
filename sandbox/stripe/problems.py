"""Refusals in Stripe's own words: type, code, param, message.

Source: https://docs.stripe.com/error-codes and the error objects of the API reference.
"""

from typing import Any

Json = dict[str, Any]


class ApiProblem(Exception):
    """Answers a call with an error object; everything the call changed is undone."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        should_retry: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.should_retry = should_retry
        self.error: Json = {"message": message, "type": kind}
        if code is not None:
            self.error["code"] = code
            self.error["doc_url"] = doc_url(code)
        if param is not None:
            self.error["param"] = param


class CardDeclined(Exception):
    """A charge was refused: answered with 402, and what happened stays on record."""

    def __init__(self, error: Json) -> None:
        super().__init__(error["message"])
        self.error = error


def doc_url(code: str) -> str:
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiProblem:
    return ApiProblem(400, message, code=code, param=param)


def missing(param: str) -> ApiProblem:
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def unknown(param: str) -> ApiProblem:
    return invalid(f"Received unknown parameter: {param}", param, "parameter_unknown")


def no_such(kind: str, object_id: str, param: str) -> ApiProblem:
    """404 for the object in the path, 400 for one named in a parameter, as at Stripe."""
    status = 404 if param == "id" else 400
    words = "checkout.session" if kind == "checkout.session" else kind.replace("_", "")
    return ApiProblem(
        status, f"No such {words}: '{object_id}'", code="resource_missing", param=param
    )


def not_played(what: str) -> ApiProblem:
    """Stripe could; this stand-in does not, and says so instead of pretending."""
    return invalid(f"The sandbox does not play {what}.")
