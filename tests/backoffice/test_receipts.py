"""The receipt as staff print it."""

from __future__ import annotations

from receivables.ids import PaymentId, new_id
from receivables.payments.receipt import receipt_number
from tests.support.dunning import Dunning
from tests.support.faces import backoffice_client
from tests.support.letters import text_of
from tests.support.office import Office, open_office


def test_staff_find_the_receipt_on_the_page_of_a_settled_payment(office: Office) -> None:
    payment_id = PaymentId(office.ids["payment"])
    path = f"/payments/{payment_id}/receipt.pdf"

    with office.signed_in(office.reader) as browser:
        assert path in browser.get(f"/payments/{payment_id}").text
        answer = browser.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment;")
    words = text_of(answer.content)
    assert receipt_number(payment_id) in words
    assert "Atelier Dubois & <Fils>" in words


def test_it_is_written_for_the_debtor_and_not_for_who_prints_it(bare: Office) -> None:
    dunning = Dunning(bare.world)
    debtor = bare.world.debtor(supplier_id=dunning.supplier_id, language="de", country="DE")
    bare.world.invoice("1950.00 CHF", debtor_id=debtor, supplier_id=dunning.supplier_id)
    payment_id = dunning.pay(debtor, "1950.00 CHF")
    staff = bare.world.staff(supplier_id=dunning.supplier_id, language="en")

    with backoffice_client(bare.runtime, staff) as browser:
        answer = browser.get(f"/payments/{payment_id}/receipt.pdf")

    assert "1.950,00 CHF" in text_of(answer.content)


def test_there_is_none_before_the_money_is_here_and_none_of_another_supplier(
    office: Office,
) -> None:
    payment_id = office.ids["payment"]
    other = open_office(office.world, name="Elsewhere")

    with other.signed_in() as browser:
        theirs = browser.get(f"/payments/{payment_id}/receipt.pdf")
        nobodys = browser.get(f"/payments/{new_id()}/receipt.pdf")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)


def test_nobody_gets_one_without_signing_in(office: Office) -> None:
    with backoffice_client(office.runtime) as browser:
        answer = browser.get(f"/payments/{office.ids['payment']}/receipt.pdf")

    assert answer.status_code == 303
    assert "sign-in" in answer.headers["location"]
