"""PaymentIntents, SetupIntents and charges as the API offers them."""

from sandbox.stripe import charging, customers, methods, shapes
from sandbox.stripe.amounts import check_amount
from sandbox.stripe.books import Books
from sandbox.stripe.problems import (
    CardDeclined,
    Json,
    invalid,
    missing,
    not_played,
)

_PLAYED = frozenset(
    "amount automatic_payment_methods allowed_payment_method_types capture_method confirm currency "
    "customer description error_on_requires_action excluded_payment_method_types expand metadata "
    "off_session payment_method receipt_email return_url setup_future_usage shipping "
    "statement_descriptor statement_descriptor_suffix transfer_group".split()
)


def create(books: Books, params: Json, _id: str = "") -> Json:
    for name in sorted(set(params) - _PLAYED):
        raise not_played(f"the parameter {name} on a PaymentIntent")
    if params.get("capture_method") == "manual":
        raise not_played("manual capture")
    currency = params["currency"].lower()
    check_amount(params["amount"], currency)
    if params.get("off_session") is not None and not params.get("confirm"):
        raise invalid("off_session can only be used when confirm=true.", "off_session")
    if "customer" in params:
        books.get("customer", params["customer"], "customer")
    intent = _drawn(books, params, currency)
    if "payment_method" in params:
        method = _usable_method(books, intent, params["payment_method"])
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    elif params.get("confirm"):
        raise invalid(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
        )
    books.save(intent)
    books.emit("payment_intent.created", intent)
    return _confirmed(books, intent, params) if params.get("confirm") else intent


def _drawn(books: Books, params: Json, currency: str) -> Json:
    head = books.new("pi_", "payment_intent")
    intent = shapes.payment_intent(
        head,
        amount=params["amount"],
        currency=currency,
        types=methods.fitting(books, currency, params, params["amount"]),
    )
    for name in ("customer", "description", "receipt_email", "setup_future_usage", "shipping"):
        intent[name] = params.get(name)
    for name in ("statement_descriptor", "statement_descriptor_suffix", "transfer_group"):
        intent[name] = params.get(name)
    for name in ("allowed_payment_method_types", "excluded_payment_method_types"):
        intent[name] = params.get(name)
    intent["metadata"] = customers.metadata({}, params.get("metadata"))
    redirects = params.get("automatic_payment_methods", {}).get("allow_redirects", "always")
    intent["payment_method_configuration_details"] = methods.details(books)
    intent["automatic_payment_methods"] = {"allow_redirects": redirects, "enabled": True}
    return intent


def _usable_method(books: Books, intent: Json, method_id: str) -> Json:
    method = customers.find_method(books, method_id, "payment_method")
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise invalid(
            "The customer does not have a payment method with the ID "
            f"{method_id}. The payment method must be attached to the customer.",
            "payment_method",
            "resource_missing",
        )
    if method.get("_detached"):
        raise invalid(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, shared with a connected account without Customer attachment, or was "
            "detached from a Customer. It may not be used again.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    return method


def _confirmed(books: Books, intent: Json, params: Json) -> Json:
    method = books.get("payment_method", intent["payment_method"], "payment_method")
    off_session = params.get("off_session") not in (None, False)
    if off_session and method["customer"] is None:
        raise invalid(
            "An off-session payment needs a payment method that is attached to a customer.",
            "payment_method",
            "payment_method_unexpected_state",
        )
    redirects = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "always"
    if redirects and not off_session and "return_url" not in params:
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods might redirect your customer off of your page, "
            "you must provide a `return_url`.",
            "return_url",
        )
    intent["_return_url"] = params.get("return_url")
    intent = charging.pay(
        books, intent, method, off_session=off_session, return_url=params.get("return_url")
    )
    if intent["status"] == "requires_payment_method":
        refusal = {k: v for k, v in intent["last_payment_error"].items() if k != "payment_method"}
        raise CardDeclined({**refusal, "payment_intent": shapes.public(intent)})
    return intent


def confirm(books: Books, params: Json, intent_id: str) -> Json:
    intent = books.get("payment_intent", intent_id)
    _not_of_checkout(intent, "confirm")
    if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise _unexpected(intent, "confirm")
    if "payment_method" in params:
        method = _usable_method(books, intent, params["payment_method"])
        intent["payment_method"] = method["id"]
    if intent["payment_method"] is None:
        raise missing("payment_method")
    return _confirmed(books, intent, params)


def cancel(books: Books, params: Json, intent_id: str) -> Json:
    intent = books.get("payment_intent", intent_id)
    _not_of_checkout(intent, "cancel")
    if intent["status"] in ("succeeded", "canceled", "processing"):
        raise _unexpected(intent, "cancel")
    return canceled(books, intent, params.get("cancellation_reason"))


def canceled(books: Books, intent: Json, reason: str | None) -> Json:
    intent |= {
        "status": "canceled",
        "canceled_at": books.now(),
        "cancellation_reason": reason,
        "next_action": None,
    }
    books.save(intent)
    books.emit("payment_intent.canceled", intent)
    return intent


def _not_of_checkout(intent: Json, verb: str) -> None:
    if intent.get("_checkout"):
        raise invalid(
            f"You cannot {verb} this PaymentIntent because it was created by a Checkout Session. "
            "Expire the Checkout Session instead.",
            code="payment_intent_unexpected_state",
        )


def _unexpected(intent: Json, verb: str) -> Exception:
    return invalid(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
    )


def update(books: Books, params: Json, intent_id: str) -> Json:
    """Description and metadata; the sandbox changes no amount in flight."""
    intent = books.get("payment_intent", intent_id)
    for name in sorted(set(params) - {"description", "metadata", "expand"}):
        raise not_played(f"changing {name} of a PaymentIntent")
    intent["metadata"] = customers.metadata(intent["metadata"], params.get("metadata"))
    intent["description"] = params.get("description", intent["description"])
    return books.save(intent)


def retrieve(books: Books, _params: Json, intent_id: str) -> Json:
    return books.get("payment_intent", intent_id)


def listing(books: Books, params: Json, _id: str) -> Json:
    return books.page(
        "payment_intent", "/v1/payment_intents", params, customer=params.get("customer")
    )


def retrieve_setup(books: Books, _params: Json, setup_id: str) -> Json:
    return books.get("setup_intent", setup_id)


def list_setups(books: Books, params: Json, _id: str) -> Json:
    return books.page(
        "setup_intent",
        "/v1/setup_intents",
        params,
        customer=params.get("customer"),
        payment_method=params.get("payment_method"),
    )


def retrieve_charge(books: Books, _params: Json, charge_id: str) -> Json:
    return books.get("charge", charge_id)


def list_charges(books: Books, params: Json, _id: str) -> Json:
    return books.page(
        "charge",
        "/v1/charges",
        params,
        customer=params.get("customer"),
        payment_intent=params.get("payment_intent"),
    )
