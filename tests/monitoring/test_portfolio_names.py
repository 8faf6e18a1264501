"""Company names taken apart and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.portfolio.names import Likeness, Rarity, compare_names, parse_name

_RARITY = Rarity([])


def likeness(left: str, right: str) -> Likeness:
    return compare_names(parse_name(left), parse_name(right), _RARITY).likeness


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Siemens Aktiengesellschaft", "Siemens AG"),
        ("SiemensAG", "Siemens AG"),
        ("Müller Bau GmbH", "MUELLER BAU GESELLSCHAFT MIT BESCHRÄNKTER HAFTUNG"),
        ("Transports Lefèvre S.à r.l.", "Transports Lefevre SARL"),
        ("SCI Les Charmilles", "LES CHARMILLES"),
        ("D B E", "D.B.E."),
        ("The Procter & Gamble Company", "Procter and Gamble Co."),
        ("Brigade Forty-Four", "Brigade 44"),
        ("1st International Bank", "First International Bank"),
        ("OAO Gazprom", "Open Joint Stock Company Gazprom"),
        ("Bau Meier AG", "Meier Bau AG"),
        ("Pricewaterhouse Coopers LLP", "PricewaterhouseCoopers LLP"),
    ],
)
def test_what_comes_and_goes_makes_no_other_name(left: str, right: str) -> None:
    assert likeness(left, right) >= Likeness.REORDERED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Wallmart Inc.", "Walmart Inc."),
        ("Schwartz Gruppe", "Schwarz Gruppe"),
        ("Weber Transporte AG", "Weber Transp. AG"),
        ("Good Will Handel", "Goodwil Handel"),
    ],
)
def test_a_typing_error_is_one(left: str, right: str) -> None:
    assert likeness(left, right) == Likeness.TYPO


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Novartis AG", "Novartis Holding AG"),
        ("Cartier SA", "Cartier (Suisse) SA"),
        ("Banco Santander", "Banco Santander México"),
        ("Bowne Solutions (France)", "Bowne Solutions (Germany)"),
        ("Orenta1101", "Orenta1159"),
        ("Alpina Fund II", "Alpina Fund III"),
        ("LP Promotion Calliope", "LP Promotion Natura"),
    ],
)
def test_sisters_are_told_apart(left: str, right: str) -> None:
    assert likeness(left, right) in (Likeness.RELATED, Likeness.NONE)


@pytest.mark.parametrize(
    ("left", "right"),
    [("BP plc", "BD plc"), ("Keller Bau AG", "Weber Bau AG"), ("AG", "SA"), ("CDE SA", "ABC SA")],
)
def test_other_names_are_other_names(left: str, right: str) -> None:
    assert likeness(left, right) <= Likeness.PART


def test_a_word_says_less_the_more_names_have_it() -> None:
    rarity = Rarity(
        [parse_name(f"Alpen {each}") for each in ("Anker", "Biber", "Corvus", "Delfin")]
    )

    assert rarity("anker") > rarity("alpen") > rarity("transport")


_WORDS = st.sampled_from(
    ["Müller", "Bau", "AG", "Sàrl", "&", "Söhne", "II", "Suisse", "Transport", "A.B.", "44", "Lyon"]
)
_NAMES = st.lists(_WORDS, min_size=1, max_size=5).map(" ".join)


@given(_NAMES, _NAMES)
def test_which_name_comes_first_changes_nothing(left: str, right: str) -> None:
    one, other = parse_name(left), parse_name(right)
    there, back = compare_names(one, other, _RARITY), compare_names(other, one, _RARITY)

    assert there.likeness == back.likeness
    assert there.share == pytest.approx(back.share)


@given(st.text(max_size=60))
def test_any_text_is_the_same_name_as_itself_in_capitals(text: str) -> None:
    name = parse_name(text)

    assert compare_names(name, name, _RARITY).share == 1
    assert parse_name(" ".join(text.split())).joined == name.joined
