"""Saved cards charged without their owner, refunds and disputes."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import cards
from sandbox.stripe.app import SandboxApp
from tests.support.stripe_sandbox import browse, in_process, sdk


@pytest.fixture
def app() -> SandboxApp:
    return in_process()


@pytest.fixture
def client(app: SandboxApp) -> stripe.StripeClient:
    return sdk(app)


@pytest.fixture
def customer(client: stripe.StripeClient) -> str:
    return client.v1.customers.create({"email": "anna@example.ch"}).id


def saved(client: stripe.StripeClient, customer: str, name: str = "pm_card_visa") -> str:
    return client.v1.payment_methods.attach(name, {"customer": customer}).id


def charge(
    client: stripe.StripeClient, customer: str, method: str, **more: Any
) -> stripe.PaymentIntent:
    asked: Any = {
        "amount": 5000,
        "currency": "chf",
        "customer": customer,
        "payment_method": method,
        "off_session": True,
        "confirm": True,
        "metadata": {"attempt": "a-1"},
        **more,
    }
    return client.v1.payment_intents.create(asked)


def test_a_saved_card_is_charged_without_its_owner(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    intent = charge(client, customer, saved(client, customer))

    assert (intent.status, intent.amount_received) == ("succeeded", 5000)
    assert [paid["metadata"] for paid in app.sandbox.charged()] == [{"attempt": "a-1"}]


@pytest.mark.parametrize(
    ("number", "code", "decline_code", "advice"),
    [
        ("4000000000000002", "card_declined", "generic_decline", "try_again_later"),
        ("4000000000009995", "card_declined", "insufficient_funds", "try_again_later"),
        ("4000000000009987", "card_declined", "lost_card", "do_not_try_again"),
        ("4000000000000069", "expired_card", None, "confirm_card_data"),
        ("4000000000000127", "incorrect_cvc", None, "confirm_card_data"),
        ("4000002760003184", "authentication_required", "authentication_required", None),
        ("4000002500003155", "authentication_required", "authentication_required", None),
    ],
)
def test_a_refused_charge_is_a_card_error_and_stays_on_record(
    app: SandboxApp,
    client: stripe.StripeClient,
    customer: str,
    number: str,
    code: str,
    decline_code: str | None,
    advice: str | None,
) -> None:
    method = saved(client, customer)
    app.sandbox.change_card(method, number)

    with pytest.raises(stripe.CardError) as refused:
        charge(client, customer, method)

    error = refused.value.error
    assert error is not None
    assert (refused.value.http_status, refused.value.code) == (402, code)
    assert getattr(error, "decline_code", None) == decline_code
    assert getattr(error, "advice_code", None) == advice
    assert error.payment_intent is not None
    held = client.v1.payment_intents.retrieve(
        error.payment_intent.id, {"expand": ["latest_charge"]}
    )
    assert (held.status, held.payment_method) == ("requires_payment_method", None)
    assert held.last_payment_error is not None
    assert held.last_payment_error.code == code
    assert isinstance(held.latest_charge, stripe.Charge)
    assert held.latest_charge.status == "failed"
    assert app.sandbox.charged() == []


def test_a_card_set_up_for_it_needs_no_check_off_session(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    method = saved(client, customer, "pm_card_authenticationRequiredSetupForOffSession")

    assert charge(client, customer, method).status == "succeeded"


def test_an_intent_confirmed_on_session_sends_the_payer_to_the_bank(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    method = saved(client, customer, "pm_card_authenticationRequired")
    intent = client.v1.payment_intents.create(
        {"amount": 5000, "currency": "chf", "customer": customer}
    )

    waiting = client.v1.payment_intents.confirm(
        intent.id, {"payment_method": method, "return_url": "http://localhost:8000/back"}
    )
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    url = waiting.next_action.redirect_to_url.url
    assert url is not None
    back = browse(app, "POST", url.removeprefix("http://stripe.sandbox"), "answer=authenticate")

    assert back.headers["location"] == "http://localhost:8000/back"
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 49}, "amount"),
        ({"customer": "cus_nobody"}, "customer"),
        ({"payment_method": "pm_nothing"}, "payment_method"),
        ({"confirm": False}, "off_session"),
    ],
)
def test_a_charge_that_makes_no_sense_is_refused(
    client: stripe.StripeClient, customer: str, more: dict[str, Any], param: str
) -> None:
    method = saved(client, customer)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        charge(client, more.pop("customer", customer), more.pop("payment_method", method), **more)

    assert refused.value.param == param


def test_a_card_of_somebody_else_or_a_detached_one_is_not_charged(
    client: stripe.StripeClient, customer: str
) -> None:
    other = client.v1.customers.create({})
    method = saved(client, customer)

    with pytest.raises(stripe.InvalidRequestError, match="must be attached to the customer"):
        charge(client, other.id, method)
    client.v1.payment_methods.detach(method)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        charge(client, customer, method)
    assert client.v1.customers.payment_methods.list(customer).data == []


def test_an_intent_is_cancelled_unless_it_is_paid_or_of_checkout(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    waiting = client.v1.payment_intents.create({"amount": 5000, "currency": "chf"})
    paid = charge(client, customer, saved(client, customer))
    price: Any = {"currency": "chf", "unit_amount": 5000, "product_data": {"name": "Invoice 1"}}
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://localhost:8000/",
            "line_items": [{"quantity": 1, "price_data": price}],
        }
    )
    of_checkout = app.sandbox.pay_by_card(session.id, "4000000000000002")["payment_intent"]

    assert client.v1.payment_intents.cancel(waiting.id).status == "canceled"
    for intent in (paid.id, of_checkout):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.payment_intents.cancel(intent)
        assert refused.value.code == "payment_intent_unexpected_state"


def test_refunds_add_up_to_the_charge_and_no_further(
    client: stripe.StripeClient, customer: str
) -> None:
    intent = charge(client, customer, saved(client, customer))

    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 2000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 3001})
    rest = client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})

    assert (first.amount, rest.amount, rest.status) == (2000, 3000, "succeeded")
    assert refused.value.code == "charge_already_refunded"
    assert isinstance(rest.charge, str)
    assert client.v1.charges.retrieve(rest.charge).refunded
    listed = client.v1.refunds.list({"payment_intent": intent.id})
    assert [each.id for each in listed.data] == [rest.id, first.id]


def test_a_pending_refund_arrives_or_fails_later(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    method = saved(client, customer, "pm_card_pendingRefund")
    arriving, failing = (
        client.v1.refunds.create({"payment_intent": charge(client, customer, method).id})
        for _ in range(2)
    )
    assert (arriving.status, failing.status) == ("pending", "pending")

    app.sandbox.settle_refund(arriving.id)
    app.sandbox.fail_refund(failing.id)

    assert client.v1.refunds.retrieve(arriving.id).status == "succeeded"
    failed = client.v1.refunds.retrieve(failing.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert isinstance(failed.charge, str)
    assert client.v1.charges.retrieve(failed.charge).amount_refunded == 0


def test_a_dispute_takes_the_money_and_gives_it_back_when_won(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    intent = charge(client, customer, saved(client, customer))
    assert isinstance(intent.latest_charge, str)

    opened = app.sandbox.open_dispute(intent.latest_charge)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    app.sandbox.close_dispute(opened["id"], won=True)

    assert refused.value.code == "charge_disputed"
    dispute = client.v1.disputes.list({"payment_intent": intent.id}).data[0]
    assert (dispute.id, dispute.status) == (opened["id"], "won")
    assert [moved.amount for moved in dispute.balance_transactions] == [-5000, 5000]


def test_an_inquiry_moves_no_money_until_it_becomes_a_chargeback(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    intent = charge(client, customer, saved(client, customer))
    assert isinstance(intent.latest_charge, str)

    inquiry = app.sandbox.open_dispute(intent.latest_charge, inquiry=True)
    before = client.v1.disputes.retrieve(inquiry["id"])
    app.sandbox.withdraw_funds(inquiry["id"])
    app.sandbox.close_dispute(inquiry["id"], won=False)

    assert (before.status, before.balance_transactions) == ("warning_needs_response", [])
    after = client.v1.disputes.retrieve(inquiry["id"])
    assert (after.status, after.balance_transactions[0].amount) == ("lost", -5000)


def test_every_offered_card_has_words_and_a_behaviour() -> None:
    assert set(cards.OFFERED) <= set(cards.CARDS)
    assert all(cards.is_card_number(number) for number in cards.CARDS)


def test_what_belongs_to_one_account_does_not_exist_for_another(
    app: SandboxApp, client: stripe.StripeClient, customer: str
) -> None:
    supplier = sdk(app, account="acct_supplier")
    theirs = supplier.v1.customers.create({"email": "anna@example.ch"})

    for caller, foreign in ((client, theirs.id), (supplier, customer)):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            caller.v1.customers.retrieve(foreign)
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert [each.id for each in supplier.v1.customers.list().data] == [theirs.id]
    assert supplier.v1.accounts.retrieve_current().id == "acct_supplier"


def test_a_disconnected_account_is_closed_to_us(app: SandboxApp) -> None:
    supplier = sdk(app, account="acct_supplier")
    supplier.v1.customers.create({})

    app.sandbox.disconnect("acct_supplier")

    with pytest.raises(stripe.PermissionError):
        supplier.v1.customers.list()
