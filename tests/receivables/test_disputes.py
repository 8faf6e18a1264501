"""Disputes from beginning to end: what is held back, who is told, what may be done when."""

from __future__ import annotations

from collections import Counter

import pytest

from receivables.database import Scope
from receivables.disputes import actions, queries
from receivables.disputes.conversation import conversation
from receivables.disputes.errors import (
    AlreadyDisputed,
    AmountNotDisputable,
    CurrenciesMixed,
    MessageMissing,
    NoSuchDispute,
    NothingToDispute,
    ReopenedAlready,
    StepNotPossible,
)
from receivables.disputes.opening import Claim
from receivables.disputes.reasons import Reason
from receivables.ids import DisputeId, new_id
from receivables.invoices.queries import NoSuchInvoice
from receivables.ledger.holds import HoldReason
from receivables.ports import MailRefused, MailUnknown
from tests.support.builders import money
from tests.support.disputes import Case, contest, credit
from tests.support.world import World


@pytest.fixture
def debtor(world: World):
    world.supplier()
    world.staff(role="owner", email="boss@rochat.example")
    return world.debtor(email="compta@dubois.example", language="en", country="GB", name="Dubois")


def held(case: Case) -> list[tuple[HoldReason, str]]:
    return [(hold.reason, str(hold.amount)) for hold in case.holds()]


def test_a_part_of_an_invoice_is_held_back_and_the_rest_is_not(world, debtor):
    world.invoice("1000.00 CHF", debtor_id=debtor, number="A-1")

    case = contest(world, debtor, Claim(number="A-1", scope="amount", amount=money("300.00 CHF")))

    assert held(case) == [(HoldReason.DISPUTED, "CHF 300.00")]
    assert case.view().items[0].undisputed == money("700.00 CHF")
    assert case.view().reference == "D-0001"
    assert case.view().department == "sales"


