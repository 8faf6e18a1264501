"""What is done from a health check, and undone: limits cut, companies put under watch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from monitoring.portfolio import queries
from monitoring.portfolio.actions import renew
from monitoring.portfolio.events import PutUnderWatch
from monitoring.portfolio.merging import merged
from monitoring.portfolio.proposals import LimitCut, limit_cuts, to_watch
from monitoring.portfolio.queries import Row
from monitoring.portfolio.rules import Checked
from monitoring.portfolio.tables import PortfolioCustomer, PortfolioDeed, column_of
from monitoring.tables import FeedSubject
from receivables.clock import Clock
from receivables.credit.actions import set_limit
from receivables.credit.queries import standing, standings
from receivables.credit.rules import Standing
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, PortfolioCheckId, PortfolioDeedId, SupplierId, new_id
from receivables.money import Money
from receivables.parties.actions import NewDebtor, register_debtor
from receivables.parties.queries import debtor_by_number
from receivables.parties.tables import Contact, Debtor, Identifier


class NothingChosen(ReceivablesError):
    """None of what was proposed was ticked, or nothing of it is left."""


class AlreadyUndone(ReceivablesError):
    """Somebody has taken it back meanwhile."""


#: In one go; of more, the rest is proposed again.
MOST_WATCHED = 2_500


def counted(session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId) -> list[Checked]:
    """The customers of a check with what was merged as one."""
    return merged(
        queries.customers(session, supplier_id, check_id),
        queries.clusters(session, supplier_id, check_id),
    )


def proposed_cuts(
    session: Session, supplier_id: SupplierId, customers: Sequence[Checked]
) -> list[LimitCut]:
    """Held against the limits of today, which may be others than those of the check."""
    today = standings(session, supplier_id)
    found = []
    for cut in limit_cuts(customers):
        now = today.get(DebtorId(cut.debtor_id), Standing()).limit
        if now is None or (now.currency == cut.proposed.currency and now > cut.proposed):
            found.append(replace(cut, now=now))
    return found


def cut_limits(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    debtor_ids: Collection[UUID],
    clock: Clock,
) -> int:
    """Set the proposed limits of these debtors; how many. Raises NoSuchCheck, NothingChosen."""
    queries.ready(session, supplier_id, check_id)
    customers = counted(session, supplier_id, check_id)
    chosen = [
        cut for cut in proposed_cuts(session, supplier_id, customers) if cut.debtor_id in debtor_ids
    ]
    if not chosen:
        raise NothingChosen(str(check_id))
    for cut in chosen:
        set_limit(
            session,
            supplier_id=supplier_id,
            debtor_id=DebtorId(cut.debtor_id),
            limit=cut.proposed,
            clock=clock,
        )
        _note_limit(session, supplier_id, check_id, cut.place, cut.proposed)
    body = [
        {
            "debtor_id": str(cut.debtor_id),
            "place": cut.place,
            "name": cut.name,
            "before": _plain(cut.now),
            "after": _plain(cut.proposed),
        }
        for cut in chosen
    ]
    _keep(session, supplier_id, check_id, "limits", body, clock)
    renew(session, supplier_id, check_id, clock=clock)
    return len(chosen)


def _note_limit(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    place: int,
    limit: Money | None,
) -> None:
    """The check goes on with the limit that holds now."""
    for row in queries.rows(session, supplier_id, check_id, places=[place]):
        _rewrite(session, supplier_id, check_id, replace(row.checked, limit=limit))


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _keep(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    kind: str,
    done: Sequence[dict[str, Any]],
    clock: Clock,
) -> None:
    session.add(
        PortfolioDeed(
            id=PortfolioDeedId(new_id()),
            supplier_id=supplier_id,
            check_id=check_id,
            kind=kind,
            body={"done": list(done)},
            done_by=session.info.get("by", "system"),
            done_at=clock.now(),
            undone_at=None,
        )
    )


def watch(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    clock: Clock,
) -> int:
    """Write identified companies of a file down as debtors, so that sources are asked about them;
    how many. Raises NoSuchCheck, NothingChosen.
    """
    queries.ready(session, supplier_id, check_id)
    wanted = to_watch(counted(session, supplier_id, check_id))[:MOST_WATCHED]
    said = {
        row.checked.place: row
        for row in queries.rows(
            session, supplier_id, check_id, places=[one.place for one in wanted]
        )
    }
    done = []
    for one in wanted:
        debtor_id = _register(session, supplier_id, said[one.place], clock)
        if debtor_id is None:
            continue
        _link(session, supplier_id, check_id, said[one.place].checked, debtor_id)
        record(session, PutUnderWatch(supplier_id=supplier_id, debtor_id=debtor_id), clock=clock)
        done.append({"debtor_id": str(debtor_id), "name": one.name, "place": one.place})
    if not done:
        raise NothingChosen(str(check_id))
    _keep(session, supplier_id, check_id, "watch", done, clock)
    renew(session, supplier_id, check_id, clock=clock)
    return len(done)


def _register(session: Session, supplier_id: SupplierId, row: Row, clock: Clock) -> DebtorId | None:
    """None where our number for it is another debtor's: a person has to see which is right."""
    said, identity = row.said, row.checked.identity
    number = (said.number or f"{identity.scheme}-{identity.number}")[:60]
    if debtor_by_number(session, supplier_id, number) is not None:
        return None
    country = said.country or _COUNTRIES.get(identity.scheme, "")
    if not country:
        return None
    new = NewDebtor(
        number=number,
        name=(said.shown_name or identity.number)[:200],
        country=country,
        street=said.street[:120] or None,
        postcode=said.postcode[:16] or None,
        city=said.city[:80] or None,
        identifiers=[(identity.scheme, identity.number)],
    )
    return register_debtor(session, supplier_id=supplier_id, new=new, clock=clock)


