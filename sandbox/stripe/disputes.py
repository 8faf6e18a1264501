"""A card holder asks the bank for the money back."""

from sandbox.stripe import shapes
from sandbox.stripe.books import Books
from sandbox.stripe.problems import Json, invalid

#: What Stripe keeps for a chargeback, in minor units of the account's currency.
_FEE = 2000


def open_dispute(
    books: Books,
    charge_id: str,
    *,
    reason: str = "fraudulent",
    amount: int | None = None,
    inquiry: bool = False,
    withdraw: bool = True,
) -> Json:
    """An inquiry (`warning_...`) moves no money; a chargeback takes it unless told to wait."""
    charge = books.get("charge", charge_id)
    if not charge["paid"] or charge["disputed"]:
        raise invalid("Only a paid charge without a dispute can be disputed.", "charge")
    status = "warning_needs_response" if inquiry else "needs_response"
    dispute = shapes.dispute(
        books.new("du_", "dispute"),
        charge,
        amount=charge["amount"] if amount is None else amount,
        reason=reason,
        status=status,
    )
    charge["disputed"] = True
    books.save(charge)
    books.save(dispute)
    books.emit("charge.dispute.created", dispute)
    return withdraw_funds(books, dispute["id"]) if withdraw and not inquiry else dispute


def withdraw_funds(books: Books, dispute_id: str) -> Json:
    """The disputed amount leaves the balance. An inquiry becomes a chargeback by it."""
    dispute = books.get("dispute", dispute_id)
    if len(dispute["balance_transactions"]) != 0:
        raise invalid("The funds of this dispute have been withdrawn before.")
    if dispute["status"].startswith("warning_"):
        dispute["status"] = "needs_response"
        dispute["is_charge_refundable"] = False
    return _move(books, dispute, -dispute["amount"], "charge.dispute.funds_withdrawn")


def reinstate_funds(books: Books, dispute_id: str) -> Json:
    dispute = books.get("dispute", dispute_id)
    if len(dispute["balance_transactions"]) != 1:
        raise invalid("The funds of this dispute are not withdrawn.")
    return _move(books, dispute, dispute["amount"], "charge.dispute.funds_reinstated")


def _move(books: Books, dispute: Json, amount: int, event: str) -> Json:
    fee = _FEE if amount < 0 else 0
    head = {k: v for k, v in books.new("txn_", "balance_transaction").items() if k != "livemode"}
    dispute["balance_transactions"].append(
        {
            **head,
            "amount": amount,
            "available_on": books.now(),
            "balance_type": "payments",
            "currency": dispute["currency"],
            "description": f"Chargeback of {dispute['charge']}",
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "reporting_category": "dispute" if amount < 0 else "dispute_reversal",
            "source": dispute["id"],
            "status": "available",
            "type": "adjustment",
        }
    )
    books.save(dispute)
    books.emit(event, dispute)
    return dispute


def close_dispute(books: Books, dispute_id: str, *, won: bool) -> Json:
    """Won means that the supplier keeps the money: it is reinstated first if it had left."""
    dispute = books.get("dispute", dispute_id)
    if dispute["status"] in ("won", "lost", "warning_closed"):
        raise invalid("This dispute is closed.")
    if won and len(dispute["balance_transactions"]) == 1:
        dispute = reinstate_funds(books, dispute_id)
    inquiry = dispute["status"].startswith("warning_")
    dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
    books.save(dispute)
    books.emit("charge.dispute.closed", dispute)
    return dispute


def retrieve(books: Books, _params: Json, dispute_id: str) -> Json:
    return books.get("dispute", dispute_id)


def listing(books: Books, params: Json, _id: str) -> Json:
    return books.page(
        "dispute",
        "/v1/disputes",
        params,
        charge=params.get("charge"),
        payment_intent=params.get("payment_intent"),
    )
