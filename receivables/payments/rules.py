"""What may be paid, and how an attempt to pay moves from state to state."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from receivables.ids import DebtorId, InvoiceId
from receivables.money import CurrencyMismatch, Money
from receivables.payments.errors import (
    CardPaymentUnavailable,
    NothingToPay,
    PaymentAboveMaximum,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
)
from receivables.ports import ChargeStatus, CheckoutStatus


class Channel(StrEnum):
    """How an attempt to pay is made."""

    CHECKOUT = "checkout"
    """By the debtor, on a hosted page."""
    CHARGE = "charge"
    """By us, with a saved method, without the debtor."""


class PaymentState(StrEnum):
    """How far an attempt to pay has come."""

    STARTED = "started"
    """On record; the gateway has certainly not heard of it."""
    SENT = "sent"
    """The gateway is being told; whether it heard is unknown until it answers."""
    OPEN = "open"
    """A hosted page waits for the debtor; nothing has been taken."""
    PROCESSING = "processing"
    """The debtor is done, the bank takes days."""
    SETTLED = "settled"
    """The money is ours and in the ledger."""
    FAILED = "failed"
    """Refused; nothing was taken."""
    EXPIRED = "expired"
    """Left, closed or never sent; nothing was taken."""
    UNKNOWN = "unknown"
    """The outcome could not be learned. Nothing new is sent for its invoices until it is."""


#: While an attempt is in one of these, its invoices can be in no other.
LIVE = frozenset(
    {
        PaymentState.STARTED,
        PaymentState.SENT,
        PaymentState.OPEN,
        PaymentState.PROCESSING,
        PaymentState.UNKNOWN,
    }
)


class Report(StrEnum):
    """What we have learned about an attempt."""

    SENT = "sent"
    """We are about to tell the gateway."""
    SILENT = "silent"
    """It was told and did not answer; the same request again finds out."""
    UNCLEAR = "unclear"
    """It broke down, or has been silent for too long: only looking finds out."""
    REFUSED = "refused"
    """It said no before it did anything."""
    OPEN = "open"
    """There is a page, and it can be paid."""
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    """The bank refused in the end."""
    EXPIRED = "expired"
    """The page can no longer be paid, or (by a person) nothing was taken."""
    ABSENT = "absent"
    """We looked, late enough to be sure: nothing was ever made."""
    MISSING = "missing"
    """A page was made, and now the gateway denies knowing it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an attempt failed: in Stripe's code (the bank's own where it gives one), and, where it
    was the bank, its word and its advice.
    """

    code: str = ""
    decline_code: str = ""
    advice_code: str = ""


NO_REFUSAL = Refusal()


_S, _R = PaymentState, Report

#: Every step there is. What is not here changes nothing: old news, or no news.
#: Money the gateway has taken is booked from any state: its word about money is the truth.
TRANSITIONS: Mapping[tuple[PaymentState, Report], PaymentState] = {
    (_S.STARTED, _R.SENT): _S.SENT,
    (_S.STARTED, _R.REFUSED): _S.FAILED,
    (_S.STARTED, _R.OPEN): _S.OPEN,
    (_S.STARTED, _R.PROCESSING): _S.PROCESSING,
    (_S.STARTED, _R.PAID): _S.SETTLED,
    (_S.STARTED, _R.FAILED): _S.FAILED,
    (_S.STARTED, _R.EXPIRED): _S.EXPIRED,
    (_S.STARTED, _R.ABSENT): _S.EXPIRED,
    (_S.SENT, _R.UNCLEAR): _S.UNKNOWN,
    (_S.SENT, _R.REFUSED): _S.FAILED,
    (_S.SENT, _R.OPEN): _S.OPEN,
    (_S.SENT, _R.PROCESSING): _S.PROCESSING,
    (_S.SENT, _R.PAID): _S.SETTLED,
    (_S.SENT, _R.FAILED): _S.FAILED,
    (_S.SENT, _R.EXPIRED): _S.EXPIRED,
    (_S.SENT, _R.ABSENT): _S.EXPIRED,
    (_S.OPEN, _R.PROCESSING): _S.PROCESSING,
    (_S.OPEN, _R.PAID): _S.SETTLED,
    (_S.OPEN, _R.FAILED): _S.FAILED,
    (_S.OPEN, _R.EXPIRED): _S.EXPIRED,
    (_S.OPEN, _R.MISSING): _S.UNKNOWN,
    (_S.PROCESSING, _R.PAID): _S.SETTLED,
    (_S.PROCESSING, _R.FAILED): _S.FAILED,
    (_S.PROCESSING, _R.MISSING): _S.UNKNOWN,
    (_S.UNKNOWN, _R.OPEN): _S.OPEN,
    (_S.UNKNOWN, _R.PROCESSING): _S.PROCESSING,
    (_S.UNKNOWN, _R.PAID): _S.SETTLED,
    (_S.UNKNOWN, _R.FAILED): _S.FAILED,
    (_S.UNKNOWN, _R.EXPIRED): _S.EXPIRED,
    (_S.UNKNOWN, _R.ABSENT): _S.EXPIRED,
    (_S.FAILED, _R.PROCESSING): _S.PROCESSING,
    (_S.FAILED, _R.PAID): _S.SETTLED,
    (_S.EXPIRED, _R.PROCESSING): _S.PROCESSING,
    (_S.EXPIRED, _R.PAID): _S.SETTLED,
}


def transition(current: PaymentState, reported: Report) -> PaymentState | None:
    """The next state, or None when the report is nothing new."""
    return TRANSITIONS.get((current, reported))


REPORT_OF: Mapping[CheckoutStatus, Report] = {
    CheckoutStatus.OPEN: Report.OPEN,
    CheckoutStatus.PROCESSING: Report.PROCESSING,
    CheckoutStatus.PAID: Report.PAID,
    CheckoutStatus.FAILED: Report.FAILED,
    CheckoutStatus.EXPIRED: Report.EXPIRED,
}
REPORT_OF_CHARGE: Mapping[ChargeStatus, Report] = {
    ChargeStatus.PROCESSING: Report.PROCESSING,
    ChargeStatus.PAID: Report.PAID,
    # Nobody is there to confirm: the same sum is asked for on a page instead.
    ChargeStatus.NEEDS_DEBTOR: Report.FAILED,
    ChargeStatus.FAILED: Report.FAILED,
}

#: What a charge that waits for the debtor has failed with.
AUTHENTICATION_REQUIRED = "authentication_required"

#: How long a hosted page can be paid. Stripe takes no less than 30 minutes from the moment it
#: makes the page; the rest is for the same request to be valid still when it is sent again.
#: Source: docs.stripe.com/api/checkout/sessions/create, `expires_at`.
PAGE_LIFETIME = timedelta(minutes=35)
_LEAST_PAGE_LIFETIME = timedelta(minutes=30, seconds=30)

#: Stripe may forget an idempotency key after 24 hours; the same request would then be a new one.
#: Source: docs.stripe.com/api/idempotent_requests. Four hours are for clocks and queues.
KEY_LIFETIME = timedelta(hours=20)

#: A request whose answer was lost may still be at work at the gateway (the SDK's own time-out is
#: 80 s); finding nothing earlier than this proves nothing.
SETTLING_TIME = timedelta(minutes=2)


#: A charge that never arrived is made when its request is sent again, so that is done only while
#: what it was decided on still stands; later, looking finds out.
CHARGE_REPEATABLE = timedelta(hours=1)


def may_send_again(
    channel: Channel, *, sent_at: datetime, expires_at: datetime, now: datetime
) -> bool:
    """Whether the same request under the same key may still find out what became of it."""
    if channel is Channel.CHARGE:
        return now < expires_at
    return now - sent_at < KEY_LIFETIME and expires_at - now >= _LEAST_PAGE_LIFETIME


def absence_is_certain(*, sent_at: datetime, now: datetime) -> bool:
    """Whether finding no page at the gateway means that there will be none."""
    return now - sent_at >= SETTLING_TIME


#: The pauses between looks, from when the state was entered, and then a person. Source for the
#: unknown: Kill Bill's janitor (PaymentConfig: 5 minutes, 1 hour, then a day, five times).
_PAUSES: Mapping[PaymentState, tuple[timedelta, ...]] = {
    PaymentState.STARTED: (timedelta(minutes=2),),
    PaymentState.SENT: (timedelta(minutes=1),),
    # While a page is open, somebody may pay it and no message arrive: booked in 15 minutes.
    PaymentState.OPEN: (timedelta(minutes=5),),
    PaymentState.UNKNOWN: (timedelta(minutes=5), timedelta(hours=1), *(timedelta(days=1),) * 5),
    # A bank debit takes up to 14 business days (docs.stripe.com/payments/sepa-debit).
    PaymentState.PROCESSING: (*(timedelta(hours=1),) * 24, *(timedelta(days=1),) * 30),
}
#: States that end by themselves within the hour, unless the gateway cannot be reached: these are
#: looked at in the same rhythm for as long as that lasts.
_ENDLESS = frozenset({PaymentState.STARTED, PaymentState.SENT, PaymentState.OPEN})


def next_check(state: PaymentState, since: datetime, now: datetime) -> datetime | None:
    """When to look again at an attempt that is in `state` since then.

    None: there is nothing to find out any more, or looking has led nowhere and it is a person's
    turn (then the state is still a live one).
    """
    pauses = _PAUSES.get(state, ())
    if state in _ENDLESS:
        return since + pauses[0] * ((now - since) // pauses[0] + 1)
    due = since
    for pause in pauses:
        due += pause
        if due > now:
            return due
    return None


#: The least Stripe takes, in minor units; a currency that is not here is not payable by card.
#: In all of these Stripe counts minor units as ISO 4217 does.
#: Source: docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
_LEAST_BY_CARD = {
    **dict.fromkeys(["AUD", "BRL", "CAD", "CHF", "EUR", "INR", "NZD", "SGD", "USD"], 50),
    **dict.fromkeys(["AED", "MYR", "PLN", "RON"], 200),
    **dict.fromkeys(["MXN", "THB"], 1000),
    **dict.fromkeys(["NOK", "SEK"], 300),
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "JPY": 50,
}
#: Eight digits. Source: the same page.
_MOST_BY_CARD = 99_999_999


def payable_by_card(currency: str) -> bool:
    """Whether the gateway takes this currency at all."""
    return currency in _LEAST_BY_CARD


def least_by_card(currency: str) -> Money:
    """The least the gateway takes. Raises CardPaymentUnavailable for a currency it does not."""
    if not payable_by_card(currency):
        raise CardPaymentUnavailable("currency")
    return Money(_LEAST_BY_CARD[currency], currency)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a payment is to go to one invoice."""

    invoice_id: InvoiceId
    amount: Money