def test_one_dispute_covers_several_invoices(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    world.invoice("50.00 CHF", debtor_id=debtor, number="A-2")

    case = contest(
        world, debtor, "A-1", Claim(number="A-2", scope="amount", amount=money("10 CHF"))
    )

    assert case.view().disputed == money("110.00 CHF")
    assert case.view().numbers == ("A-1", "A-2")
    assert sorted(held(case)) == [
        (HoldReason.DISPUTED, "CHF 10.00"), (HoldReason.DISPUTED, "CHF 100.00")
    ]  # fmt: skip


def test_an_invoice_is_in_one_open_dispute_at_most(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")

    with pytest.raises(AlreadyDisputed) as refused:
        contest(world, debtor, "A-1")
    assert refused.value.number == "A-1"

    case.withdraw()
    assert contest(world, debtor, "A-1").view().reference == "D-0002"


@pytest.mark.parametrize("amount", ["0.00 CHF", "-1.00 CHF", "100.01 CHF", "10.00 EUR"])
def test_more_than_is_outstanding_is_not_disputed_nor_nothing(world, debtor, amount):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")

    with pytest.raises(AmountNotDisputable):
        contest(world, debtor, Claim(number="A-1", scope="amount", amount=money(amount)))


def test_what_cannot_be_disputed(world, debtor):
    paid = world.invoice("80.00 CHF", debtor_id=debtor, number="A-1")
    world.invoice("80.00 CHF", debtor_id=debtor, is_credit_note=True, preceding_number="A-1",
                  number="C-1")  # fmt: skip
    world.invoice("10.00 EUR", debtor_id=debtor, number="A-2")
    world.invoice("10.00 CHF", debtor_id=debtor, number="A-3")
    world.invoice("10.00 CHF", number="B-1")
    assert world.outstanding(paid) == money("0.00 CHF")

    with pytest.raises(AmountNotDisputable):
        contest(world, debtor, "A-1")
    with pytest.raises(NothingToDispute):
        contest(world, debtor, "C-1")
    with pytest.raises(NothingToDispute):
        contest(world, debtor)
    with pytest.raises(NothingToDispute):
        contest(world, debtor, "A-2", "A-2")
    with pytest.raises(CurrenciesMixed):
        contest(world, debtor, "A-2", "A-3")
    with pytest.raises(NoSuchInvoice):
        contest(world, debtor, "B-1")
    with pytest.raises(MessageMissing):
        contest(world, debtor, "A-2", reason=Reason.OTHER)


def test_doubtful_bank_details_are_urgent_and_go_to_finance(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")

    view = contest(world, debtor, "A-1", reason=Reason.BANK).view()

    assert view.is_urgent
    assert view.department == "finance"
    assert any("fraud" in mail.subject for mail in world.mail)


def test_a_late_dispute_is_taken_and_flagged(world, debtor):
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        actions.set_policy(session, world.supplier_id, delay_days=8)
        actions.set_policy(session, world.supplier_id, delay_days=10)
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=19)
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-2", due_in_days=21)

    assert contest(world, debtor, "A-1").view().is_late, "issued eleven days ago"
    assert not contest(world, debtor, "A-2").view().is_late, "issued nine days ago"


def test_the_debtor_is_told_of_every_step_and_staff_of_what_concerns_them(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.take_over(world.staff(role="collector", name="Claire Favre"))
    case.note("They are right, I fear.")
    case.ask("Which order was it?")
    case.answer("Order 17")
    case.reply("Thank you.")
    case.propose(A_1="40.00 CHF")
    case.agree()

    assert [subject.split(": ", 1)[1] for subject in case.letters()] == [
        "Your dispute D-0001 over CHF 100.00 has arrived",
        "We are looking into your dispute D-0001",
        "A question about your dispute D-0001",
        "A message about your dispute D-0001",
        "A proposal for your dispute D-0001",
        "Your dispute D-0001 is accepted in part: CHF 40.00",
    ]
    assert case.memos() == [
        "Dubois disputes CHF 100.00 (D-0001)",
        "Dubois has answered (D-0001)",
        "Dubois agrees to your proposal (D-0001)",
    ]
    everything = "".join(mail.text + mail.html for mail in world.mail)
    assert "Which order was it?" in everything
    assert "I fear" not in everything, "notes are for staff alone"
    counted = Counter(mail.message_id for mail in world.mail)
    assert set(counted.values()) == {1}


def test_a_letter_is_in_the_language_of_its_reader(world):
    world.supplier()
    debtor = world.debtor(language="fr", country="CH")
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    contest(world, debtor, "A-1")

    (mail,) = world.mail
    assert mail.language == "fr-CH"
    assert mail.reply_to == "claire.favre@rochat.example"


def test_a_mail_whose_fate_is_unknown_goes_again_under_the_same_name(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    world.runtime.mailer.answers.append(MailUnknown("the line broke"))
    contest(world, debtor, "A-1")
    world.advance(hours=1)

    ids = [mail.message_id for mail in world.mail if mail.to_address == "compta@dubois.example"]
    assert len(ids) == 1
    assert ids[0].startswith("dispute-")


def test_a_mail_that_is_refused_stands_in_the_history(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    world.runtime.mailer.answers += [MailRefused(550, "no such user", address_is_dead=True)] * 2
    case = contest(world, debtor, "A-1")
    case.withdraw()

    assert all("compta" not in mail.to_address for mail in world.mail)


def test_what_is_accepted_waits_for_the_credit_note_and_is_closed_by_it(world, debtor):
    invoice = world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.decide(body="", A_1="100.00 CHF")
    assert case.state == "awaiting_credit_note"
    assert held(case) == [(HoldReason.DISPUTED, "CHF 100.00")]

    credit(world, debtor, "30.00 CHF", of="A-1")
    assert held(case) == [(HoldReason.DISPUTED, "CHF 70.00")]
    credit(world, debtor, "70.00 CHF", of="A-1")

    assert case.state == "closed"
    assert case.holds() == []
    assert world.outstanding(invoice) == money("0.00 CHF")
    assert case.letters()[-1].endswith("Your dispute D-0001 is closed")


def test_a_credit_note_that_names_no_invoice_closes_the_only_dispute_of_its_amount(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, Claim(number="A-1", scope="amount", amount=money("40.00 CHF")))
    case.decide(body="", A_1="40.00 CHF")

    credit(world, debtor, "39.00 CHF", of=None)
    assert case.state == "awaiting_credit_note"
    credit(world, debtor, "40.00 CHF", of=None)
    assert case.state == "closed"


def test_a_credit_note_of_something_else_closes_nothing(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-2")
    case = contest(world, debtor, "A-1")
    case.decide(body="", A_1="100.00 CHF")

    credit(world, debtor, "100.00 CHF", of="A-2")

    assert case.state == "awaiting_credit_note"
    case.close()
    assert (case.state, case.holds()) == ("closed", [])


def test_accepted_in_part_holds_the_part_and_gives_grace_for_the_rest(world, debtor):
    world.invoice("1000.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, Claim(number="A-1", scope="amount", amount=money("300.00 CHF")))

    case.decide(A_1="150.00 CHF")

    assert held(case) == [(HoldReason.DISPUTED, "CHF 150.00"), (HoldReason.GRACE, "CHF 150.00")]


def test_the_debtor_has_another_word_once(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.decide()
    case.reopen()

    assert case.state == "investigating"
    assert held(case) == [(HoldReason.DISPUTED, "CHF 100.00")]
    case.decide()
    with pytest.raises(ReopenedAlready):
        case.reopen()


def test_only_what_was_not_upheld_is_disputed_again(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.decide(A_1="60.00 CHF")
    credit(world, debtor, "60.00 CHF", of="A-1")
    case.reopen()

    assert held(case) == [(HoldReason.DISPUTED, "CHF 40.00")]


def test_a_decided_dispute_is_not_decided_again(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.decide()

    for late in (case.decide, case.ask, case.withdraw, case.answer, case.agree):
        with pytest.raises(StepNotPossible):
            late()


def test_an_answer_takes_a_proposal_off_the_table(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    case.propose(A_1="10.00 CHF")
    case.answer("Too little")

    assert case.state == "investigating"
    with pytest.raises(StepNotPossible):
        case.agree()


def test_what_is_paid_meanwhile_is_not_held_back(world, debtor):
    """The hold is no more than the outstanding amount: `held_amount` sees to it."""
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, Claim(number="A-1", scope="amount", amount=money("30.00 CHF")))
    credit(world, debtor, "90.00 CHF", of="A-1")

    item = case.view().items[0]
    assert item.outstanding == money("10.00 CHF")
    assert item.undisputed == money("0.00 CHF")


def test_nobody_else_finds_a_dispute(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1")
    other_debtor, other_supplier = world.debtor(), world.supplier()

    with world.runtime.reading(Scope(world.supplier_id)) as session:
        for asked in (case.dispute_id, DisputeId(new_id())):
            with pytest.raises(NoSuchDispute):
                queries.one(session, world.supplier_id, asked, debtor_id=other_debtor)
    with world.runtime.reading(Scope(other_supplier)) as session:
        with pytest.raises(NoSuchDispute):
            queries.one(session, other_supplier, case.dispute_id)
        assert queries.holds(session, other_supplier) == []


def test_notes_stay_with_the_staff(world, debtor):
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    case = contest(world, debtor, "A-1", body="Too dear")
    case.note("between us", asks_colleague=True)

    with world.runtime.reading(Scope(world.supplier_id)) as session:
        theirs = conversation(session, world.supplier_id, case.dispute_id, with_notes=False)
        ours = conversation(session, world.supplier_id, case.dispute_id, with_notes=True)
    assert [one.body for one in theirs] == ["Too dear"]
    assert [one.body for one in ours] == ["Too dear", "between us"]
    assert theirs[0].author == "Anne Dubois"
    assert case.state == "waiting_internal"
