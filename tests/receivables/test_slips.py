from __future__ import annotations

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
import typst
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from receivables.bank.own_references import reference_of_debtor, reference_of_invoice
from receivables.bank.references import ReferenceKind, recognise
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money
from receivables.slips import epc, qr_bill
from receivables.slips.drawing import as_png, as_svg
from receivables.slips.qr_bill import Address, NotAQrBill, QrBill
from receivables.slips.rules import (
    Creditor,
    Slip,
    payee_of,
    quoted_for_account,
    quoted_for_invoice,
    slip,
    split_street,
)

pytestmark = pytest.mark.once("what is printed and read back depends on no database")

INVOICE = InvoiceId(UUID("018f0000-0000-7000-8000-000000000001"))
DEBTOR = DebtorId(UUID("018f0000-0000-7000-8000-000000000002"))
QR_IBAN, SWISS = "CH44 3199 9123 0008 8901 2", "CH93 0076 2011 6238 5295 7"
BELGIAN, FRENCH = "BE71 0961 2345 6769", "FR76 3000 6000 0112 3456 7890 189"


def creditor(iban: str, country: str = "CH") -> Creditor:
    return Creditor(
        name="Müller & Söhne «Œuvre» AG", iban=iban, street="Rue du Lac 1268/2", postcode="2501",
        city="Biel/Bienne", country=country,
    )  # fmt: skip


def slip_for(iban: str, amount: str, own: str | None = None) -> Slip:
    money = Money.parse(amount[4:], amount[:3])
    payee = payee_of(iban, money.currency)
    assert payee is not None
    made = slip(creditor(iban, iban[:2]), money, quoted_for_invoice(payee, INVOICE, "RE 7", own))
    assert made is not None
    return made


def read_code(picture: bytes | Path) -> str:
    """What a camera reads; exactly one code is in the picture."""
    image = Image.open(BytesIO(picture) if isinstance(picture, bytes) else picture)
    (code,) = zxingcpp.read_barcodes(image)
    return str(code.text)


def drawn(svg: bytes) -> bytes:
    """An SVG as pixels."""
    source = b"""#set page(width: auto, height: auto, margin: 5mm)
    #image(bytes(sys.inputs.svg), format: "svg")"""
    page = typst.compile(source, format="png", ppi=200, sys_inputs={"svg": svg.decode()})
    assert isinstance(page, bytes)
    return page


@pytest.mark.parametrize(
    ("iban", "amount", "own", "quoted"),
    [
        (QR_IBAN, "CHF 1949.75", None, ReferenceKind.QRR),
        (QR_IBAN, "EUR 0.01", "21 00000 00003 13947 14300 09017", ReferenceKind.QRR),
        (SWISS, "CHF 999999999.99", None, ReferenceKind.SCOR),
        (SWISS, "CHF 12.30", "RF18 5390 0754 7034", ReferenceKind.SCOR),
        (BELGIAN, "EUR 120.00", None, ReferenceKind.OGM),
        (FRENCH, "EUR 120.00", None, ReferenceKind.SCOR),
        (FRENCH, "EUR 120.00", "Facture n° 48390, été", None),
    ],
)
def test_a_camera_reads_from_every_picture_what_is_to_be_paid(iban, amount, own, quoted):
    made = slip_for(iban, amount, own)

    assert read_code(as_png(made)) == made.payload
    assert read_code(drawn(as_svg(made))) == made.payload
    kind = made.quoted.reference.kind if made.quoted.reference else None
    assert kind == quoted
    if made.scheme == "swiss":
        bill = qr_bill.parse(made.payload)
        assert (bill.account, bill.amount) == (iban.replace(" ", ""), made.amount)
        assert bill.reference == made.quoted.reference
        assert (bill.creditor.street, bill.creditor.house_number) == ("Rue du Lac", "1268/2")
    else:
        code = epc.parse(made.payload)
        assert (code.account, code.amount) == (iban.replace(" ", ""), made.amount)
        assert made.quoted.shown in (code.words, code.reference and code.reference.printed)
    if own is not None:
        assert recognise(own) == made.quoted.reference
        assert own in (made.quoted.shown, made.quoted.words)


def test_a_reference_that_the_account_does_not_take_is_replaced_by_our_own():
    qrr, scor = "210000000003139471430009017", "RF18539007547034"

    assert slip_for(QR_IBAN, "CHF 1.00", scor).quoted.reference == reference_of_invoice(
        ReferenceKind.QRR, INVOICE
    )
    on_plain = slip_for(SWISS, "CHF 1.00", qrr).quoted
    assert on_plain.reference == reference_of_invoice(ReferenceKind.SCOR, INVOICE)
    assert on_plain.words == f"RE 7, {qrr}"
    assert slip_for(SWISS, "CHF 1.00", "Order 7").quoted.words == "RE 7, Order 7"


