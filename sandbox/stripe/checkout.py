"""Checkout Sessions as the API offers them. What the payer does with one is in `hosted`."""

from datetime import timedelta
from urllib.parse import urlsplit

from sandbox.stripe import customers, methods, shapes
from sandbox.stripe.amounts import check_amount
from sandbox.stripe.books import Books, line_items
from sandbox.stripe.intents import canceled
from sandbox.stripe.problems import Json, invalid, missing, not_played

#: Source: `expires_at` in https://docs.stripe.com/api/checkout/sessions/create.
_SHORTEST, _LONGEST = timedelta(minutes=30), timedelta(hours=24)
#: A call takes time to arrive; the shortest life is judged on arrival.
_UNDERWAY = timedelta(seconds=10)

_LONGEST_TEXT = 1200
_LONGEST_REFERENCE = 200

_PLAYED = frozenset(
    "adaptive_pricing allowed_payment_method_types billing_address_collection cancel_url "
    "client_reference_id currency custom_text customer customer_creation customer_email "
    "excluded_payment_method_types expand expires_at line_items locale metadata mode "
    "origin_context payment_intent_data payment_method_data payment_method_options "
    "saved_payment_method_options setup_intent_data submit_type success_url ui_mode "
    "consent_collection".split()
)
_PLAYED_INTENT = frozenset(
    "description metadata setup_future_usage statement_descriptor statement_descriptor_suffix "
    "receipt_email capture_method transfer_group".split()
)


def create(books: Books, params: Json, _id: str = "") -> Json:
    _check_kind(params)
    _check_addresses(params)
    _check_payer(books, params)
    mode = params["mode"]
    head = books.new("cs_test_", "checkout.session")
    lines = _lines(books, params) if mode == "payment" else []
    currency = _currency(params, lines)
    total = sum(line["amount_total"] for line in lines)
    if mode == "payment":
        check_amount(total, currency, "line_items")
    types = _types(books, params, currency, total)
    session = _drawn(books, head, params, currency, types)
    session |= {"_lines": lines, "_intent_data": params.get("payment_intent_data", {})}
    if mode == "payment":
        session |= {"amount_subtotal": total, "amount_total": total}
    else:
        session |= {"amount_subtotal": None, "amount_total": None, "total_details": None}
        session["setup_intent"] = _setup_intent(books, params, types)["id"]
    return books.save(session)


def _check_kind(params: Json) -> None:
    if "mode" not in params:
        raise missing("mode")
    if params["mode"] == "subscription":
        raise not_played("subscriptions")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_played("anything but the hosted page: embedding needs Stripe's own script")
    for name in sorted(set(params) - _PLAYED):
        raise not_played(f"the parameter {name} on a Checkout Session")
    for name in sorted(set(params.get("payment_intent_data", {})) - _PLAYED_INTENT):
        raise not_played(f"payment_intent_data[{name}]")
    if params.get("payment_intent_data", {}).get("capture_method") == "manual":
        raise not_played("manual capture")
    if params["mode"] == "setup" and "line_items" in params:
        raise invalid("`line_items` are not accepted in `setup` mode.", "line_items")
    if params["mode"] == "setup" and "payment_intent_data" in params:
        raise invalid(
            "You can not pass `payment_intent_data` in `setup` mode.", "payment_intent_data"
        )


def _check_addresses(params: Json) -> None:
    if "success_url" not in params:
        raise missing("success_url")
    for name in ("success_url", "cancel_url"):
        if name in params and urlsplit(params[name]).scheme not in ("http", "https"):
            raise invalid("Not a valid URL", name, "url_invalid")
    text = (params.get("custom_text", {}).get("submit") or {}).get("message", "")
    if len(text) > _LONGEST_TEXT:
        raise invalid(
            f"Invalid string: must be at most {_LONGEST_TEXT} characters",
            "custom_text[submit][message]",
        )
    if len(params.get("client_reference_id", "")) > _LONGEST_REFERENCE:
        raise invalid("Invalid string: must be at most 200 characters", "client_reference_id")


def _check_payer(books: Books, params: Json) -> None:
    if "customer" in params and "customer_email" in params:
        raise invalid(
            "You may only specify one of these parameters: customer, customer_email.",
            "customer_email",
            "parameters_exclusive",
        )
    if "customer" in params:
        books.get("customer", params["customer"], "customer")
        if "customer_creation" in params:
            raise invalid(
                "`customer_creation` can not be used with `customer`.", "customer_creation"
            )


def _currency(params: Json, lines: list[Json]) -> str:
    if params["mode"] == "setup":
        if "currency" not in params:
            raise missing("currency")
        return str(params["currency"]).lower()
    return str(lines[0]["currency"])


def _lines(books: Books, params: Json) -> list[Json]:
    if not params.get("line_items"):
        raise missing("line_items")
    lines = []
    for index, item in enumerate(params["line_items"]):
        at = f"line_items[{index}]"
        if "price" in item or "product" in item.get("price_data", {}):
            raise not_played("catalogues: give price_data with product_data")
        for name in ("price_data", "quantity"):
            if name not in item:
                raise missing(f"{at}[{name}]")
        lines.append(_line(books, item, at))
    if len({line["currency"] for line in lines}) != 1:
        raise invalid("All line items must have the same currency.", "line_items")
    return lines


def _line(books: Books, item: Json, at: str) -> Json:
    price = item["price_data"]
    if "unit_amount" not in price or "product_data" not in price:
        absent = "unit_amount" if "unit_amount" not in price else "product_data"
        raise missing(f"{at}[price_data][{absent}]")
    quantity, unit, currency = item["quantity"], price["unit_amount"], price["currency"].lower()
    if quantity < 1 or unit < 0:
        where = "[quantity]" if quantity < 1 else "[price_data][unit_amount]"
        raise invalid("Invalid integer", f"{at}{where}", "parameter_invalid_integer")
    head = {k: v for k, v in books.new("li_", "item").items() if k in ("id", "object")}
    return {
        **head,
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "description": price["product_data"]["name"],
        "metadata": item.get("metadata", {}),
        "price": _price(books, unit, currency),
        "quantity": quantity,
    }


