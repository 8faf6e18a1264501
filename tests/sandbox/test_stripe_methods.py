"""An account's ways to pay: what it has switched on is what its page offers, and each one works."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe

from sandbox.stripe.app import SandboxApp
from sandbox.stripe.banks import read_iban
from sandbox.stripe.wire import Request
from tests.support.stripe_sandbox import browse, in_process, sdk

ALL = ["bancontact", "card", "ideal", "sepa_debit", "twint"]
ACCOUNT = "acct_1Rochat"


@pytest.fixture
def app() -> SandboxApp:
    return in_process()


@pytest.fixture
def client(app: SandboxApp) -> stripe.StripeClient:
    return sdk(app)


def opened(client: stripe.StripeClient, currency: str, amount: int = 12345, **more: Any) -> Any:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Facture 1"}}
    asked: Any = {
        "mode": "payment",
        "locale": "en",
        "success_url": "http://localhost:8000/thanks?cs={CHECKOUT_SESSION_ID}",
        "line_items": [{"quantity": 1, "price_data": price}],
        **more,
    }
    return client.v1.checkout.sessions.create(asked)


def switched_on(client: stripe.StripeClient) -> list[str]:
    (held,) = client.v1.payment_method_configurations.list({"active": True}).data
    return sorted(
        kind
        for kind, state in held.to_dict().items()
        if isinstance(state, dict) and state["available"]
    )


def offered_on_the_page(app: SandboxApp, session_id: str) -> list[str]:
    """By the forms that a payer meets, whatever the API says."""
    page = browse(app, "GET", f"/c/pay/{session_id}").body.decode()
    return sorted(set(re.findall(r'name="method" value="(\w+)"', page)))


def control(app: SandboxApp, **given: str) -> int:
    body = json.dumps(given).encode()
    sent = Request("POST", "/_control/methods", "", {"content-type": "application/json"}, body)
    return app.handle(sent).status


def test_an_account_has_one_configuration_with_all_that_the_sandbox_plays(
    client: stripe.StripeClient,
) -> None:
    (held,) = client.v1.payment_method_configurations.list().data

    assert (held.is_default, held.active, held.application, held.parent) == (True, True, None, None)
    assert switched_on(client) == ALL
    again = client.v1.payment_method_configurations.retrieve(held.id)
    assert again.to_dict() == held.to_dict()


def test_a_connected_account_has_its_own_a_child_of_the_platforms(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    connected = sdk(app, account=ACCOUNT)
    (child,) = connected.v1.payment_method_configurations.list().data
    (own,) = client.v1.payment_method_configurations.list().data

    assert child.id != own.id
    assert child.parent
    assert child.application
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_method_configurations.retrieve(child.id)
    assert refused.value.code == "resource_missing"


def test_what_the_sdk_does_not_know_is_refused(client: stripe.StripeClient) -> None:
    asked: Any = {"colour": "red"}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_method_configurations.list(asked)

    assert refused.value.param == "colour"


def test_what_is_switched_off_is_offered_nowhere_and_for_this_account_alone(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    connected = sdk(app, account=ACCOUNT)
    assert control(app, account=ACCOUNT, off="twint sepa_debit") == 200

    assert switched_on(connected) == ["bancontact", "card", "ideal"]
    assert switched_on(client) == ALL
    for currency, expected in (("chf", ["card"]), ("eur", ["bancontact", "card", "ideal"])):
        session = opened(connected, currency)
        assert sorted(session.payment_method_types) == expected
        assert offered_on_the_page(app, session.id) == expected
    assert offered_on_the_page(app, opened(client, "chf").id) == ["card", "twint"]

    assert control(app, account=ACCOUNT, on="twint") == 200
    assert offered_on_the_page(app, opened(connected, "chf").id) == ["card", "twint"]


def test_a_session_says_by_which_configuration_it_offers(client: stripe.StripeClient) -> None:
    (held,) = client.v1.payment_method_configurations.list().data

    assert opened(client, "chf").payment_method_configuration_details.id == held.id


def test_an_account_with_nothing_for_a_currency_makes_no_page(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    control(app, off="card twint")

    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
        opened(client, "chf")


@pytest.mark.parametrize(
    ("currency", "amount", "kind", "offered"),
    [
        ("chf", 500_000, "twint", True),
        ("chf", 500_001, "twint", False),
        ("eur", 1_000_000, "sepa_debit", True),
        ("eur", 1_000_001, "sepa_debit", False),
        ("eur", 1_000_001, "ideal", True),
        ("usd", 12345, "bancontact", False),
    ],
)
def test_a_method_is_offered_up_to_its_limit_and_in_its_currency(
    app: SandboxApp,
    client: stripe.StripeClient,
    currency: str,
    amount: int,
    kind: str,
    offered: bool,
) -> None:
    session = opened(client, currency, amount)

    assert (kind in offered_on_the_page(app, session.id)) is offered


def test_what_the_sandbox_does_not_play_cannot_be_switched_on(app: SandboxApp) -> None:
    assert control(app, on="klarna") == 400


@pytest.mark.parametrize(
    ("kind", "currency", "name"),
    [
        ("twint", "chf", "TWINT"),
        ("bancontact", "eur", "Bancontact"),
        ("ideal", "eur", "iDEAL | Wero"),
    ],
)
def test_a_redirect_is_approved_refused_and_left_by_forms_alone(
    app: SandboxApp, client: stripe.StripeClient, kind: str, currency: str, name: str
) -> None:
    session = opened(client, currency)
    at = f"/c/pay/{session.id}"

    def answered(answer: str) -> Any:
        asked = browse(app, "POST", at, f"method={kind}").headers["location"]
        assert f"{name} asks whether" in browse(app, "GET", asked).body.decode()
        return browse(app, "POST", asked, f"answer={answer}")

    assert answered("fail").headers["location"] == f"{at}?refused=1"
    assert 'role="alert"' in browse(app, "GET", f"{at}?refused=1").body.decode()
    assert answered("abandon").headers["location"] == at
    assert answered("authenticate").headers["location"].startswith("http://localhost:8000/thanks")

    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    assert paid.payment_status == "paid"
    assert paid.payment_intent.latest_charge.payment_method_details.type == kind  # type: ignore[union-attr]
    assert [charge["amount"] for charge in app.sandbox.charged()] == [12345]


def test_a_debit_asks_for_an_iban_and_is_settled_days_later(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    session = opened(client, "eur")
    at = f"/c/pay/{session.id}"
    form = {"method": "sepa_debit", "name": "Anne Dubois", "iban": "BE68 5390 0754 7034"}

    wrong = browse(app, "POST", at, urlencode({**form, "iban": "BE69 5390 0754 7034"}))
    assert (wrong.status, app.sandbox.charged()) == (422, [])
    assert "This is not an IBAN." in wrong.body.decode()
    assert browse(app, "POST", at, urlencode(form)).status == 303

    pending = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.payment_method"]}
    )
    intent: Any = pending.payment_intent
    assert (pending.payment_status, intent.status) == ("unpaid", "processing")
    debited = intent.payment_method
    assert (debited.sepa_debit.last4, debited.sepa_debit.country) == ("7034", "BE")
    assert debited.billing_details.name == "Anne Dubois"

    app.sandbox.settle_debit(intent.id)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        (" ch93 0076 2011 6238 5295 7 ", "CH9300762011623852957"),
        ("DE89 3704 0044 0532 0130 01", None),
        ("DE89", None),
        ("", None),
        ("<script>", None),
        ("DE８９370400440532013000", None),
    ],
)
def test_an_iban_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    assert read_iban(typed) == read


def test_the_dashboard_shows_what_is_on_and_switches_it(app: SandboxApp) -> None:
    def dashboard() -> str:
        return app.handle(Request("GET", "/", "", {}, b"")).body.decode()

    assert "TWINT: on" in dashboard()
    browse(app, "POST", "/_control/methods", "off=twint")
    assert "TWINT: off" in dashboard()
