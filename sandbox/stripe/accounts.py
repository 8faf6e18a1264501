"""Accounts and their events as the API offers them."""

from fnmatch import fnmatchcase

from sandbox.stripe import shapes
from sandbox.stripe.books import Books
from sandbox.stripe.config import OWN_ACCOUNT
from sandbox.stripe.problems import ApiProblem, Json, invalid


def _shown(account_id: str) -> Json:
    return {
        "id": account_id,
        "object": "account",
        "business_profile": shapes.nulls("mcc", "name", "support_email", "support_phone", "url"),
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "CH",
        "default_currency": "chf",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


def current(books: Books, _params: Json, _id: str) -> Json:
    return _shown(books.owner)


def retrieve(books: Books, _params: Json, account_id: str) -> Json:
    if books.owner != OWN_ACCOUNT and account_id != books.owner:
        raise ApiProblem(
            403,
            "The provided key does not have access to account "
            f"'{account_id}' (or that account does not exist). Application access may have been "
            "revoked.",
            code="account_invalid",
        )
    return _shown(account_id)


def list_events(books: Books, params: Json, _id: str) -> Json:
    """`type` may end in an asterisk, as at Stripe."""
    if "type" in params and "types" in params:
        raise invalid(
            "You may only specify one of these parameters: type, types.",
            "types",
            "parameters_exclusive",
        )
    wanted = params.get("types") or ([params["type"]] if "type" in params else None)
    if wanted is None:
        return books.page("event", "/v1/events", params)
    known = books.store.execute(
        "SELECT DISTINCT json_extract(body, '$.type') AS type FROM objects WHERE kind = 'event'"
    )
    kinds = tuple(
        row["type"] for row in known if any(fnmatchcase(row["type"], each) for each in wanted)
    )
    return books.page("event", "/v1/events", params, type=kinds or ("",))


def retrieve_event(books: Books, _params: Json, event_id: str) -> Json:
    return books.get("event", event_id)