def _price(books: Books, unit: int, currency: str) -> Json:
    return {
        **books.new("price_", "price"),
        **shapes.nulls("custom_unit_amount", "lookup_key", "nickname", "recurring", "tiers_mode"),
        "active": False,
        "billing_scheme": "per_unit",
        "currency": currency,
        "metadata": {},
        "product": books.new("prod_", "product")["id"],
        "tax_behavior": "unspecified",
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": unit,
        "unit_amount_decimal": str(unit),
    }


def _types(books: Books, params: Json, currency: str, total: int) -> list[str]:
    types = methods.fitting(books, currency, params, total)
    saved = params["mode"] == "setup" or "setup_future_usage" in params.get(
        "payment_intent_data", {}
    )
    if saved:  # the page saves cards and debit mandates; bank redirects are paid once
        types = [kind for kind in types if kind in ("card", "sepa_debit")]
    if params["mode"] == "setup":
        types = [kind for kind in types if kind == "card"]
    if not types:
        raise invalid(
            "No valid payment method types for this Checkout Session. Please ensure that you have "
            "activated payment methods compatible with your chosen currency.",
            "allowed_payment_method_types",
        )
    return types


def _drawn(books: Books, head: Json, params: Json, currency: str, types: list[str]) -> Json:
    null = shapes.nulls(
        *"after_expiration allow_promotion_codes billing_address_collection cancel_url "
        "client_reference_id client_secret collected_information consent consent_collection "
        "currency_conversion customer customer_account customer_email customer_details invoice "
        "locale origin_context payment_intent payment_link "
        "permissions recovered_from saved_payment_method_options setup_intent "
        "shipping_address_collection shipping_cost submit_type subscription success_url "
        "wallet_options allowed_payment_method_types excluded_payment_method_types".split()
    )
    given = {name: params[name] for name in null if name in params}
    submit = params.get("custom_text", {}).get("submit") or None
    customer = books.find(params.get("customer"))
    email = customer["email"] if customer else params.get("customer_email")
    return {
        **head,
        **null,
        **given,
        "adaptive_pricing": params.get("adaptive_pricing"),
        "automatic_tax": {"enabled": False, **shapes.nulls("liability", "provider", "status")},
        "currency": currency,
        "custom_fields": [],
        "custom_text": shapes.nulls(
            "after_submit", "shipping_address", "terms_of_service_acceptance"
        )
        | {"submit": submit},
        "customer_creation": None if customer else params.get("customer_creation", "if_required"),
        "customer_details": _details(email, customer) if email else None,
        "discounts": [],
        "expires_at": _expiry(books, params.get("expires_at")),
        "metadata": customers.metadata({}, params.get("metadata")),
        "mode": params["mode"],
        "payment_method_configuration_details": methods.details(books),
        "payment_method_collection": "if_required" if params["mode"] == "payment" else "always",
        "payment_method_options": params.get("payment_method_options", {}),
        "payment_method_types": types,
        "payment_status": "unpaid" if params["mode"] == "payment" else "no_payment_required",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{books.public_url}/c/pay/{head['id']}",
    }


def _details(email: str | None, customer: Json | None) -> Json:
    known = customer or {}
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": known.get("name"),
        "phone": known.get("phone"),
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _expiry(books: Books, wanted: int | None) -> int:
    now = books.now()
    if wanted is None:
        return now + int(_LONGEST.total_seconds())
    if wanted < now + (_SHORTEST - _UNDERWAY).total_seconds():
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            "expires_at",
        )
    if wanted > now + (_LONGEST + _UNDERWAY).total_seconds():
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )
    return wanted


def _setup_intent(books: Books, params: Json, types: list[str]) -> Json:
    setup = shapes.setup_intent(books.new("seti_", "setup_intent"), types=types)
    data = params.get("setup_intent_data", {})
    setup |= {"customer": params.get("customer"), "description": data.get("description")}
    setup["metadata"] = customers.metadata({}, data.get("metadata"))
    books.save(setup)
    books.emit("setup_intent.created", setup)
    return setup


def expire(books: Books, _params: Json, session_id: str) -> Json:
    session = books.get("checkout.session", session_id)
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`."
        )
    return expired(books, session)


def expired(books: Books, session: Json) -> Json:
    session |= {"status": "expired", "url": None}
    books.save(session)
    intent = books.find(session["payment_intent"])
    if intent is not None and intent["status"] not in ("succeeded", "canceled", "processing"):
        canceled(books, intent, "expired")
    books.emit("checkout.session.expired", session)
    return session


def retrieve(books: Books, _params: Json, session_id: str) -> Json:
    return books.get("checkout.session", session_id)


def update(books: Books, params: Json, session_id: str) -> Json:
    session = books.get("checkout.session", session_id)
    for name in sorted(set(params) - {"metadata", "expand"}):
        raise not_played(f"changing {name} of a Checkout Session")
    session["metadata"] = customers.metadata(session["metadata"], params.get("metadata"))
    return books.save(session)


def list_lines(books: Books, params: Json, session_id: str) -> Json:
    return line_items(books.get("checkout.session", session_id), params)


def listing(books: Books, params: Json, _id: str) -> Json:
    return books.page(
        "checkout.session",
        "/v1/checkout/sessions",
        params,
        customer=params.get("customer"),
        payment_intent=params.get("payment_intent"),
        status=params.get("status"),
    )
