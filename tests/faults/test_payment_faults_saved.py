"""Saved cards and bank accounts: kept, lost, changed, taken away; numbers as in the fault list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from receivables.database import Scope
from receivables.ids import SavedMethodId
from receivables.payments import saved
from receivables.payments.errors import MethodNotUsable, NoSuchSavedMethod, NothingToPay
from receivables.payments.tables import SavedMethod
from receivables.runtime import Runtime
from sandbox.stripe import BankAnswer, Means
from tests.support.builders import money
from tests.support.charge_story import (
    CONSENT,
    ChargeStory,
    open_charge_story,
    saving,
)
from tests.support.payment_story import ASKS_FOR_3DS
from tests.support.payments import DECLINED, VISA
from tests.support.threads import at_once

MASTERCARD = "5555555555554444"
TODAY = date(2026, 11, 2)


@pytest.fixture
def story(runtime: Runtime) -> ChargeStory:
    return open_charge_story(runtime)


def usable(story: ChargeStory, *, currency: str = "CHF", on: date = TODAY) -> list[str]:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        methods = saved.usable_methods(
            session, story.till.supplier_id, story.debtor_id, currency=currency, on=on
        )
        return [method.label for method in methods]


def change_card(story: ChargeStory, replaces: SavedMethodId | None = None) -> str:
    """To the page that saves a card; its id."""
    change = saved.CardChange(
        supplier_id=story.till.supplier_id,
        debtor_id=story.debtor_id,
        contact_id=story.till.contact_of(story.debtor_id, story.till.supplier_id),
        currency="CHF",
        locale="fr_CH",
        path="/cards/saved",
        consent=CONSENT,
        replaces=replaces,
    )
    return saved.begin_card_change(story.till.runtime, change).rsplit("/", 1)[-1]


def come_back(story: ChargeStory, page_id: str) -> SavedMethod | None:
    return saved.returned_from_change(
        story.till.runtime, story.till.supplier_id, story.debtor_id, page_id
    )


def test_what_was_paid_with_is_kept_with_the_words_that_were_agreed_to(
    story: ChargeStory,
) -> None:
    method = story.method()

    assert (method.kind, method.label, method.state) == ("card", "Visa ...4242", "usable")
    assert (method.exp_month, method.exp_year, method.consent) == (12, 2040, CONSENT)
    assert [event["label"] for event in story.happened("saved_method.saved")] == ["Visa ...4242"]
    assert usable(story) == ["Visa ...4242"]


def test_a_page_that_saves_shows_the_consent_and_offers_only_what_can_be_charged_again(
    runtime: Runtime,
) -> None:
    story = open_charge_story(runtime, "120.00 EUR")

    page = story.till.begin(saving(story.choice("120.00 EUR")))

    session = story.till.stripe.books_of(page.url.rsplit("/", 1)[-1]).find(
        story.till.session_of(page.payment_id)
    )
    assert session is not None
    assert session["custom_text"]["submit"]["message"] == CONSENT
    assert session["payment_method_types"] == ["card", "sepa_debit"]
    assert session["customer"] == story.method().stripe_customer_id


def test_a_choice_with_saving_is_another_page_than_the_same_choice_without(
    story: ChargeStory,
) -> None:
    plain = story.till.begin(story.choice())

    keeping = story.till.begin(saving(story.choice()))

    assert plain.payment_id != keeping.payment_id
    assert story.till.payment(plain.payment_id).state == "expired"


def test_fault_34_the_first_payment_arrives_and_the_card_was_not_kept(story: ChargeStory) -> None:
    page = story.till.begin(saving(story.choice()))
    story.till.stripe.pay(story.till.session_of(page.payment_id), Means(), save_card=False)

    story.till.deliver()

    story.is_paid_once_on(page.payment_id)
    assert story.till.payment(page.payment_id).saved_method_id is None
    (event,) = story.happened("saved_method.not_saved")
    assert event["payment_id"] == str(page.payment_id)


def test_fault_35_a_first_payment_that_fails_or_is_left_keeps_nothing(story: ChargeStory) -> None:
    before = len(story.happened("saved_method.saved"))
    page = story.till.begin(saving(story.choice()))
    story.till.pay(page.payment_id, DECLINED)
    story.till.deliver()
    assert story.till.payment(page.payment_id).state == "open"

    story.pass_time(minutes=40)

    payment = story.till.payment(page.payment_id)
    assert (payment.state, payment.saved_method_id) == ("expired", None)
    assert len(story.happened("saved_method.saved")) == before
    assert story.happened("saved_method.not_saved") == []
    assert story.outstanding() == "CHF 120.00"


@pytest.mark.parametrize("by_hand", [True, False])
def test_fault_24_after_a_lost_card_another_is_saved_and_charged(
    story: ChargeStory, by_hand: bool
) -> None:
    story.turn_bad("lost")
    story.charge()

    page_id = change_card(story, story.saved_method_id)
    story.till.stripe.pay_by_card(page_id, MASTERCARD)
    if by_hand:
        assert come_back(story, page_id) is not None
    story.till.deliver()

    assert usable(story) == ["Mastercard ...4444"]
    *_, event = story.happened("saved_method.saved")
    assert event["replaces"] == str(story.saved_method_id)
    new = SavedMethodId(UUID(event["saved_method_id"]))
    payment = story.charge(story.order(saved_method_id=new))
    assert payment.method == "Mastercard ...4444"
    story.is_charged_once(payment.id)


def test_a_card_that_is_saved_twice_at_once_is_one(story: ChargeStory) -> None:
    page_id = change_card(story)
    story.till.stripe.pay_by_card(page_id, MASTERCARD)

    errors = at_once(*[lambda: come_back(story, page_id)] * 5)
    story.till.deliver()

    assert errors == []
    assert usable(story) == ["Mastercard ...4444", "Visa ...4242"]


def test_a_card_change_that_is_left_or_refused_changes_nothing(story: ChargeStory) -> None:
    page_id = change_card(story, story.saved_method_id)
    story.till.stripe.pay_by_card(page_id, DECLINED)
    story.till.deliver()

    assert come_back(story, page_id) is None
    assert usable(story) == ["Visa ...4242"]


def test_fault_42_the_card_page_of_another_debtor_is_none(story: ChargeStory) -> None:
    page_id = change_card(story)
    story.till.stripe.pay_by_card(page_id, MASTERCARD)
    stranger = story.till.world.debtor()

    found = saved.returned_from_change(
        story.till.runtime, story.till.supplier_id, stranger, page_id
    )

    assert found is None
    stranger_change = replace(_change(story), debtor_id=stranger, replaces=story.saved_method_id)
    with pytest.raises(NoSuchSavedMethod):
        saved.begin_card_change(story.till.runtime, stranger_change)


def _change(story: ChargeStory) -> saved.CardChange:
    return saved.CardChange(
        supplier_id=story.till.supplier_id, debtor_id=story.debtor_id, contact_id=None,
        currency="CHF", locale="fr_CH", path="/cards/saved",
    )  # fmt: skip


def test_fault_25_a_card_taken_away_at_stripe_is_seen_before_anything_falls_due(
    story: ChargeStory,
) -> None:
    gateway = story.till.runtime.gateway
    assert gateway is not None
    gateway.forget_method("", story.method().stripe_payment_method_id)

    story.till.deliver()

    assert (story.method().state, usable(story)) == ("removed", [])
    assert len(story.happened("saved_method.removed")) == 1
    with pytest.raises(MethodNotUsable):
        story.charge()


def test_fault_25_a_card_taken_away_unheard_is_noticed_by_the_charge(story: ChargeStory) -> None:
    gateway = story.till.runtime.gateway
    assert gateway is not None
    gateway.forget_method("", story.method().stripe_payment_method_id)

    payment = story.charge()

    assert (payment.state, story.method().state) == ("failed", "removed")
    assert story.taken_minor() == 0


def test_fault_25_a_card_the_debtor_removes_is_forgotten_at_stripe_too(story: ChargeStory) -> None:
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        saved.remove(
            session,
            story.till.supplier_id,
            story.debtor_id,
            story.saved_method_id,
            clock=story.till.world.clock,
        )
    story.till.stripe.inject("drop_before", path="/v1/payment_methods/*")
    story.till.world.run_jobs()
    story.pass_time(minutes=10)

    kept = story.till.stripe.books_of(story.method().stripe_payment_method_id)
    assert kept.get("payment_method", story.method().stripe_payment_method_id)["customer"] is None
    story.till.deliver()
    assert len(story.happened("saved_method.removed")) == 1


def test_fault_25_a_card_the_bank_renewed_is_called_by_its_new_number_and_dates(
    story: ChargeStory,
) -> None:
    pm = story.method().stripe_payment_method_id
    story.till.stripe.renew_card(pm, "4000003800000446", (3, 2044))

    story.till.deliver()

    method = story.method()
    assert (method.label, method.exp_month, method.exp_year) == ("Visa ...0446", 3, 2044)
    assert len(story.happened("saved_method.renewed")) == 1
    story.is_charged_once(story.charge().id)


def test_fault_25_a_bank_account_is_debited_until_its_holder_takes_back_the_permission(
    runtime: Runtime,
) -> None:
    story = open_charge_story(runtime, "120.00 EUR")
    page = story.till.begin(saving(story.choice("60.00 EUR")))
    story.pay_by_debit(page.payment_id)
    story.till.deliver()
    debit = story.till.payment(page.payment_id).saved_method_id
    assert debit is not None
    assert usable(story, currency="EUR") == ["SEPA ...3000", "Visa ...4242"]
    assert usable(story) == ["Visa ...4242"]

    story.till.stripe.revoke_mandate(str(story.method(debit).stripe_mandate_id))
    story.till.deliver()

    assert story.method(debit).state == "refused"
    assert usable(story, currency="EUR") == ["Visa ...4242"]


def test_fault_28_a_debit_without_the_debtor_is_on_its_way_for_days_and_then_booked(
    runtime: Runtime,
) -> None:
    story = open_charge_story(runtime, "120.00 EUR")
    page = story.till.begin(saving(story.choice("60.00 EUR")))
    story.pay_by_debit(page.payment_id)
    story.till.deliver()
    first = story.till.payment(page.payment_id)
    story.till.stripe.settle_debit(str(first.stripe_payment_intent_id))
    story.till.deliver()

    payment = story.charge(story.order("60.00 EUR", saved_method_id=first.saved_method_id))
    assert payment.state == "processing"
    story.till.stripe.settle_debit(str(payment.stripe_payment_intent_id))
    story.till.deliver()

    assert story.till.payment(payment.id).state == "settled"
    assert story.till.booked(payment.id) == [money("60.00 EUR")]
    assert story.outstanding() == "EUR 0.00"
    with pytest.raises(NothingToPay):
        story.charge(story.order("60.00 EUR"))


def test_fault_28_a_debit_that_comes_back_has_failed_and_the_invoice_is_free(
    runtime: Runtime,
) -> None:
    story = open_charge_story(runtime, "120.00 EUR")
    page = story.till.begin(saving(story.choice("60.00 EUR")))
    story.pay_by_debit(page.payment_id)
    story.till.deliver()
    debit = story.till.payment(page.payment_id)
    story.till.stripe.settle_debit(str(debit.stripe_payment_intent_id))
    story.till.deliver()
    payment = story.charge(story.order("60.00 EUR", saved_method_id=debit.saved_method_id))

    story.till.stripe.fail_debit(str(payment.stripe_payment_intent_id))
    story.till.deliver()

    assert story.till.payment(payment.id).state == "failed"
    assert story.outstanding() == "EUR 60.00"
    assert story.till.begin(story.choice("60.00 EUR")).payment_id != payment.id


@pytest.mark.once("months pass day by day")
def test_a_card_is_good_to_the_end_of_its_last_month_and_its_end_is_told_once(
    story: ChargeStory,
) -> None:
    story.till.stripe.renew_card(story.method().stripe_payment_method_id, VISA, (11, 2026))
    story.till.deliver()
    assert usable(story, on=date(2026, 11, 30)) == ["Visa ...4242"]
    assert usable(story, on=date(2026, 12, 1)) == []

    story.till.world.advance(days=29)

    assert story.method().state == "expired"
    assert len(story.happened("saved_method.expired")) == 1


def test_a_card_that_asks_once_is_charged_without_asking_again(runtime: Runtime) -> None:
    story = open_charge_story(runtime)
    page_id = change_card(story)
    story.till.stripe.pay_by_card(page_id, ASKS_FOR_3DS)
    session = story.till.stripe.books_of(page_id).get("checkout.session", page_id)
    story.till.stripe.answer(session["setup_intent"], BankAnswer.AUTHENTICATE)
    kept = come_back(story, page_id)
    assert kept is not None

    payment = story.charge(story.order(saved_method_id=kept.id))

    story.is_charged_once(payment.id)
