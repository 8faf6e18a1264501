"""What goes wrong between us, Stripe and the debtor's browser; numbers as in the fault list."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import stripe

from receivables.ids import DebtorId, InvoiceId, PaymentId, new_id
from receivables.payments.checkout import begin_checkout, returned
from receivables.payments.errors import (
    CardPaymentUnavailable,
    NoSuchPayment,
    NothingToPay,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.starting import Choice
from receivables.payments.stripe_gateway import API_VERSION, StripeGateway
from receivables.payments.tables import Payment
from receivables.runtime import Runtime
from sandbox.stripe import BankAnswer
from sandbox.stripe.problems import ApiProblem
from tests.support.builders import money
from tests.support.payments import (
    DECLINED,
    Till,
    open_till,
    stripe_settings,
)
from tests.support.settings import WEBHOOK_SECRET
from tests.support.stripe_sandbox import InProcessClient

CREATE = "/v1/checkout/sessions"
#: Every try of one click meets the same trouble.
ALL_TRIES = 3
ASKS_FOR_3DS = "4000002500003155"


@dataclass
class Story:
    """A debtor with one invoice, and a till."""

    till: Till
    debtor_id: DebtorId
    invoice_id: InvoiceId

    def choice(self, amount: str = "120.00 CHF", attempt: PaymentId | None = None) -> Choice:
        return self.till.choice(self.debtor_id, [(self.invoice_id, amount)], attempt=attempt)

    def begin(self, amount: str = "120.00 CHF") -> PaymentId:
        return self.till.begin(self.choice(amount)).payment_id

    def begin_in_vain(self, choice: Choice | None = None) -> Payment:
        """A click that leads to no page, and the attempt it leaves."""
        choice = choice or self.choice()
        with pytest.raises(PaymentInProgress) as raised:
            self.till.begin(choice)
        return self.till.payment(raised.value.payment_id)

    def pass_time(self, **length: int) -> None:
        self.till.world.clock.advance(timedelta(**length))
        self.till.world.fire_schedules()
        self.till.world.run_jobs()

    def outstanding(self) -> str:
        return str(self.till.world.outstanding(self.invoice_id))

    def is_paid_once(self, payment_id: PaymentId) -> None:
        assert self.till.payment(payment_id).state == "settled"
        assert self.till.booked(payment_id) == [money("120.00 CHF")]
        assert self.outstanding() == "CHF 0.00"
        assert self.till.charged_minor() == 12000


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def story(till: Till) -> Story:
    debtor_id = till.world.debtor()
    invoice_id = till.world.invoice("120.00 CHF", debtor_id=debtor_id)
    # The schedule writes itself down the first time.
    till.world.fire_schedules()
    return Story(till, debtor_id, invoice_id)


def test_fault_01_the_webhook_comes_before_the_browser_is_back(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    assert set(story.till.deliver()) == {200}
    story.is_paid_once(payment_id)

    story.till.come_back(story.till.payment(payment_id))
    story.is_paid_once(payment_id)


def test_fault_02_the_browser_is_back_first_and_the_webhook_comes_late(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    assert story.till.come_back(story.till.payment(payment_id)).state == "settled"
    story.is_paid_once(payment_id)

    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_02_neither_browser_nor_webhook_come_and_it_is_booked_in_a_quarter_hour(
    story: Story,
) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    for _ in range(15):
        story.pass_time(minutes=1)

    story.is_paid_once(payment_id)


def test_fault_03_the_same_event_three_times_and_five_returns_at_once(story: Story) -> None:
    payment_id = story.begin()
    story.till.stripe.webhooks.duplicate(3)
    story.till.pay(payment_id)
    payment = story.till.payment(payment_id)

    errors = at_once([lambda: story.till.come_back(payment)] * 5)
    statuses = story.till.deliver()

    assert errors == []
    assert len(statuses) > len(story.till.inbox()) > 0
    assert set(statuses) == {200}
    story.is_paid_once(payment_id)


def test_fault_04_events_in_reverse_order_lead_to_the_same_end(story: Story) -> None:
    story.till.stripe.webhooks.hold()
    story.till.stripe.webhooks.reorder()
    payment_id = story.begin()
    story.till.pay(payment_id)
    story.till.stripe.webhooks.release()

    story.till.deliver()

    kinds = [json.loads(post.body)["type"] for post in story.till.doorstep.posts]
    assert kinds.index("checkout.session.completed") < kinds.index("payment_intent.created")
    story.is_paid_once(payment_id)


def test_fault_05_an_event_that_names_an_attempt_we_do_not_know_is_kept_and_shown(
    story: Story,
) -> None:
    gateway = story.till.runtime.gateway
    assert gateway is not None
    stranger = PaymentId(new_id())
    known = story.till.payment(story.begin())
    request = json.loads(json.dumps(known.request).replace(str(known.id), str(stranger)))
    made = gateway.open_checkout("", stranger, request)
    story.till.stripe.pay_by_card(made.id, "4242424242424242")

    assert set(story.till.deliver()) == {200}
    assert {event.state for event in about(story, made.id)} == {"received"}

    for _ in range(3):
        story.pass_time(hours=1)
    assert {event.state for event in about(story, made.id)} == {"unmatched"}
    assert story.outstanding() == "CHF 120.00"


def test_fault_05_an_event_of_something_else_on_the_same_account_is_set_aside(
    story: Story,
) -> None:
    client = stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": "http://stripe.sandbox"},
        http_client=InProcessClient(story.till.app),
    )  # fmt: skip
    client.v1.payment_intents.create(
        {"amount": 500, "currency": "chf", "payment_method": "pm_card_visa", "confirm": True,
         "return_url": "http://shop.test/"}
    )  # fmt: skip

    story.till.deliver()

    assert {event.state for event in story.till.inbox()} == {"set_aside"}


def test_fault_06_what_is_not_signed_by_stripe_and_lately_is_not_stored(story: Story) -> None:
    body = event_body()

    for header in ("", "nonsense", signed(body, secret="whsec_somebody_elses_secret_0123456789"),
                   signed(body + b" "), signed(body, age=301)):  # fmt: skip
        assert story.till.knock(body, {"stripe-signature": header}) == 400

    assert story.till.inbox() == []
    assert story.till.knock(body, {"stripe-signature": signed(body, age=290)}) == 200


def test_fault_06_both_secrets_hold_while_one_is_replaced(story: Story) -> None:
    old, new = "whsec_old_0123456789abcdef0123456789", "whsec_new_0123456789abcdef0123456789"
    gateway = StripeGateway(stripe_settings("http://stripe.sandbox", new, old))
    body = event_body()

    for secret in (old, new):
        assert gateway.verify(body, signed(body, secret=secret)).id == "evt_1"
    gateway.close()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"livemode": True}, "livemode"),
        ({"account": "acct_stranger"}, "account"),
        ({"api_version": "2017-08-15"}, "api_version"),
    ],
)
def test_fault_07_an_event_from_another_world_is_kept_as_rejected_without_effect(
    story: Story, change: dict[str, Any], reason: str
) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)
    session_id = story.till.session_of(payment_id)
    body = event_body(object_id=session_id, **change)

    assert story.till.knock(body, {"stripe-signature": signed(body)}) == 200
    story.till.world.run_jobs()

    (event,) = story.till.inbox()
    assert (event.state, reason in event.reason) == ("rejected", True)
    assert story.till.payment(payment_id).state == "open"


def test_fault_07_a_page_over_another_amount_is_not_booked_and_is_shown(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)
    with story.till.stripe.store.transaction():
        session = story.till.stripe.store.find("acct_sandbox", story.till.session_of(payment_id))
        assert session is not None
        story.till.stripe.store.put("acct_sandbox", session | {"amount_total": 1})

    story.till.deliver()

    payment = story.till.payment(payment_id)
    assert (payment.state, "amount" in payment.problem) == ("open", True)
    assert "rejected" in {event.state for event in about(story, payment.stripe_session_id)}
    assert story.outstanding() == "CHF 120.00"


def test_fault_08_a_double_click_is_one_page(story: Story) -> None:
    attempt = PaymentId(new_id())

    first = story.till.begin(story.choice(attempt=attempt))
    again = story.till.begin(story.choice(attempt=attempt))
    other_tab = story.till.begin(story.choice())

    assert first == again == other_tab
    assert first.payment_id == attempt
    assert story.till.pages() == 1


def test_fault_08_ten_clicks_at_the_same_moment_are_one_page(story: Story) -> None:
    choice = story.choice()
    pages: list[object] = []

    def click() -> None:
        try:
            pages.append(story.till.begin(choice))
        except PaymentInProgress as under_way:
            pages.append(under_way.payment_id)

    assert at_once([click] * 10) == []
    assert story.till.pages() == 1
    assert story.till.payment(choice.attempt).state == "open"


def test_fault_08_the_second_tab_shows_that_it_is_paid(story: Story) -> None:
    choice = story.choice()
    story.till.begin(choice)
    story.till.pay(choice.attempt)
    story.till.deliver()

    with pytest.raises(PaymentAlreadySettled) as raised:
        story.till.begin(choice)

    assert raised.value.payment_id == choice.attempt


def test_fault_10_another_amount_closes_the_page_that_is_open_first(story: Story) -> None:
    first = story.begin("120.00 CHF")
    second = story.begin("50.00 CHF")

    assert story.till.payment(first).state == "expired"
    assert story.till.payment(second).state == "open"
    with pytest.raises(ApiProblem):
        story.till.stripe.pay_by_card(
            str(story.till.payment(first).stripe_session_id), "4242424242424242"
        )


def test_fault_11_closing_fails_because_the_page_has_just_been_paid(story: Story) -> None:
    first = story.begin("120.00 CHF")
    story.till.pay(first)

    # Another choice wants the same invoice; we have not heard of the payment yet.
    with pytest.raises(NothingToPay):
        story.till.begin(story.choice("50.00 CHF"))

    story.is_paid_once(first)
    story.till.deliver()
    story.is_paid_once(first)


def test_fault_14_the_answer_to_the_request_is_lost_and_the_same_key_finds_the_page(
    story: Story,
) -> None:
    story.till.stripe.inject("drop_after", path=CREATE)

    payment_id = story.begin()

    assert story.till.pages() == 1
    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_15_we_die_after_stripe_made_the_page_and_before_we_wrote_it_down(
    story: Story,
) -> None:
    story.till.stripe.inject("drop_after", path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()
    assert (left.state, left.stripe_session_id) == ("sent", None)

    story.pass_time(minutes=2)

    assert story.till.payment(left.id).state == "open"
    assert story.till.pages() == 1
    story.till.pay(left.id)
    story.till.deliver()
    story.is_paid_once(left.id)


def test_fault_16_a_request_without_answer_is_never_posted_again_once_its_key_may_be_forgotten(
    story: Story,
) -> None:
    story.till.stripe.inject("drop_after", path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()
    session_id = story.till.stripe.store.every("checkout.session")[0][1]["id"]
    story.till.stripe.pay_by_card(session_id, "4242424242424242")

    # A day during which we were off; Stripe has forgotten the key.
    story.pass_time(hours=25)

    assert story.till.pages() == 1
    story.is_paid_once(left.id)


def test_fault_16_a_request_that_was_never_taken_is_closed_by_looking(story: Story) -> None:
    story.till.stripe.inject("drop_before", path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()

    story.pass_time(hours=25)

    assert story.till.payment(left.id).state == "expired"
    assert story.till.pages() == 0
    assert story.begin() != left.id


def test_fault_17_three_workers_with_the_same_work_book_once(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    errors = at_once([lambda: story.till.look(payment_id)] * 3)

    assert errors == []
    story.is_paid_once(payment_id)


@pytest.mark.parametrize("trouble", ["429", "409", "drop_before", "drop_after"])
def test_fault_18_no_answer_is_unknown_and_the_same_request_recovers_it(
    story: Story, trouble: str
) -> None:
    story.till.stripe.inject(trouble, path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()
    assert left.state == "sent"

    story.pass_time(minutes=2)

    assert story.till.payment(left.id).state == "open"
    assert story.till.pages() == 1


def test_fault_18_after_a_breakdown_nothing_new_is_sent_before_we_have_looked(
    story: Story,
) -> None:
    story.till.stripe.inject("500", path=CREATE)
    left = story.begin_in_vain()
    assert left.state == "unknown"
    assert story.begin_in_vain().id == left.id

    for _ in range(6):
        story.pass_time(minutes=1)

    assert story.till.pages() == 0
    assert story.till.payment(left.id).state == "expired"
    payment_id = story.begin()
    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_18_after_a_breakdown_that_made_the_page_it_is_found_by_looking(
    story: Story,
) -> None:
    story.till.stripe.inject("500_after_effect", path=CREATE)
    left = story.begin_in_vain()
    assert left.state == "unknown"

    assert story.begin() == left.id

    assert story.till.pages() == 1
    story.till.pay(left.id)
    story.till.deliver()
    story.is_paid_once(left.id)


def test_fault_18_an_answer_slower_than_our_patience_is_unknown_and_found_later(
    story: Story,
) -> None:
    story.till.stripe.inject("slow", path=CREATE, times=ALL_TRIES, seconds=25)
    left_or_page = at_once([lambda: story.till.begin(story.choice())])

    story.pass_time(minutes=2)

    assert all(isinstance(error, PaymentInProgress) for error in left_or_page)
    assert story.till.pages() == 1


def test_fault_18_where_no_connection_is_made_nothing_was_sent_and_the_debtor_is_told(
    story: Story,
) -> None:
    gateway = StripeGateway(stripe_settings("http://127.0.0.1:1"))
    cut_off = replace(story.till.runtime, gateway=gateway)
    choice = story.choice()

    with pytest.raises(CardPaymentUnavailable) as raised:
        begin_checkout(cut_off, choice)
    gateway.close()

    assert raised.value.reason == "unreached"
    assert story.till.payment(choice.attempt).state == "failed"
    assert story.begin() != choice.attempt


def test_fault_19_after_a_decline_the_page_takes_another_card(story: Story) -> None:
    payment_id = story.begin()

    story.till.pay(payment_id, DECLINED)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "open"

    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_19_a_new_try_after_the_old_one_is_over_has_a_new_key(story: Story) -> None:
    choice = story.choice()
    story.till.begin(choice)
    story.till.stripe.expire(story.till.session_of(choice.attempt))
    story.till.deliver()
    assert story.till.payment(choice.attempt).state == "expired"

    # The same page, from the browser's history.
    again = story.till.begin(choice)

    assert again.payment_id != choice.attempt
    assert story.till.pages() == 2


def test_fault_20_the_same_key_with_another_request_is_our_fault_and_no_failure(
    story: Story,
) -> None:
    choice = story.choice()
    gateway = story.till.runtime.gateway
    assert gateway is not None
    other = story.till.payment(story.begin())
    story.till.stripe.expire(str(other.stripe_session_id))
    story.till.deliver()
    request = other.request | {"client_reference_id": "somebody"}
    gateway.open_checkout("", choice.attempt, request | {"metadata": {}})

    left = story.begin_in_vain(choice)

    assert left.state == "unknown"
    assert "idempotency_error" in left.problem


def test_fault_22_three_d_secure_is_abandoned_and_nothing_is_booked(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id, ASKS_FOR_3DS)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "open"

    for _ in range(41):
        story.pass_time(minutes=1)

    assert story.till.payment(payment_id).state == "expired"
    assert story.outstanding() == "CHF 120.00"
    assert story.till.charged_minor() == 0


def test_fault_22_three_d_secure_fails_and_another_card_pays(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id, ASKS_FOR_3DS)
    session = story.till.stripe.store.find("acct_sandbox", story.till.session_of(payment_id))
    assert session is not None
    story.till.stripe.answer(session["payment_intent"], BankAnswer.FAIL)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "open"

    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_42_a_forged_return_for_somebody_elses_page_shows_nothing(story: Story) -> None:
    till = story.till
    mine = till.payment(story.begin())
    other_debtor = till.world.debtor()
    other_invoice = till.world.invoice("80.00 CHF", debtor_id=other_debtor)
    theirs = till.payment(
        till.begin(till.choice(other_debtor, [(other_invoice, "80.00 CHF")])).payment_id
    )

    for debtor_id, payment, checkout_id in [
        (story.debtor_id, theirs, theirs.stripe_session_id),
        (story.debtor_id, mine, theirs.stripe_session_id),
        (other_debtor, mine, mine.stripe_session_id),
    ]:
        with pytest.raises(NoSuchPayment):
            returned(till.runtime, till.supplier_id, debtor_id, payment.id, checkout_id=checkout_id)
    assert till.payment(theirs.id).looked_at is None


def test_fault_43_a_revoked_key_hides_the_card_and_nothing_is_tried_again(story: Story) -> None:
    gateway = story.till.runtime.gateway
    assert gateway is not None
    story.till.stripe.inject("401", path=CREATE, times=ALL_TRIES)
    choice = story.choice()

    with pytest.raises(CardPaymentUnavailable) as raised:
        story.till.begin(choice)

    assert raised.value.reason == "not_configured"
    assert gateway.trouble("") == "not_configured"
    assert story.till.payment(choice.attempt).state == "failed"
    assert story.till.pages() == 0


def about(story: Story, object_id: str | None) -> list[Any]:
    return [event for event in story.till.inbox() if event.object_id == object_id]


def event_body(object_id: str = "cs_test_1", **change: Any) -> bytes:
    event = {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "api_version": API_VERSION, "livemode": False,
        "data": {"object": {"id": object_id, "object": "checkout.session"}},
    }  # fmt: skip
    return json.dumps(event | change).encode()


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, age: int = 0) -> str:
    """A signature as Stripe makes it, with the machine's time: the SDK checks against that."""
    return stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, int(time.time()) - age
    )


def at_once(calls: list[Callable[[], object]]) -> list[BaseException]:
    """Run the calls on threads that start together; what they raised."""
    barrier, raised = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        except BaseException as error:  # noqa: BLE001  (a thread's error is the test's result)
            raised.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
