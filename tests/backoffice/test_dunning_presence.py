"""What is read for one debtor alone, and what is left out because it is not there."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from sqlalchemy import select

from receivables.database import Scope
from receivables.dunning import controls
from receivables.dunning.limits import DEFAULT_LIMITS
from receivables.dunning.planning import decided_of, frame_of, in_chunks
from receivables.dunning.presence import present
from receivables.dunning.scenarios import save_scenarios
from receivables.dunning.steps import THREE_MAILS
from receivables.dunning.windows import USUAL_HOURS
from receivables.handover.actions import hand_over
from receivables.ids import DebtorId, InvoiceId
from receivables.parties.actions import mark_bounced
from receivables.parties.queries import contacts
from receivables.parties.tables import Debtor
from tests.support.office import Office

#: On which messages of the office are taken out.
DAY = date(2026, 11, 4)


def make_the_rest(office: Office) -> None:
    """What an office with one of everything lacks."""
    world, supplier_id = office.world, office.supplier_id
    clock, debtor_id = world.clock, DebtorId(office.ids["debtor"])
    with world.runtime.transaction(Scope(supplier_id)) as session:
        for contact in contacts(session, supplier_id, debtor_id):
            mark_bounced(session, supplier_id=supplier_id, contact_id=contact.id, clock=clock)
        hand_over(
            session, supplier_id=supplier_id, debtor_id=debtor_id,
            invoice_ids=[InvoiceId(office.ids["invoice"])], recipient="Maître Rochat", disputed=(),
            clock=clock,
        )  # fmt: skip
        limits = replace(DEFAULT_LIMITS, quiet_days=1)
        controls.change_settings(session, supplier_id, USUAL_HOURS, limits, clock=clock)
        controls.note_shown(session, supplier_id, DAY, 0, clock=clock)
        save_scenarios(session, supplier_id, (THREE_MAILS,), clock=clock)


def test_a_debtor_alone_is_decided_as_among_all_whatever_there_is_about_them(
    office: Office,
) -> None:
    supplier_id = office.supplier_id
    make_the_rest(office)

    with office.world.runtime.reading(Scope(supplier_id)) as session:
        frame = frame_of(session, supplier_id, DAY)
        among_all = [one for chunk in in_chunks(session, frame) for one in chunk]
        debtors = {one.case.debtor.id for one in among_all}
        alone = {
            debtor_id: frame_of(session, supplier_id, DAY, debtor_id=debtor_id)
            for debtor_id in debtors
        }
        decided = [
            one
            for debtor_id in sorted(debtors)
            for one in decided_of(session, alone[debtor_id], [debtor_id])
        ]
        seen = [asdict(present(session, supplier_id, debtor_id, DAY)) for debtor_id in debtors]

    assert decided == among_all
    assert all(one.house == frame.house for one in alone.values())
    # Each was there to be seen, and of some debtor to be left out.
    assert {name for one in seen for name, there in one.items() if not there} >= {
        "handovers", "plans", "promises", "stops", "suppressions",
    }  # fmt: skip
    assert {name for one in seen for name, there in one.items() if there} == set(seen[0])


def test_what_is_there_about_any_is_what_is_there_about_one_or_another(office: Office) -> None:
    def seen() -> tuple[dict[str, bool], dict[str, bool]]:
        with office.world.runtime.reading(Scope(office.supplier_id)) as session:
            all_of_them = session.scalars(
                select(Debtor.id).where(Debtor.supplier_id == office.supplier_id)
            )
            each = [asdict(present(session, office.supplier_id, one, DAY)) for one in all_of_them]
            of_any = asdict(present(session, office.supplier_id, None, DAY))
        return of_any, {name: any(one[name] for one in each) for name in of_any}

    of_any, of_each = seen()
    assert of_any == of_each
    assert not of_any["handovers"]
    make_the_rest(office)
    of_any, of_each = seen()
    assert of_any == of_each
    assert of_any["handovers"]
