"""Answers by mail: what a person wrote, who is believed, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from receivables.bounces import return_paths
from receivables.database import SYSTEM
from receivables.dunning.facts import heard
from receivables.dunning.tables import Reminder, ReminderState
from receivables.history import EventRow
from receivables.replies.command import take_one
from receivables.replies.reading import read
from receivables.replies.rules import LONGEST_TEXT, written_by_hand
from receivables.replies.tables import Reply
from receivables.runtime import Runtime
from receivables.worklist.queries import asked_of, of_debtor
from receivables.worklist.rules import Kind
from tests.support.dunning import FRIDAY, Dunning
from tests.support.replies import AFTER, HTML, OWN, TO, mail, nested, two_faced, with_a_file
from tests.support.world import World


@pytest.mark.parametrize("program", AFTER)
def test_what_a_program_quotes_is_cut(program: str) -> None:
    text = read(mail(f"{OWN}\n\n{AFTER[program]}")).text

    own, _, left = text.partition("A. Dubois")
    assert own + "A. Dubois" == OWN
    assert left.strip() in ("", "Téléchargez Outlook pour iOS"), left


@pytest.mark.parametrize("program", HTML)
def test_what_is_quoted_in_html_is_cut_and_nothing_of_its_marks_is_left(program: str) -> None:
    own = "Nous payons &lt;b&gt; vendredi.<br><br>Merci, A. Dubois"
    html = HTML[program].format(own=own)

    text = read(mail(html, kind="text/html; charset=utf-8")).text

    assert text == "Nous payons <b> vendredi.\n\nMerci, A. Dubois"


def test_an_answer_below_the_quote_or_within_it_is_not_lost() -> None:
    below = "On 9 Nov 2026, Rochat <r@q.example> wrote:\n> La facture 2026-0412\n> est ouverte\n\n"
    between = "> Facture 1?\nPayée hier.\n> Facture 2?\nContestée."

    assert written_by_hand(below + OWN) == (OWN, False)
    assert written_by_hand(between) == ("Payée hier.\nContestée.", False)
    assert written_by_hand("> only what you wrote")[0] == "> only what you wrote"
    assert written_by_hand("De: moi\nje veux dire: non")[0] == "De: moi\nje veux dire: non"
    assert written_by_hand("Am Montag zahle ich 100:\nversprochen")[0].endswith("versprochen")


def test_the_words_are_found_whatever_the_parts_and_charsets_are() -> None:
    for body, kind in (two_faced(OWN, "<p>other</p>"), with_a_file(OWN)):
        assert read(mail(body, kind=kind)).text == OWN
    latin = "Payé à Genève, d’accord".encode("cp1252")
    for charset in ("utf-8", "no-such-charset", "\xff", ""):
        found = read(mail(latin, kind=f"text/plain; charset={charset}"))
        assert found.text == "Payé à Genève, d’accord", charset
    odd = mail("x", subject="=?utf-8?B?UsOpcG9uc2U=?= =?bogus?Q?=E9?=", sender=f"=?x?B?w?= <{TO}>")
    assert read(odd).subject == "Réponseé"
    assert read(odd).from_address == TO


@pytest.mark.parametrize(
    ("more", "subject"),
    [
        ("Auto-Submitted: auto-replied (vacation)\n", "Re: Rappel"),
        ("Auto-Submitted: auto-generated\n", "Re: Rappel"),
        ("Precedence: auto_reply\n", "Re: Rappel"),
        ("X-Auto-Response-Suppress: All\n", "Re: Rappel"),
        ("X-Autoreply: yes\n", "Re: Rappel"),
        ("Return-Path: <>\n", "Re: Rappel"),
        ("", "Automatic reply: Rappel"),
        ("", "Réponse automatique : Rappel"),
        ("", "Automatische Antwort: Rappel"),
        ("", "Abwesenheitsnotiz: Rappel"),
        ("", "Automatisch antwoord: Rappel"),
        ("", "=?utf-8?Q?R=C3=A9ponse_automatique_=3A_Rappel?="),
    ],
)
def test_what_no_person_wrote_is_known_by_its_headers_or_its_subject(
    more: str, subject: str
) -> None:
    assert read(mail(OWN, more=more, subject=subject)).is_automatic


def test_a_person_who_writes_of_being_away_is_a_person() -> None:
    for more in ("", "Auto-Submitted: no\n", "Precedence: normal\n", "Return-Path: <a@b.ch>\n"):
        assert not read(mail("I was out of office.", more=more, subject="Re: away")).is_automatic


def test_hostile_mails_are_read_and_harm_nobody() -> None:
    huge = read(mail("A" * 3_000_000))
    assert (len(huge.text), huge.is_cut) == (LONGEST_TEXT, True)
    deep = mail(nested(3000), kind="multipart/mixed; boundary=b0")
    assert read(deep).from_address == TO
    forged = mail(OWN, subject="=?utf-8?Q?Re=3A=0D=0ABcc=3A_all=00=E2=80=AE?=")
    assert "\n" not in read(forged).subject and "\u202e" not in read(forged).subject
    script = mail("<script>alert(1)</script><b onclick=x>oui</b>" * 3, kind="text/html")
    assert read(script).text == "ouiouioui"
    many = mail(OWN, more="References: " + "<a@b.example> " * 20_000 + "\n")
    assert len(read(many).answers) <= 50


@given(st.binary(max_size=400), st.sampled_from(["text/plain", "text/html", "multipart/mixed"]))
def test_whatever_comes_is_read(body: bytes, kind: str) -> None:
    for raw in (body, mail(body, kind=f"{kind}; charset=utf-8; boundary=b")):
        found = read(raw)
        assert len(found.text) <= LONGEST_TEXT
        assert all(one == "\n" or one.isprintable() for one in found.text)


@given(st.text(st.sampled_from(">-_ \nDeon:Objet wrote le 9@<"), max_size=300))
def test_no_answer_is_lost_and_none_grows(text: str) -> None:
    own, _is_cut = written_by_hand(text)

    assert bool(own) == bool("".join(one if one.isprintable() else " " for one in text).strip())
    assert len(own) <= len(text)


def _sent_reminder(dunning: Dunning) -> Reminder:
    dunning.world.invoice("1950.00 CHF", due_on=FRIDAY)
    while not dunning.reminders():
        dunning.live_a_day()
        dunning.world.clock.advance(timedelta(days=1))
    (reminder,) = dunning.reminders()
    assert reminder.state == ReminderState.SENT
    return reminder


@pytest.mark.once("days pass hour by hour")
def test_an_answer_is_recorded_once_leaves_its_writer_in_peace_and_is_a_task(
    runtime: Runtime,
) -> None:
    dunning = Dunning(World(runtime))
    world, supplier_id = dunning.world, dunning.supplier_id
    reminder = _sent_reminder(dunning)
    answers = reminder.message_id or ""
    away = mail(OWN, answers=answers, subject="Abwesenheitsnotiz", message_id="<away@x.example>")
    answer = mail(f"{OWN}\n\n{AFTER['gmail-fr']}", answers=answers)

    assert take_one(runtime, away) == "an automatic answer, noted"
    with runtime.reading(SYSTEM) as session:
        assert not of_debtor(session, asked_of(session, supplier_id, clock=world.clock),
                             reminder.debtor_id)  # fmt: skip
    assert take_one(runtime, answer) == "an answer, noted"
    assert take_one(runtime, answer) == "known already"
    assert take_one(runtime, mail(OWN, answers="reminder-1@x.example")).startswith("no report")

    with runtime.reading(SYSTEM) as session:
        kept = session.scalars(select(Reply).order_by(Reply.id)).all()
        assert [(one.is_automatic, one.text) for one in kept] == [(True, OWN), (False, OWN)]
        assert {one.reminder_id for one in kept} == {reminder.id}
        told = session.scalars(select(EventRow.kind).where(EventRow.kind.startswith("reply.")))
        assert list(told) == ["reply.automatic", "reply.received"]
        today, zone = world.clock.now().date(), "Europe/Zurich"
        assert heard(session, supplier_id, [reminder.debtor_id], zone, today) == {
            reminder.debtor_id: today
        }, "the pause begins today"
        (task,) = of_debtor(
            session, asked_of(session, supplier_id, clock=world.clock), reminder.debtor_id
        )
        assert (task.task.kind, task.task.subject_id) == (Kind.REPLY, kept[1].id)


@pytest.mark.parametrize("sender", [f"Anne <{TO.upper()}>", "A colleague <other@dubois.example>"])
def test_a_return_path_that_we_signed_proves_whose_answer_it_is(world: World, sender: str) -> None:
    supplier_id = world.supplier()
    world.debtor(email=TO, supplier_id=supplier_id)
    secrets = world.runtime.settings.links.secrets
    token = return_paths.make("thanks-1@quittance.example", TO, secrets=secrets)
    forged = return_paths.make("thanks-1@quittance.example", TO, secrets=("x" * 40,))

    def came(path: str) -> str:
        to = f"claire@rochat.example, reminders+{path}@quittance.example"
        return take_one(world.runtime, mail(OWN, answers="a@b.example", sender=sender, to=to))

    assert came(forged).startswith("no report")
    is_known = TO in sender.lower()
    assert came(token) == ("an answer, noted" if is_known else "no report, and no answer to a "
                           "message of ours")  # fmt: skip
