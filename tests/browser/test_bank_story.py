"""From the bank statement to the debtor's page, in a real browser: a clerk uploads three lines.
One names the reference that the debtor read beside the slip and posts itself, one is proposed with
its reason and confirmed, one is nobody's; what was confirmed is undone again.
"""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import FilePayload, expect

from tests.support.bank_files import camt, detail, entry
from tests.support.builders import money
from tests.support.stage import CUSTOMER, FRENCH_PHONE, NUMBER, REMINDED_ON, Person, Stage

OTHER = "2026-0455"
TRUSTEE, LOTTERY = "FR1420041010050500013M02606", "CH5604835012345678009"


@pytest.mark.parametrize("telling", [FRENCH_PHONE], ids=["french-phone"])
def test_a_statement_is_uploaded_in_the_morning_and_the_debtors_page_says_paid(
    stage: Stage,
) -> None:
    other_id = stage.world.invoice(
        "480.00 CHF", debtor_id=stage.debtor_id, number=OTHER, due_on=date(2026, 11, 30)
    )
    debtor = stage.reminded("1000.00 CHF")
    reference = _reads_the_reference(debtor)

    clerk = stage.clerk()
    _uploads(clerk, _statement(reference))
    stage.work()
    assert stage.outstanding(stage.invoice_id) == "CHF 0.00"
    assert stage.outstanding(other_id) == "CHF 480.00", "a likeness alone posts nothing"

    debtor.page.reload()
    debtor.sees("payée", "bezahlt", within=".top")
    debtor.sees("Rien à payer 0.00 CHF", "Nichts zu bezahlen CHF 0.00")
    debtor.sees("Virement bancaire 3 nov. 2026 − 1 000.00 CHF", "Banküberweisung")
    debtor.finds_it_usable()

    _confirms(clerk)
    stage.work()
    assert stage.outstanding(other_id) == "CHF 80.00"
    debtor.page.goto(stage.urls["portal"])
    debtor.sees("À payer 80.00 CHF", "Zu bezahlen CHF 80.00")

    clerk.page.reload()
    taken = clerk.page.locator("section[aria-labelledby=taken] .item", has_text="400.00 CHF")
    clerk.go_on(taken.get_by_role("button", name=re.compile(clerk.telling.of("Annuler", "Rück"))))
    clerk.sees("400.00 CHF", "CHF 400.00", within="section[aria-labelledby=waiting]")
    clerk.finds_it_usable()
    stage.work()
    assert stage.world.outstanding(other_id) == money("480.00 CHF")
    debtor.page.reload()
    debtor.sees("À payer 480.00 CHF", "Zu bezahlen CHF 480.00")


def _reads_the_reference(debtor: Person) -> str:
    """As somebody does who pays by transfer: from the invoice's page."""
    debtor.press(f"Détails {NUMBER}", f"Details {NUMBER}")
    debtor.touch(debtor.page.locator("summary", has_text="Payer par virement"))
    expect(debtor.page.get_by_role("img", name=re.compile("1 000.00 CHF"))).to_be_visible()
    reference = debtor.page.locator("dt", has_text="Référence").locator("+ dd")
    return "".join(reference.locator("span, code, output").first.inner_text().split())


def _statement(reference: str) -> FilePayload:
    document = camt(
        entry("1000.00", on=REMINDED_ON, reference="B-1", details=[detail(references=[reference])]),
        entry(
            "400.00", on=REMINDED_ON, reference="B-2",
            details=[detail(payer="Fiduciaire Morel", account=TRUSTEE, words=[f"Facture {OTHER}"])],
        ),
        entry(
            "12.35", on=REMINDED_ON, reference="B-3",
            details=[detail(payer="Loterie Romande", account=LOTTERY, words=["Gain"])],
        ),
        opening="0.00", closing="1412.35", opening_on=REMINDED_ON, closing_on=REMINDED_ON,
    )  # fmt: skip
    return FilePayload(name="relevé.xml", mimeType="text/xml", buffer=document.encode())


def _uploads(clerk: Person, file: FilePayload) -> None:
    bar = clerk.page.locator(".topbar, nav")
    clerk.go_on(bar.get_by_role("link", name="Paiements").first)
    clerk.press("Banque", "Bank")
    clerk.page.locator("input[type=file]").set_input_files(file)
    clerk.touch(clerk.control("Importer", "Importieren"))
    clerk.sees("relevé.xml camt.053", "relevé.xml camt.053", within="#report")
    clerk.sees("3 mouvements, 3 nouveaux", "3 Buchungen, 3 neue", within="#report")
    clerk.finds_it_usable()


def _confirms(clerk: Person) -> None:
    clerk.press("À rapprocher", "Zuzuordnen")
    clerk.headed("Mouvements bancaires à rapprocher", "Zuzuordnende Bankbuchungen")
    waiting = clerk.page.locator("section[aria-labelledby=waiting] .item")
    expect(waiting).to_have_count(2)
    likely = waiting.filter(has_text="Fiduciaire Morel")
    expect(likely).to_contain_text(CUSTOMER)
    expect(likely).to_contain_text(
        "Indices : le numéro de facture dans le texte", use_inner_text=True
    )
    expect(waiting.filter(has_text="Loterie Romande")).to_contain_text("Rien ne correspond.")
    clerk.finds_it_usable()
    clerk.go_on(likely.get_by_role("button", name=re.compile("C’est exact")))
    expect(waiting).to_have_count(1)
