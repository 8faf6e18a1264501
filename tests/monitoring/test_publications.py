"""What is published about debtors: once, in any order, and only about those it is about."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from monitoring.insolvency import expiry
from monitoring.insolvency.actions import (
    PublicationDecided,
    confirm,
    delete_expired,
    dismiss,
)
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.numbers import register_number, register_numbers, spellings
from monitoring.insolvency.rules import Line, taken_back
from receivables.database import Scope
from receivables.ids import SolvencyEventId, new_id
from tests.support.publications import Reader, published

SIREN = ("SIREN", "552100554")
DAY = date(2026, 10, 1)


def line(reference: str, kind: EventKind, on: int, **given: object) -> Line:
    return Line(
        id=SolvencyEventId(new_id()),
        reference=reference,
        kind=kind,
        published_on=DAY + timedelta(days=on),
        **given,  # type: ignore[arg-type]
    )


def undone(*lines: Line) -> dict[str, str]:
    """What is taken back, and by what, whatever order they are handed in."""
    answers = []
    for seed in range(4):
        shuffled = list(lines)
        random.Random(seed).shuffle(shuffled)
        taken = taken_back(shuffled)
        answers.append({one.reference: taken[one.id].reference for one in lines if one.id in taken})
    assert all(answer == answers[0] for answer in answers)
    return answers[0]


def test_an_annulment_takes_back_what_it_names_or_the_newest_it_can_mean():
    opened = line("a", EventKind.LIQUIDATION, 0)
    listed = line("b", EventKind.CLAIMS_LIST, 5)
    struck = line("c", EventKind.STRUCK_OFF, 6)

    named = line("x", EventKind.ANNULLED, 9, replaces="a")
    about = line("x", EventKind.ANNULLED, 9, replaces="", about=EventKind.LIQUIDATION)
    blank = line("x", EventKind.ANNULLED, 9, replaces="")
    status = line("x", EventKind.ANNULLED, 9, replaces="", about=EventKind.STRUCK_OFF)
    early = line("x", EventKind.ANNULLED, -1, replaces="")

    assert undone(opened, listed, struck, named) == {"a": "x"}
    assert undone(opened, listed, struck, about) == {"a": "x"}
    assert undone(opened, listed, struck, blank) == {"b": "x"}
    assert undone(opened, listed, struck, status) == {"c": "x"}
    assert undone(opened, early) == {}
    assert undone(opened, line("x", EventKind.ANNULLED, 400, replaces="")) == {}


def test_an_annulled_annulment_takes_nothing_back_and_a_corrected_correction_still_does():
    opened = line("a", EventKind.LIQUIDATION, 0)
    annulled = line("b", EventKind.ANNULLED, 1, replaces="a")
    again = line("c", EventKind.ANNULLED, 2, replaces="b")
    corrected = line("b", EventKind.LIQUIDATION, 1, replaces="a")
    corrected_again = line("c", EventKind.LIQUIDATION, 2, replaces="b")

    assert undone(opened, annulled, again) == {"b": "c"}
    assert undone(opened, corrected, corrected_again) == {"a": "b", "b": "c"}


def test_a_revocation_takes_back_its_procedure_and_leaves_an_older_one_alone():
    history = (
        line("a", EventKind.LIQUIDATION, 0),
        line("b", EventKind.CLOSED, 10),
        line("c", EventKind.PROVISIONAL_OPENING, 20),
        line("d", EventKind.CALL_TO_CREDITORS, 30),
        line("e", EventKind.HUMAN_READ, 31),
        line("f", EventKind.REVOKED, 40),
        line("g", EventKind.PROVISIONAL_OPENING, 50),
    )

    assert undone(*history) == {"c": "f", "d": "f"}


def test_a_candidate_takes_back_only_what_it_names():
    opened = line("a", EventKind.LIQUIDATION, 0)
    guess = line("x", EventKind.REVOKED, 9, is_candidate=True)
    named = line("x", EventKind.ANNULLED, 9, is_candidate=True, replaces="a")

    assert undone(opened, guess) == {}
    assert undone(opened, named) == {"a": "x"}


@pytest.mark.parametrize(
    ("scheme", "value", "number"),
    [
        ("SIRET", "552 100 554 00013", SIREN),
        ("VAT", "FR 96 552100554", SIREN),
        ("VAT", "BE0403019261", ("KBO", "0403019261")),
        ("KBO", "403.019.261", ("KBO", "0403019261")),
        ("VAT", "CHE-109.322.551 MWST", ("UID", "CHE109322551")),
        ("UID", "109322551", ("UID", "CHE109322551")),
        ("CRN", "sc 123456", ("CRN", "SC123456")),
        ("SIREN", "12", None),
    ],
)
def test_every_identifier_comes_down_to_the_registers_number(scheme, value, number):
    assert register_number(scheme, value) == number
    assert number is None or {register_number(*one) for one in spellings(*number)} == {number}


def test_a_number_the_source_does_not_give_is_never_made_up():
    assert register_numbers([("UID", ""), ("SIREN", "Non inscrit")]) == frozenset()


def test_of_a_person_nothing_is_kept_longer_than_the_register_shows_it():
    kept = expiry.expires_on(is_person=True, published_on=DAY, public_until=date(2027, 1, 1))

    assert kept == date(2027, 1, 1)
    assert expiry.after_the_end(country="DE", is_person=True, ended_on=DAY) == date(2027, 4, 1)


@pytest.fixture
def reader(runtime) -> Reader:
    return Reader(runtime)


def test_a_number_of_ours_decides_however_our_books_write_it(reader):
    debtors = {
        reader.debtor(SIREN),
        reader.debtor(("SIRET", "55210055400013")),
        reader.debtor(("VAT", "FR96552100554")),
    }
    reader.debtor(("SIREN", "732829320"))

    taken = reader.take(published("a", place="Elsewhere", name="Another name"))

    assert {row.debtor_id for row in reader.rows()} == debtors
    assert (taken.stands, taken.candidates, taken.strangers) == (3, 0, 0)
    assert reader.take(published("b", numbers=(("SIREN", "404833048"),), name="X")).strangers == 1


def test_a_name_alone_and_a_person_wait_for_somebody_to_look(reader):
    unnumbered = reader.debtor()
    reader.debtor(("SIREN", "732829320"))
    person = reader.debtor(("SIREN", "404833048"), kind="consumer", name="Jean Dubois")

    taken = reader.take(
        published("a"),
        published("b", numbers=(("SIREN", "404833048"),), name="Jean Dubois", is_person=True),
    )

    rows = {row.reference: row for row in reader.rows()}
    assert (taken.stands, taken.candidates) == (0, 2)
    assert (rows["a"].debtor_id, rows["a"].matched_by) == (unnumbered, "name")
    assert (rows["b"].debtor_id, rows["b"].matched_by) == (person, "number")
    assert not [*reader.told(unnumbered), *reader.told(person)]

    with reader.runtime.transaction(Scope(reader.supplier_id)) as session:
        one = {"supplier_id": reader.supplier_id, "staff_id": reader.staff_id}
        confirm(session, event_id=rows["a"].id, clock=reader.clock, **one)
        dismiss(session, event_id=rows["b"].id, reason="", clock=reader.clock, **one)
        with pytest.raises(PublicationDecided):
            confirm(session, event_id=rows["b"].id, clock=reader.clock, **one)
    assert reader.told(unnumbered) == [("recorded", "liquidation")]
    assert not reader.told(person)
    assert reader.take(published("a")).known == 1
    assert reader.states() == {"a": "stands", "b": "dismissed"}


STORY = (
    published("1-opened", published_on=DAY),
    published("2-wrong", EventKind.CLAIMS_LIST, published_on=DAY + timedelta(days=1)),
    published(
        "3-right", EventKind.CORRECTED, about=EventKind.LIQUIDATION, replaces="1-opened",
        published_on=DAY + timedelta(days=2),
    ),
    published(
        "4-annulled", EventKind.ANNULLED, numbers=(), name="", replaces="2-wrong",
        published_on=DAY + timedelta(days=3),
    ),
    published("5-sold", EventKind.OTHER, published_on=DAY + timedelta(days=4)),
    published("6-unclear", EventKind.CORRECTED, published_on=DAY + timedelta(days=5)),
)  # fmt: skip


def test_whatever_is_read_first_or_twice_the_same_things_stand(runtime):
    for seed in range(6):
        reader = Reader(runtime)
        debtor_id = reader.debtor(SIREN)
        arrivals = [*STORY, *STORY] if seed else list(STORY)
        if seed:
            random.Random(seed).shuffle(arrivals)

        for one in arrivals:
            reader.take(one)
        # An annulment that names nobody is understood once what it annuls is known.
        reader.take(*STORY)

        assert reader.states() == {
            "1-opened": "retracted", "2-wrong": "retracted", "3-right": "stands",
            "4-annulled": "stands", "5-sold": "stands", "6-unclear": "stands",
        }  # fmt: skip
        told = list(reader.told(debtor_id))
        standing = [kind for what, kind in told if what == "recorded"]
        for what, kind in told:
            if what == "retracted":
                standing.remove(kind)
        assert sorted(standing) == ["human_read", "liquidation"], seed
        assert len(set(told)) >= 2


def test_a_procedure_that_was_over_before_we_heard_of_it_is_history_and_no_news(reader):
    debtor_id = reader.debtor(SIREN)

    reader.take(
        published("1", EventKind.SAFEGUARD, published_on=date(2024, 3, 1)),
        published("2", EventKind.CLOSED, published_on=date(2025, 3, 1)),
        published("3", EventKind.STRUCK_OFF, published_on=date(2024, 4, 1)),
    )
    reader.take(published("4", EventKind.LIQUIDATION, published_on=DAY))

    assert reader.states() == dict.fromkeys("1234", "stands")
    assert sorted(reader.told(debtor_id)) == [
        ("recorded", "closed"), ("recorded", "liquidation"), ("recorded", "struck_off"),
    ]  # fmt: skip


def test_a_correction_is_told_before_what_it_corrects_is_taken_back(reader):
    debtor_id = reader.debtor(SIREN)

    reader.take(*STORY[:1])
    reader.take(*STORY[2:3])

    assert reader.told(debtor_id) == [
        ("recorded", "liquidation"),
        ("recorded", "liquidation"),
        ("retracted", "liquidation"),
    ]


def test_what_the_register_no_longer_shows_is_deleted_and_never_taken_again(reader):
    reader.debtor(SIREN)
    short_lived = published("a", public_until=date(2026, 11, 20))
    reader.take(short_lived, published("b"))

    with reader.runtime.transaction(Scope(reader.supplier_id)) as session:
        gone = delete_expired(session, supplier_id=reader.supplier_id, today=date(2026, 11, 20))

    assert gone == 1
    assert reader.states() == {"b": "stands"}
    reader.clock.advance(timedelta(days=30))
    assert reader.take(short_lived).stands == 0
