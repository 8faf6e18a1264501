"""Checkout sessions, from the call that opens one to the page that was paid."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import BankAnswer, Means
from sandbox.stripe.app import SandboxApp
from tests.support.stripe_sandbox import SteppingTime, browse, in_process, sandbox_config, sdk

SUCCESS = "http://localhost:8000/return?cs={CHECKOUT_SESSION_ID}"
CANCEL = "http://localhost:8000/account"


@pytest.fixture
def time() -> SteppingTime:
    return SteppingTime()


@pytest.fixture
def app(time: SteppingTime) -> SandboxApp:
    return in_process(sandbox_config(now=time.now))


@pytest.fixture
def client(app: SandboxApp) -> stripe.StripeClient:
    return sdk(app)


def wanted(amount: int = 12345, currency: str = "chf", **more: Any) -> Any:
    price = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": "Invoice 2026-1"},
    }
    return {
        "mode": "payment",
        "success_url": SUCCESS,
        "cancel_url": CANCEL,
        "line_items": [{"quantity": 1, "price_data": price}],
        **more,
    }


def opened(client: stripe.StripeClient, **more: Any) -> stripe.checkout.Session:
    return client.v1.checkout.sessions.create(wanted(**more))


def test_a_new_session_is_open_and_has_no_intent_yet(client: stripe.StripeClient) -> None:
    session = opened(client, client_reference_id="a-1", metadata={"attempt": "a-1"})

    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (12345, "chf")
    assert session.payment_intent is None
    assert session.metadata is not None
    assert session.metadata["attempt"] == "a-1"
    assert "line_items" not in session


def test_paying_on_the_page_leads_to_the_success_address(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    session = opened(client, payment_intent_data={"metadata": {"attempt": "a-1"}})

    page = browse(app, "GET", f"/c/pay/{session.id}")
    answer = browse(app, "POST", f"/c/pay/{session.id}", "method=card&test_card=4242424242424242")

    assert b"CHF 123.45" in page.body
    assert (answer.status, answer.headers["location"]) == (
        303,
        f"http://localhost:8000/return?cs={session.id}",
    )
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert paid.payment_intent.amount_received == 12345
    assert paid.payment_intent.metadata["attempt"] == "a-1"


@pytest.mark.parametrize(
    ("locale", "refusal"),
    [("en", b"does not have enough funds"), ("fr", b"insuffisante"), ("de", b"nicht gedeckt")],
)
def test_a_decline_shows_the_page_again_and_the_session_stays_open(
    app: SandboxApp, client: stripe.StripeClient, locale: str, refusal: bytes
) -> None:
    session = opened(client, locale=locale)

    answer = browse(app, "POST", f"/c/pay/{session.id}", "test_card=4000000000009995")
    page = browse(app, "GET", answer.headers["location"])

    assert refusal in page.body
    assert f'<html lang="{locale}">'.encode() in page.body
    held = client.v1.checkout.sessions.retrieve(session.id)
    assert held.status == "open"
    assert app.sandbox.charged() == []


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ("number=4242+4242+4242+4242&expiry=12/40&cvc=123", 303, b""),
        ("number=4242424242424241&expiry=12/40&cvc=123", 422, b"not a card number"),
        ("number=4242424242424242&expiry=12/20&cvc=123", 422, b"expiry date"),
        ("number=4242424242424242&expiry=12/40&cvc=1", 422, b"three or four digits"),
    ],
)
def test_a_typed_card_is_checked_as_a_form_would(
    app: SandboxApp, client: stripe.StripeClient, form: str, status: int, said: bytes
) -> None:
    session = opened(client)

    answer = browse(app, "POST", f"/c/pay/{session.id}", form)

    assert answer.status == status
    assert said in answer.body


@pytest.mark.parametrize(
    ("answer", "lands_on", "status"),
    [
        ("authenticate", "http://localhost:8000/return", "complete"),
        ("fail", "/c/pay/", "open"),
        ("abandon", CANCEL, "open"),
    ],
)
def test_three_d_secure_is_answered_on_the_banks_page(
    app: SandboxApp, client: stripe.StripeClient, answer: str, lands_on: str, status: str
) -> None:
    session = opened(client)

    to_bank = browse(app, "POST", f"/c/pay/{session.id}", "test_card=4000002760003184")
    page = browse(app, "GET", to_bank.headers["location"])
    back = browse(app, "POST", to_bank.headers["location"], f"answer={answer}")

    assert b"Confirm in your bank" in page.body
    assert back.headers["location"].startswith(lands_on)
    assert client.v1.checkout.sessions.retrieve(session.id).status == status
    assert len(app.sandbox.charged()) == (1 if status == "complete" else 0)


def test_after_a_failed_check_another_card_pays_on_the_same_intent(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    session = opened(client)
    first = app.sandbox.pay_by_card(session.id, "4000002500003155")
    app.sandbox.answer(first["payment_intent"], BankAnswer.FAIL)

    second = app.sandbox.pay_by_card(session.id, "4242424242424242")

    assert second["payment_intent"] == first["payment_intent"]
    assert second["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("currency", "amount", "more", "offered"),
    [
        ("chf", 12345, {}, ["card", "twint"]),
        ("chf", 500_001, {}, ["card"]),
        ("eur", 12345, {}, ["card", "bancontact", "ideal", "sepa_debit"]),
        ("eur", 12345, {"allowed_payment_method_types": ["card", "sepa_debit"]}, None),
        ("eur", 12345, {"excluded_payment_method_types": ["ideal"]}, None),
        ("chf", 12345, {"payment_intent_data": {"setup_future_usage": "off_session"}}, ["card"]),
    ],
)
def test_the_page_offers_what_fits_currency_amount_and_filters(
    app: SandboxApp,
    client: stripe.StripeClient,
    currency: str,
    amount: int,
    more: dict[str, Any],
    offered: list[str] | None,
) -> None:
    session = opened(client, currency=currency, amount=amount, **more)
    page = browse(app, "GET", f"/c/pay/{session.id}").body

    if offered is not None:
        assert session.payment_method_types == offered
    assert "ideal" not in session.payment_method_types or "allowed_payment_method_types" not in more
    for kind in ("twint", "bancontact", "ideal", "sepa_debit"):
        assert (f'value="{kind}"'.encode() in page) == (kind in session.payment_method_types)


def test_a_sepa_debit_completes_unpaid_and_is_settled_or_returned_later(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    settled, returned = opened(client, currency="eur"), opened(client, currency="eur")
    for session in (settled, returned):
        done = app.sandbox.pay(session.id, Means(kind="sepa_debit"))
        assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    first = client.v1.checkout.sessions.retrieve(settled.id).payment_intent
    second = client.v1.checkout.sessions.retrieve(returned.id).payment_intent
    assert isinstance(first, str)
    assert isinstance(second, str)
    assert client.v1.payment_intents.retrieve(first).status == "processing"

    app.sandbox.settle_debit(first)
    app.sandbox.fail_debit(second)

    assert client.v1.checkout.sessions.retrieve(settled.id).payment_status == "paid"
    assert client.v1.checkout.sessions.retrieve(returned.id).payment_status == "unpaid"
    assert client.v1.payment_intents.retrieve(second).status == "requires_payment_method"
    assert [paid["payment_intent"] for paid in app.sandbox.charged()] == [first]


def test_twint_goes_by_the_bank_page(app: SandboxApp, client: stripe.StripeClient) -> None:
    session = opened(client)

    to_bank = browse(app, "POST", f"/c/pay/{session.id}", "method=twint")
    browse(app, "POST", to_bank.headers["location"], "answer=authenticate")

    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_the_page_says_when_it_is_paid_or_expired_and_takes_nothing_more(
    app: SandboxApp, client: stripe.StripeClient, time: SteppingTime
) -> None:
    paid, late = opened(client), opened(client, expires_at=time.unix + 1800)
    app.sandbox.pay_by_card(paid.id, "4242424242424242")
    time.instant = time.instant.replace(hour=13)

    again = browse(app, "POST", f"/c/pay/{paid.id}", "test_card=4242424242424242")
    too_late = browse(app, "POST", f"/c/pay/{late.id}", "test_card=4242424242424242")

    assert b"complete" in again.body
    assert b"expired" in too_late.body
    assert len(app.sandbox.charged()) == 1
    assert client.v1.checkout.sessions.retrieve(late.id).status == "expired"


def test_only_an_open_session_expires(app: SandboxApp, client: stripe.StripeClient) -> None:
    open_one, paid = opened(client), opened(client)
    app.sandbox.pay_by_card(paid.id, "4242424242424242")

    assert client.v1.checkout.sessions.expire(open_one.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        client.v1.checkout.sessions.expire(paid.id)


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(1700, False), (1800, True), (86_400, True), (86_500, False)]
)
def test_a_session_lives_from_half_an_hour_to_a_day(
    client: stripe.StripeClient, time: SteppingTime, seconds: int, accepted: bool
) -> None:
    if accepted:
        assert opened(client, expires_at=time.unix + seconds).expires_at == time.unix + seconds
    else:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            opened(client, expires_at=time.unix + seconds)
        assert refused.value.param == "expires_at"


@pytest.mark.parametrize(
    ("currency", "too_little"), [("chf", 49), ("gbp", 29), ("jpy", 49), ("sek", 299)]
)
def test_below_the_currencys_minimum_nothing_is_opened(
    client: stripe.StripeClient, currency: str, too_little: int
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        opened(client, amount=too_little, currency=currency)

    assert refused.value.code == "amount_too_small"
    assert opened(client, amount=too_little + 1, currency=currency).status == "open"


def test_the_card_of_a_plan_is_kept_unless_it_gets_lost(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    customer = client.v1.customers.create({"email": "anna@example.ch"})
    for_plan = {"setup_future_usage": "off_session"}
    kept = opened(client, customer=customer.id, payment_intent_data=for_plan)
    lost = opened(client, customer=customer.id, payment_intent_data=for_plan)

    app.sandbox.pay_by_card(kept.id, "4242424242424242")
    app.sandbox.pay(lost.id, save_card=False)

    methods = client.v1.customers.payment_methods.list(customer.id).data
    assert len(methods) == 1
    assert len(app.sandbox.charged()) == 2


def test_a_setup_session_saves_a_card_without_charging(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    customer = client.v1.customers.create({"email": "anna@example.ch"})
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "chf", "customer": customer.id, "success_url": SUCCESS}
    )

    to_bank = browse(app, "POST", f"/c/pay/{session.id}", "test_card=4000002500003155")
    browse(app, "POST", to_bank.headers["location"], "answer=authenticate")

    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert isinstance(done.setup_intent, stripe.SetupIntent)
    assert done.setup_intent.status == "succeeded"
    assert len(client.v1.customers.payment_methods.list(customer.id).data) == 1
    assert app.sandbox.charged() == []


def test_the_page_runs_no_script_and_may_send_its_form_to_the_shop_only(
    app: SandboxApp, client: stripe.StripeClient
) -> None:
    answer = browse(app, "GET", f"/c/pay/{opened(client).id}")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("form-action 'self' http://localhost:8000")
    assert b"<script" not in answer.body
    assert b"style=" not in answer.body
    assert b"no money moves" in answer.body


def test_line_items_are_listed_and_expanded(client: stripe.StripeClient) -> None:
    price = {"currency": "chf", "unit_amount": 500, "product_data": {"name": "Invoice 2"}}
    both = [*wanted()["line_items"], {"quantity": 2, "price_data": price}]
    asked: Any = {**wanted(), "line_items": both, "expand": ["line_items"]}
    session = client.v1.checkout.sessions.create(asked)

    listed = client.v1.checkout.sessions.line_items.list(session.id)

    assert [line.amount_total for line in listed.data] == [12345, 1000]
    assert session.line_items is not None
    assert [line.description for line in session.line_items.data] == ["Invoice 2026-1", "Invoice 2"]
    assert session.amount_total == 13345
