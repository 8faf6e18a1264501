"""Money sent back to the payer."""

from sandbox.stripe import cards, shapes
from sandbox.stripe.amounts import written
from sandbox.stripe.books import Books
from sandbox.stripe.customers import metadata
from sandbox.stripe.problems import Json, invalid


def create(books: Books, params: Json, _id: str = "") -> Json:
    charge = _refundable(books, params)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    amount = params.get("amount", left)
    if amount < 1:
        raise invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        raise invalid(
            f"Refund amount ({written(amount, charge['currency'])}) is greater than unrefunded "
            f"amount on charge ({written(left, charge['currency'])})",
            "amount",
        )
    refund = shapes.refund(books.new("re_", "refund"), charge, amount, params.get("reason"))
    refund["metadata"] = metadata({}, params.get("metadata"))
    method = books.find(charge["payment_method"]) or {}
    if cards.card(method.get("_number", "")).refund == "pending":
        refund |= {"status": "pending", "pending_reason": "processing"}
    books.save(refund)
    books.emit("refund.created", refund)
    _count(books, charge, amount)
    books.emit("charge.refunded", charge)
    return refund


def _refundable(books: Books, params: Json) -> Json:
    named = [name for name in ("charge", "payment_intent") if name in params]
    if len(named) != 1:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
        )
    if named == ["payment_intent"]:
        intent = books.get("payment_intent", params["payment_intent"], "payment_intent")
        charge = books.find(intent["latest_charge"])
    else:
        charge = books.get("charge", params["charge"], "charge")
    if charge is None or not charge["paid"]:
        raise invalid(
            "This PaymentIntent does not have a successful charge to refund.",
            named[0],
            "charge_not_refundable",
        )
    if charge["disputed"] and not _may_refund(books, charge):
        raise invalid(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    return charge


def _may_refund(books: Books, charge: Json) -> bool:
    held = books.page("dispute", "", {}, charge=charge["id"])["data"]
    return all(dispute["is_charge_refundable"] for dispute in held)


def _count(books: Books, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.save(charge)


def settle(books: Books, refund_id: str) -> Json:
    """What was pending has reached the payer."""
    refund = books.get("refund", refund_id)
    if refund["status"] != "pending":
        raise invalid("Only a pending refund can be settled.")
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    books.save(refund)
    books.emit("refund.updated", refund)
    return refund


def fail(books: Books, refund_id: str, reason: str = "expired_or_canceled_card") -> Json:
    """The payer's bank sent the refund back: the money is ours again."""
    refund = books.get("refund", refund_id)
    if refund["status"] not in ("pending", "succeeded"):
        raise invalid("This refund has failed before.")
    refund |= {
        "status": "failed",
        "failure_reason": reason,
        "failure_balance_transaction": f"txn_f{refund['id'][3:]}",
    }
    refund.pop("pending_reason", None)
    books.save(refund)
    _count(books, books.get("charge", refund["charge"]), -refund["amount"])
    books.emit("refund.updated", refund)
    books.emit("refund.failed", refund)
    return refund


def retrieve(books: Books, _params: Json, refund_id: str) -> Json:
    return books.get("refund", refund_id)


def listing(books: Books, params: Json, _id: str) -> Json:
    return books.page(
        "refund",
        "/v1/refunds",
        params,
        charge=params.get("charge"),
        payment_intent=params.get("payment_intent"),
    )
