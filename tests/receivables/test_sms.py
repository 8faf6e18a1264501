"""Text messages: one segment, at most once, three outcomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bounces.queries import to_mend
from receivables.database import SYSTEM, Scope
from receivables.history import EventRow
from receivables.i18n import LANGUAGES, locale_for, money, reading_as
from receivables.ids import ContactId, DebtorId, ExecutionId, InvoiceId, SupplierId, new_id
from receivables.money import Money
from receivables.parties.phones import NotANumber, is_mobile, read_number, set_phone
from receivables.ports import (
    Channel,
    ChannelMessage,
    MessageLine,
    OwnWords,
    TextDeferred,
    TextRefused,
    TextUnknown,
)
from receivables.runtime import Runtime
from receivables.segments import in_gsm7, measure, short_name
from receivables.sms import actions
from receivables.sms.rules import NoRoom, first_that_fits
from receivables.sms.sending import send
from receivables.sms.tables import TextMessage, TextState
from receivables.sms.words import text_of
from tests.support.channels import LINK, MOBILE, RecordingTexter, message_to
from tests.support.world import World


@pytest.mark.parametrize(
    ("text", "alphabet", "places", "segments"),
    [
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("é" * 160, "gsm7", 160, 1),
        ("ç" + "a" * 69, "ucs2", 70, 1),
        ("ç" + "a" * 70, "ucs2", 71, 2),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        # 153 places a part, and the escape of the euro sign must not be cut from it.
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),
        ("", "gsm7", 0, 1),
    ],
)
def test_segments_are_counted_as_the_network_does(
    text: str, alphabet: str, places: int, segments: int
) -> None:
    found = measure(text)

    assert (found.alphabet, found.places, found.segments) == (alphabet, places, segments)


def test_signs_that_the_alphabet_lacks_are_typed_otherwise() -> None:
    assert in_gsm7("Château d’Œx – «Zürich» CHF 1’950.00…") == (
        "Chateau d'OEx - \"Zürich\" CHF 1'950.00..."
    )
    assert in_gsm7("Łódź, naïve ßtraße, 株式会社") == "Lodz, naive ßtraße, "


@given(st.text(max_size=200))
def test_whatever_is_rewritten_fits_the_alphabet(text: str) -> None:
    assert measure(in_gsm7(text)).alphabet == "gsm7"


def test_a_name_is_shortened_at_a_word() -> None:
    assert short_name("Menuiserie Rochat SA", 18) == "Menuiserie Rochat"
    assert short_name("Donaudampfschifffahrt", 11) == "Donaudampfs"


def message(level: int = 2, days: int = 12, lines: int = 1, **other: object) -> ChannelMessage:
    line = MessageLine(
        invoice_id=InvoiceId(new_id()), number="RE-2026-000123456", issued_on=date(2026, 9, 1),
        due_on=date(2026, 9, 30), days_past_due=days, amount=Money(98_765_432_10, "CHF"),
    )  # fmt: skip
    return replace(
        ChannelMessage(
            execution_id=ExecutionId(new_id()), supplier_id=SupplierId(new_id()),
            debtor_id=DebtorId(new_id()), contact_id=ContactId(new_id()), channel=Channel.SMS,
            language="en", level=level, tone="firm", address=MOBILE, lines=(line,) * lines,
            link=LINK,
        ),
        **other,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("country", ["CH", "FR", "DE", "BE", "IT"])
def test_every_text_is_one_segment_that_ends_with_the_whole_link(
    language: str, country: str
) -> None:
    names = ("Bär", "Menuiserie-Ébénisterie de la Vallée de Joux SA", "株式会社")
    for name in names:
        for level, days, lines in ((0, -3, 1), (1, 3, 1), (2, 12, 2), (3, 30, 3), (4, 40, 1)):
            one = message(level, days, lines, language=language)
            text = text_of(one, supplier_name=name, country=country)

            assert measure(text).segments == 1
            assert measure(text).alphabet == "gsm7"
            assert text.endswith(" " + LINK)
            with reading_as(locale_for(language, country)):
                assert in_gsm7(money(one.total)) in text


def test_a_supplier_s_own_words_come_first_while_they_fit() -> None:
    own = message(own=OwnWords(opening="Salut, c’est la menuiserie."))
    assert text_of(own, supplier_name="X", country="CH") == f"Salut, c'est la menuiserie. {LINK}"

    long = message(own=OwnWords(opening="x" * 110))
    assert "x" * 20 not in text_of(long, supplier_name="X", country="CH")


def test_a_link_is_never_cut() -> None:
    link = "https://" + "a" * 155
    with pytest.raises(NoRoom):
        first_that_fits([f"Pay: {link}", link], link)


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("079 555 01 40", "CH", MOBILE),
        ("+41 (0)79 555 01 40", "FR", MOBILE),
        ("0041795550140", "DE", MOBILE),
        ("0470 12 34 56", "BE", "+32470123456"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, country: str, number: str) -> None:
    assert read_number(typed, country) == number
    assert is_mobile(number)


def test_what_cannot_be_dialled_is_refused_and_a_landline_gets_no_text() -> None:
    for typed in ("", "call me", "12", "+999 123 456", "021 555"):
        with pytest.raises(NotANumber):
            read_number(typed, "CH")
    assert not is_mobile(read_number("021 555 01 40", "CH"))


def _set_up(world: World) -> tuple[Runtime, RecordingTexter, ChannelMessage]:
    supplier_id, texter = world.supplier(), RecordingTexter()
    debtor_id = world.debtor()
    invoice_id = world.invoice("1950.00 CHF", debtor_id=debtor_id, due_in_days=-10)
    runtime = replace(world.runtime, texter=texter)
    one = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.SMS)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        set_phone(
            session, supplier_id, one.contact_id, typed=MOBILE, country="CH", clock=world.clock
        )
    return runtime, texter, one


def _kinds(world: World) -> list[str]:
    with world.runtime.reading(SYSTEM) as session:
        rows = session.scalars(select(EventRow.kind).order_by(EventRow.id))
        return [one for one in rows if one.startswith(("text.", "contact.supp"))]


def test_an_execution_is_one_text_and_a_certain_no_is_tried_again(world: World) -> None:
    runtime, texter, one = _set_up(world)
    texter.answers = [TextDeferred("busy")]

    outcomes = [send(runtime, one.supplier_id, lambda _session: one) for _ in range(3)]

    assert outcomes == [TextState.DUE, TextState.SENT, TextState.SENT]
    assert [text.to for text in texter.sent] == [MOBILE]
    assert _kinds(world) == ["text.sent"]
    with world.runtime.reading(Scope(one.supplier_id)) as session:
        (row,) = session.scalars(select(TextMessage))
        assert LINK not in row.words
        assert row.words.endswith("[link]")
        assert (row.attempts, row.gateway_id) == (2, "SM1")


def test_what_nobody_answered_for_is_shown_to_a_person_and_never_sent_again(world: World) -> None:
    runtime, texter, one = _set_up(world)
    texter.answers = [TextUnknown("silence")]

    assert send(runtime, one.supplier_id, lambda _session: one) is TextState.UNKNOWN
    assert send(runtime, one.supplier_id, lambda _session: one) is TextState.UNKNOWN

    assert texter.sent == []
    with world.runtime.transaction(Scope(one.supplier_id)) as session:
        text_id = session.scalars(select(TextMessage.id)).one()
        actions.confirm_sent(session, one.supplier_id, text_id, clock=world.clock)
    assert _kinds(world) == ["text.unknown", "text.sent"]


def test_what_a_dead_worker_left_is_unknown_after_two_minutes(world: World) -> None:
    _runtime, _texter, one = _set_up(world)
    with world.runtime.transaction(Scope(one.supplier_id)) as session:
        assert actions.claim(session, one, clock=world.clock) is not None

    world.advance(hours=2)

    assert _kinds(world) == ["text.unknown"]


def test_a_dead_number_is_left_alone_from_then_on(world: World) -> None:
    runtime, texter, one = _set_up(world)
    texter.answers = [TextRefused("21614", "not mobile", number_is_dead=True)]

    assert send(runtime, one.supplier_id, lambda _session: one) is TextState.FAILED
    again = replace(one, execution_id=ExecutionId(new_id()))
    assert send(runtime, one.supplier_id, lambda _session: again) is TextState.FAILED

    assert texter.sent == []
    assert _kinds(world) == ["contact.suppressed", "text.failed", "text.failed"]
    with world.runtime.reading(Scope(one.supplier_id)) as session:
        (task,) = to_mend(session, one.supplier_id)
    assert (task.channel, task.address, task.because) == (Channel.SMS, MOBILE, "dead_number")


def test_a_link_that_leaves_no_room_is_a_no_and_not_two_messages(world: World) -> None:
    runtime, texter, one = _set_up(world)
    long = replace(one, link="https://" + "a" * 155)

    assert send(runtime, one.supplier_id, lambda _session: long) is TextState.FAILED
    assert texter.sent == []
    assert _kinds(world) == ["text.failed"]


def test_what_is_paid_between_decision_and_claim_is_not_sent(world: World) -> None:
    runtime, texter, one = _set_up(world)

    def paid(_session: Session) -> None:
        return None

    assert send(runtime, one.supplier_id, paid) is None
    assert texter.sent == []
    assert _kinds(world) == []
