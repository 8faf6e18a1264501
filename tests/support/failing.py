"""A debtor of an office who fails: published, our claim open, proposals waiting."""

from __future__ import annotations

from monitoring.effects.policies import set_policy
from monitoring.effects.queries import proposals
from monitoring.effects.rules import EffectPolicy, Mode
from monitoring.insolvency.actions import take_published
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.queries import candidates
from receivables.clock import local_date
from receivables.credit.actions import set_cover
from receivables.credit.rules import Cover
from receivables.database import Scope
from receivables.ids import SolvencyEventId
from tests.support.office import Office
from tests.support.publications import published

UID = ("UID", "CHE109322551")


def furnish_failing(office: Office) -> None:
    """Adds `failing` (the debtor), `effect` (what is proposed about them) and `publication` (one
    that only a name speaks for) to the office's ids; jobs are run.
    """
    world, supplier_id = office.world, office.supplier_id
    clock = world.clock
    debtor_id = world.debtor(
        supplier_id=supplier_id, name="Sonnenbau AG", language="de", identifiers=(UID,)
    )
    world.invoice("3200.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id, due_in_days=-40)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        policy = EffectPolicy(limit=Mode.PROPOSE, prepayment=Mode.PROPOSE)
        set_policy(session, supplier_id=supplier_id, policy=policy, clock=clock)
        set_cover(
            session, supplier_id=supplier_id, debtor_id=debtor_id,
            cover=Cover(policy_number="AX-4711", extension_days=60), clock=clock,
        )  # fmt: skip
        today = local_date(clock.now(), "Europe/Zurich")
        opened = published(
            "KK02-0000004711", EventKind.CALL_TO_CREDITORS, source="shab", country="CH",
            numbers=(UID,), name="Sonnenbau AG", place="Olten", published_on=today,
            decided_on=today, label="Konkurspublikation/Schuldenruf Sonnenbau AG",
        )  # fmt: skip
        take_published(session, supplier_id=supplier_id, published=[opened], clock=clock)
    world.run_jobs()
    with world.runtime.reading(Scope(supplier_id)) as session:
        waiting = proposals(session, supplier_id, debtor_id=debtor_id)
    office.ids["failing"] = debtor_id
    office.ids["publication"] = _furnish_namesake(office)
    office.ids["effect"] = waiting[0].proposal_id


def _furnish_namesake(office: Office) -> SolvencyEventId:
    """A customer without a number, and a publication about a company of that name."""
    world, supplier_id = office.world, office.supplier_id
    world.debtor(supplier_id=supplier_id, name="Tannwald Holz AG", city="Chur")
    doubtful = published(
        "KK01-0000004712", EventKind.PROVISIONAL_OPENING, source="shab", country="CH",
        numbers=(), name="Tannwald Holz GmbH", place="Thun",
        published_on=local_date(world.clock.now(), "Europe/Zurich"),
        label="Vorläufige Konkursanzeige Tannwald Holz GmbH", link="https://www.shab.ch/",
    )  # fmt: skip
    with world.runtime.transaction(Scope(supplier_id)) as session:
        take_published(session, supplier_id=supplier_id, published=[doubtful], clock=world.clock)
        (waiting,) = candidates(session, supplier_id)
    return waiting.id