#: Whose register a number is of, where the file names no country.
_COUNTRIES = {"SIREN": "FR", "KBO": "BE", "UID": "CH"}


def _link(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    one: Checked,
    debtor_id: DebtorId | None,
) -> None:
    linked = replace(one, identity=replace(one.identity, debtor_id=debtor_id))
    _rewrite(session, supplier_id, check_id, linked)


def _rewrite(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId, one: Checked
) -> None:
    session.execute(
        update(PortfolioCustomer)
        .where(
            PortfolioCustomer.supplier_id == supplier_id,
            PortfolioCustomer.check_id == check_id,
            PortfolioCustomer.place == one.place,
        )
        .values(checked=column_of(_plain(one)))
    )


def undo(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    deed_id: PortfolioDeedId,
    clock: Clock,
) -> tuple[str, ...]:
    """Take back what was done; the names of those of whom it cannot be: their limit was changed
    since, or something is known of them by now. Raises NoSuchDeed, AlreadyUndone.
    """
    deed = queries.deed(session, supplier_id, check_id, deed_id)
    if deed.undone_at is not None:
        raise AlreadyUndone(str(deed_id))
    deed.undone_at = clock.now()
    back = _limit_back if deed.kind == "limits" else _watch_back
    left = []
    for one in deed.body["done"]:
        if not back(session, supplier_id, check_id, one, clock):
            left.append(str(one["name"]))
    renew(session, supplier_id, check_id, clock=clock)
    return tuple(left)


def _limit_back(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    one: dict[str, Any],
    clock: Clock,
) -> bool:
    debtor_id = DebtorId(UUID(one["debtor_id"]))
    if standing(session, supplier_id, debtor_id).limit != msgspec.convert(one["after"], Money):
        return False
    before = None if one["before"] is None else msgspec.convert(one["before"], Money)
    set_limit(session, supplier_id=supplier_id, debtor_id=debtor_id, limit=before, clock=clock)
    _note_limit(session, supplier_id, check_id, int(one["place"]), before)
    return True


def _watch_back(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    one: dict[str, Any],
    _clock: Clock,
) -> bool:
    """Only who has neither invoices nor readings can be forgotten as if never written down."""
    debtor_id = DebtorId(UUID(one["debtor_id"]))
    session.flush()
    try:
        with session.begin_nested():
            for table in (Identifier, Contact, FeedSubject):
                session.execute(
                    delete(table).where(
                        table.supplier_id == supplier_id, table.debtor_id == debtor_id
                    )
                )
            session.execute(
                delete(Debtor).where(Debtor.supplier_id == supplier_id, Debtor.id == debtor_id)
            )
    except IntegrityError:
        return False
    column = session.scalar(
        select(PortfolioCustomer.checked).where(
            PortfolioCustomer.supplier_id == supplier_id,
            PortfolioCustomer.check_id == check_id,
            PortfolioCustomer.place == int(one["place"]),
        )
    )
    if column is not None:
        _link(session, supplier_id, check_id, queries.as_checked(column), None)
    return True
