"""What the payer does on the hosted page: choose, pay, confirm at the bank."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.stripe import banks, cards, charging, customers, declines, shapes
from sandbox.stripe.books import Books
from sandbox.stripe.problems import Json, invalid, not_played


class BankAnswer(StrEnum):
    """What the payer does on the bank's page. ABANDON closes the tab: nothing happens."""

    AUTHENTICATE = "authenticate"
    FAIL = "fail"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class Means:
    """What the payer typed or clicked: `number` and `expiry` for a card, `iban` for a debit."""

    kind: str = "card"
    number: str = "4242424242424242"
    expiry: tuple[int, int] = (12, 2040)
    iban: str = banks.TEST_IBAN
    name: str | None = None
    email: str | None = None


def submit(books: Books, session_id: str, means: Means, *, save_card: bool = True) -> Json:
    """The session after one attempt; `save_card` False loses the card although it was asked for.

    Raises ApiProblem when the session is not open or does not offer this kind of payment.
    """
    session = books.get("checkout.session", session_id)
    if session["status"] != "open":
        raise invalid(f"This Checkout Session is {session['status']}.")
    if means.kind not in session["payment_method_types"]:
        raise invalid(f"This Checkout Session does not offer {means.kind}.")
    method = _method(books, means)
    session["_means"] = {"name": means.name, "email": means.email}
    if session["mode"] == "setup":
        return _set_up(books, session, method)
    intent = _intent(books, session)
    intent["_forget_method"] = not save_card
    _remember_customer(books, session, intent, means)
    intent = charging.pay(books, intent, method, return_url=session["success_url"])
    return conclude(books, session, intent)


def _method(books: Books, means: Means) -> Json:
    if means.kind == "card":
        return customers.new_card(
            books, means.number, means.expiry, name=means.name, email=means.email
        )
    head = books.new("pm_", "payment_method")
    owner = shapes.billing_details(means.name, means.email)
    details = banks.details(means.kind, means.iban)
    return books.save(shapes.bank_method(head, means.kind, owner, details))


def _intent(books: Books, session: Json) -> Json:
    """Made by the first attempt to pay, as at Stripe since API 2022-08-01."""
    held = books.find(session["payment_intent"])
    if held is not None:
        return held
    data = session["_intent_data"]
    intent = shapes.payment_intent(
        books.new("pi_", "payment_intent"),
        amount=session["amount_total"],
        currency=session["currency"],
        types=session["payment_method_types"],
    )
    names = ("description", "setup_future_usage", "statement_descriptor", "transfer_group")
    intent |= {name: data.get(name) for name in (*names, "statement_descriptor_suffix")}
    intent |= {
        "customer": session["customer"],
        "receipt_email": data.get("receipt_email"),
        "metadata": customers.metadata({}, data.get("metadata")),
        "payment_method_configuration_details": session["payment_method_configuration_details"],
        "_checkout": session["id"],
    }
    session["payment_intent"] = intent["id"]
    books.save(intent)
    books.save(session)
    books.emit("payment_intent.created", intent)
    return intent


def _remember_customer(books: Books, session: Json, intent: Json, means: Means) -> None:
    """A customer is made where one is needed to keep the card with."""
    wanted = session["customer_creation"] == "always" or intent["setup_future_usage"]
    if session["customer"] is None and wanted:
        known = {"email": means.email, "name": means.name}
        made = customers.create(books, {k: v for k, v in known.items() if v})
        session["customer"] = intent["customer"] = made["id"]


def conclude(books: Books, session: Json, intent: Json) -> Json:
    """The session follows its intent: complete once money has come or is on its way."""
    if intent["status"] not in ("succeeded", "processing"):
        return books.save(session)
    session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    return _complete(books, session)


def _complete(books: Books, session: Json) -> Json:
    means = session.get("_means", {})
    details = session["customer_details"] or {
        **shapes.nulls("address", "business_name", "email", "individual_name", "name", "phone"),
        "tax_exempt": "none",
        "tax_ids": None,
    }
    session |= {
        "status": "complete",
        "url": None,
        "customer_details": {
            **details,
            "email": details["email"] or means.get("email"),
            "name": means.get("name") or details["name"],
        },
    }
    books.save(session)
    books.emit("checkout.session.completed", session)
    return session


