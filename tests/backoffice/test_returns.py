"""What staff do with money that goes back, waits, or is given up."""

from __future__ import annotations

import re

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId, PaymentId
from receivables.ledger.queries import outstanding_of, unapplied_of
from receivables.parties.queries import debtor
from receivables.payments.return_queries import refunds_of
from tests.support.builders import money
from tests.support.faces import Browser
from tests.support.office import Office
from tests.support.payments import Till


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"no {name} on the page"
    return found[1]


def outstanding(office: Office, invoice_id: object) -> str:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        one = InvoiceId(invoice_id)  # type: ignore[arg-type]
        return str(outstanding_of(session, office.supplier_id, [one])[one])


def unapplied(office: Office) -> list[str]:
    debtor_id = DebtorId(office.ids["debtor"])
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        return [str(one) for one in unapplied_of(session, office.supplier_id, debtor_id)]


def refund(browser: Browser, path: str, amount: str, why: str = "returned goods") -> str:
    """Look at the preview of an amount, and confirm it."""
    page = browser.get(f"{path}/refund?amount={amount}").text
    form = {"refund": hidden(page, "refund"), "amount": amount, "why": why}
    answer = browser.submit(f"{path}/refund", form, page=f"{path}/refund?amount={amount}")
    assert answer.status_code == 303, answer.text[:3000]
    return page


def test_a_refund_shows_what_it_opens_and_then_opens_it(office: Office) -> None:
    path = f"/payments/{office.ids['payment']}"
    with office.signed_in(office.collector) as browser:
        page = refund(browser, path, "30.00")
        after = browser.get(path).text

    assert "is open again: CHF\N{NO-BREAK SPACE}30.00 outstanding" in page
    assert "The money is on its way back." in after
    assert "returned goods" in after
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        (made,) = refunds_of(session, office.supplier_id, PaymentId(office.ids["payment"]))
    assert (made.state, made.amount) == ("succeeded", money("30.00 CHF"))


def test_a_refund_needs_a_reason_and_an_amount_that_is_left(office: Office) -> None:
    path = f"/payments/{office.ids['payment']}/refund"
    with office.signed_in(office.collector) as browser:
        too_much = browser.submit(path, {"amount": "80.01", "why": "x"})
        no_reason = browser.submit(path, {"amount": "10.00", "why": " "})
        nonsense = browser.submit(path, {"amount": "ten", "why": "x"})

    assert [one.status_code for one in (too_much, no_reason, nonsense)] == [422] * 3
    assert "more than is left of this payment" in too_much.text
    assert "Please say why" in no_reason.text
    assert "Please write an amount" in nonsense.text


def test_who_only_reads_can_neither_refund_nor_write_off_nor_allocate(office: Office) -> None:
    paths = [
        f"/payments/{office.ids['payment']}/refund",
        f"/invoices/{office.ids['invoice']}/write-off",
        f"/debtors/{office.ids['debtor']}/unapplied",
    ]
    with office.signed_in(office.reader) as browser:
        answers = [browser.submit(path, {"amount": "1.00", "why": "x"}) for path in paths]

    assert [one.status_code for one in answers] == [403] * 3


def test_a_refund_that_failed_waits_for_a_person_until_they_have_seen_to_it(
    office: Office, till: Till
) -> None:
    path = f"/payments/{office.ids['payment']}"
    with office.signed_in(office.collector) as browser:
        refund(browser, path, "30.00")
        made = till.stripe.store.every("refund")[0][1]
        till.stripe.fail_refund(made["id"])
        till.deliver()
        today = browser.get("/").text
        before = browser.get("/payments/returns").text
        found = re.search(r'action="(/refunds/[^"]+/seen)"', before)
        assert found
        browser.submit(found[1])
        after = browser.get("/payments/returns").text

    assert "1 refund that did not arrive" in today
    assert "Refunds that need you" in before
    assert "Refunds that need you" not in after
    assert "came back" in after


