"""Structured references: what is made is recognised, and one wrong digit is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649
from stdnum.be import ogm_vcs
from stdnum.ch import esr

from receivables.bank.references import (
    NoReference,
    Reference,
    ReferenceKind,
    find_in,
    iban_of,
    is_qr_iban,
    make_ogm,
    make_qrr,
    make_scor,
    printed_iban,
    recognise,
)

#: Published examples. Sources: Swiss Implementation Guidelines QR-bill, ISO 11649, Febelfin.
PUBLISHED = [
    ("21 00000 00003 13947 14300 09017", ReferenceKind.QRR),
    ("RF18 5390 0754 7034", ReferenceKind.SCOR),
    ("+++010/8068/17183+++", ReferenceKind.OGM),
]

digits = st.text("0123456789", min_size=1)
somewhere = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def test_published_references_are_recognised_and_written_as_published() -> None:
    for printed, kind in PUBLISHED:
        reference = recognise(printed)

        assert reference is not None
        assert reference.kind is kind
        assert reference.printed == printed
        assert recognise(reference.value) == reference


@given(digits, st.text("0123456789ABCXYZ", min_size=1))
def test_what_is_made_is_recognised_by_us_and_by_others(number: str, body: str) -> None:
    slip, belgian = make_qrr(number[:25] + "1"), make_ogm(number[:9] + "7")
    creditor = make_scor(body[:21])

    assert esr.is_valid(slip.value)
    assert iso11649.is_valid(creditor.value)
    assert ogm_vcs.is_valid(belgian.value)
    for each in (slip, creditor, belgian):
        assert recognise(each.value) == recognise(each.printed) == each
        assert find_in(f"Rechnung 4711, {each.printed}, danke") == [each]


@given(st.data())
def test_one_wrong_digit_is_noticed(data: st.DataObject) -> None:
    made = data.draw(
        st.one_of(
            st.integers(1, 10**26 - 1).map(lambda each: make_qrr(str(each))),
            st.integers(1, 10**20).map(lambda each: make_scor(str(each))),
            st.integers(1, 10**10 - 1).map(lambda each: make_ogm(str(each))),
        )
    )
    first = 4 if made.kind is ReferenceKind.SCOR else 0
    place = data.draw(st.integers(first, len(made.value) - 1))
    wrong = data.draw(st.sampled_from([each for each in "0123456789" if each != made.value[place]]))

    mistyped = made.value[:place] + wrong + made.value[place + 1 :]

    assert recognise(mistyped) is None


@given(somewhere)
def test_no_text_whatever_breaks_the_reader(text: str) -> None:
    for each in find_in(text):
        assert recognise(each.value) == each
    recognise(text)
    iban_of(text)


def test_a_reference_is_found_in_free_text_and_words_around_it_are_left_out() -> None:
    creditor = make_scor("539007547034")

    assert find_in("Zahlung rf18 5390 0754 7034 RECHNUNG NR 12") == [creditor]
    assert find_in("RF18539007547034 merci") == [creditor]
    assert find_in("TEL 010806817183") == []
    assert find_in("***010806817183***") == [Reference(ReferenceKind.OGM, "010806817183")]
    assert find_in("x210000000003139471430009017") != []
    assert find_in("9210000000003139471430009017") == []


def test_nothing_but_zeros_is_no_reference() -> None:
    assert recognise("0" * 27) is None
    assert recognise("0" * 12) is None
    with pytest.raises(NoReference):
        make_qrr("000")
    with pytest.raises(NoReference):
        make_ogm("0")
    with pytest.raises(NoReference):
        make_scor("Grüezi")


def test_accounts_are_recognised_and_those_for_qr_references_told_apart() -> None:
    plain, for_references = iban_of("ch93 0076 2011 6238 5295 7"), iban_of("CH4431999123000889012")

    assert plain == "CH9300762011623852957"
    assert for_references == "CH4431999123000889012"
    assert is_qr_iban(for_references)
    assert not is_qr_iban(plain)
    assert printed_iban(plain) == "CH93 0076 2011 6238 5295 7"
    assert iban_of("CH9300762011623852958") is None
    assert iban_of("") is None
