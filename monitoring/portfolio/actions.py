"""Everything that changes a health check: asking for one, deciding in it, forgetting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from monitoring.portfolio import queries
from monitoring.portfolio.change import Seen, changed
from monitoring.portfolio.events import CheckAsked, CheckDeleted
from monitoring.portfolio.faults import Fault
from monitoring.portfolio.gathering import facts_of, with_facts
from monitoring.portfolio.identify import decided, flaws_of
from monitoring.portfolio.merging import SURE_FROM, Cluster, duplicates_of, groups_of, merged
from monitoring.portfolio.report import build
from monitoring.portfolio.report_values import Report
from monitoring.portfolio.rules import Assumptions, Checked, Confidence
from monitoring.portfolio.tables import (
    PortfolioBelief,
    PortfolioCheck,
    PortfolioCluster,
    PortfolioCustomer,
    PortfolioDeed,
    PortfolioView,
    column_of,
)
from receivables.clock import Clock, local_date
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import PortfolioCheckId, StaffId, SupplierId, new_id
from receivables.jobs import enqueue, insert_or_ignore
from receivables.parties.queries import supplier

#: The actor that makes a check (`tasks`), by name: tasks call actions.
MAKE = "portfolio.make_check"

#: How long a check may be kept, in days; the file itself goes as soon as it is read.
KEEP_DAYS = (30, 90, 180, 365)
USUAL_KEEP_DAYS = 90
#: A report of so many customers is made anew while its reader waits; a longer one by a job.
AT_ONCE = 5_000

Decision = Literal["", "merged", "apart"]


class NothingToDecide(ReceivablesError):
    """Somebody has decided about it meanwhile, or there is nothing to decide."""


def ask_for(
    session: Session,
    *,
    supplier_id: SupplierId,
    content: bytes | None,
    file_name: str = "",
    locale: str,
    keep_days: int = USUAL_KEEP_DAYS,
    clock: Clock,
) -> PortfolioCheckId:
    """Have a file of customers checked, or (without `content`) the supplier's own debtors.

    A job makes it. `keep_days` is one of KEEP_DAYS.
    """
    assert keep_days in KEEP_DAYS, keep_days
    now, check_id = clock.now(), PortfolioCheckId(new_id())
    today = local_date(now, supplier(session, supplier_id).zone)
    source = "book" if content is None else "file"
    session.add(
        PortfolioCheck(
            id=check_id,
            supplier_id=supplier_id,
            source=source,
            file_name=file_name[:200],
            content=content,
            locale=locale,
            state="running",
            phase="reading",
            done=0,
            total=0,
            faults={},
            unasked=0,
            assumptions=_plain(queries.assumptions(session, supplier_id)),
            report={},
            asked_by=session.info.get("by", "system"),
            asked_at=now,
            made_at=None,
            delete_on=(delete_on := today + timedelta(days=keep_days)),
        )
    )
    happened = CheckAsked(supplier_id=supplier_id, source=source, delete_on=delete_on.isoformat())
    record(session, happened, clock=clock)
    _enqueue(session, supplier_id, check_id, clock)
    return check_id


def _enqueue(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId, clock: Clock
) -> None:
    args = {"of_supplier": str(supplier_id), "check_id": str(check_id)}
    enqueue(session, MAKE, args, now=clock.now(), supplier_id=supplier_id)


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, str_keys=True)


def refuse(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    faults: Sequence[Fault],
) -> None:
    """The file is none of customers; it is not kept. Raises NoSuchCheck."""
    check = queries.of_supplier(session, supplier_id, check_id)
    check.state, check.content = "refused", None
    check.faults = {"faults": _plain(list(faults))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What a report is made of: read at once, reckoned with where nothing is held open."""

    customers: list[Checked]
    clusters: list[Cluster]
    assumptions: Assumptions
    as_of_on: date
    country: str
    currency: str
    #: The last check of the same kind, and whom it saw.
    before: Report | None
    seen: list[Seen]