def test_a_write_off_closes_the_payment_page_first_and_can_be_taken_back(
    office: Office, till: Till
) -> None:
    invoice_id = office.ids["invoice"]
    choice = till.choice(
        DebtorId(office.ids["debtor"]), [(InvoiceId(invoice_id), "120.00 CHF")],
        supplier_id=office.supplier_id,
    )  # fmt: skip
    page = till.begin(choice)
    path = f"/invoices/{invoice_id}"
    with office.signed_in(office.collector) as browser:
        form = {"amount": "120.00", "why": "insolvent"}
        assert browser.submit(f"{path}/write-off", form).status_code == 303
        waived = browser.get(path).text
        standing = browser.get(f"{path}/write-off").text
        found = re.search(r'action="(/invoices/[^"]+/reverse)"', standing)
        assert found
        closed = outstanding(office, invoice_id)
        browser.submit(found[1])

    assert till.payment(page.payment_id, office.supplier_id).state == "expired"
    assert closed == "CHF 0.00"
    assert "waived" in waived
    assert outstanding(office, invoice_id) == "CHF 120.00"


def test_a_file_with_a_credit_note_closes_the_page_it_will_lower_before_it_is_taken_in(
    office: Office, till: Till
) -> None:
    debtor_id, invoice_id = DebtorId(office.ids["debtor"]), InvoiceId(office.ids["invoice"])
    choice = till.choice(debtor_id, [(invoice_id, "120.00 CHF")], supplier_id=office.supplier_id)
    page = till.begin(choice)
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        number = debtor(session, office.supplier_id, debtor_id).number
    file = (
        "number,issued_on,due_on,currency,amount,debtor_name,debtor_number,type\n"
        f"G-1,2026-11-02,2026-12-02,CHF,20.00,Atelier Dubois,{number},credit_note\n"
    )

    with office.signed_in(office.collector) as browser:
        answer = browser.post(
            "/invoices/import",
            data={"_csrf_token": browser.token("/invoices/import")},
            files=[("files", ("credit.csv", file.encode(), "text/csv"))],
            headers={"Origin": browser.origin},
        )

    assert "G-1" in answer.text, answer.text[:3000]
    assert till.payment(page.payment_id, office.supplier_id).state == "expired"
    assert outstanding(office, invoice_id) == "CHF 100.00"


def test_a_write_off_of_what_is_paid_at_that_moment_says_so_and_books_the_payment(
    office: Office, till: Till
) -> None:
    invoice_id = InvoiceId(office.ids["invoice"])
    debtor_id = DebtorId(office.ids["debtor"])
    choice = till.choice(debtor_id, [(invoice_id, "120.00 CHF")], supplier_id=office.supplier_id)
    page = till.begin(choice)
    till.stripe.pay_by_card(page.url.rsplit("/", 1)[-1], "4242424242424242")

    with office.signed_in(office.collector) as browser:
        form = {"amount": "120.00", "why": "insolvent"}
        answer = browser.submit(f"/invoices/{invoice_id}/write-off", form)

    assert answer.status_code == 422
    assert "the invoice has been paid meanwhile" in answer.text
    assert till.payment(page.payment_id, office.supplier_id).state == "settled"


def test_money_is_taken_off_an_invoice_and_put_against_another(office: Office) -> None:
    path = f"/debtors/{office.ids['debtor']}"
    with office.signed_in(office.collector) as browser:
        page = browser.get(f"{path}/unapplied").text
        undos = re.findall(r'action="(/debtors/[^"]+/undo)"', page)
        undo = undos[-1]
        browser.submit(undo)
        waiting = unapplied(office)
        again = browser.submit(undo)
        listed = browser.get("/payments/unapplied").text
        form = {"currency": "CHF", f"amount-{office.ids['invoice']}": "80.00"}
        put = browser.submit(f"{path}/unapplied", form)
        too_much = browser.submit(f"{path}/unapplied", form)

    assert waiting == ["CHF 80.00"]
    assert again.status_code == 404
    assert "Atelier Dubois" in listed
    assert (put.status_code, too_much.status_code) == (303, 422)
    assert outstanding(office, office.ids["invoice"]) == "CHF 40.00"
    assert unapplied(office) == []
