"""The sandbox takes what the SDK's types allow, and answers in the shape they describe."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar, get_args, get_origin
from urllib.parse import urlencode

import pytest
import stripe
from stripe._encode import _api_encode

from sandbox.stripe import contract
from sandbox.stripe.app import SandboxApp
from sandbox.stripe.wire import Request, decode_form
from tests.support.stripe_sandbox import in_process, sdk

PRICE = {"currency": "chf", "unit_amount": 12345, "product_data": {"name": "Facture n° 1 & Söhne"}}
SESSION: dict[str, Any] = {
    "mode": "payment",
    "ui_mode": "hosted_page",
    "locale": "de",
    "success_url": "http://localhost:8000/return?cs={CHECKOUT_SESSION_ID}&a=b+c",
    "adaptive_pricing": {"enabled": False},
    "expires_at": 1_900_000_000,
    "line_items": [
        {"quantity": 2, "price_data": PRICE},
        {"quantity": 1, "price_data": {**PRICE, "unit_amount_decimal": Decimal("12.345")}},
    ],
    "metadata": {"attempt": "a=1&b[2]", "0": "zero", "empty": ""},
    "payment_intent_data": {"setup_future_usage": "off_session"},
    "allowed_payment_method_types": ["card", "sepa_debit"],
    "custom_text": {"submit": {"message": "Zeile 1\nZeile 2 – 100 % 😀"}},
    "expand": ["line_items", "payment_intent.latest_charge"],
}


@pytest.fixture
def app() -> SandboxApp:
    return in_process()


@pytest.fixture
def client(app: SandboxApp) -> stripe.StripeClient:
    return sdk(app)


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        (SESSION, stripe.params.checkout.SessionCreateParams),
        (
            {"amount": 5000, "currency": "chf", "off_session": True, "confirm": True},
            stripe.params.PaymentIntentCreateParams,
        ),
        (
            {"amount": 5000, "currency": "chf", "off_session": "one_off"},
            stripe.params.PaymentIntentCreateParams,
        ),
        ({"created": {"gte": 5, "lt": 9}, "limit": 3}, stripe.params.EventListParams),
        ({"created": 5, "types": ["a.b", "c.d"]}, stripe.params.EventListParams),
        ({"metadata": {"0": "a", "1": "b"}}, stripe.params.CustomerCreateParams),
        ({"metadata": "", "name": "Ünal & Co"}, stripe.params.CustomerUpdateParams),
    ],
)
def test_what_the_sdk_encodes_is_decoded_without_loss(params: dict[str, Any], kind: type) -> None:
    encoded = urlencode(list(_api_encode(params)))

    assert contract.check(decode_form(encoded), kind) == params


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"colour": "red"}, "colour", "parameter_unknown"),
        ({"adaptive_pricing": {"on": True}}, "adaptive_pricing[on]", "parameter_unknown"),
        (
            {"line_items": [{"price_data": {"unit_amount": 5}}]},
            "line_items[0][price_data][currency]",
            "parameter_missing",
        ),
        (
            {"payment_method_types": ["card"]},
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        ),
        ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
        ({"success_url": ""}, "success_url", "parameter_invalid_empty"),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"adaptive_pricing": {"enabled": "yes"}}, "adaptive_pricing[enabled]", None),
        ({"allowed_payment_method_types": ["cards"]}, "allowed_payment_method_types[0]", None),
    ],
)
def test_a_request_outside_the_contract_is_refused_by_name(
    client: stripe.StripeClient, change: dict[str, Any], param: str, code: str | None
) -> None:
    asked: Any = {**SESSION, **change}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.checkout.sessions.create(asked)

    assert (refused.value.http_status, refused.value.param) == (400, param)
    assert refused.value.code == code


def test_what_the_sandbox_does_not_play_is_refused_in_so_many_words(
    client: stripe.StripeClient,
) -> None:
    asked: Any = {**SESSION, "ui_mode": "embedded_page"}

    with pytest.raises(stripe.InvalidRequestError, match="does not play"):
        client.v1.checkout.sessions.create(asked)


def a_bit_of_everything(app: SandboxApp, client: stripe.StripeClient) -> None:
    """One object of each kind."""
    customer = client.v1.customers.create({"email": "anna@example.ch"})
    for currency, kind in (("chf", "card"), ("eur", "sepa_debit"), ("chf", "twint")):
        asked: Any = {
            "mode": "payment",
            "customer": customer.id,
            "success_url": "http://localhost:8000/",
            "line_items": [{"quantity": 1, "price_data": {**PRICE, "currency": currency}}],
        }
        session = client.v1.checkout.sessions.create(asked)
        app.handle(_form(f"/c/pay/{session.id}", f"method={kind}"))
    setup: Any = {"mode": "setup", "currency": "chf", "success_url": "http://localhost:8000/"}
    client.v1.checkout.sessions.create(setup)
    charge = app.sandbox.charged()[0]
    client.v1.refunds.create({"charge": charge["charge"], "amount": 100})
    app.sandbox.open_dispute(charge["charge"])


def _form(path: str, body: str) -> Any:
    return Request("POST", path, body=body.encode())


LISTS: dict[str, tuple[type, Callable[[stripe.StripeClient], Any]]] = {
    "customer": (stripe.Customer, lambda c: c.v1.customers.list()),
    "session": (stripe.checkout.Session, lambda c: c.v1.checkout.sessions.list()),
    "intent": (stripe.PaymentIntent, lambda c: c.v1.payment_intents.list()),
    "setup": (stripe.SetupIntent, lambda c: c.v1.setup_intents.list()),
    "charge": (stripe.Charge, lambda c: c.v1.charges.list()),
    "refund": (stripe.Refund, lambda c: c.v1.refunds.list()),
    "dispute": (stripe.Dispute, lambda c: c.v1.disputes.list()),
    "event": (stripe.Event, lambda c: c.v1.events.list()),
    "methods": (
        stripe.PaymentMethodConfiguration,
        lambda c: c.v1.payment_method_configurations.list(),
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_an_answer_has_every_required_field_and_none_the_sdk_does_not_know(
    app: SandboxApp, client: stripe.StripeClient, name: str
) -> None:
    kind, fetch = LISTS[name]
    a_bit_of_everything(app, client)

    listed = fetch(client).data

    assert listed
    for thing in listed:
        assert _misshapen(thing.to_dict(), kind, name) == []


def _misshapen(thing: dict[str, Any], kind: type, path: str) -> list[str]:
    """What is wrong with an object by the SDK's annotations, and with those written inside it."""
    hints: dict[str, Any] = {
        field: hint
        for field, hint in vars(kind)["__annotations__"].items()
        if get_origin(hint) is not ClassVar
    }
    wrong = [f"{path}.{field} is unknown" for field in thing if field not in hints]
    for field, hint in hints.items():
        if type(None) not in get_args(hint) and thing.get(field) is None:
            wrong.append(f"{path}.{field} is required")
        inner = next((a for a in (hint, *get_args(hint)) if _is_inner(a)), None)
        if inner is not None and isinstance(thing.get(field), dict):
            wrong += _misshapen(thing[field], inner, f"{path}.{field}")
    return wrong


