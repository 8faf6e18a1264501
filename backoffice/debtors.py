"""Debtors: who owes what, and one of them with everything we know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.charts import score_charts
from backoffice.dashboard import LATELY, grouped, is_at_risk
from backoffice.figures import oldest_days, overdue_of, per_currency, weight
from backoffice.held import held_today
from backoffice.matters import debtor_matters
from backoffice.pages import (
    Band,
    ContactRow,
    DebtorPage,
    DebtorRow,
    DebtorsPage,
    LinkRow,
    OpenItem,
    Standing,
)
from backoffice.paging import PAGE_SIZE, Wanted, like, one_of, wanted
from backoffice.payers import debtor_payer
from backoffice.saved_methods import saved_methods
from backoffice.timeline import timeline
from monitoring.feeds.scales import name_of
from monitoring.standing import BandNow, bands
from receivables import history
from receivables.clock import local_date
from receivables.credit.queries import standing as credit_standing
from receivables.dunning.queries import last_steps
from receivables.ids import ContactId, DebtorId, GrantId, InvoiceId, SupplierId
from receivables.ledger import queries as ledger
from receivables.ledger.holds import reason_for_all
from receivables.ledger.portfolio import unapplied_by_debtor
from receivables.ledger.rules import days_past_due, invoice_status
from receivables.links import queries as links
from receivables.links.actions import NoSuchContact, mail_link, revoke
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.presentation import language_with
from receivables.parties.tables import Contact, Debtor
from receivables.payments.queries import live_amounts
from receivables.payments.rules import PaymentState

Show = Literal["all", "open", "overdue", "at_risk", "credit", "unreachable"]
Sort = Literal["name", "outstanding", "overdue", "oldest", "band"]
_SHOWN: tuple[Show, ...] = ("all", "open", "overdue", "at_risk", "credit", "unreachable")
_SORTS: tuple[Sort, ...] = ("outstanding", "name", "overdue", "oldest", "band")
_WORST_FIRST: tuple[Band, ...] = ("E", "D", "C", "B", "A", "none")

#: The debtor has done their part, or may have.
_ON_ITS_WAY = frozenset({PaymentState.SENT, PaymentState.PROCESSING, PaymentState.UNKNOWN})


@get("/debtors", sync_to_thread=True)
def show_debtors(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = debtors_page(session, asker, asked)
    return asker.page("debtors.html", page)


def debtors_page(session: Session, asker: Asker, asked: Wanted) -> DebtorsPage:
    show, sort = one_of(asked.show, _SHOWN), one_of(asked.sort, _SORTS)
    found = _matching(session, asker.supplier_id, asked.q)
    items = grouped(ledger.open_items(session, asker.supplier_id))
    standing = bands(session, asker.supplier_id, since=asker.today - LATELY)
    kept = _kept(session, asker, show, found, items, standing)
    rows = [_row(one, items.get(one.id, []), standing.get(one.id), asker.today) for one in kept]
    rows.sort(key=_order(sort, asker.me.supplier_currency))
    shown = rows[asked.skip : asked.skip + PAGE_SIZE]
    return DebtorsPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        q=asked.q,
        show=show,
        sort=sort,
        rows=tuple(shown),
        pager=asked.pager(len(shown), len(rows)),
    )


def _matching(session: Session, supplier_id: SupplierId, q: str) -> Sequence[Debtor]:
    """Debtors of which name, place or number contains the words."""
    statement = select(Debtor).where(Debtor.supplier_id == supplier_id)
    if q:
        pattern = like(q)
        statement = statement.where(
            or_(
                Debtor.name.ilike(pattern, escape="\\"),
                Debtor.city.ilike(pattern, escape="\\"),
                Debtor.number.ilike(pattern, escape="\\"),
            )
        )
    return session.scalars(statement.order_by(Debtor.name, Debtor.id)).all()


def _kept(
    session: Session,
    asker: Asker,
    show: Show,
    found: Sequence[Debtor],
    items: Mapping[DebtorId, Sequence[ledger.OpenItem]],
    standing: Mapping[DebtorId, BandNow],
) -> list[Debtor]:
    """Those of the debtors found that the filter lets through."""
    if show == "all":
        return list(found)
    if show == "credit":
        wanted_ids = set(unapplied_by_debtor(session, asker.supplier_id))
    elif show == "at_risk":
        wanted_ids = {one for one, now in standing.items() if one in items and is_at_risk(now)}
    elif show == "overdue":
        wanted_ids = {one for one, own in items.items() if oldest_days(own, asker.today) > 0}
    elif show == "unreachable":
        wanted_ids = set(items) - set(parties.primary_contacts(session, asker.supplier_id))
    else:
        wanted_ids = set(items)
    return [one for one in found if one.id in wanted_ids]


def _row(
    debtor: Debtor, items: Sequence[ledger.OpenItem], now: BandNow | None, today: date
) -> DebtorRow:
    return DebtorRow(
        id=debtor.id,
        name=debtor.name,
        place=debtor.city or "",
        country=debtor.country,
        outstanding=per_currency(item.outstanding for item in items),
        overdue=overdue_of(items, today),
        days_past_due=oldest_days(items, today),
        open_count=len(items),
        band=now.band.value if now else "none",
        previous_band=now.previous_band.value if now else "none",
    )


def _order(sort: Sort, own: str) -> Any:
    """What rows are ordered by; equals stay in the order of their names."""
    if sort == "name":
        return lambda row: row.name.casefold()
    if sort == "band":
        return lambda row: (_WORST_FIRST.index(row.band), -weight(row.outstanding, own)[0])
    if sort == "oldest":
        return lambda row: -row.days_past_due
    if sort == "overdue":
        return lambda row: tuple(-part for part in weight(row.overdue, own))
    return lambda row: tuple(-part for part in weight(row.outstanding, own))


def debtor_rows(session: Session, asker: Asker, q: str, *, most: int) -> tuple[DebtorRow, ...]:
    """The debtors that match, those who owe most first."""
    asked = Wanted(path="/debtors", q=q, show="all", sort="outstanding", page=1)
    return debtors_page(session, asker, asked).rows[:most]


@get("/debtors/{debtor_id:uuid}", sync_to_thread=True)
def show_debtor(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = debtor_page(session, asker, DebtorId(debtor_id))
        matters = debtor_matters(session, asker, DebtorId(debtor_id))
        payer = debtor_payer(session, asker, DebtorId(debtor_id))
    return asker.page("debtor.html", page, matters=matters, payer=payer)


def debtor_page(session: Session, asker: Asker, debtor_id: DebtorId) -> DebtorPage:
    """Raises NoSuchDebtor."""
    supplier_id = asker.supplier_id
    debtor = parties.debtor(session, supplier_id, debtor_id)
    supplier = parties.supplier(session, supplier_id)
    items = ledger.open_items(session, supplier_id, debtor_id)
    now = bands(session, supplier_id, [debtor_id], since=asker.today - LATELY).get(debtor_id)
    town = " ".join(part for part in (debtor.postcode, debtor.city) if part)
    language = language_with(supplier, debtor)
    return DebtorPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        id=debtor.id,
        name=debtor.name,
        identifiers=tuple(parties.identifiers(session, supplier_id, debtor_id)),
        address=tuple(part for part in (debtor.street, town) if part),
        country=debtor.country,
        language=language,
        terms_days=credit_standing(session, supplier_id, debtor_id).terms_days,
        standing=Standing(
            outstanding=per_currency(item.outstanding for item in items),
            overdue=overdue_of(items, asker.today),
            days_past_due=oldest_days(items, asker.today),
            unapplied=tuple(ledger.unapplied_of(session, supplier_id, debtor_id)),
            band=now.band.value if now else "none",
            previous_band=now.previous_band.value if now else "none",
            score=now.score if now else None,
            source=name_of(now.source) if now else "",
            as_of_on=now.as_of_on if now else None,
        ),
        open_items=_open_items(session, asker, debtor_id, items),
        timeline=timeline(
            session, supplier_id, history.of_debtor(session, supplier_id, debtor_id, most=25)
        ),
        contacts=_contacts(session, asker, debtor_id, language),
        charts=score_charts(session, supplier_id, debtor_id),
        saved_methods=saved_methods(session, supplier_id, debtor_id, zone=supplier.zone),
    )


def on_its_way(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[InvoiceId, Money]:
    """Per invoice of the debtor, what is on its way and is not asked for again."""
    live = live_amounts(session, supplier_id, debtor_id)
    return {one: amount for one, (state, amount) in live.items() if state in _ON_ITS_WAY}


def _open_items(
    session: Session, asker: Asker, debtor_id: DebtorId, items: Sequence[ledger.OpenItem]
) -> tuple[OpenItem, ...]:
    processing = on_its_way(session, asker.supplier_id, debtor_id)
    steps = last_steps(session, asker.supplier_id, debtor_id)
    holds = held_today(session, asker, debtor_id)
    rows = []
    for item in items:
        days = days_past_due(item.due_on, asker.today)
        zero = Money.zero(item.total.currency)
        rows.append(
            OpenItem(
                invoice_id=item.invoice_id,
                number=item.number,
                issued_on=item.issued_on,
                due_on=item.due_on,
                days_past_due=days,
                invoiced=item.total,
                outstanding=item.outstanding,
                status=invoice_status(
                    total=item.total,
                    outstanding=item.outstanding,
                    processing=processing.get(item.invoice_id, zero),
                    days=days,
                    held=reason_for_all(item.outstanding, holds.get(item.invoice_id, ())),
                ),
                last_step=steps.get(item.invoice_id, ""),  # type: ignore[arg-type]  # a Step's name
            )
        )
    return tuple(rows)


def _contacts(
    session: Session, asker: Asker, debtor_id: DebtorId, language: str
) -> tuple[ContactRow, ...]:
    supplier_id = asker.supplier_id
    grants = links.grants_of(session, supplier_id, debtor_id, now=asker.runtime.clock.now())
    return tuple(
        ContactRow(
            id=contact.id,
            name=contact.name,
            email=contact.email,
            phone="",
            language=contact.language or language,
            trouble="bounced" if contact.bounced_at else "",
            is_primary=contact.is_primary,
            links=tuple(
                LinkRow(
                    id=grant.id,
                    state=grant.state,
                    created_at=grant.created_at,
                    expires_on=local_date(grant.expires_at, asker.me.supplier_zone),
                    last_used_at=grant.seen_at,
                )
                for grant in grants
                if grant.contact_id == contact.id
            ),
        )
        for contact in parties.contacts(session, supplier_id, debtor_id)
    )


@post("/debtors/{debtor_id:uuid}/links/{grant_id:uuid}/revoke", sync_to_thread=True)
def revoke_link(
    debtor_id: FromPath[UUID], grant_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    with collector.transaction() as session:
        revoke(
            session,
            collector.supplier_id,
            GrantId(grant_id),
            debtor_id=DebtorId(debtor_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "link_revoked")


@post("/debtors/{debtor_id:uuid}/contacts/{contact_id:uuid}/link", sync_to_thread=True)
def send_link(
    debtor_id: FromPath[UUID], contact_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    with collector.transaction() as session:
        contact = _contact_of(session, collector.supplier_id, debtor_id, contact_id)
        mail_link(
            session,
            collector.supplier_id,
            contact.id,
            lifetime=collector.runtime.settings.links.lifetime,
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "link_mailed", address=contact.email)


def _contact_of(
    session: Session, supplier_id: SupplierId, debtor_id: UUID, contact_id: UUID
) -> Contact:
    contact = parties.contact(session, supplier_id, ContactId(contact_id))
    if contact is None or contact.debtor_id != debtor_id:
        raise NoSuchContact(str(contact_id))
    return contact
