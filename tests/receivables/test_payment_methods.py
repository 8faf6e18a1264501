"""What the pay page tells of an account's ways to pay: rules, and what Stripe is asked."""

from dataclasses import dataclass, field

import pytest

from receivables.money import Money
from receivables.payments.methods import Offer, Speed, offer_from, offer_of
from receivables.payments.stripe import StripeGateway
from receivables.payments.stripe.methods import KEPT_SECONDS, Kept
from receivables.payments.stripe.words import method_name
from receivables.ports import GatewaySilent, OfferedMethod
from sandbox.stripe.app import SandboxApp
from tests.support.builders import money
from tests.support.payments import stripe_settings
from tests.support.stripe_sandbox import InProcessClient, in_process

EUROPEAN = ("bancontact", "card", "ideal", "sepa_debit", "twint")
CONFIGURATIONS = "/v1/payment_method_configurations"


def offered(*kinds: str) -> list[OfferedMethod]:
    return [OfferedMethod(kind, method_name(kind)) for kind in kinds]


def kinds(offer: Offer) -> list[str]:
    return [way.kind for way in offer.ways]


@pytest.mark.parametrize(
    ("currency", "country", "expected"),
    [
        ("CHF", "CH", ["twint", "card"]),
        ("CHF", "LI", ["twint", "card"]),
        ("CHF", "FR", ["card", "twint"]),
        ("EUR", "BE", ["bancontact", "card", "ideal", "sepa_debit"]),
        ("EUR", "NL", ["ideal", "card", "bancontact", "sepa_debit"]),
        ("EUR", "DE", ["card", "bancontact", "ideal", "sepa_debit"]),
        ("EUR", "CH", ["card", "bancontact", "ideal", "sepa_debit"]),
        ("GBP", "GB", ["card"]),
    ],
)
def test_ways_fit_the_currency_and_begin_with_what_the_country_knows(
    currency: str, country: str, expected: list[str]
) -> None:
    offer = offer_of(offered(*EUROPEAN), currency, country)

    assert kinds(offer) == expected
    assert offer.complete


@pytest.mark.parametrize(
    ("amount", "kind", "taken"),
    [
        ("5000.00 CHF", "twint", True),
        ("5000.01 CHF", "twint", False),
        ("10000.00 EUR", "sepa_debit", True),
        ("10000.01 EUR", "sepa_debit", False),
        ("99999.00 EUR", "bancontact", True),
        ("99999.00 EUR", "card", True),
    ],
)
def test_a_way_takes_amounts_up_to_its_own_limit(amount: str, kind: str, taken: bool) -> None:
    wanted = money(amount)
    offer = offer_of(offered(*EUROPEAN), wanted.currency, "CH")

    assert (kind in [way.kind for way in offer.for_amount(wanted)]) is taken


def test_a_bank_debit_takes_days_and_comes_last() -> None:
    offer = offer_of(offered(*EUROPEAN), "EUR", "BE")

    assert [way.kind for way in offer.ways if way.speed is Speed.DAYS] == ["sepa_debit"]
    assert offer.ways[-1].kind == "sepa_debit"


def test_what_is_switched_off_is_not_offered_even_where_it_is_at_home() -> None:
    assert kinds(offer_of(offered("card", "sepa_debit"), "CHF", "CH")) == ["card"]
    assert kinds(offer_of(offered("twint"), "CHF", "CH")) == ["twint"]


def test_ways_are_called_what_people_call_them() -> None:
    offer = offer_of(offered(*EUROPEAN, "eps", "p24", "satispay", "paypal"), "EUR", "AT")

    assert [way.name for way in offer.ways] == [
        "EPS",
        "Visa, Mastercard, American Express",
        "Bancontact",
        "iDEAL | Wero",
        "Przelewy24",
        "Satispay",
        "PayPal",
        "SEPA",
    ]


def test_wallets_and_french_cards_stand_on_the_line_of_cards() -> None:
    methods = offered("card", "apple_pay", "google_pay", "cartes_bancaires")

    (in_euros,) = offer_of(methods, "EUR", "FR").ways
    (in_francs,) = offer_of(methods, "CHF", "CH").ways

    assert in_euros.name == "CB, Visa, Mastercard, American Express"
    assert in_francs.name == "Visa, Mastercard, American Express"
    assert in_euros.wallets == ("Apple Pay", "Google Pay")


