"""Which invoices a line of a statement pays: rules, and drawn months with known truth."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receivables.bank.books import Books, Claim, Payer
from receivables.bank.clues import Clue, Line, Match
from receivables.bank.name_index import NameIndex
from receivables.bank.naming import is_one_slip_away, likeness, slips_of, words_of
from receivables.bank.own_references import (
    OwnReferences,
    reference_of_debtor,
    reference_of_invoice,
)
from receivables.bank.references import ReferenceKind
from receivables.bank.returning import Received, find_undone
from receivables.bank.rules import matches
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money
from tests.support.bank_months import make_months
from tests.support.builders import money
from tests.support.matching_runs import by_chance, by_reference_alone, ours, run

pytestmark = pytest.mark.once("pure rules; what they read is tried in test_matching")

KELLER, ROSSI = DebtorId(UUID(int=1)), DebtorId(UUID(int=2))
ACCOUNT = "CH5604835012345678009"


def claim(place: int, number: str, amount: str, debtor: DebtorId = KELLER) -> Claim:
    invoice_id = InvoiceId(UUID(int=100 + place))
    return Claim(
        invoice_id=invoice_id, debtor_id=debtor, number=number,
        due_on=date(2026, 1, 1 + place), outstanding=money(f"{amount} CHF"),
        references=frozenset({reference_of_invoice(ReferenceKind.SCOR, invoice_id)}),
    )  # fmt: skip


#: Three invoices of Keller's, one of Rossi's; Keller's account is known.
BOOKS = (
    claim(1, "2026-00412", "1950.00"),
    claim(2, "2026-00413", "330.50"),
    claim(3, "2026-00455", "78.20"),
    claim(4, "2026-00500", "1200.00", ROSSI),
)


def books() -> Books:
    payers = [
        Payer(debtor_id=KELLER, name="Keller Holzbau AG", accounts=frozenset({ACCOUNT})),
        Payer(debtor_id=ROSSI, name="Rossi Gastro Sàrl"),
    ]
    return Books.of(BOOKS, payers)


def best(amount: str, **said: str) -> Match:
    return matches(Line(amount=money(f"{amount} CHF"), **said), books())[0]


def paid(match: Match) -> dict[str, str]:
    numbers = {one.invoice_id: one.number for one in BOOKS}
    return {numbers[one][-3:]: str(amount.decimal) for one, amount in match.parts.items()}


REFERENCE = reference_of_invoice(ReferenceKind.SCOR, BOOKS[0].invoice_id).value
SWAPPED = REFERENCE[:9] + REFERENCE[10] + REFERENCE[9] + REFERENCE[11:]


@pytest.mark.parametrize(
    ("amount", "said", "parts", "clue", "certain"),
    [
        ("1950.00", {"structured": REFERENCE}, {"412": "1950.00"}, Clue.AMOUNT, True),
        ("1950.00", {"text": f"Ref {REFERENCE}"}, {"412": "1950.00"}, Clue.REFERENCE, True),
        ("900.00", {"structured": REFERENCE}, {"412": "900.00"}, Clue.PART, True),
        ("1948.50", {"structured": REFERENCE}, {"412": "1948.50"}, Clue.SHORT, True),
        ("1951.00", {"structured": REFERENCE}, {"412": "1950.00"}, Clue.OVER, True),
        # What is over is another invoice's, which nobody named: exactly, or perhaps.
        ("2280.50", {"structured": REFERENCE}, {"412": "1950.00", "413": "330.50"}, Clue.SUM, True),
        ("2250.00", {"structured": REFERENCE}, {"412": "1950.00"}, Clue.OVER, False),
        (
            "1950.00", {"structured": SWAPPED},
            {"412": "1950.00"}, Clue.REFERENCE_MISTYPED, True,
        ),
        ("330.50", {"end_to_end": "2026-00413"}, {"413": "330.50"}, Clue.NUMBER, True),
        ("330.50", {"text": "Rg. 2026/00413 besten Dank"}, {"413": "330.50"}, Clue.NUMBER, True),
        (
            "408.70", {"text": "2026-00413, 2026 00455"}, {"413": "330.50", "455": "78.20"},
            Clue.SUM, True,
        ),
        # A number alone is no part payment; with the payer behind it, it is.
        ("200.00", {"text": "2026-00413"}, {"413": "200.00"}, Clue.PART, False),
        (
            "200.00", {"text": "2026-00413", "account": ACCOUNT}, {"413": "200.00"},
            Clue.KNOWN_ACCOUNT, True,
        ),
        ("78.20", {"text": "2026-0455"}, {"455": "78.20"}, Clue.NUMBER_MISTYPED, True),
        # Rossi quotes Keller's number and Keller's amount: a person looks.
        (
            "330.50", {"text": "2026-00413", "name": "ROSSI GASTRO SARL"}, {"413": "330.50"},
            Clue.SOMEBODY_ELSE, False,
        ),
        ("78.20", {"account": ACCOUNT}, {"455": "78.20"}, Clue.KNOWN_ACCOUNT, True),
        ("2358.70", {"account": ACCOUNT}, {"412": "1950.00", "413": "330.50", "455": "78.20"},
         Clue.SUM, True),
        ("100.00", {"account": ACCOUNT}, {"412": "100.00"}, Clue.PART, False),
        ("1200.00", {"name": "GASTRO ROSSI, LUGANO"}, {"500": "1200.00"}, Clue.NAME, False),
        ("1200.00", {"name": "Rossi Gastro"}, {"500": "1200.00"}, Clue.NAME, True),
        ("1200.00", {"text": "danke"}, {"500": "1200.00"}, Clue.AMOUNT, False),
        (
            "2028.20", {"structured": reference_of_debtor(ReferenceKind.SCOR, KELLER).value},
            {"412": "1950.00", "413": "78.20"}, Clue.ACCOUNT_REFERENCE, True,
        ),
    ],
)  # fmt: skip
def test_a_line_is_posted_by_itself_only_when_two_things_agree(amount, said, parts, clue, certain):
    match = best(amount, **said)

    assert paid(match) == parts
    assert clue in match.clues
    assert match.certain is certain
    kept = "1.50" if match.short else None
    assert (str(match.short.decimal) if match.short else None) == kept


def test_two_debtors_of_one_name_and_amount_are_left_to_a_person() -> None:
    twins = [DebtorId(UUID(int=7)), DebtorId(UUID(int=8))]
    known = Books.of(
        [claim(place, f"T-000{place}", "55.00", debtor) for place, debtor in enumerate(twins)],
        [Payer(debtor_id=one, name="Favre Vins SA") for one in twins],
    )

    found = matches(Line(amount=money("55.00 CHF"), name="FAVRE VINS"), known)

    assert {match.debtor_id for match in found} == set(twins)
    assert not any(match.certain for match in found)
    known.learn(twins[1], ACCOUNT, "")
    (learnt,) = matches(Line(amount=money("55.00 CHF"), account=ACCOUNT), known)
    assert (learnt.debtor_id, learnt.certain) == (twins[1], True)


def test_a_reference_that_means_two_invoices_is_decided_by_the_amount_or_not_at_all() -> None:
    first, second = claim(1, "A-0001", "10.00"), claim(2, "A-0002", "20.00")
    same = first.references
    known = Books.of([first, Claim(**{**_values(second), "references": same})], [])
    (reference,) = same

    (match,) = matches(Line(amount=money("20.00 CHF"), structured=reference.value), known)
    assert match.parts == {second.invoice_id: money("20.00 CHF")}
    assert not matches(Line(amount=money("15.00 CHF"), structured=reference.value), known)


def _values(one: Claim) -> dict[str, object]:
    return {name: getattr(one, name) for name in Claim.__dataclass_fields__}


_SAID = st.fixed_dictionaries(
    {},
    optional={
        "structured": st.sampled_from([REFERENCE, REFERENCE[:-1] + "0", "garbage"]),
        "text": st.text("0123456789-/ RE26", max_size=40) | st.sampled_from(["2026-00412", "0455"]),
        "name": st.sampled_from(["KELLER HOLZBAU", "Rossi", "Nobody & Cie"]),
        "account": st.sampled_from([ACCOUNT, "CH00"]),
    },
)


@settings(max_examples=200)
@given(st.integers(1, 400_000), _SAID)
def test_no_match_gives_an_invoice_more_than_is_owed_or_than_came(minor: int, said) -> None:
    amount = Money(minor, "CHF")
    owed = {one.invoice_id: one.outstanding for one in BOOKS}

    for match in matches(Line(amount=amount, **said), books()):
        assert match.surplus(amount).minor >= 0
        for invoice_id, part in match.parts.items():
            assert 0 < part.minor <= owed[invoice_id].minor
        assert all(
            one.debtor_id == match.debtor_id for one in BOOKS if one.invoice_id in match.parts
        )


@given(st.text("ABC0123456789", min_size=2, max_size=12), st.data())
def test_every_slip_of_the_finger_is_recognised_as_one(text: str, data: st.DataObject) -> None:
    slipped = data.draw(st.sampled_from(sorted(set(slips_of(text)) - {text})))

    assert is_one_slip_away(text, slipped) and is_one_slip_away(slipped, text)


def test_names_are_alike_however_a_bank_writes_them() -> None:
    own = words_of("Müller & Söhne Metallbau AG")

    for written in ("MUELLER UND SOEHNE METALLBAU", "MULLER SOHNE METALLB", "Metallbau Muller"):
        assert likeness(words_of(written), own) > 0.9, written
    assert likeness(words_of("Meier Holzbau AG"), own) < 0.3


def test_a_name_is_found_among_many_as_if_it_were_compared_with_each() -> None:
    months = make_months(seed=5, invoices=500)
    index = NameIndex()
    for place, payer in enumerate(months.payers):
        index.add(place, payer.name)
    written = list(dict.fromkeys(one.line.name for one in months.lines if one.line.name))[:80]

    found = 0
    for name in written:
        words = words_of(name)
        each = [likeness(words, words_of(payer.name)) for payer in months.payers]
        if max(each) >= 0.86:
            owner, score = index.called(name)[0]
            assert (score, each[owner]) == (max(each), max(each)), name
            found += 1
    assert found > 40


@given(st.lists(st.uuids(), min_size=1, max_size=30, unique=True), st.sampled_from(ReferenceKind))
def test_our_own_references_lead_back_to_what_they_were_made_of(made_from, kind) -> None:
    invoices, debtors = OwnReferences.of_invoices(), OwnReferences.of_debtors()
    for one in made_from:
        invoices.add(one)
        debtors.add(one)

    for place, one in enumerate(made_from):
        of_invoice = reference_of_invoice(kind, one).value
        assert place in invoices.places(of_invoice)
        assert not debtors.places(of_invoice)
        assert place in debtors.places(reference_of_debtor(kind, one).value)
        wrong = str((int(of_invoice[-1]) + 1) % 10)
        assert not invoices.places(of_invoice[:-1] + wrong)


def test_a_debit_undoes_the_receipt_it_names_and_is_doubted_where_nothing_names_it() -> None:
    def line(**said: str) -> Line:
        return Line(amount=money("78.20 CHF"), **said)

    on, later = date(2026, 3, 1), date(2026, 3, 9)
    received = [
        Received("first", on, line(end_to_end="E2E-1", account=ACCOUNT)),
        Received("second", on, line(end_to_end="E2E-2", structured=REFERENCE)),
        Received("other", on, Line(amount=money("9.00 CHF"), end_to_end="E2E-3")),
    ]

    def undone(says_so: bool = True, **said: str) -> tuple[str, bool] | None:
        found = find_undone(line(**said), later, received, says_so=says_so)
        return (found.key, found.certain) if found else None

    assert undone(end_to_end="E2E-2", says_so=False) == ("second", True)
    assert undone(structured=REFERENCE) == ("second", True)
    assert undone(account=ACCOUNT) == ("first", True)
    assert undone(account=ACCOUNT, says_so=False) == ("first", False)
    assert undone(end_to_end="NOTPROVIDED") is None
    assert undone(end_to_end="E2E-3") is None


def test_of_drawn_months_nine_lines_in_ten_are_posted_and_hardly_one_in_a_thousand_wrongly() -> (
    None
):
    """The command `python -m benchmarks.matching` does the same with ten thousand invoices."""
    months = make_months(seed=1, invoices=1500)

    ourselves, reference = run(months, ours), run(months, by_reference_alone)
    chance = run(months, by_chance(seed=1))

    assert ourselves.precision >= 0.999
    assert ourselves.coverage >= 0.90
    assert reference.coverage < ourselves.coverage - 0.15
    assert reference.precision < ourselves.precision
    assert chance.precision < 0.7
