"""How money is spread over invoices, and how an invoice then stands."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from receivables.ids import InvoiceId, new_id
from receivables.ledger.holds import Hold, HoldReason, credit_coming, reason_for_all
from receivables.ledger.rules import invoice_status, spread
from receivables.money import Money

IDS = [InvoiceId(new_id()) for _ in range(6)]
AMOUNTS = st.integers(1, 10**7).map(lambda minor: Money(minor, "EUR"))
OUTSTANDING = st.dictionaries(st.sampled_from(IDS), AMOUNTS, max_size=6)
PARTS = st.lists(st.tuples(st.sampled_from(IDS), AMOUNTS), max_size=4, unique_by=lambda p: p[0])


@given(AMOUNTS, PARTS, OUTSTANDING)
def test_nothing_is_lost_and_no_invoice_gets_more_than_is_outstanding(amount, parts, outstanding):
    shares, left = spread(amount, parts, outstanding)

    assert sum(share.minor for share in shares.values()) + left.minor == amount.minor
    assert left.minor >= 0
    assert all(share <= outstanding[invoice_id] for invoice_id, share in shares.items())


@given(AMOUNTS, PARTS, OUTSTANDING)
def test_something_is_left_only_when_every_invoice_is_paid(amount, parts, outstanding):
    shares, left = spread(amount, parts, outstanding)

    if left:
        assert shares == outstanding


@given(PARTS, OUTSTANDING)
def test_what_was_meant_for_an_invoice_goes_there_first(parts, outstanding):
    meant = {one: min(most, outstanding[one]) for one, most in parts if one in outstanding}
    amount = Money.total(meant.values(), "EUR")

    shares, left = spread(amount, parts, outstanding)

    assert shares == meant
    assert not left


def test_another_currency_gets_nothing():
    francs = {IDS[0]: Money(500, "CHF")}

    assert spread(Money(500, "EUR"), [], francs) == ({}, Money(500, "EUR"))


def test_an_invoice_has_one_status():
    def status(outstanding: int, *, processing: int = 0, days: int = -5, credit: bool = False):
        return invoice_status(
            total=Money(1000, "EUR"), outstanding=Money(outstanding, "EUR"),
            processing=Money(processing, "EUR"), days=days, by_credit_alone=credit,
        )  # fmt: skip

    assert status(1000) == "open"
    assert status(400) == "partly_paid"
    assert status(400, days=1) == "overdue"
    assert status(400, days=0) == "partly_paid", "nobody is late on the due date itself"
    assert status(400, processing=400, days=9) == "processing"
    assert status(0, days=9) == "paid"
    assert status(0, credit=True) == "credited"


def test_what_a_credit_note_is_to_take_altogether_is_under_review_no_more():
    left = Money(400, "EUR")
    agreed = Hold(invoice_id=IDS[0], reason=HoldReason.DISPUTED, amount=left, credited=True)
    contested = Hold(invoice_id=IDS[0], reason=HoldReason.DISPUTED, amount=Money(100, "EUR"))

    def status(*holds: Hold) -> str:
        return invoice_status(
            total=Money(1000, "EUR"), outstanding=left, processing=Money(0, "EUR"), days=9,
            held=reason_for_all(left, holds), credit_coming=credit_coming(left, holds),
        )  # fmt: skip

    assert status(agreed) == "credit_coming"
    assert status(contested, replace(contested, amount=Money(300, "EUR"))) == "disputed"
    assert status(contested, replace(agreed, amount=Money(300, "EUR"))) == "disputed"
    assert status(replace(agreed, amount=Money(300, "EUR"))) == "overdue"