def test_a_wallet_without_cards_is_nothing() -> None:
    assert offer_of(offered("apple_pay"), "EUR", "FR").ways == ()


def test_what_only_remembers_cards_is_no_way_of_its_own() -> None:
    offer = offer_of(offered("card", "link"), "EUR", "DE")

    assert kinds(offer) == ["card"]
    assert offer.complete


def test_a_method_we_know_nothing_about_is_left_to_the_payment_page() -> None:
    offer = offer_of(offered("card", "klarna"), "EUR", "DE")

    assert kinds(offer) == ["card"]
    assert not offer.complete


@pytest.mark.parametrize("methods", [None, []])
def test_where_nothing_is_known_there_are_cards_and_perhaps_more(
    methods: list[OfferedMethod] | None,
) -> None:
    offer = offer_of(methods, "CHF", "CH")

    assert kinds(offer) == ["card"]
    assert not offer.complete


@dataclass
class Seconds:
    passed: float = 0.0

    def __call__(self) -> float:
        return self.passed


@dataclass
class Account:
    """Answers, or is silent, and counts how often it is asked."""

    answer: tuple[OfferedMethod, ...] | None = (OfferedMethod("card", "Card"),)
    asked: list[float] = field(default_factory=list)

    def __call__(self) -> tuple[OfferedMethod, ...]:
        self.asked.append(0)
        if self.answer is None:
            raise GatewaySilent("no answer")
        return self.answer


def test_an_answer_is_kept_for_ten_minutes_and_for_one_account() -> None:
    seconds, account, other = Seconds(), Account(), Account((OfferedMethod("twint", "TWINT"),))
    kept = Kept(seconds)

    assert KEPT_SECONDS == 600
    assert kept.of("acct_a", account) == account.answer
    seconds.passed = KEPT_SECONDS - 1
    assert kept.of("acct_a", account) == account.answer
    assert kept.of("acct_b", other) == other.answer
    assert (len(account.asked), len(other.asked)) == (1, 1)

    seconds.passed = KEPT_SECONDS
    kept.of("acct_a", account)
    assert len(account.asked) == 2


def test_while_there_is_no_answer_the_last_one_stands() -> None:
    seconds, account = Seconds(), Account()
    kept = Kept(seconds)
    said = kept.of("", account)
    account.answer = None
    seconds.passed = KEPT_SECONDS

    assert kept.of("", account) == said


def test_nobody_waits_again_at_once_for_an_account_that_never_answered() -> None:
    seconds, account = Seconds(), Account(answer=None)
    kept = Kept(seconds)

    for _ in range(3):
        with pytest.raises(GatewaySilent):
            kept.of("", account)
    assert len(account.asked) == 1

    account.answer = (OfferedMethod("card", "Card"),)
    seconds.passed = 60
    assert kept.of("", account) == account.answer


@pytest.fixture
def app() -> SandboxApp:
    return in_process()


def gateway_of(app: SandboxApp) -> StripeGateway:
    return StripeGateway(stripe_settings(), http_client=InProcessClient(app))


def test_stripe_is_asked_what_each_account_has_switched_on(app: SandboxApp) -> None:
    app.sandbox.switch_methods("acct_1Rochat", ideal=False, sepa_debit=False)
    gateway = gateway_of(app)

    assert [method.kind for method in gateway.methods("")] == list(EUROPEAN)
    assert [method.kind for method in gateway.methods("acct_1Rochat")] == [
        "bancontact",
        "card",
        "twint",
    ]


@pytest.mark.parametrize("trouble", ["drop_after", "500", "429", "401"])
def test_not_being_told_keeps_nobody_from_paying(app: SandboxApp, trouble: str) -> None:
    app.sandbox.inject(trouble, method="GET", path=CONFIGURATIONS)
    gateway = gateway_of(app)

    offer = offer_from(gateway, "", "CHF", "CH")

    assert (kinds(offer), offer.complete) == (["card"], False)
    assert gateway.trouble("") == ""
    assert app.sandbox.faults.waiting() == [], "the question met its fault"


def test_a_limit_is_in_the_currency_of_the_way() -> None:
    (twint, _cards) = offer_of(offered("twint", "card"), "CHF", "CH").ways

    assert twint.most == Money(500_000, "CHF")