def gather(session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId) -> Ingredients:
    """With what was decided meanwhile. Raises NoSuchCheck."""
    check = queries.of_supplier(session, supplier_id, check_id)
    owner = supplier(session, supplier_id)
    before = queries.former(session, check)
    known = [] if before is None else queries.customers(session, supplier_id, before.id)
    return Ingredients(
        customers=queries.customers(session, supplier_id, check_id),
        clusters=queries.clusters(session, supplier_id, check_id),
        assumptions=queries.as_assumptions(check.assumptions),
        as_of_on=local_date(check.asked_at, owner.zone),
        country=owner.country,
        currency=owner.currency,
        before=None if before is None else queries.as_report(before.report),
        seen=[Seen(one.key, one.rated.band) for one in known],
    )


def reckon(given: Ingredients) -> Report:
    """The report: pure."""
    as_one = merged(given.customers, given.clusters)
    report = build(
        as_one,
        given.assumptions,
        as_of_on=given.as_of_on,
        country=given.country,
        currency=given.currency,
        duplicates=duplicates_of(given.customers, given.clusters),
        groups=groups_of(given.customers, given.clusters),
    )
    if given.before is None:
        return report
    return replace(report, change=changed(given.before, given.seen, report, as_one))


def conclude(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    report: Report,
    *,
    clock: Clock,
) -> None:
    """The report can be read. Raises NoSuchCheck."""
    check = queries.of_supplier(session, supplier_id, check_id)
    check.report = _plain(report)
    check.state, check.phase, check.made_at = "ready", "reporting", clock.now()
    check.done = check.total


def renew(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId, *, clock: Clock
) -> None:
    """After a decision: the report again, by a job where it is long. Raises NoSuchCheck."""
    check = queries.ready(session, supplier_id, check_id)
    session.flush()
    if check.total <= AT_ONCE:
        report = reckon(gather(session, supplier_id, check_id))
        conclude(session, supplier_id, check_id, report, clock=clock)
        return
    check.state, check.phase = "running", "reporting"
    _enqueue(session, supplier_id, check_id, clock)


def decide_identity(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    place: int,
    is_it: bool,
    clock: Clock,
) -> None:
    """A person says whether a customer is the company we took it for.

    Raises NoSuchCheck, and NothingToDecide where nobody has to say.
    """
    queries.ready(session, supplier_id, check_id)
    found = session.scalar(
        select(PortfolioCustomer)
        .where(
            PortfolioCustomer.supplier_id == supplier_id,
            PortfolioCustomer.check_id == check_id,
            PortfolioCustomer.place == place,
            PortfolioCustomer.confidence == Confidence.REVIEW.value,
        )
        .with_for_update()
    )
    if found is None:
        raise NothingToDecide(f"customer {place} of {check_id}")
    [row] = queries.rows(session, supplier_id, check_id, places=[place])
    identity = decided(row.checked.identity, is_it=is_it)
    one = replace(row.checked, identity=identity, flaws=flaws_of(row.said, identity))
    if is_it:
        one = with_facts(one, facts_of(session, supplier_id))
    found.confidence, found.checked = identity.confidence.value, column_of(_plain(one))
    renew(session, supplier_id, check_id, clock=clock)


def decide_cluster(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    place: int,
    decision: Decision,
    survivor: int | None = None,
    clock: Clock,
) -> None:
    """Count customers as one, declare them to be several, or ("") take back either.

    Nothing but this check changes: the supplier's books keep both accounts. Raises NoSuchCheck,
    and NothingToDecide where there is nothing of the kind.
    """
    queries.ready(session, supplier_id, check_id)
    found = session.scalar(
        select(PortfolioCluster)
        .where(
            PortfolioCluster.supplier_id == supplier_id,
            PortfolioCluster.check_id == check_id,
            PortfolioCluster.place == place,
        )
        .with_for_update()
    )
    if found is None or (found.kind == "group" and decision == "merged"):
        raise NothingToDecide(f"cluster {place} of {check_id}")
    if survivor is not None and survivor in found.members["places"]:
        found.survivor = survivor
    found.decision = decision
    found.decided_by = session.info.get("by", "system")
    found.decided_at = clock.now()
    renew(session, supplier_id, check_id, clock=clock)


