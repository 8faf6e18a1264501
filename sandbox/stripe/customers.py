"""Customers and the means of payment kept with them."""

from typing import Any

from sandbox.stripe import cards, declines, shapes
from sandbox.stripe.books import Books
from sandbox.stripe.problems import CardDeclined, Json, invalid, not_played

_KEPT = (
    "address", "business_name", "description", "email", "individual_name", "name", "phone",
    "preferred_locales", "shipping", "tax_exempt",
)  # fmt: skip

_MOST_KEYS, _LONGEST_KEY, _LONGEST_VALUE = 50, 40, 500


def metadata(held: Json, given: Any) -> Json:
    """Merged as Stripe does: an empty value removes its key, an empty whole removes all.

    Source of the limits: https://docs.stripe.com/api/metadata.
    """
    if given == "":
        return {}
    merged = {k: v for k, v in {**held, **(given or {})}.items() if v != ""}
    if len(merged) > _MOST_KEYS:
        raise invalid(f"Metadata can have at most {_MOST_KEYS} keys.", "metadata")
    for key, value in merged.items():
        if len(key) > _LONGEST_KEY or len(str(value)) > _LONGEST_VALUE:
            raise invalid(
                f"Metadata keys can have up to {_LONGEST_KEY} characters, "
                f"values up to {_LONGEST_VALUE}.",
                f"metadata[{key[:_LONGEST_KEY]}]",
            )
    return merged


def _fields(params: Json) -> Json:
    shown = {name: params[name] for name in _KEPT if name in params}
    return {name: None if value == "" else value for name, value in shown.items()}


def create(books: Books, params: Json, _id: str = "") -> Json:
    if "payment_method" in params or "source" in params:
        raise not_played("a customer created together with a payment method")
    head = books.new("cus_", "customer")
    customer = shapes.customer(head, _fields(params))
    customer["metadata"] = metadata({}, params.get("metadata"))
    books.save(customer)
    books.emit("customer.created", customer)
    return customer


def update(books: Books, params: Json, customer_id: str) -> Json:
    customer = books.get("customer", customer_id)
    customer |= _fields(params)
    customer["metadata"] = metadata(customer["metadata"], params.get("metadata"))
    default = params.get("invoice_settings", {}).get("default_payment_method")
    if default:
        books.get("payment_method", default, "invoice_settings[default_payment_method]")
        customer["invoice_settings"]["default_payment_method"] = default
    books.save(customer)
    books.emit("customer.updated", customer)
    return customer


def retrieve(books: Books, _params: Json, customer_id: str) -> Json:
    return books.get("customer", customer_id)


def listing(books: Books, params: Json, _id: str) -> Json:
    return books.page("customer", "/v1/customers", params, email=params.get("email"))


def new_card(
    books: Books, number: str, expiry: tuple[int, int], *, name: str | None, email: str | None
) -> Json:
    head = books.new("pm_", "payment_method")
    owner = shapes.billing_details(name, email)
    return books.save(shapes.card_method(head, number, cards.brand(number), expiry, owner))


def find_method(books: Books, method_id: str, param: str) -> Json:
    """A stored method, or a fresh one of Stripe's named test methods."""
    if method_id in cards.NAMED:
        year = 2000 + (books.now() // 31_556_952 + 1970 + 2) % 100
        return new_card(books, cards.NAMED[method_id], (12, year), name=None, email=None)
    return books.get("payment_method", method_id, param)


def keep(books: Books, method: Json, customer_id: str, *, set_up: bool = False) -> Json:
    """Attaches a method to a customer, once."""
    method["_set_up"] = method.get("_set_up", False) or set_up
    if method["customer"] == customer_id:
        return books.save(method)
    method["customer"] = customer_id
    method["allow_redisplay"] = "limited" if set_up else method["allow_redisplay"]
    books.save(method)
    books.emit("payment_method.attached", method)
    return method


def attach(books: Books, params: Json, method_id: str) -> Json:
    method = find_method(books, method_id, "id")
    if "customer" not in params:
        raise not_played("a payment method attached to anything but a customer")
    books.get("customer", params["customer"], "customer")
    if method["customer"] is not None or method.get("_detached"):
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    if method["type"] != "card":
        raise not_played("attaching this type of payment method by a call")
    held = cards.card(method["_number"])
    if held.decline is not None and not held.attaches:
        raise CardDeclined(declines.error(held.decline))
    return keep(books, method, params["customer"])


def detach(books: Books, _params: Json, method_id: str) -> Json:
    method = books.get("payment_method", method_id)
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    method["customer"], method["_detached"] = None, True
    books.save(method)
    books.emit("payment_method.detached", method)
    return method


def retrieve_method(books: Books, _params: Json, method_id: str) -> Json:
    return books.get("payment_method", method_id)


def renew_card(books: Books, method_id: str, number: str, expiry: tuple[int, int]) -> Json:
    """The bank gave its customer a new card, and the network told Stripe."""
    method = books.get("payment_method", method_id)
    if method["type"] != "card":
        raise not_played("renewing anything but a card")
    month, year = expiry
    method["_number"] = number
    method["card"] |= {"last4": number[-4:], "exp_month": month, "exp_year": year}
    books.save(method)
    books.emit("payment_method.automatically_updated", method)
    return method


def retrieve_mandate(books: Books, _params: Json, mandate_id: str) -> Json:
    return books.get("mandate", mandate_id)


def revoke_mandate(books: Books, mandate_id: str) -> Json:
    """The account's holder takes their permission back."""
    mandate = books.get("mandate", mandate_id) | {"status": "inactive"}
    books.save(mandate)
    books.emit("mandate.updated", mandate)
    return mandate


def list_methods(books: Books, params: Json, customer_id: str = "") -> Json:
    """Of one customer: by the path, or by the `customer` parameter."""
    owner = customer_id or params.get("customer")
    if owner is None:
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    books.get("customer", owner, "id" if customer_id else "customer")
    url = f"/v1/customers/{customer_id}/payment_methods" if customer_id else "/v1/payment_methods"
    return books.page("payment_method", url, params, customer=owner, type=params.get("type"))
