"""Letters: printed in batches over what is owed then, handed to the post, and back."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from receivables.bounces.queries import closed_to_post
from receivables.database import SYSTEM, Scope
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import claim_of
from receivables.history import EventRow
from receivables.ids import InvoiceId, LetterBatchId, SupplierId, new_id
from receivables.interest.notices import first_notice
from receivables.interest.policies import Policy, set_policy
from receivables.interest.rules import Notice
from receivables.interest.tables import Stance
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason
from receivables.ledger.receiving import receive_transfer
from receivables.money import Money
from receivables.ports import Channel, ChannelMessage, MessageLine, OwnWords
from receivables.post import actions, queries
from receivables.post.batches import make_batch
from receivables.post.rules import LISTS, Post, Registered, asked_for_now, manifest, post_list
from receivables.post.tables import BatchState, LetterState
from receivables.post.tasks import set_batch
from tests.support.channels import message_to
from tests.support.letters import text_of
from tests.support.world import World

TODAY = date(2026, 11, 9)


def line(minor: int = 10_000) -> MessageLine:
    return MessageLine(
        invoice_id=InvoiceId(new_id()), number="R-1", issued_on=date(2026, 9, 1),
        due_on=date(2026, 10, 1), days_past_due=30, amount=Money(minor, "CHF"),
    )  # fmt: skip


def test_a_letter_asks_for_no_more_than_was_decided_and_than_is_owed() -> None:
    paid, part, more, held = line(), line(), line(), line()
    owed = {
        paid.invoice_id: Money(0, "CHF"),
        part.invoice_id: Money(4_000, "CHF"),
        more.invoice_id: Money(99_000, "CHF"),
        held.invoice_id: Money(10_000, "CHF"),
    }
    holds = [
        Hold(invoice_id=held.invoice_id, reason=HoldReason.DISPUTED, amount=Money(7_000, "CHF")),
        Hold(invoice_id=part.invoice_id, reason=HoldReason.PROMISED, until=date(2026, 11, 1)),
    ]

    now = asked_for_now([paid, part, more, held], owed, holds, TODAY)

    assert [(one.invoice_id, one.amount.minor) for one in now] == [
        (part.invoice_id, 4_000), (more.invoice_id, 10_000), (held.invoice_id, 3_000),
    ]  # fmt: skip
    assert {one.days_past_due for one in now} == {39}
    assert asked_for_now([line(200)], {}, [], TODAY) == ()


@pytest.mark.parametrize("post", Post)
def test_a_post_s_list_has_every_value_and_no_formula(post: Post) -> None:
    letter = Registered(
        place=3, reference="K1/3", name="=cmd|calc", attention="Mme Élodie; Dubois",
        street="Rue du Lac 4", postcode="1003", city="Genève", country="CH",
        tracking="98.00.123456.00000001", pages=2,
    )  # fmt: skip

    text = post_list([letter], post).decode("utf-8-sig")

    heads, row = csv.reader(io.StringIO(text), delimiter=LISTS[post].delimiter)
    assert len(heads) == len(set(heads)) == len(row) == 9
    assert {"'=cmd|calc", "Mme Élodie; Dubois", "1003", "Genève", "K1/3"} <= set(row)
    assert b"3;K1/3;'=cmd|calc" in manifest([letter])


def _letter(
    world: World, supplier_id: SupplierId, amounts: list[str], *, due: int = -40, **other: object
) -> tuple[ChannelMessage, list[InvoiceId]]:
    """A letter that waits, about invoices of a debtor of its own."""
    debtor = {name: other.pop(name) for name in ("street", "name") if name in other}
    debtor_id = world.debtor(supplier_id=supplier_id, **debtor)
    invoices = [
        world.invoice(one, debtor_id=debtor_id, supplier_id=supplier_id, due_in_days=due)
        for one in amounts
    ]
    channel = other.pop("channel", Channel.LETTER)
    one = message_to(world, supplier_id, debtor_id, invoices, channel, **other)  # type: ignore[arg-type]
    with world.runtime.transaction(Scope(supplier_id)) as session:
        assert actions.hand_over(session, one, clock=world.clock) is not None
        assert actions.hand_over(session, one, clock=world.clock) is None
    return one, invoices


def _batch(
    world: World, supplier_id: SupplierId, *, registered: bool = False
) -> LetterBatchId | None:
    with world.runtime.transaction(Scope(supplier_id)) as session:
        batch_id = make_batch(
            session,
            supplier_id,
            registered=registered,
            holds=holds_of(session, supplier_id),
            claim_of=lambda one, on: claim_of(session, supplier_id, one, on),
            clock=world.clock,
        )
        if batch_id is not None:
            set_batch.enqueue(
                session, now=world.clock.now(), supplier_id=supplier_id, batch_id=batch_id
            )
    world.run_jobs()
    return batch_id


def _letter_events(world: World) -> list[str]:
    with world.runtime.reading(SYSTEM) as session:
        rows = session.scalars(select(EventRow.kind).order_by(EventRow.id))
        return [one for one in rows if one.startswith(("letter.", "contact.supp"))]


def test_letters_become_one_file_a_pile_at_the_post_and_a_proof(world: World) -> None:
    supplier_id = world.supplier()
    words = OwnWords(subject="{numbers}", opening="Es geht um {total}.", closing="{debtor}: danke")
    first, partly = _letter(
        world, supplier_id, ["1950.00 CHF"], name="Erste AG", language="de", own=words
    )
    _letter(world, supplier_id, ["100.00 CHF", "20.00 CHF"], name="Deuxième SA")
    _, paid = _letter(world, supplier_id, ["80.00 CHF"], name="Paid SA")
    _letter(world, supplier_id, ["70.00 CHF"], name="Nowhere SA", street=None)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        for invoice_id, amount in (
            (paid[0], Money(8_000, "CHF")),
            (partly[0], Money(5_000, "CHF")),
        ):
            receive_transfer(
                session,
                supplier_id=supplier_id,
                debtor_id=session.get_one(Invoice, invoice_id).debtor_id,
                source=f"line-{amount.minor}",
                parts=[(invoice_id, amount)],
                amount=amount,
                reference="a line",
                booked_on=world.clock.now().date(),
                clock=world.clock,
            )

    batch_id = _batch(world, supplier_id)

    assert batch_id is not None
    with world.runtime.reading(Scope(supplier_id)) as session:
        batch = queries.batch(session, supplier_id, batch_id)
        assert (batch.state, batch.letters, batch.pages) == (BatchState.READY, 2, 2)
        one, two = queries.in_batch(session, supplier_id, batch_id)
        assert (one.first_page, one.pages, two.first_page, two.pages) == (1, 1, 2, 1)
        pdf = queries.pages_of_batch(session, supplier_id, batch_id)
        assert len(PdfReader(io.BytesIO(pdf)).pages) == 2
        alone = text_of(queries.pages_of_letter(session, supplier_id, two.id))
        assert "Deuxième SA" in alone and "Erste AG" not in alone
        assert "120.00" in alone
        worded = text_of(queries.pages_of_letter(session, supplier_id, one.id))
        assert "Zahlteil" in worded and "Erste AG: danke" in worded
        assert re.search(r"Es geht um CHF\s1’900.00\.", worded), "what is left when it is printed"
        assert [row.name for row in queries.registered_in(session, supplier_id, batch_id)] == [
            "Erste AG", "Deuxième SA",
        ]  # fmt: skip

    with world.runtime.transaction(Scope(supplier_id)) as session:
        actions.mark_printed(session, supplier_id, batch_id, clock=world.clock)
        actions.hand_to_post(
            session, supplier_id, batch_id, tracking={one.id: "98.1"}, clock=world.clock
        )
        actions.take_back(session, supplier_id, two.id, reason="moved", clock=world.clock)
    assert _letter_events(world) == [
        *["letter.decided"] * 4, *["letter.skipped"] * 2, *["letter.printed"] * 2,
        *["letter.handed_over"] * 2, "letter.returned", "contact.suppressed",
    ]  # fmt: skip
    with world.runtime.reading(Scope(supplier_id)) as session:
        assert queries.state_of(session, supplier_id, first.execution_id) == "handed_over"
        assert closed_to_post(session, supplier_id) == {two.debtor_id}
    with (
        pytest.raises(actions.LetterMoved),
        world.runtime.transaction(Scope(supplier_id)) as session,
    ):
        actions.mark_printed(session, supplier_id, batch_id, clock=world.clock)


def test_a_formal_notice_itemises_the_interest_that_is_claimed(world: World) -> None:
    supplier_id = world.supplier()
    with world.runtime.transaction(Scope(supplier_id)) as session:
        set_policy(
            session, supplier_id=supplier_id, policy=replace(Policy(), stance=Stance.CLAIM),
            clock=world.clock,
        )  # fmt: skip
    world.clock.advance(timedelta(hours=1))
    notice, (invoice_id,) = _letter(
        world, supplier_id, ["1000.00 CHF"], formal_notice=True, level=4, language="en",
        channel=Channel.REGISTERED,
    )  # fmt: skip

    assert _batch(world, supplier_id) is None
    batch_id = _batch(world, supplier_id, registered=True)

    assert batch_id is not None
    with world.runtime.reading(Scope(supplier_id)) as session:
        (letter,) = queries.in_batch(session, supplier_id, batch_id)
        words = text_of(queries.pages_of_letter(session, supplier_id, letter.id))
    assert letter.state is LetterState.IN_BATCH
    # Swiss Code of Obligations, art. 104: five per cent a year from the day after the due date.
    assert "Formal notice" in words and "1/2" in words
    assert "5%" in words
    assert "Claimed in addition CHF 5.48" in words
    assert "Please pay CHF 1’000.00 by 10 November 2026." in words
    assert notice.formal_notice

    # Once the post has it, it is the notice that the law of some countries asks for.
    with world.runtime.transaction(Scope(supplier_id)) as session:
        actions.mark_printed(session, supplier_id, batch_id, clock=world.clock)
        actions.hand_to_post(session, supplier_id, batch_id, tracking={}, clock=world.clock)
        found = first_notice(session, supplier_id, invoice_id)
    assert found == Notice(on=date(2026, 11, 2), by="post")
