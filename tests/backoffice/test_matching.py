"""Bank lines that wait: a proposal is confirmed, another chosen by hand, one undone."""

from __future__ import annotations

from receivables.bank.own_references import reference_of_invoice
from receivables.bank.references import ReferenceKind
from tests.support.bank_lines import Bank
from tests.support.browsing import text_of
from tests.support.builders import money
from tests.support.faces import Browser
from tests.support.office import Office


def post(browser: Browser, path: str, **values: str) -> int:
    token = browser.token("/bank/matching")
    answer = browser.post(
        path, data={"_csrf_token": token, **values}, headers={"Origin": browser.origin}
    )
    return answer.status_code


def test_a_proposal_is_confirmed_another_chosen_and_both_can_be_undone(bare: Office) -> None:
    world, bank = bare.world, Bank(bare.world, bare.supplier_id)
    debtor = world.debtor(name="Keller <b>Holzbau</b> AG", supplier_id=bare.supplier_id)
    first = world.invoice(
        "100.00 CHF", debtor_id=debtor, number="K-0001", supplier_id=bare.supplier_id
    )
    second = world.invoice(
        "70.00 CHF", debtor_id=debtor, number="K-0002", supplier_id=bare.supplier_id
    )
    proposed = bank.line("60.00 CHF", unstructured="K-0001", counterparty="Somebody")
    unknown = bank.line("75.00 CHF", unstructured="merci")
    private = bank.line("5.00 CHF", unstructured="Zins")
    bank.take()

    with bare.signed_in(bare.collector) as browser:
        page = browser.get("/bank/matching").text
        assert "Because of: the invoice number in the text, less than what is open" in page
        assert "Keller &lt;b&gt;Holzbau&lt;/b&gt; AG" in page
        assert post(browser, f"/bank/matching/{proposed}", debtor=str(debtor),
                    **{f"amount-{first}": "60.00"}) == 303  # fmt: skip
        found = browser.get(f"/bank/matching/{unknown}?q=keller").text
        assert f"/bank/matching/{unknown}?debtor={debtor}" in found
        form = browser.get(f"/bank/matching/{unknown}?debtor={debtor}").text
        assert f'name="amount-{second}"' in form
        wrong = post(browser, f"/bank/matching/{unknown}", debtor=str(debtor),
                     **{f"amount-{second}": "70.01"})  # fmt: skip
        assert wrong == 422
        right = {f"amount-{second}": "70.00"}
        assert post(browser, f"/bank/matching/{unknown}", debtor=str(debtor), **right) == 303
        assert post(browser, f"/bank/matching/{unknown}", debtor=str(debtor)) == 409
        assert post(browser, f"/bank/matching/{private}/aside") == 303
        assert "Nothing waits." in browser.get("/bank/matching").text

        owed = [world.outstanding(one, supplier_id=bare.supplier_id) for one in (first, second)]
        assert owed == [money("40.00 CHF"), money("0.00 CHF")]
        undone = bank.matches()[unknown].id
        assert post(browser, f"/bank/matches/{undone}/undo") == 303
        assert post(browser, f"/bank/matches/{undone}/undo") == 404

    assert world.outstanding(second, supplier_id=bare.supplier_id) == money("70.00 CHF")
    assert set(bank.matches()) == {proposed, private}


def test_a_reader_sees_the_lines_and_can_decide_nothing(bare: Office) -> None:
    bank = Bank(bare.world, bare.supplier_id)
    line = bank.line("5.00 CHF", unstructured="Zins")
    bank.take()

    with bare.signed_in(bare.reader) as browser:
        assert "<form" not in browser.get("/bank/matching").text.partition("<main")[2]
        assert post(browser, f"/bank/matching/{line}/aside") == 403
    assert bank.matches() == {}


def test_an_owner_says_how_much_may_be_missing_and_a_slip_of_the_pen_is_refused(bare: Office):
    world, bank = bare.world, Bank(bare.world, bare.supplier_id)
    debtor = world.debtor(supplier_id=bare.supplier_id)
    invoice = world.invoice("100.00 CHF", debtor_id=debtor, supplier_id=bare.supplier_id)
    with bare.signed_in() as browser:
        for wrong in ({"amount": "x", "percent": "2"}, {"amount": "2000", "percent": "2"},
                      {"amount": "5", "percent": "11"}):  # fmt: skip
            assert browser.submit("/settings/matching", wrong).status_code == 422
        right = {"amount": "5.00", "percent": "10"}
        assert browser.submit("/settings/matching", right).status_code == 303
        assert "CHF 5.00 may be missing" in text_of(browser.get("/settings/matching"))

    quoted = reference_of_invoice(ReferenceKind.SCOR, invoice).value
    bank.line("95.00 CHF", structured_reference=quoted)
    bank.take()
    assert not world.outstanding(invoice, supplier_id=bare.supplier_id)
