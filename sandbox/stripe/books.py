"""One account's objects, and the clock, names and events that go with changing them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import stripe

from sandbox.stripe import shapes
from sandbox.stripe.config import OWN_ACCOUNT
from sandbox.stripe.problems import Json, invalid, no_such
from sandbox.stripe.store import Store

_PAGE = 10
_LARGEST_PAGE = 100
_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

#: Where an object that stands on a private page can be named: prefix of its id -> kind.
KINDS = {
    "cus_": "customer",
    "cs_test_": "checkout.session",
    "pi_": "payment_intent",
    "ch_": "charge",
    "py_": "charge",
    "pm_": "payment_method",
    "re_": "refund",
    "du_": "dispute",
    "seti_": "setup_intent",
    "mandate_": "mandate",
    "pmc_": "payment_method_configuration",
    "evt_": "event",
}


@dataclass(frozen=True)
class Books:
    """`account` is None for the secret key's own account.

    `announce` hands a stored event to whoever delivers it.
    """

    store: Store
    now: Callable[[], int]
    public_url: str
    announce: Callable[[Json, str | None], None]
    account: str | None = None
    request: Json = field(default_factory=lambda: {"id": None, "idempotency_key": None})

    @property
    def owner(self) -> str:
        return self.account or OWN_ACCOUNT

    def new(self, prefix: str, kind: str) -> Json:
        """The head of a new object: its id, kind and birth."""
        tail = "".join(secrets.choice(_LETTERS) for _ in range(24))
        return shapes.base(f"{prefix}{tail}", kind, self.now())

    def find(self, object_id: str | None) -> Json | None:
        return self.store.find(self.owner, object_id) if object_id else None

    def get(self, kind: str, object_id: str, param: str = "id") -> Json:
        """Raises ApiProblem for what is not there: another account's objects are not there."""
        found = self.find(object_id)
        if found is None or found["object"] != kind:
            raise no_such(kind, object_id, param)
        return found

    def save(self, thing: Json) -> Json:
        self.store.put(self.owner, thing)
        return thing

    def emit(self, kind: str, thing: Json) -> None:
        """An event about the object as it is now, stored and on its way."""
        event = shapes.event(
            self.new("evt_", "event"), kind, thing, account=self.account, request=self.request
        )
        event["api_version"] = stripe.api_version
        self.save(event)
        self.announce(event, self.account)

    def page(self, kind: str, url: str, params: Json, **where: Any) -> Json:
        """A list object. `where` drops what is None; `params` hold Stripe's paging."""
        limit = params.get("limit", _PAGE)
        if not 1 <= limit <= _LARGEST_PAGE:
            raise invalid(
                f"This value must be between 1 and {_LARGEST_PAGE} (inclusive).",
                "limit",
                "parameter_invalid_integer",
            )
        after, before = params.get("starting_after"), params.get("ending_before")
        if after and before:
            raise invalid(
                "You may only provide one of these parameters: starting_after, ending_before.",
                "starting_after",
                "parameters_exclusive",
            )
        for param, cursor in (("starting_after", after), ("ending_before", before)):
            if cursor:
                self.get(kind, cursor, param)
        created = params.get("created", {})
        items, more = self.store.select(
            self.owner,
            kind,
            where={name: value for name, value in where.items() if value is not None},
            created={"eq": created} if isinstance(created, int) else created,
            limit=limit,
            after=after,
            before=before,
        )
        return {"object": "list", "data": items, "has_more": more, "url": url}

    def expand(self, thing: Json, paths: list[str]) -> Json:
        """Ids replaced by the objects they name, along dotted paths.

        Raises ApiProblem for a path that leads nowhere.
        """
        for path in paths:
            self._expand(thing, path.split("."), path)
        return thing

    def _expand(self, thing: Json, steps: list[str], path: str) -> None:
        name, rest = steps[0], steps[1:]
        if name == "data" and thing.get("object") == "list" and rest:
            for item in thing["data"]:
                self._expand(item, rest, path)
            return
        if name == "line_items" and thing.get("object") == "checkout.session":
            thing[name] = line_items(thing, {})
        if name == "refunds" and thing.get("object") == "charge":
            thing[name] = self.page(
                "refund", f"/v1/charges/{thing['id']}/refunds", {}, charge=thing["id"]
            )
        if name not in thing:
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
        if isinstance(thing[name], str):
            thing[name] = self.find(thing[name]) or thing[name]
        if rest and isinstance(thing[name], dict):
            self._expand(thing[name], rest, path)


def line_items(session: Json, params: Json) -> Json:
    """The lines of a session as a list object."""
    lines = session["_lines"]
    ids = [line["id"] for line in lines]
    start = ids.index(params["starting_after"]) + 1 if params.get("starting_after") in ids else 0
    limit = params.get("limit", _PAGE)
    return {
        "object": "list",
        "data": lines[start : start + limit],
        "has_more": len(lines) > start + limit,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }
