"""Receipts and statements of account: what they say is what the ledger says."""

from __future__ import annotations

from datetime import date

import pytest

from receivables import history
from receivables.clock import SteppingClock
from receivables.dunning import tasks
from receivables.ids import DebtorId, PaymentId, RefundId, new_id
from receivables.ledger.actions import book_transfer
from receivables.ledger.giving_back import give_back
from receivables.ledger.tables import Reason
from receivables.ledger.writing_off import write_off
from receivables.money import Money
from receivables.payments import queries as payments
from receivables.payments.account_statement import (
    MOST_ROWS,
    AccountStatement,
    account_statement_of,
    print_account_statement,
)
from receivables.payments.receipt import (
    NoReceipt,
    Receipt,
    print_receipt,
    receipt_number,
    receipt_of,
)
from receivables.payments.return_tables import Refund
from tests.support.builders import money
from tests.support.dunning import Dunning
from tests.support.letters import text_of
from tests.support.world import World


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def receipt(dunning: Dunning, payment_id: PaymentId) -> Receipt:
    with dunning.world.runtime.reading(dunning.scope) as session:
        payment = payments.of_supplier(session, dunning.supplier_id, payment_id)
        return receipt_of(session, payment)


def printed(dunning: Dunning, payment_id: PaymentId, locale: str = "en_GB") -> str:
    now = dunning.world.clock.now()
    return text_of(print_receipt(receipt(dunning, payment_id), locale=locale, now=now))


def statement(dunning: Dunning, debtor_id: DebtorId) -> AccountStatement:
    now = dunning.world.clock.now()
    with dunning.world.runtime.reading(dunning.scope) as session:
        return account_statement_of(session, dunning.supplier_id, debtor_id, now=now)


def send_back(dunning: Dunning, debtor_id: DebtorId, payment_id: PaymentId, amount: str) -> None:
    """What a refund made at the gateway leaves behind."""
    now = dunning.world.clock.now()
    with dunning.world.runtime.transaction(dunning.scope) as session:
        session.add(
            Refund(
                id=RefundId(new_id()), supplier_id=dunning.supplier_id, payment_id=payment_id,
                amount=money(amount), external=True, state="succeeded", state_since=now,
                request={}, stripe_refund_id="re_1", created_at=now, sent_at=now,
            )
        )  # fmt: skip
        give_back(
            session, supplier_id=dunning.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
            amount=money(amount), reason=Reason.REFUNDED, source="re_1",
            booked_on=dunning.today, clock=dunning.world.clock,
        )  # fmt: skip


def test_a_receipt_says_who_paid_what_when_and_for_which_invoices(dunning: Dunning) -> None:
    debtor = dunning.world.debtor(name="Ateliers Dubois SA")
    dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-20)
    dunning.world.invoice("250.00 CHF", debtor_id=debtor, number="A-2", due_in_days=-10)
    payment_id = dunning.pay(debtor, "180.50 CHF")

    text = printed(dunning, payment_id)

    assert f"Receipt {receipt_number(payment_id)}" in text
    for said in (
        "Received from Ateliers Dubois SA",
        "Amount received CHF 180.50",
        "Received on 2 November 2026",
        "Visa •••• 4242",
        "CHF 100.00 CHF 100.00 paid in full",
        "CHF 250.00 CHF 80.50 CHF 169.50",
        "Total CHF 180.50",
        "CHF 169.50 remains open on your account.",
    ):
        assert said in text


def test_full_discharge_is_given_for_what_is_paid_to_the_last_cent_and_for_nothing_else(
    dunning: Dunning,
) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-20)
    dunning.world.invoice("250.00 CHF", debtor_id=debtor, number="A-2", due_in_days=-10)
    first = dunning.pay(debtor, "99.99 CHF")
    assert receipt(dunning, first).paid_in_full == ()
    assert "full discharge" not in printed(dunning, first)
    assert "no discharge for what remains open" in printed(dunning, first)

    second = dunning.pay(debtor, "0.01 CHF")

    assert "The invoice A-1 is paid in full. We give you full discharge for it." in printed(
        dunning, second
    )
    third = dunning.pay(debtor, "250.00 CHF")
    assert "no discharge" not in printed(dunning, third)
    assert "Nothing remains open on your account." in printed(dunning, third)


def test_a_debt_that_was_given_up_is_not_discharged(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    invoice = dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    payment_id = dunning.pay(debtor, "60.00 CHF")
    with dunning.world.runtime.transaction(dunning.scope) as session:
        write_off(
            session, supplier_id=dunning.supplier_id, debtor_id=debtor, invoice_id=invoice,
            amount=money("40.00 CHF"), why="insolvent", source="form-1",
            booked_on=dunning.today, clock=dunning.world.clock,
        )  # fmt: skip

    (part,) = receipt(dunning, payment_id).parts

    assert not part.outstanding
    assert not part.paid_in_full
    assert "full discharge" not in printed(dunning, payment_id)


def test_what_is_too_much_waits_as_credit(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    payment_id = dunning.pay(debtor, "130.00 CHF")

    text = printed(dunning, payment_id)

    assert "Used for no invoice CHF 30.00" in text
    assert "Total CHF 130.00" in text
    assert "The credit of CHF 30.00 is put against your next invoice." in text


def test_money_sent_back_later_is_listed_and_takes_the_discharge_with_it(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    payment_id = dunning.pay(debtor, "100.00 CHF")
    assert receipt(dunning, payment_id).paid_in_full == ("A-1",)

    send_back(dunning, debtor, payment_id, "40.00 CHF")

    again = receipt(dunning, payment_id)
    assert again.paid_in_full == ()
    assert [(one.by, one.amount) for one in again.returned] == [("supplier", money("40.00 CHF"))]
    text = printed(dunning, payment_id)
    assert "2 Nov 2026 Sent back to you CHF 40.00" in text
    assert "CHF 40.00 remains open on your account." in text


def test_credit_that_was_sent_back_is_no_credit_any_more(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    payment_id = dunning.pay(debtor, "130.00 CHF")

    send_back(dunning, debtor, payment_id, "30.00 CHF")

    again = receipt(dunning, payment_id)
    assert (again.unused, again.credit) == (money("30.00 CHF"), money("0.00 CHF"))
    assert again.adds_up
    assert again.paid_in_full == ("A-1",)
    assert "The credit of" not in printed(dunning, payment_id)


def test_there_is_no_receipt_for_money_that_is_not_here(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    invoice = dunning.world.invoice("100.00 CHF", debtor_id=debtor)
    payment_id = dunning.start_paying(debtor, invoice, "100.00 CHF")

    with pytest.raises(NoReceipt):
        receipt(dunning, payment_id)


THIN, NBSP = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("locale", "amount", "on"),
    [
        ("fr_CH", f"4{THIN}280.50{NBSP}CHF", "2 novembre 2026"),
        ("de_DE", f"4.280,50{NBSP}CHF", "2. November 2026"),
        ("nl_BE", f"4.280,50{NBSP}CHF", "2 november 2026"),
        ("it_CH", f"CHF{NBSP}4’280.50", "2 novembre 2026"),
        ("en_GB", f"CHF{NBSP}4,280.50", "2 November 2026"),
    ],
)
def test_amounts_and_dates_are_written_as_in_the_reader_s_country(
    locale: str, amount: str, on: str, dunning: Dunning
) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("4280.50 CHF", debtor_id=debtor)
    payment_id = dunning.pay(debtor, "4280.50 CHF")

    text = printed(dunning, payment_id, locale)

    assert " ".join(amount.split()) in text
    assert on in text


def thank(dunning: Dunning, debtor_id: DebtorId, payment_id: PaymentId, amount: Money) -> None:
    settled = tasks.PaymentSettled(
        supplier_id=dunning.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
        amount=amount, method="Visa ···· 4242",
    )  # fmt: skip
    with dunning.world.runtime.transaction(dunning.scope) as session:
        history.record(session, settled, clock=dunning.world.clock)


def test_the_mail_of_thanks_carries_the_receipt_in_the_same_language(dunning: Dunning) -> None:
    debtor = dunning.world.debtor(language="de", country="DE", name="Müller GmbH")
    dunning.world.invoice("4280.50 CHF", debtor_id=debtor, number="A-1")
    payment_id = dunning.pay(debtor, "4280.50 CHF")
    thank(dunning, debtor, payment_id, money("4280.50 CHF"))

    dunning.world.run_jobs()

    (mail,) = dunning.world.mail
    (attached,) = mail.attachments
    assert attached.filename == f"{receipt_number(payment_id)}.pdf"
    assert attached.media_type == "application/pdf"
    assert receipt_number(payment_id) in mail.text
    text = text_of(attached.content)
    assert "Müller GmbH" in text
    assert "4.280,50 CHF" in text


@pytest.mark.once("fifty letters are compared; one is made on both elsewhere")
def test_of_fifty_debtors_none_gets_another_one_s_receipt(dunning: Dunning) -> None:
    world = dunning.world
    names = {}
    for place in range(50):
        address = f"contact{place}@debtor.example"
        debtor = world.debtor(name=f"Debtor Number {place:02}", email=address)
        world.invoice("60.00 CHF", debtor_id=debtor, number=f"I-{place:02}")
        thank(dunning, debtor, dunning.pay(debtor, "60.00 CHF"), money("60.00 CHF"))
        names[address] = f"Debtor Number {place:02}"

    world.run_jobs()

    assert {mail.to_address for mail in world.mail} == set(names)
    for mail in world.mail:
        text = text_of(mail.attachments[0].content)
        assert {name for name in names.values() if name in text} == {names[mail.to_address]}


def test_a_statement_adds_up_what_is_open_and_lists_what_came(dunning: Dunning) -> None:
    debtor = dunning.world.debtor(name="Ateliers Dubois SA")
    dunning.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-20)
    second = dunning.world.invoice("250.00 CHF", debtor_id=debtor, number="A-2", due_in_days=10)
    paid = dunning.pay(debtor, "130.00 CHF")
    with dunning.world.runtime.transaction(dunning.scope) as session:
        book_transfer(
            session, supplier_id=dunning.supplier_id, debtor_id=debtor, invoice_id=second,
            amount=money("20.00 CHF"), reference="RF18", booked_on=dunning.today,
            clock=dunning.world.clock,
        )  # fmt: skip
    send_back(dunning, debtor, paid, "5.00 CHF")

    (group,) = statement(dunning, debtor).groups

    assert [(item.number, item.outstanding) for item in group.items] == [
        ("A-2", money("205.00 CHF"))
    ]
    assert (group.outstanding, group.overdue) == (money("205.00 CHF"), money("0.00 CHF"))
    assert group.balance == money("205.00 CHF")
    assert {(one.reference, one.amount) for one in group.payments} == {
        (receipt_number(paid), money("130.00 CHF")),
        ("RF18", money("20.00 CHF")),
        (receipt_number(paid), -money("5.00 CHF")),
    }
    now = dunning.world.clock.now()
    text = text_of(print_account_statement(statement(dunning, debtor), locale="en_GB", now=now))
    for said in ("Statement of account", "A-2", "CHF 205.00", "RF18 bank transfer CHF 20.00"):
        assert said in text


def test_a_statement_takes_off_what_the_bank_has_in_hand_and_no_page_that_is_merely_open(
    dunning: Dunning,
) -> None:
    debtor = dunning.world.debtor()
    invoice = dunning.world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-3)
    payment_id = dunning.start_paying(debtor, invoice, "60.00 CHF")
    assert statement(dunning, debtor).groups[0].processing == money("0.00 CHF")

    with dunning.world.runtime.transaction(dunning.scope) as session:
        payments.of_supplier(session, dunning.supplier_id, payment_id).state = "processing"

    whole = statement(dunning, debtor)
    (group,) = whole.groups
    assert (group.outstanding, group.overdue) == (money("100.00 CHF"), money("100.00 CHF"))
    assert (group.processing, group.balance) == (money("60.00 CHF"), money("40.00 CHF"))
    now = dunning.world.clock.now()
    text = text_of(print_account_statement(whole, locale="en_GB", now=now))
    for said in ("of which overdue CHF 100.00", "− CHF 60.00", "Still to pay CHF 40.00"):
        assert said in text


def test_a_statement_says_what_is_in_favour_when_nothing_is_open(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("50.00 CHF", debtor_id=debtor)
    dunning.pay(debtor, "80.00 CHF")

    whole = statement(dunning, debtor)

    (group,) = whole.groups
    assert group.items == ()
    assert (group.credit, group.balance) == (money("30.00 CHF"), -money("30.00 CHF"))
    now = dunning.world.clock.now()
    text = text_of(print_account_statement(whole, locale="en_GB", now=now))
    assert "Nothing is open. In your favour: CHF 30.00." in text


def test_a_statement_forgets_payments_of_more_than_a_year_ago(
    dunning: Dunning, clock: SteppingClock
) -> None:
    debtor = dunning.world.debtor()
    dunning.world.invoice("50.00 CHF", debtor_id=debtor)
    dunning.pay(debtor, "50.00 CHF")
    assert len(statement(dunning, debtor).groups[0].payments) == 1

    clock.advance(date(2027, 11, 4) - dunning.today)

    assert [group.payments for group in statement(dunning, debtor).groups] == [()]


@pytest.mark.once("what a document says")
def test_a_statement_of_a_thousand_invoices_lists_some_and_adds_up_all(dunning: Dunning) -> None:
    debtor = dunning.world.debtor()
    for place in range(MOST_ROWS + 5):
        dunning.world.invoice("1.00 CHF", debtor_id=debtor, number=f"I-{place:04}")

    whole = statement(dunning, debtor)

    (group,) = whole.groups
    assert (len(group.items), group.items_left_out) == (MOST_ROWS, 5)
    assert group.sum_left_out == money("5.00 CHF")
    assert group.outstanding == Money(100 * (MOST_ROWS + 5), "CHF")
    now = dunning.world.clock.now()
    assert "5 further invoices" in text_of(print_account_statement(whole, locale="en_GB", now=now))


def test_a_statement_knows_nothing_of_other_debtors(dunning: Dunning) -> None:
    mine, other = dunning.world.debtor(), dunning.world.debtor()
    dunning.world.invoice("50.00 CHF", debtor_id=mine, number="MINE")
    dunning.world.invoice("70.00 CHF", debtor_id=other, number="THEIRS")
    dunning.pay(other, "80.00 CHF")

    (group,) = statement(dunning, mine).groups

    assert [item.number for item in group.items] == ["MINE"]
    assert group.payments == ()
    assert not group.credit