def check_choice(
    parts: Sequence[Part], outstanding: Mapping[InvoiceId, Money], least_payment: Money | None
) -> Money:
    """The sum of the parts, when they may be paid; otherwise raises why not.

    `least_payment` is what the supplier takes at least of a larger sum; None in a currency the
    supplier has said nothing about. What is chosen can always be paid whole.
    """
    parts = [part for part in parts if part.amount]
    if not parts or not any(outstanding[part.invoice_id] for part in parts):
        raise NothingToPay
    currency = parts[0].amount.currency
    assert len({part.invoice_id for part in parts}) == len(parts), "an invoice is chosen once"
    for part in parts:
        if outstanding[part.invoice_id].currency != currency:
            raise CurrencyMismatch(currency, outstanding[part.invoice_id].currency)
        if part.amount > outstanding[part.invoice_id]:
            raise PaymentExceedsOutstanding(part.amount, outstanding[part.invoice_id])
        if part.amount < Money.zero(currency):
            raise PaymentBelowMinimum(part.amount, least_by_card(currency))
    offered = Money.total((part.amount for part in parts), currency)
    whole = Money.total((outstanding[part.invoice_id] for part in parts), currency)
    if least_payment is not None and offered < least_payment and offered < whole:
        raise PaymentBelowMinimum(offered, least_payment)
    if offered < least_by_card(currency):
        raise PaymentBelowMinimum(offered, least_by_card(currency))
    if offered.minor > _MOST_BY_CARD:
        raise PaymentAboveMaximum(offered, Money(_MOST_BY_CARD, currency))
    return offered


