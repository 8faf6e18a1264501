"""The free first reminder as it is sent: by mail or by post, with all that the law wants said."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from receivables.database import SYSTEM
from receivables.dunning.explaining import why
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import claim_of
from receivables.i18n import day, reading_as
from receivables.ids import DebtorId, InvoiceId
from receivables.interest.loading import load_rates
from receivables.interest.notices import first_notice
from receivables.interest.policies import Policy, set_policy
from receivables.interest.queries import Claim, ClaimState
from receivables.interest.rates import Rate, Series
from receivables.interest.rules import Notice
from receivables.interest.tables import Stance
from receivables.parties.actions import mark_bounced, name_company_number
from receivables.parties.queries import contacts
from receivables.ports import Channel
from receivables.post import actions, queries
from receivables.post.batches import make_batch
from receivables.post.tasks import set_batch
from tests.support.builders import money
from tests.support.dunning import Dunning
from tests.support.letters import text_of
from tests.support.world import World

DAY = timedelta(days=1)
#: What Belgium publishes for a year, told by hand so that no later version changes it.
LATER = Rate(
    Series.BE_LEGAL, date(2026, 1, 1), date(2026, 12, 31), Decimal("4.5"), "SPF Finances",
    date(2026, 11, 2),
)  # fmt: skip


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


def belgian_consumer(dunning: Dunning, **given: object) -> tuple[DebtorId, InvoiceId]:
    """Somebody in Liège who owes 650 euros since the day before yesterday's weekend."""
    world = dunning.world
    with world.runtime.transaction(dunning.scope) as session:
        name_company_number(session, dunning.supplier_id, "BE 0123.456.749")
    debtor_id = world.debtor(
        name="Luc Peeters", contact_name="Luc Peeters", country="BE", kind="consumer",
        language="fr", postcode="4000", city="Liège", **given,
    )  # fmt: skip
    return debtor_id, world.invoice(
        "650.00 EUR", debtor_id=debtor_id, due_on=dunning.today - 3 * DAY, number="2026-BE"
    )


def test_the_first_reminder_by_mail_says_what_the_law_wants_and_sets_its_days_running(
    dunning: Dunning,
):
    world = dunning.world
    _, invoice_id = belgian_consumer(dunning)
    with world.runtime.transaction(SYSTEM) as session:
        load_rates(session, [LATER], clock=world.clock)
    with world.runtime.transaction(dunning.scope) as session:
        policy = Policy(stance=Stance.CLAIM, creditor_is_small=True)
        set_policy(session, supplier_id=dunning.supplier_id, policy=policy, clock=world.clock)

    def found(on: date) -> Claim:
        with world.runtime.reading(dunning.scope) as session:
            return claim_of(session, dunning.supplier_id, invoice_id, on)

    sent_on = dunning.today
    assert found(sent_on).state is ClaimState.NEEDS_NOTICE
    dunning.live_a_day()

    (mail,) = world.mail
    said = " ".join(mail.text.split())
    for wanted in ("650,00", "BE 0123.456.749", "2026-BE", "72,50", "14"):
        assert wanted in said, wanted
    last_day = sent_on + 14 * DAY
    with reading_as("fr_BE", "Europe/Zurich"):
        assert day(last_day) in said
    with world.runtime.reading(dunning.scope) as session:
        assert first_notice(session, dunning.supplier_id, invoice_id) == Notice(
            sent_on, "electronic"
        )
    # Not even a small creditor, who counts from the reminder on, asks before its days are over.
    assert found(last_day).state is ClaimState.NEEDS_NOTICE
    after = found(last_day + DAY).reckoning
    assert after is not None
    assert (after.begins_on, after.compensation) == (sent_on + DAY, money("72.50 EUR"))


def test_a_consumer_without_an_address_for_mail_gets_it_by_post_and_the_days_begin_there(
    dunning: Dunning,
):
    world = dunning.world
    debtor_id, invoice_id = belgian_consumer(dunning)
    with world.runtime.transaction(dunning.scope) as session:
        (contact,) = contacts(session, dunning.supplier_id, debtor_id)
        mark_bounced(session, supplier_id=dunning.supplier_id, contact_id=contact.id,
                     clock=world.clock)  # fmt: skip
    dunning.live_a_day()
    (letter,) = dunning.reminders()
    assert (letter.channel, letter.step) == (Channel.LETTER, "r1")

    with world.runtime.transaction(dunning.scope) as session:
        batch_id = make_batch(
            session, dunning.supplier_id, registered=False,
            holds=holds_of(session, dunning.supplier_id),
            claim_of=lambda one, on: claim_of(session, dunning.supplier_id, one, on),
            clock=world.clock,
        )  # fmt: skip
        assert batch_id is not None
        set_batch.enqueue(
            session, now=world.clock.now(), supplier_id=dunning.supplier_id, batch_id=batch_id
        )
    world.run_jobs()
    with world.runtime.reading(dunning.scope) as session:
        (letter,) = queries.in_batch(session, dunning.supplier_id, batch_id)
        said = text_of(queries.pages_of_letter(session, dunning.supplier_id, letter.id))
    for wanted in ("650,00", "BE 0123.456.749", "2026-BE", "72,50", "14"):
        assert wanted in said, wanted
    # Only when the post has it do its days begin: not when it was decided, set or printed.
    world.clock.advance(2 * DAY)
    with world.runtime.transaction(dunning.scope) as session:
        actions.mark_printed(session, dunning.supplier_id, batch_id, clock=world.clock)
        assert first_notice(session, dunning.supplier_id, invoice_id) is None
        actions.hand_to_post(session, dunning.supplier_id, batch_id, tracking={}, clock=world.clock)
    world.run_jobs()
    with world.runtime.reading(dunning.scope) as session:
        found = first_notice(session, dunning.supplier_id, invoice_id)
        told = why(session, dunning.supplier_id, invoice_id, dunning.today + 10 * DAY)
    assert found == Notice(dunning.today, "post")
    # Wednesday 4 November; 5, 6 and 9 are the working days; 22 November is the last of fourteen.
    assert (told.step, told.next_on) == ("", date(2026, 11, 23))
