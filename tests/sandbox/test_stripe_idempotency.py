"""The first answer under a key is the answer, for a day."""

import threading
from datetime import timedelta

import pytest
import stripe

from sandbox.stripe.app import SandboxApp
from sandbox.stripe.config import SECRET_KEY
from sandbox.stripe.wire import Request
from tests.support.stripe_sandbox import (
    InProcessClient,
    SteppingTime,
    in_process,
    sandbox_config,
    sdk,
)

KEY: stripe.RequestOptions = {"idempotency_key": "attempt-1"}


@pytest.fixture
def time() -> SteppingTime:
    return SteppingTime()


@pytest.fixture
def app(time: SteppingTime) -> SandboxApp:
    return in_process(sandbox_config(now=time.now))


@pytest.fixture
def client(app: SandboxApp) -> stripe.StripeClient:
    return sdk(app)


def test_the_same_key_gives_the_same_answer_and_no_second_effect(
    client: stripe.StripeClient,
) -> None:
    first = client.v1.customers.create({"name": "Anna"}, KEY)
    again = client.v1.customers.create({"name": "Anna"}, KEY)

    assert again.id == first.id
    assert len(client.v1.customers.list().data) == 1
    assert again.last_response is not None
    assert again.last_response.headers is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"


def test_a_key_with_other_parameters_is_refused(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "Anna"}, KEY)

    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.customers.create({"name": "Berta"}, KEY)

    assert refused.value.http_status == 400
    assert len(client.v1.customers.list().data) == 1


def test_keys_of_different_accounts_do_not_meet(app: SandboxApp) -> None:
    ours = sdk(app).v1.customers.create({"name": "Anna"}, KEY)
    theirs = sdk(app, account="acct_supplier").v1.customers.create({"name": "Berta"}, KEY)

    assert ours.id != theirs.id


def test_a_decline_is_stored_and_replayed_even_when_the_card_would_pay_now(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    customer = client.v1.customers.create({}).id
    method = client.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    asked: stripe.params.PaymentIntentCreateParams = {
        "amount": 5000,
        "currency": "chf",
        "customer": customer,
        "payment_method": method.id,
        "off_session": True,
        "confirm": True,
    }
    with pytest.raises(stripe.CardError) as first:
        client.v1.payment_intents.create(asked, KEY)
    app.sandbox.change_card(method.id, "4242424242424242")

    with pytest.raises(stripe.CardError) as again:
        client.v1.payment_intents.create(asked, KEY)

    assert again.value.json_body == first.value.json_body
    assert app.sandbox.charged() == []


def test_a_stored_500_is_replayed_after_the_trouble_is_over(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    app.sandbox.inject("500")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            client.v1.customers.create({"name": "Anna"}, KEY)
        assert broken.value.http_status == 500
        assert broken.value.headers is not None
        assert broken.value.headers["stripe-should-retry"] == "false"

    assert client.v1.customers.list().data == []


def test_what_failed_validation_is_not_stored(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"amount": 1, "currency": "chf"}, KEY)

    made = client.v1.payment_intents.create({"amount": 5000, "currency": "chf"}, KEY)

    assert made.amount == 5000


@pytest.mark.parametrize(("hours", "customers"), [(23, 1), (24, 2)])
def test_a_key_is_forgotten_after_a_day(
    client: stripe.StripeClient, time: SteppingTime, hours: int, customers: int
) -> None:
    client.v1.customers.create({"name": "Anna"}, KEY)
    time.instant += timedelta(hours=hours)

    client.v1.customers.create({"name": "Anna"}, KEY)

    assert len(client.v1.customers.list().data) == customers


def test_a_key_in_use_by_another_call_is_a_conflict(app: SandboxApp) -> None:
    request = Request(
        "POST",
        "/v1/customers",
        headers={"authorization": f"Bearer {SECRET_KEY}", "idempotency-key": "attempt-1"},
        body=b"name=Anna",
    )
    entered, leave = threading.Event(), threading.Event()

    def linger(_seconds: float) -> None:
        entered.set()
        leave.wait(10)

    app.sandbox.inject("slow", seconds=1)
    slow = threading.Thread(target=app.sandbox.respond, args=(request, linger))
    slow.start()
    assert entered.wait(10)
    meanwhile = app.sandbox.respond(request)
    leave.set()
    slow.join()
    afterwards = app.sandbox.respond(request)

    assert meanwhile.status == 409
    assert b"idempotency_key_in_use" in meanwhile.body
    assert meanwhile.headers["stripe-should-retry"] == "true"
    assert (afterwards.status, afterwards.headers["idempotent-replayed"]) == (200, "true")


def test_the_sdks_own_retry_after_a_lost_answer_charges_once(app: SandboxApp) -> None:
    class Impatient(InProcessClient):
        MAX_DELAY = 0
        INITIAL_DELAY = 0

    client = sdk(app, max_network_retries=2, http_client=Impatient(app))
    app.sandbox.inject("drop_after")

    client.v1.customers.create({"name": "Anna"})

    assert len(client.v1.customers.list().data) == 1
