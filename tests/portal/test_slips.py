"""Paying by transfer: the slip on the pages and in the reminder asks for what is due now."""

from __future__ import annotations

from io import BytesIO
from tempfile import NamedTemporaryFile

import pytest
import typst
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from receivables.bank.own_references import reference_of_debtor, reference_of_invoice
from receivables.bank.references import ReferenceKind
from receivables.runtime import Runtime
from receivables.slips import epc, qr_bill
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.dunning import FRIDAY, Dunning
from tests.support.letters import text_of as words_of
from tests.support.payments import open_till
from tests.support.plans import a_payer
from tests.support.world import World


def code_in(svg: bytes) -> str:
    source = b'#set page(width: auto, height: auto)\n#image(bytes(sys.inputs.svg), format: "svg")'
    page = typst.compile(source, format="png", ppi=200, sys_inputs={"svg": svg.decode()})
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(page)))
    return str(code.text)


def code_in_pdf(pdf: bytes) -> str:
    """The one code on the last page."""
    pages = len(PdfReader(BytesIO(pdf)).pages)
    source = f"#set page(width: auto, height: auto)\n#image(sys.inputs.pdf, page: {pages})"
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        page = typst.compile(
            source.encode(), root="/", format="png", ppi=150, sys_inputs={"pdf": file.name}
        )
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(page)))
    return str(code.text)


def picture_of(browser: Browser, path: str) -> str:
    """What the code on a page says; its address is taken from the page."""
    page = browser.get(path)
    assert page.status_code == 200
    address = page.text.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    picture = browser.get(address)
    assert picture.headers["content-type"] == "image/svg+xml"
    return code_in(picture.content)


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_account_and_invoice_show_the_slip_over_what_is_due_and_nobody_elses(
    runtime: Runtime, world: World
) -> None:
    debtor, other = world.debtor(), world.debtor()
    first = world.invoice("1950.00 CHF", debtor_id=debtor, number="A-1/7")
    world.invoice("100.50 CHF", debtor_id=debtor, number="A-2")
    world.invoice("9.00 CHF", debtor_id=other, number="B-1")
    browser = portal_browser(runtime)
    browser.get(link_for(world, debtor))

    whole = qr_bill.parse(picture_of(browser, "/"))
    single = qr_bill.parse(picture_of(browser, "/invoices/A-1/7"))

    assert whole.amount == money("2050.50 CHF")
    assert whole.reference == reference_of_debtor(ReferenceKind.SCOR, debtor)
    assert single.amount == money("1950.00 CHF")
    assert single.reference == reference_of_invoice(ReferenceKind.SCOR, first)
    assert single.debtor is not None and single.debtor.house_number == "12"
    words = text_of(browser.get("/invoices/A-1/7"))
    assert single.reference.printed in words and "CH93 0076 2011 6238 5295 7" in words
    (asked,) = [
        part.split('"')[0]
        for part in browser.get("/invoices/A-1/7").text.split('href="')
        if part.startswith("/slip.pdf")
    ]
    letter = browser.get(asked.replace("&amp;", "&")).content
    assert qr_bill.parse(code_in_pdf(letter)) == single
    words = words_of(letter)
    assert "Section paiement" in words and "Récépissé" in words and "1 950.00" in words
    assert qr_bill.parse(code_in_pdf(browser.get("/statement.pdf").content)) == whole
    for unknown in ("currency=CHF&invoice=B-1", "currency=EUR", "currency=CHF&invoice=X", ""):
        assert browser.get(f"/slip.svg?{unknown}").status_code == 404


def test_a_reminder_carries_the_slip_as_a_picture_and_its_numbers_as_text(world: World) -> None:
    dunning = Dunning(world)
    debtor = world.debtor(language="en")
    invoice = world.invoice("10.00 CHF", debtor_id=debtor, due_on=FRIDAY)
    dunning.live_a_day()

    (mail,) = world.mail
    (picture,) = mail.attachments
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)))
    bill = qr_bill.parse(code.text)
    assert bill.amount == dunning.only().amount == money("10.00 CHF")
    assert bill.reference == reference_of_invoice(ReferenceKind.SCOR, invoice)
    assert f'src="cid:{picture.content_id}"' in mail.html
    assert 'alt="QR code for your banking app: ' in mail.html
    for said in (bill.reference.printed, "CH93 0076 2011 6238 5295 7"):
        assert said in mail.html and said in mail.text


def test_a_belgian_account_is_paid_by_its_structured_communication(
    runtime: Runtime, world: World
) -> None:
    supplier = world.supplier(country="BE", currency="EUR", iban="BE71096123456769")
    debtor = world.debtor(supplier_id=supplier, country="BE")
    invoice = world.invoice("42.00 EUR", debtor_id=debtor, number="B-1", supplier_id=supplier)
    browser = portal_browser(runtime)
    browser.get(link_for(world, debtor, supplier))

    code = epc.parse(picture_of(browser, "/invoices/B-1"))

    assert (code.amount, code.account) == (money("42.00 EUR"), "BE71096123456769")
    assert code.words == reference_of_invoice(ReferenceKind.OGM, invoice).printed


@pytest.mark.once("what pages say of rows that other tests write on both")
def test_a_plans_slip_asks_for_its_next_instalment_and_not_for_all(runtime: Runtime) -> None:
    till = open_till(runtime)
    payer = a_payer(till, "900.00 CHF", language="en")
    payer.agree()
    browser = portal_browser(runtime)
    browser.get(link_for(till.world, payer.debtor_id))

    bill = qr_bill.parse(picture_of(browser, f"/plans/{payer.plan_id}"))

    page = text_of(browser.get(f"/plans/{payer.plan_id}"))
    assert bill.amount is not None and money("0.00 CHF") < bill.amount < money("900.00 CHF")
    assert f"{bill.amount.decimal:.2f}" in page.partition("early:")[2][:20]
    other = portal_browser(runtime)
    other.get(link_for(till.world, till.world.debtor()))
    assert other.get(f"/slip.svg?plan={payer.plan_id}").status_code == 404
    assert other.get("/slip.svg?plan=none").status_code == 404