def _is_inner(hint: Any) -> bool:
    """A class written inside another: `Session.AutomaticTax`, not `Customer`."""
    return isinstance(hint, type) and "." in hint.__qualname__ and "__annotations__" in vars(hint)


def test_optional_fields_are_absent_and_nullable_ones_null(client: stripe.StripeClient) -> None:
    client.v1.customers.create({})
    event = client.v1.events.list().data[0]

    assert "account" not in event
    assert client.v1.customers.list().data[0].email is None
    assert (event.livemode, event.api_version) == (False, stripe.api_version)


def test_lists_are_paged_both_ways_and_filtered_by_creation(client: stripe.StripeClient) -> None:
    made = [client.v1.customers.create({"name": str(number)}).id for number in range(5)]
    newest_first = made[::-1]

    first = client.v1.customers.list({"limit": 2})
    second = client.v1.customers.list({"limit": 2, "starting_after": first.data[-1].id})
    back = client.v1.customers.list({"limit": 2, "ending_before": newest_first[3]})

    assert [each.id for each in first.data] == newest_first[:2]
    assert ([each.id for each in second.data], second.has_more) == (newest_first[2:4], True)
    assert ([each.id for each in back.data], back.has_more) == (newest_first[1:3], True)
    assert [each.id for each in first.auto_paging_iter()] == newest_first
    now = first.data[0].created
    assert client.v1.customers.list({"created": {"gt": now}}).data == []
    assert len(client.v1.customers.list({"created": {"gte": now}}).data) == 5
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.list({"limit": 101})


def test_events_are_listed_by_kind(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({})
    client.v1.customers.update(customer.id, {"name": "Anna"})

    updated = client.v1.events.list({"type": "customer.updated"}).data
    either = client.v1.events.list({"type": "customer.*"}).data

    assert [event.data.object["name"] for event in updated] == ["Anna"]
    assert len(either) == 2


def test_metadata_is_merged_key_by_key(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})

    merged = client.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}})

    assert merged.metadata is not None
    assert merged.metadata.to_dict() == {"b": "2", "c": "3"}
