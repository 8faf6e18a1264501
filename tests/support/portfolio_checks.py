"""Health checks with everything in them that waits for a person."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy.orm import Session

from monitoring.portfolio import actions, deeds
from monitoring.portfolio.rules import Assumptions
from monitoring.portfolio.tables import PortfolioCluster, PortfolioDeed
from receivables.database import Scope
from receivables.ids import PortfolioCheckId, PortfolioDeedId, new_id
from receivables.parties.actions import identify
from tests.support.office import Office

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


def check_the_book(office: Office) -> None:
    """Adds `check`, which the owner has looked at in every form today, and `deed`, which was done
    from it, to the office's ids; no table of a check is empty then.
    """
    scope, now = Scope(office.supplier_id), office.world.clock.now()
    check_id = _asked(office, None)
    mine = {"supplier_id": office.supplier_id, "check_id": check_id}
    by = f"staff:{office.owner}"
    with office.runtime.transaction(scope, by=by) as session:
        session.add(
            PortfolioCluster(
                **mine, place=1, kind="duplicate", members={"places": [1, 2]}, survivor=1,
                score_permille=900, decision="", decided_by="",
            )
        )  # fmt: skip
        deed_id = PortfolioDeedId(new_id())
        session.add(
            PortfolioDeed(
                **mine, id=deed_id, kind="limits", body={"done": []}, done_by=by, done_at=now
            )
        )
        _look(office, session, check_id)
    office.ids |= {"check": check_id, "deed": deed_id}


def check_a_file(office: Office) -> None:
    """Adds `check`: of a file with duplicates, a guess that waits, and new companies."""
    scope, supplier_id = Scope(office.supplier_id), office.supplier_id
    other = office.world.debtor(supplier_id=supplier_id, name="Zimmerei Holzer", country="CH")
    with office.runtime.transaction(scope) as session:
        identify(session, supplier_id, other, [("UID", "CHE109322551")])
    check_id = _asked(office, FILE.encode())
    with office.runtime.transaction(scope, by=f"staff:{office.owner}") as session:
        deeds.watch(session, supplier_id=supplier_id, check_id=check_id, clock=office.world.clock)
        _look(office, session, check_id)
    office.ids["check"] = check_id


def _asked(office: Office, content: bytes | None) -> PortfolioCheckId:
    scope = Scope(office.supplier_id)
    with office.runtime.transaction(scope, by=f"staff:{office.owner}") as session:
        check_id = actions.ask_for(
            session, supplier_id=office.supplier_id, content=content, file_name="kunden.csv",
            locale="de_CH", clock=office.world.clock,
        )  # fmt: skip
    office.world.run_jobs()
    return check_id


def _look(office: Office, session: Session, check_id: PortfolioCheckId) -> None:
    supplier_id, clock = office.supplier_id, office.world.clock
    actions.believe(
        session, supplier_id=supplier_id, check_id=check_id, assumptions=Assumptions(), clock=clock
    )
    for what in FORMS:
        actions.note_view(
            session, supplier_id=supplier_id, check_id=check_id, staff_id=office.owner, what=what,
            clock=clock,
        )  # fmt: skip
