"""An intent meets a means of payment: paid, refused, or the bank wants its customer to confirm."""

from sandbox.stripe import cards, customers, declines, disputes, shapes
from sandbox.stripe.books import Books
from sandbox.stripe.cards import Decline
from sandbox.stripe.problems import Json

#: Confirmed at once by their bank; SEPA debit is told days later.
IMMEDIATE = frozenset({"twint", "bancontact", "ideal"})

_DEBIT_RETURNED = Decline(
    "payment_intent_payment_attempt_failed",
    None,
    None,
    "The payment failed: the debtor's bank returned the debit.",
)


def pay(
    books: Books,
    intent: Json,
    method: Json,
    *,
    off_session: bool = False,
    confirmed: bool = False,
    return_url: str | None = None,
) -> Json:
    """Tries the method. The intent says how it went; nothing is raised for a refusal.

    `confirmed` is true once the bank's customer has passed its check.
    """
    intent |= {
        "payment_method": method["id"],
        "next_action": None,
        "last_payment_error": None,
        "_off_session": off_session,
    }
    if method["type"] == "sepa_debit":
        return _debit(books, intent, method)
    if method["type"] != "card":
        if not confirmed:
            return ask_to_confirm(books, intent, return_url)
        return _succeed(books, intent, method)
    held = cards.card(method["_number"])
    wants = cards.wants_confirmation(held, off_session=off_session, set_up=method["_set_up"])
    if wants and not confirmed:
        if off_session:
            return refuse(books, intent, method, cards.AUTHENTICATION)
        return ask_to_confirm(books, intent, return_url)
    if held.decline is not None:
        return refuse(books, intent, method, held.decline)
    return _succeed(books, intent, method)


def ask_to_confirm(books: Books, intent: Json, return_url: str | None) -> Json:
    url = f"{books.public_url}/c/authenticate/{intent['id']}"
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {"return_url": return_url, "url": url},
        "type": "redirect_to_url",
    }
    books.save(intent)
    books.emit("payment_intent.requires_action", intent)
    return intent


def refuse(
    books: Books, intent: Json, method: Json, decline: Decline, *, charged: bool = True
) -> Json:
    """`charged` is false when it never came to a charge, as when the bank's check failed."""
    failed: str | None = None
    if charged:
        charge = shapes.charge(books.new("ch_", "charge"), intent, method)
        charge |= {
            "status": "failed",
            "failure_code": decline.code,
            "failure_message": decline.message,
            "outcome": shapes.outcome(decline.decline_code or decline.code, decline.advice_code),
        }
        failed = charge["id"]
        books.save(charge)
        books.emit("charge.failed", charge)
        intent["latest_charge"] = failed
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": declines.error(decline, charge=failed, method=method),
    }
    books.save(intent)
    books.emit("payment_intent.payment_failed", intent)
    return intent


def _succeed(books: Books, intent: Json, method: Json) -> Json:
    charge = shapes.charge(books.new("ch_", "charge"), intent, method)
    _collect(books, charge)
    _save_method(books, intent, method)
    _paid(books, intent, charge)
    held = cards.card(method.get("_number", ""))
    if method["type"] == "card" and held.disputed_as:
        disputes.open_dispute(books, charge["id"], reason=held.disputed_as)
    return intent


def _save_method(books: Books, intent: Json, method: Json) -> None:
    wanted = intent["setup_future_usage"] is not None and not intent.get("_forget_method")
    if wanted and intent["customer"] and method["type"] == "card":
        customers.keep(books, method, intent["customer"], set_up=True)


def _collect(books: Books, charge: Json) -> None:
    charge |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": charge["amount"],
        "balance_transaction": f"txn_{charge['id'][3:]}",
        "outcome": shapes.outcome(),
        "receipt_url": f"{books.public_url}/",
    }
    books.save(charge)
    books.emit("charge.succeeded", charge)


def _paid(books: Books, intent: Json, charge: Json) -> None:
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "processing": None,
    }
    books.save(intent)
    books.emit("payment_intent.succeeded", intent)


def _debit(books: Books, intent: Json, method: Json) -> Json:
    if "_mandate" not in method:
        permission = books.save(shapes.mandate(books.new("mandate_", "mandate"), method))
        method = books.save(method | {"_mandate": permission["id"]})
    charge = shapes.charge(books.new("py_", "charge"), intent, method)
    books.save(charge)
    books.emit("charge.pending", charge)
    _save_debit(books, intent, method)
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    books.save(intent)
    books.emit("payment_intent.processing", intent)
    return intent


def _save_debit(books: Books, intent: Json, method: Json) -> None:
    if intent["setup_future_usage"] is not None and intent["customer"]:
        customers.keep(books, method, intent["customer"], set_up=True)


def settle_debit(books: Books, intent: Json) -> Json:
    """The bank paid what was pending. The intent must be `processing`."""
    charge = books.get("charge", intent["latest_charge"])
    _collect(books, charge)
    _paid(books, intent, charge)
    return intent


def fail_debit(books: Books, intent: Json) -> Json:
    """The bank returned what was pending."""
    charge = books.get("charge", intent["latest_charge"])
    charge |= {
        "status": "failed",
        "failure_code": "insufficient_funds",
        "failure_message": _DEBIT_RETURNED.message,
    }
    books.save(charge)
    books.emit("charge.failed", charge)
    method = books.get("payment_method", intent["payment_method"])
    return refuse(books, intent, method, _DEBIT_RETURNED, charged=False)