def answer_bank(books: Books, intent_id: str, answer: BankAnswer) -> Json:
    """The intent after its payer answered the bank. One that no longer waits stays as it is."""
    intent = books.get("payment_intent", intent_id)
    if intent["status"] != "requires_action" or answer is BankAnswer.ABANDON:
        return intent
    method = books.get("payment_method", intent["payment_method"])
    if answer is BankAnswer.FAIL:
        decline = cards.AUTHENTICATION_FAILED
        intent = charging.refuse(books, intent, method, decline, charged=False)
    else:
        intent = charging.pay(books, intent, method, confirmed=True)
    session = books.find(intent.get("_checkout"))
    if session is not None and session["status"] == "open":
        conclude(books, session, intent)
    return intent


def _set_up(books: Books, session: Json, method: Json) -> Json:
    setup = books.get("setup_intent", session["setup_intent"])
    held = cards.card(method["_number"])
    if held.decline is not None and not held.attaches:
        setup["last_setup_error"] = declines.error(held.decline, method=method)
        books.save(setup)
        books.emit("setup_intent.setup_failed", setup)
        return books.save(session)
    if cards.wants_confirmation(held, off_session=False, set_up=False):
        setup |= {"status": "requires_action", "payment_method": method["id"]}
        url = f"{books.public_url}/c/authenticate/{setup['id']}"
        redirect = {"return_url": session["success_url"], "url": url}
        setup["next_action"] = {"redirect_to_url": redirect, "type": "redirect_to_url"}
        setup["_checkout"] = session["id"]
        books.save(setup)
        books.emit("setup_intent.requires_action", setup)
        return books.save(session)
    return _set_up_done(books, session, setup, method)


def _set_up_done(books: Books, session: Json, setup: Json, method: Json) -> Json:
    if setup["customer"] is not None:
        customers.keep(books, method, setup["customer"], set_up=True)
    setup |= {
        "status": "succeeded",
        "payment_method": method["id"],
        "next_action": None,
        "last_setup_error": None,
    }
    books.save(setup)
    books.emit("setup_intent.succeeded", setup)
    return _complete(books, session)


def answer_bank_for_setup(books: Books, setup_id: str, answer: BankAnswer) -> Json:
    """As `answer_bank`, for a card that is being saved."""
    setup = books.get("setup_intent", setup_id)
    if setup["status"] != "requires_action" or answer is BankAnswer.ABANDON:
        return setup
    session = books.get("checkout.session", setup["_checkout"])
    method = books.get("payment_method", setup["payment_method"])
    if answer is BankAnswer.AUTHENTICATE:
        _set_up_done(books, session, setup, method)
        return setup
    setup |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    setup["last_setup_error"] = declines.error(cards.AUTHENTICATION_FAILED, method=method)
    books.save(setup)
    books.emit("setup_intent.setup_failed", setup)
    return setup


def settle_debit(books: Books, intent_id: str, *, paid: bool) -> Json:
    """The bank's answer to a pending debit, and what it does to the session it came from."""
    intent = books.get("payment_intent", intent_id)
    if intent["status"] != "processing":
        raise invalid("Only a payment that is processing can be settled or returned.")
    intent = (charging.settle_debit if paid else charging.fail_debit)(books, intent)
    session = books.find(intent.get("_checkout"))
    if session is not None:
        session["payment_status"] = "paid" if paid else "unpaid"
        books.save(session)
        outcome = "succeeded" if paid else "failed"
        books.emit(f"checkout.session.async_payment_{outcome}", session)
    return intent


def change_card(books: Books, method_id: str, number: str) -> Json:
    """The bank changes its mind: a saved card behaves like another test card from now on."""
    method = books.get("payment_method", method_id)
    if method["type"] != "card":
        raise not_played("changing anything but a card")
    method["_number"] = number
    return books.save(method)
