"""The overview: what waits for a person, how things stand, who is at risk, what came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.alerts import alert_line
from backoffice.figures import (
    DSO_PERIOD_DAYS,
    ageing,
    days_sales_outstanding,
    in_order,
    oldest_days,
    overdue_of,
    per_currency,
    weight,
    zero_or,
)
from backoffice.jobs import dead_jobs
from backoffice.matters import waiting_matters
from backoffice.pages import AtRisk, RecentPayment, TodayPage, Todo, Totals
from backoffice.payments import state_shown
from monitoring.alerts import queries as watched
from monitoring.bands import Band, steps_down
from monitoring.standing import BandNow, bands
from receivables.dunning.queries import preview, reminder_count
from receivables.dunning.tables import ReminderState
from receivables.ids import DebtorId, SupplierId
from receivables.ledger.portfolio import (
    invoiced_between,
    outstanding_on,
    received_between,
    unapplied_by_debtor,
)
from receivables.ledger.queries import OpenItem, open_items
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.payers.cash_queries import expected_cash
from receivables.payments import queries as payments
from receivables.payments.return_queries import open_chargebacks, refunds_for_a_person
from receivables.workdays import WEEKDAYS

#: How many lines each list of the page has.
MOST_LINES = 6
#: A fall is news for so long.
LATELY = timedelta(days=30)


@get("/", sync_to_thread=True)
def show_today(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = today_page(session, asker)
    return asker.page("today.html", page)


def today_page(session: Session, asker: Asker) -> TodayPage:
    supplier_id, today = asker.supplier_id, asker.today
    items = open_items(session, supplier_id)
    head = asker.head(session, "overview")
    by_debtor = grouped(items)
    reachable = parties.primary_contacts(session, supplier_id)
    standing = bands(session, supplier_id, by_debtor, since=today - LATELY)
    return TodayPage(
        head=head,
        notice=asker.notice(),
        today=today,
        todos=tuple(
            _todos(
                session,
                asker,
                open_alerts=head.open_alerts,
                unreachable=sum(1 for debtor_id in by_debtor if debtor_id not in reachable),
            )
        ),
        totals=totals(session, asker, items),
        alerts=tuple(
            alert_line(one)
            for one in watched.alerts(session, supplier_id, only_open=True, limit=MOST_LINES)
        ),
        at_risk=at_risk(session, asker, by_debtor, standing)[:MOST_LINES],
        payments=_latest_payments(session, supplier_id),
        reminders_tomorrow=len(preview(session, supplier_id, next_sending_day(asker)).messages),
    )


def next_sending_day(asker: Asker) -> date:
    """The next day on which reminders go out."""
    day = asker.today + timedelta(days=1)
    while not WEEKDAYS.is_working_day(day, asker.me.supplier_country):
        day += timedelta(days=1)
    return day


def grouped(items: Sequence[OpenItem]) -> Mapping[DebtorId, list[OpenItem]]:
    """Open items by debtor."""
    by_debtor: dict[DebtorId, list[OpenItem]] = defaultdict(list)
    for item in items:
        by_debtor[item.debtor_id].append(item)
    return dict(by_debtor)


def _todos(session: Session, asker: Asker, *, open_alerts: int, unreachable: int) -> list[Todo]:
    supplier_id = asker.supplier_id
    found = (
        Todo(kind="open_alerts", count=open_alerts, url="/monitoring"),
        Todo(
            kind="unknown_payments",
            count=len(payments.for_a_person(session, supplier_id)),
            url="/payments?show=unknown",
        ),
        Todo(
            kind="unknown_reminders",
            count=reminder_count(session, supplier_id, states=(ReminderState.UNKNOWN,)),
            url="/reminders",
        ),
        Todo(
            kind="failed_refunds",
            count=len(refunds_for_a_person(session, supplier_id)),
            url="/payments/returns",
        ),
        Todo(
            kind="chargebacks",
            count=len(open_chargebacks(session, supplier_id)),
            url="/payments/returns",
        ),
        *waiting_matters(session, asker),
        Todo(
            kind="unapplied_cash",
            count=len(unapplied_by_debtor(session, supplier_id)),
            url="/payments/unapplied",
        ),
        Todo(kind="debtors_without_address", count=unreachable, url="/debtors?show=unreachable"),
        Todo(
            kind="dead_jobs",
            count=len(dead_jobs(session, supplier_id)),
            url="/settings/jobs",
        ),
    )
    return [todo for todo in found if todo.count]


def totals(session: Session, asker: Asker, items: Sequence[OpenItem]) -> tuple[Totals, ...]:
    """The head figures, one per currency in which something is or was open."""
    supplier_id, today = asker.supplier_id, asker.today
    month_ago = today - timedelta(days=30)
    period = timedelta(days=DSO_PERIOD_DAYS)
    invoiced = invoiced_between(session, supplier_id, today - period, today)
    invoiced_then = invoiced_between(session, supplier_id, month_ago - period, month_ago)
    outstanding_then = outstanding_on(session, supplier_id, month_ago)
    received = received_between(session, supplier_id, month_ago, today)
    expected = expected_cash(session, supplier_id, today)
    result = []
    currencies = {*(item.outstanding.currency for item in items), *received, *invoiced}
    for currency in in_order(currencies, asker.me.supplier_currency):
        mine = [item for item in items if item.outstanding.currency == currency]
        late = [item for item in mine if item.due_on < today]
        outstanding = Money.total((item.outstanding for item in mine), currency)
        dso = days_sales_outstanding(outstanding, zero_or(invoiced, currency))
        before = days_sales_outstanding(
            zero_or(outstanding_then, currency), zero_or(invoiced_then, currency)
        )
        result.append(
            Totals(
                currency=currency,
                outstanding=outstanding,
                open_count=len(mine),
                overdue=Money.total((item.outstanding for item in late), currency),
                overdue_count=len(late),
                received=zero_or(received, currency),
                expected=zero_or(expected, currency),
                dso_days=dso,
                dso_change=None if dso is None or before is None else dso - before,
                ageing=ageing(mine, currency, today),
            )
        )
    return tuple(result)


def is_at_risk(now: BandNow) -> bool:
    """In band D or E, or fallen lately."""
    return now.band in (Band.D, Band.E) or steps_down(now.previous_band, now.band) > 0


def at_risk(
    session: Session,
    asker: Asker,
    by_debtor: Mapping[DebtorId, Sequence[OpenItem]],
    standing: Mapping[DebtorId, BandNow],
) -> tuple[AtRisk, ...]:
    """Debtors at risk who owe something, the most money first."""
    own, today = asker.me.supplier_currency, asker.today
    ids = [one for one, now in standing.items() if one in by_debtor and is_at_risk(now)]
    names = parties.debtor_names(session, asker.supplier_id, ids)
    rows = []
    for debtor_id in ids:
        items, now = by_debtor[debtor_id], standing[debtor_id]
        owed = per_currency(item.outstanding for item in items)
        leading = in_order((money.currency for money in owed), own)[0]
        rows.append(
            AtRisk(
                debtor_id=debtor_id,
                name=names[debtor_id],
                band=now.band.value,
                previous_band=now.previous_band.value,
                outstanding=next(money for money in owed if money.currency == leading),
                overdue=Money.total(
                    (one for one in overdue_of(items, today) if one.currency == leading), leading
                ),
                days_past_due=oldest_days(items, today),
            )
        )
    return tuple(sorted(rows, key=lambda row: weight([row.outstanding], own), reverse=True))


def _latest_payments(session: Session, supplier_id: SupplierId) -> tuple[RecentPayment, ...]:
    rows = payments.listed(session, supplier_id, most=MOST_LINES)
    names = parties.debtor_names(session, supplier_id, [row.debtor_id for row in rows])
    return tuple(
        RecentPayment(
            id=row.id,
            debtor_id=row.debtor_id,
            debtor_name=names[row.debtor_id],
            amount=row.amount,
            state=state_shown(row.state),
            at=row.state_since,
            method=row.method,
        )
        for row in rows
    )