@given(st.uuids(), st.sampled_from(ReferenceKind))
def test_every_reference_of_ours_has_the_right_check_digits_and_says_of_what_it_is(made_from, kind):
    of_invoice = reference_of_invoice(kind, InvoiceId(made_from))
    of_debtor = reference_of_debtor(kind, DebtorId(made_from))

    assert recognise(of_invoice.printed) == of_invoice == reference_of_invoice(kind, made_from)
    assert recognise(of_debtor.value) == of_debtor != of_invoice


def test_where_nothing_is_due_or_no_bank_takes_it_there_is_no_slip():
    payee = payee_of(SWISS, "CHF")
    assert payee is not None
    quoted = quoted_for_account(payee, DEBTOR, "")

    assert slip(creditor(SWISS), Money(0, "CHF"), quoted) is None
    assert slip(creditor(SWISS), Money(100, "USD"), quoted) is None
    assert slip(creditor("BE12", "BE"), Money(100, "EUR"), quoted) is None
    assert slip(replace(creditor(SWISS), postcode=""), Money(100, "CHF"), quoted) is None
    assert payee_of(FRENCH, "CHF") is None
    assert payee_of("DE00 1234", "EUR") is None


@pytest.mark.parametrize(
    ("line", "street", "number"),
    [
        ("Hauptstrasse 12a", "Hauptstrasse", "12a"),
        ("Rue de la Gare 4-6", "Rue de la Gare", "4-6"),
        ("Strasse des 17. Juni 135", "Strasse des 17. Juni", "135"),
        ("Postfach", "Postfach", ""),
    ],
)
def test_a_house_number_is_parted_from_its_street_where_it_comes_last(line, street, number):
    assert split_street(line, "CH") == (street, number)
    assert split_street(line, "FR") == (line, "")


_WORDS = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60)
_NAMES = _WORDS.filter(lambda text: bool(text))
_ADDRESSES = st.builds(
    Address, name=_NAMES, street=_WORDS, house_number=st.just("7"), postcode=st.just("2501"),
    town=st.just("Biel"), country=st.sampled_from(["CH", "DE"]),
)  # fmt: skip


@given(
    st.one_of(st.none(), _ADDRESSES), _ADDRESSES, st.one_of(st.none(), st.integers(1, 10**11 - 1)),
    _WORDS, st.sampled_from(["", "//S1/10/1"]), st.lists(st.just("XY;1"), max_size=2),
)  # fmt: skip
def test_what_is_written_in_a_swiss_code_is_read_from_it_again(
    debtor, payee, minor, message, billing, alternatives
):
    bill = QrBill(
        account=QR_IBAN.replace(" ", ""), creditor=payee, currency="CHF", debtor=debtor,
        amount=None if minor is None else Money(minor, "CHF"), message=message, billing=billing,
        reference=reference_of_invoice(ReferenceKind.QRR, INVOICE),
        alternatives=tuple(alternatives),
    )  # fmt: skip

    assert qr_bill.parse(qr_bill.build(bill)) == bill


@pytest.mark.parametrize(
    ("place", "instead", "line"),
    [
        (1, "SPD", 1),
        (2, "0100", 2),
        (4, "CH4431999123000889013", 4),
        (5, "K", 5),
        (9, "", 5),
        (12, "S", 12),
        (19, "1'949.75", 19),
        (19, "0.00", 19),
        (20, "USD", 20),
        (28, "SCOR", 28),
        (28, "NON", 28),
        (29, "210000000003139471430009018", 29),
        (30, "m" * 141, 30),
        (30, "привет", 30),
        (31, "END", 31),
    ],
)
def test_a_code_that_no_bank_would_take_is_refused_with_its_line(place, instead, line):
    lines = slip_for(QR_IBAN, "CHF 1949.75").payload.split("\n")
    lines[place - 1] = instead

    with pytest.raises(NotAQrBill) as refused:
        qr_bill.parse("\n".join(lines))
    assert refused.value.line == line


_REAL = Path(
    os.environ.get("QUITTANCE_CONFORMANCE_DATA", Path(__file__).parents[3] / "shared/data")
) / "qr_bills"  # fmt: skip


@pytest.mark.skipif(not _REAL.is_dir(), reason=f"no Swiss QR-bills of others in {_REAL}")
def test_real_swiss_codes_are_read_from_their_pictures_and_rebuilt_to_the_letter():
    payloads = {}
    for file in sorted(_REAL.rglob("*.*")):
        if file.suffix == ".txt":
            payloads[file.name] = file.read_text(encoding="utf-8")
        elif file.suffix == ".png":
            payloads[file.name] = read_code(file)
        elif file.suffix in (".pdf", ".svg"):
            source = f'#set page(width: auto, height: auto)\n#image("{file.name}")'.encode()
            page = typst.compile(source, root=str(file.parent), format="png", ppi=150)
            payloads[file.name] = read_code(page)

    assert len(payloads) >= 16
    for name, payload in payloads.items():
        assert qr_bill.build(qr_bill.parse(payload)) == payload, name