def merge_all(
    session: Session, *, supplier_id: SupplierId, check_id: PortfolioCheckId, clock: Clock
) -> int:
    """Count every sure cluster as one about which nobody has decided; how many that were.

    Raises NoSuchCheck.
    """
    queries.ready(session, supplier_id, check_id)
    changed_rows = session.execute(
        update(PortfolioCluster)
        .where(
            PortfolioCluster.supplier_id == supplier_id,
            PortfolioCluster.check_id == check_id,
            PortfolioCluster.kind == "duplicate",
            PortfolioCluster.decision == "",
            PortfolioCluster.score_permille >= SURE_FROM * 1000,
        )
        .values(
            decision="merged",
            decided_by=session.info.get("by", "system"),
            decided_at=clock.now(),
        )
        .returning(PortfolioCluster.place)
    ).all()
    renew(session, supplier_id, check_id, clock=clock)
    return len(changed_rows)


def believe(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    assumptions: Assumptions,
    clock: Clock,
) -> None:
    """The supplier's own probabilities, margin and prices, for this check and those to come.

    Raises NoSuchCheck.
    """
    check = queries.ready(session, supplier_id, check_id)
    body = _plain(replace(assumptions, are_examples=False))
    now, by = clock.now(), session.info.get("by", "system")
    row = {"supplier_id": supplier_id, "body": body, "changed_at": now, "changed_by": by}
    session.execute(insert_or_ignore(session, PortfolioBelief), row)
    session.execute(
        update(PortfolioBelief)
        .where(PortfolioBelief.supplier_id == supplier_id)
        .values(body=body, changed_at=now, changed_by=by)
    )
    check.assumptions = body
    renew(session, supplier_id, check_id, clock=clock)


def note_view(
    session: Session,
    *,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    staff_id: StaffId,
    what: Literal["page", "pdf", "csv"],
    clock: Clock,
) -> None:
    """Somebody looks at it; once a day, person and form is enough. Raises NoSuchCheck."""
    queries.of_supplier(session, supplier_id, check_id)
    now = clock.now()
    session.execute(
        insert_or_ignore(session, PortfolioView),
        {
            "supplier_id": supplier_id,
            "check_id": check_id,
            "staff_id": staff_id,
            "what": what,
            "seen_on": local_date(now, supplier(session, supplier_id).zone),
            "seen_at": now,
        },
    )


def forget(
    session: Session, *, supplier_id: SupplierId, check_id: PortfolioCheckId, clock: Clock
) -> None:
    """Delete a check with everything that was handed in or made of it. Raises NoSuchCheck."""
    queries.of_supplier(session, supplier_id, check_id)
    count = session.scalar(
        select(func.count())
        .select_from(PortfolioCustomer)
        .where(PortfolioCustomer.supplier_id == supplier_id, PortfolioCustomer.check_id == check_id)
    )
    for table in (PortfolioDeed, PortfolioView, PortfolioCluster, PortfolioCustomer):
        session.execute(
            delete(table).where(table.supplier_id == supplier_id, table.check_id == check_id)
        )
    session.execute(
        delete(PortfolioCheck).where(
            PortfolioCheck.supplier_id == supplier_id, PortfolioCheck.id == check_id
        )
    )
    happened = CheckDeleted(supplier_id=supplier_id, customers=count or 0)
    record(session, happened, clock=clock)


def expire(session: Session, *, clock: Clock) -> None:
    """Forget the checks whose day has come; needs a system transaction."""
    now = clock.now()
    due = session.execute(
        # A day late is a promise broken, an hour early is none: any zone's today is near.
        select(PortfolioCheck.supplier_id, PortfolioCheck.id).where(
            PortfolioCheck.delete_on <= local_date(now, "UTC")
        )
    ).all()
    for supplier_id, check_id in due:
        forget(session, supplier_id=supplier_id, check_id=check_id, clock=clock)
