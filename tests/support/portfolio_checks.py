"""Health checks with everything in them that waits for a person."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from monitoring.portfolio import actions, deeds
from monitoring.portfolio.rules import Assumptions
from monitoring.portfolio.tables import PortfolioCluster, PortfolioDeed
from receivables.database import Scope
from receivables.ids import PortfolioCheckId, PortfolioDeedId, StaffId, SupplierId, new_id
from receivables.parties.actions import identify
from tests.support.world import World

FORMS: Final[tuple[Literal["page", "pdf", "csv"], ...]] = ("page", "pdf", "csv")

#: Two lines that are one company, a guess, a wrong number, and somebody new.
FILE = """\
number;name;country;register number;postcode;city;balance;overdue;limit;terms;turnover;rating
N-1;Alpha Métal SA;BE;0403.170.701;9000;Gent;12000.00;200.00;10000;60;90000;E
N-2;ALPHA METAL;BE;BE0403170701;9000;Gent;500.00;0;;30;;
N-3;Atelier du Lac;FR;732 829 320;69001;Lyon;4000.00;0;;30;;B
N-4;Confiserie Bachmann;CH;CHE-109.322.551;6003;Luzern;700.00;0;;30;;
N-5;Nobody Knows;BE;0403.170.700;9000;Gent;100.00;0;;30;;
"""


def check_the_book(world: World, supplier_id: SupplierId, owner: StaffId) -> dict[str, UUID]:
    """A `check`, which the owner has looked at in every form today, and a `deed`, which was done
    from it; no table of a check is empty then.
    """
    now, by = world.clock.now(), f"staff:{owner}"
    check_id, deed_id = _asked(world, supplier_id, owner, None), PortfolioDeedId(new_id())
    mine = {"supplier_id": supplier_id, "check_id": check_id}
    with world.runtime.transaction(Scope(supplier_id), by=by) as session:
        session.add(
            PortfolioCluster(
                **mine, place=1, kind="duplicate", members={"places": [1, 2]}, survivor=1,
                score_permille=900, decision="", decided_by="",
            )
        )  # fmt: skip
        session.add(
            PortfolioDeed(
                **mine, id=deed_id, kind="limits", body={"done": []}, done_by=by, done_at=now
            )
        )
        _look(world, session, check_id, supplier_id, owner)
    return {"check": check_id, "deed": deed_id}


def check_a_file(world: World, supplier_id: SupplierId, owner: StaffId) -> dict[str, UUID]:
    """A `check` of a file with duplicates, a guess that waits, and new companies."""
    scope = Scope(supplier_id)
    other = world.debtor(supplier_id=supplier_id, name="Zimmerei Holzer", country="CH")
    with world.runtime.transaction(scope) as session:
        identify(session, supplier_id, other, [("UID", "CHE109322551")])
    check_id = _asked(world, supplier_id, owner, FILE.encode())
    with world.runtime.transaction(scope, by=f"staff:{owner}") as session:
        deeds.watch(session, supplier_id=supplier_id, check_id=check_id, clock=world.clock)
        _look(world, session, check_id, supplier_id, owner)
    return {"check": check_id}


def _asked(
    world: World, supplier_id: SupplierId, owner: StaffId, content: bytes | None
) -> PortfolioCheckId:
    with world.runtime.transaction(Scope(supplier_id), by=f"staff:{owner}") as session:
        check_id = actions.ask_for(
            session, supplier_id=supplier_id, content=content, file_name="kunden.csv",
            locale="de_CH", clock=world.clock,
        )  # fmt: skip
    world.run_jobs()
    return check_id


def _look(
    world: World,
    session: Session,
    check_id: PortfolioCheckId,
    supplier_id: SupplierId,
    owner: StaffId,
) -> None:
    whose = {"supplier_id": supplier_id, "check_id": check_id}
    actions.believe(session, **whose, assumptions=Assumptions(), clock=world.clock)  # type: ignore[arg-type]
    for what in FORMS:
        actions.note_view(session, **whose, staff_id=owner, what=what, clock=world.clock)  # type: ignore[arg-type]