def fingerprint(debtor_id: DebtorId, parts: Sequence[Part], *more: object) -> str:
    """By which the same choice, made again, is recognised: SHA-256, whatever the order.

    `more` is what else makes it another choice; None says nothing.
    """
    lines = sorted(f"{part.invoice_id} {part.amount}" for part in parts)
    lines += [str(one) for one in more if one is not None]
    return hashlib.sha256("\n".join([str(debtor_id), *lines]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Retry:
    """Charge the same method again, after this long."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class NewCard:
    """This method will not be taken: ask for another."""


@dataclass(frozen=True, slots=True)
class Authenticate:
    """The bank wants its customer to confirm: send them a link to a page."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Enough tries: a person's turn."""


Advice = Retry | NewCard | Authenticate | GiveUp

#: After the first, second and third try of one instalment; the fourth is the last.
#: Visa allows 20 in 30 days (Visa Rules, excessive retries); four is what a debtor bears.
_RETRIES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))

#: Nobody has been asked: our line to the gateway, not the debtor's bank, said no.
_NOT_THE_BANK = frozenset({"unreached", "not_configured"})
LINE_TROUBLE = timedelta(hours=1)

#: What no waiting cures. Source: docs.stripe.com/declines/codes, "next steps"; the last line is
#: what Stripe says of a method that is kept no longer.
_FOR_GOOD = frozenset(
    {
        "lost_card", "stolen_card", "pickup_card", "restricted_card", "fraudulent",
        "merchant_blacklist", "expired_card", "invalid_account", "invalid_number",
        "incorrect_number", "incorrect_cvc", "invalid_cvc", "invalid_expiry_month",
        "invalid_expiry_year", "new_account_information_available", "card_not_supported",
        "currency_not_supported", "not_permitted", "no_action_taken", "revocation_of_authorization",
        "revocation_of_all_authorizations", "stop_payment_order", "transaction_not_allowed",
        "account_closed", "bank_account_closed", "debit_not_authorized", "mandate_invalid",
        "payment_method_unexpected_state", "resource_missing",
    }
)  # fmt: skip
_ADVISED_AGAINST = frozenset({"do_not_try_again", "confirm_card_data"})


def retry_advice(code: str, decline_code: str, advice_code: str, tries: int) -> Advice:
    """What to do after the try number `tries` (1 the first time) of one instalment failed.

    The codes are as the attempt has them. A failure that is not the bank's is no try, and the
    caller does not count it.
    """
    assert tries >= 1, "a try has been made"
    if code in _NOT_THE_BANK:
        return Retry(LINE_TROUBLE)
    if AUTHENTICATION_REQUIRED in (code, decline_code):
        return Authenticate()
    if is_for_good(code, decline_code, advice_code):
        return NewCard()
    return Retry(_RETRIES[tries - 1]) if tries <= len(_RETRIES) else GiveUp()


def is_for_good(code: str, decline_code: str, advice_code: str) -> bool:
    """Whether a refused method will not be taken another time, either."""
    return advice_code in _ADVISED_AGAINST or not _FOR_GOOD.isdisjoint({code, decline_code})
