"""A supplier's own words: what is refused, and that what is taken can always be filled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.clock import SteppingClock
from receivables.database import Scope
from receivables.dunning.carrying import worded_as
from receivables.dunning.presets import our_words
from receivables.dunning.steps import DEFAULT
from receivables.i18n import LANGUAGES, locale_for, reading_as
from receivables.ids import ContactId, DebtorId, ExecutionId, InvoiceId, SupplierId, new_id
from receivables.money import Money
from receivables.ports import ChannelMessage, MessageLine, OwnWords
from receivables.ports.channels import Channel
from receivables.segments import in_gsm7, measure
from receivables.sms.words import text_of
from receivables.wording.actions import drop_text, save_text
from receivables.wording.errors import FaultyText
from receivables.wording.queries import Key, kept_texts, text_in_use
from receivables.wording.rules import (
    VARIABLES,
    Beside,
    Fault,
    OwnText,
    Part,
    Values,
    Wrong,
    faults,
    filled,
    filled_for,
    tidied,
)
from tests.support.world import World

VALUES = Values(
    supplier="Menuiserie Rochat SA",
    debtor="Atelier Dubois Sàrl",
    contact="Anne Dubois",
    total=Money(428050, "CHF"),
    numbers=["2026-0412", "2026-0455"],
    oldest_due=date(2026, 10, 31),
    today=date(2026, 11, 12),
)
GOOD = OwnText(subject="{supplier}: {total}", opening="{contact},\n\n{numbers}", closing="Merci.")


def test_variables_are_written_as_the_reader_writes_them():
    with reading_as("fr_CH"):
        shown = filled(
            OwnText(
                subject="{supplier}: {total}",
                opening="{count} factures ({numbers}),\n\nla plus ancienne du {oldest_due}.",
                closing="En retard de {days_late} jours, {{{debtor}}}.",
            ),
            VALUES,
        )

    assert shown.subject == "Menuiserie Rochat SA: 4\u202f280.50\xa0CHF"
    assert shown.opening_paragraphs == (
        "2 factures (2026-0412, 2026-0455),",
        "la plus ancienne du 31 octobre 2026.",
    )
    assert shown.closing == "En retard de 12 jours, {Atelier Dubois Sàrl}."


@pytest.mark.parametrize(
    ("opening", "wrong", "word"),
    [
        ("", Wrong.EMPTY, ""),
        ("x" * 2001, Wrong.TOO_LONG, "2000"),
        ("Dear {name},", Wrong.UNKNOWN_VARIABLE, "name"),
        ("{total", Wrong.BRACES, ""),
        ("total}", Wrong.BRACES, ""),
        ("{}", Wrong.BRACES, ""),
        ("{total.currency}", Wrong.BRACES, ""),
        ("{total!r}", Wrong.BRACES, ""),
        ("{total:>1000000}", Wrong.BRACES, ""),
        ("{numbers[0]}", Wrong.BRACES, ""),
        ("right to \u202eleft", Wrong.CONTROL, ""),
    ],
)
def test_what_no_message_could_be_made_of_is_refused_with_where_and_why(opening, wrong, word):
    text = OwnText(subject="S", opening=opening, closing="C")

    assert faults(Channel.EMAIL, text) == [Fault(Part.OPENING, wrong, word)]


def test_a_subject_is_one_line_and_a_text_message_has_no_subject():
    assert faults(Channel.EMAIL, OwnText(subject="a\nb", opening="o", closing="c")) == [
        Fault(Part.SUBJECT, Wrong.LINE_BREAK)
    ]
    assert faults(Channel.SMS, OwnText(opening="{supplier}: {total}")) == []


PIECES = [*"ab{}!:.[] \n", *VARIABLES, *("{" + name + "}" for name in VARIABLES)]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_what_has_no_fault_is_filled_as_python_itself_would(written: str):
    text = tidied(OwnText(subject="s", opening=written, closing="c"))

    if faults(Channel.EMAIL, text):
        return
    with reading_as("de_CH"):
        assert filled(text, VALUES).opening == text.opening.format(**VALUES.in_words())


BESIDE = Beside(link_length=75, supplier="Menuiserie Rochat SA", currency="CHF", locale="fr_CH")
WORDED = [
    (step, channel)
    for step in DEFAULT
    for channel in sorted({worded_as(one) for one in (*step.channels, *step.beside)} - {None})
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("step", "channel"), [pytest.param(*one, id=f"{one[0].name}-{one[1]}") for one in WORDED]
)
def test_our_words_are_a_sound_beginning_in_every_language(step, channel, language):
    beside = replace(BESIDE, locale=locale_for(language, "CH"))
    words = our_words(step, channel, language)

    assert faults(channel, words, beside) == []
    assert "<" not in "".join(words.part(part) for part in Part), "words, and no mark-up"


@pytest.mark.parametrize(
    ("opening", "wrong", "word"),
    [
        ("{supplier}: {total}, {numbers}, {debtor}, {contact}, {oldest_due}", "no_room", "210"),
        ("Bitte zahlen 🙏 {total} 株", "not_in_alphabet", "🙏株"),
        ("x" * 161, "too_long", "160"),
    ],
)
def test_a_text_message_is_one_with_the_longest_likely_values_and_the_link(opening, wrong, word):
    found = faults(Channel.SMS, OwnText(opening=opening), BESIDE)

    assert found == [Fault(Part.OPENING, Wrong(wrong), word)]


@given(
    st.lists(st.sampled_from([*"aé^ê€ ", "{total} ", "{numbers}", "{debtor}", "{oldest_due}"]))
    .map("".join)
    .filter(str.strip),
    st.integers(1, 100), st.integers(1, 99_999_900), st.text("Mi ", max_size=60),
)  # fmt: skip
def test_what_was_taken_for_a_text_message_goes_out_in_the_supplier_s_words(
    opening: str, invoices: int, minor: int, name: str
):
    text = tidied(OwnText(opening=opening))
    if faults(Channel.SMS, text, BESIDE):
        return
    line = MessageLine(
        invoice_id=InvoiceId(new_id()), number="RE-2026-00012345", issued_on=date(2026, 9, 1),
        due_on=date(2026, 9, 30), days_past_due=40, amount=Money(minor // invoices + 1, "CHF"),
    )  # fmt: skip
    message = ChannelMessage(
        execution_id=ExecutionId(new_id()), supplier_id=SupplierId(new_id()),
        debtor_id=DebtorId(new_id()), contact_id=ContactId(new_id()), channel=Channel.SMS,
        language="fr", level=2, tone="firm", address="+41795550140", lines=(line,) * invoices,
        link="x" * 75, own=OwnWords(opening=text.opening),
    )  # fmt: skip

    sent = text_of(
        message, supplier_name=BESIDE.supplier, country="CH", debtor_name=name, contact_name=name
    )

    assert measure(sent).segments == 1
    assert sent.endswith("x" * 75)
    with reading_as("fr_CH"):
        said = filled_for(
            OwnWords(opening=text.opening), message.lines, Channel.SMS,
            supplier=BESIDE.supplier, debtor=name, contact=name,
        ).opening  # fmt: skip
    assert sent.startswith(" ".join(in_gsm7(said).split())), "ours would have been taken instead"


def test_a_draft_words_nothing_and_sound_words_hold_until_others_take_their_place(
    world: World, clock: SteppingClock
):
    house = world.supplier()
    key = Key("r1", Channel.EMAIL, "fr")
    faulty = OwnText(subject="{oops}", opening="", closing="")

    with world.runtime.transaction(Scope(house)) as session:
        save_text(session, house, key, faulty, activate=False, clock=clock)
        assert text_in_use(session, house, key) is None
        with pytest.raises(FaultyText) as refused:
            save_text(session, house, key, faulty, activate=True, clock=clock)
        assert len(refused.value.faults) == 3
        save_text(session, house, key, GOOD, activate=True, clock=clock)
    with world.runtime.transaction(Scope(house)) as session:
        assert text_in_use(session, house, key) == GOOD
        assert text_in_use(session, house, Key("r1", Channel.EMAIL, "de")) is None
        assert list(kept_texts(session, house)) == [key]
        drop_text(session, house, key, clock=clock)
        assert text_in_use(session, house, key) is None
