"""Which company a customer is: by number, by name and place, and when a person has to say."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.bands import Band
from monitoring.portfolio import engine
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.identify import (
    Known,
    Named,
    Register,
    decided,
    flaws_of,
    identify,
    rated_by_file,
)
from monitoring.portfolio.proposals import limit_cuts, to_prepay
from monitoring.portfolio.rules import Checked, Confidence, Flaw, How, Identity, Rated, Status
from receivables.credit.rules import PayerClass
from receivables.ids import new_id
from tests.monitoring.test_portfolio_report import customer as checked_customer
from tests.support.builders import money

BREWERY = Known(
    debtor_id=new_id(), name="Brasserie Dupont SA", numbers=frozenset({"KBO 0403170701"})
)
REGISTER = Register.of([BREWERY])


def customer(name: str = "Brasserie Dupont", **given: Any) -> Customer:
    return Customer(line=1, key="1", **({"name": name, "country": "BE"} | given))


@pytest.mark.parametrize(
    ("given", "confidence", "how", "number"),
    [
        ({"register_number": "0403.170.701"}, Confidence.EXACT, How.REGISTER, "0403170701"),
        ({"vat": "BE 0403 170 701"}, Confidence.EXACT, How.VAT, "0403170701"),
        # One digit off: the check of the register fails, so the number says nothing.
        ({"register_number": "0403.170.702"}, Confidence.NONE, How.NOTHING, ""),
        ({"country": "FR", "register_number": "73282932000074"}, Confidence.EXACT, How.REGISTER,
         "732829320"),
        ({"country": "FR", "vat": "FR83404833048"}, Confidence.EXACT, How.VAT, "404833048"),
        ({"country": "CH", "register_number": "CHE-109.322.551"}, Confidence.EXACT, How.REGISTER,
         "CHE109322551"),
        ({"country": "DE", "vat": "DE136695976"}, Confidence.EXACT, How.VAT, "DE136695976"),
        ({}, Confidence.NONE, How.NOTHING, ""),
    ],
)  # fmt: skip
def test_a_number_counts_when_its_check_digits_do(
    given: dict[str, str], confidence: Confidence, how: How, number: str
) -> None:
    found = identify(customer(**given), REGISTER)
    assert (found.confidence, found.how, found.number) == (confidence, how, number)


def test_a_number_that_is_another_companys_is_a_question_for_a_person() -> None:
    ours = identify(customer(register_number="0403170701"), REGISTER)
    assert (ours.debtor_id, ours.confidence) == (BREWERY.debtor_id, Confidence.EXACT)

    other = customer("Garage Vandenberghe", register_number="0403170701")
    found = identify(other, REGISTER)

    assert (found.debtor_id, found.confidence) == (BREWERY.debtor_id, Confidence.REVIEW)
    assert Flaw.NUMBER_OF_ANOTHER in flaws_of(other, found)
    assert decided(found, is_it=True).confidence is Confidence.EXACT
    assert decided(found, is_it=False).debtor_id is None


@pytest.mark.parametrize(
    ("score", "confidence"),
    [(0.98, Confidence.EXACT), (0.95, Confidence.STRONG), (0.90, Confidence.STRONG),
     (0.89, Confidence.REVIEW), (0.75, Confidence.REVIEW), (0.74, Confidence.NONE)],
)  # fmt: skip
def test_a_name_counts_as_far_as_the_engine_is_sure(score: float, confidence: Confidence) -> None:
    found = identify(customer(), REGISTER, Named(BREWERY, score))
    assert found.confidence is confidence
    assert (found.debtor_id is None) is (confidence is Confidence.NONE)


def test_a_name_and_a_place_find_the_debtor_and_a_name_alone_asks() -> None:
    known = [
        (BREWERY, customer("Brasserie Dupont SA", street="Rue Basse 5", postcode="7904",
                           city="Leuze", email="compta@dupont.example")),
        *((Known(debtor_id=new_id(), name=name),
           Customer(line=2, key=name, name=name, country="BE", postcode="9000", city="Gent"))
          for name in ("Garage Peeters", "Bakkerij Claes", "Imprimerie Lannoy")),
    ]  # fmt: skip
    here = customer("Brasserie DUPONT", street="Rue Basse 5", postcode="7904", city="Leuze")

    [found] = engine.named([here], known).values()

    assert found.known is BREWERY
    assert identify(here, REGISTER, found).confidence in (
        Confidence.EXACT, Confidence.STRONG, Confidence.REVIEW,
    )  # fmt: skip


def test_a_person_is_not_looked_up_whatever_number_stands_there() -> None:
    person = customer("", surname="Dupont", given_name="Anna", register_number="0403170701")
    found = identify(person, REGISTER)
    assert (found.confidence, found.number) == (Confidence.SKIPPED, "")


@pytest.mark.parametrize(
    ("text", "band"),
    [("a", Band.A), ("E", Band.E), ("80", Band.A), ("79", Band.B), ("0", Band.E),
     ("AAA", Band.NONE), ("101", Band.NONE), ("-3", Band.NONE), ("", Band.NONE)],
)  # fmt: skip
def test_a_class_of_the_file_is_a_letter_or_a_score_to_a_hundred(text: str, band: Band) -> None:
    assert rated_by_file(customer(rating=text)).band is band


def test_limits_are_cut_by_the_worse_of_both_classes_and_never_raised() -> None:
    def one(place: int, band: Band, **given: Any) -> Checked:
        identity = Identity(confidence=Confidence.EXACT, debtor_id=new_id())
        return checked_customer(place, "1000 EUR", band, identity=identity, **given)

    cuts = limit_cuts(
        [
            one(1, Band.E, limit=money("900 EUR")),
            one(2, Band.D, limit=money("900 EUR")),
            one(3, Band.D),
            one(4, Band.A, payer_class=PayerClass.E, limit=money("900 EUR")),
            one(5, Band.A, limit=money("900 EUR")),
            one(6, Band.E, limit=money("0 EUR")),
            checked_customer(7, "1000 EUR", Band.E),
        ]
    )

    assert sorted((cut.name, cut.proposed) for cut in cuts) == [
        ("Customer 1", money("0 EUR")),
        ("Customer 2", money("450 EUR")),
        ("Customer 3", money("1000 EUR")),
        ("Customer 4", money("0 EUR")),
    ]


def test_who_failed_pays_in_advance_whatever_the_class_was() -> None:
    over = Rated(band=Band.A, status=Status.DISSOLVED)
    found = to_prepay([checked_customer(1, "5 EUR", rated=over), checked_customer(2, "5 EUR")])
    assert [one.place for one in found] == [1]
