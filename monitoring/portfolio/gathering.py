"""What the books and monitoring know: the supplier's own debtors as customers to check."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from monitoring.bands import Band
from monitoring.portfolio.company_numbers import company_numbers, vat_number
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.identify import Known, checked, flaws_of, identify
from monitoring.portfolio.rules import Balance, Checked, Rated, Status
from monitoring.standing import bands
from monitoring.tables import ScoreReading
from receivables.credit.queries import standings
from receivables.credit.rules import PayerClass, Standing
from receivables.ids import DebtorId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.portfolio import unapplied_by_debtor
from receivables.ledger.queries import OpenItem, open_items
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.tables import Debtor, Identifier
from receivables.payers import books
from receivables.payers.queries import class_of, profiled
from receivables.payers.rules import profile
from receivables.plans.queries import due_items

_YEAR = timedelta(days=365)
#: Of several numbers of one debtor, which names the company.
_REGISTERS = ("SIRET", "SIREN", "KBO", "UID")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one debtor beyond what it owes."""

    rated: Rated
    payer_class: PayerClass
    standing: Standing


def facts_of(session: Session, supplier_id: SupplierId) -> dict[DebtorId, Facts]:
    """Of every debtor of whom anything is known; the others are in no class at all."""
    rated = _rated(session, supplier_id)
    payers = class_of(session, supplier_id)
    standing = standings(session, supplier_id)
    return {
        debtor_id: Facts(
            rated=_with_insolvency(rated.get(debtor_id, Rated()), standing.get(debtor_id)),
            payer_class=payers.get(debtor_id, PayerClass.N),
            standing=standing.get(debtor_id, Standing()),
        )
        for debtor_id in {*rated, *payers, *standing}
    }


def _rated(session: Session, supplier_id: SupplierId) -> dict[DebtorId, Rated]:
    now = bands(session, supplier_id)
    statuses = _statuses(session, supplier_id)
    return {
        debtor_id: Rated(
            band=one.band,
            status=status_of(statuses.get((debtor_id, one.source, one.as_of_on))),
            score=one.score,
            source=one.source,
            as_of_on=one.as_of_on,
        )
        for debtor_id, one in now.items()
    }


def _statuses(
    session: Session, supplier_id: SupplierId
) -> dict[tuple[DebtorId, str, date], str | None]:
    """What each source called the company on each day it said that it is over."""
    rows = session.execute(
        select(
            ScoreReading.debtor_id,
            ScoreReading.source,
            ScoreReading.as_of_on,
            ScoreReading.status,
        )
        .where(ScoreReading.supplier_id == supplier_id, ScoreReading.status.is_not(None))
        .order_by(ScoreReading.sequence)
    )
    return {(row.debtor_id, row.source, row.as_of_on): row.status for row in rows}


def status_of(text: str | None) -> Status:
    """A source's own word; one we do not know says nothing."""
    known = {one.value: one for one in Status}
    return known.get((text or "").strip().lower(), Status.UNKNOWN)


def _with_insolvency(rated: Rated, standing: Standing | None) -> Rated:
    if standing is None or standing.insolvent_on is None:
        return rated
    return replace(rated, status=Status.INSOLVENT)


def known_companies(session: Session, supplier_id: SupplierId) -> list[Known]:
    """The supplier's debtors by their numbers."""
    numbers = _identifiers(session, supplier_id)
    return [
        _known(debtor, numbers.get(debtor_id, {}))
        for debtor_id, debtor in parties.debtors_by_id(session, supplier_id).items()
    ]


def _known(debtor: Debtor, numbers: Mapping[str, str]) -> Known:
    found = {
        number for value in numbers.values() for number in company_numbers(value, debtor.country)
    }
    vat = vat_number(numbers.get("VAT", ""), debtor.country)
    return Known(debtor_id=debtor.id, name=debtor.name, numbers=frozenset(found), vat=vat)


def _identifiers(session: Session, supplier_id: SupplierId) -> dict[DebtorId, dict[str, str]]:
    rows = session.execute(
        select(Identifier.debtor_id, Identifier.scheme, Identifier.value).where(
            Identifier.supplier_id == supplier_id
        )
    )
    found: dict[DebtorId, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row.debtor_id][row.scheme] = row.value
    return found


@dataclass(frozen=True, slots=True)
class OfBook:
    """A debtor as a line of a file would say it, and as the report takes it."""

    said: Customer
    checked: Checked


def debtors_as_customers(
    session: Session, supplier_id: SupplierId
) -> list[tuple[DebtorId, Customer]]:
    """Every debtor as a line of a file would name it, in the order of their names."""
    numbers = _identifiers(session, supplier_id)
    contacts = parties.primary_contacts(session, supplier_id)
    found = parties.debtors_by_id(session, supplier_id)
    in_order = sorted(found.values(), key=lambda one: (one.name.casefold(), one.number))
    return [
        (one.id, _customer(one, place, numbers.get(one.id, {}), _email(contacts.get(one.id))))
        for place, one in enumerate(in_order, start=1)
    ]


def _email(contact: object) -> str:
    return str(getattr(contact, "email", ""))


def _customer(debtor: Debtor, place: int, numbers: Mapping[str, str], email: str) -> Customer:
    is_person = debtor.kind == "consumer"
    return Customer(
        line=place,
        key=debtor.number,
        number=debtor.number,
        name="" if is_person else debtor.name,
        surname=debtor.name if is_person else "",
        street=debtor.street or "",
        postcode=debtor.postcode or "",
        city=debtor.city or "",
        country=debtor.country,
        register_number=next((numbers[one] for one in _REGISTERS if one in numbers), ""),
        vat=numbers.get("VAT", ""),
        email=email,
    )


def book(session: Session, supplier_id: SupplierId, today: date) -> list[OfBook]:
    """The supplier's own debtors, as a file of them would be checked."""
    items: dict[DebtorId, list[OpenItem]] = defaultdict(list)
    for item in open_items(session, supplier_id):
        items[item.debtor_id].append(item)
    facts = _with_behaviour(session, supplier_id, facts_of(session, supplier_id), today)
    turnovers = _turnovers(session, supplier_id, today)
    credits = unapplied_by_debtor(session, supplier_id)
    nothing = Facts(Rated(), PayerClass.N, Standing())
    return [
        _of_book(
            debtor_id, said, facts.get(debtor_id, nothing), items.get(debtor_id, ()),
            turnovers.get(debtor_id, {}), credits.get(debtor_id, ()), today,
        )
        for debtor_id, said in debtors_as_customers(session, supplier_id)
    ]  # fmt: skip


def _with_behaviour(
    session: Session, supplier_id: SupplierId, facts: dict[DebtorId, Facts], today: date
) -> dict[DebtorId, Facts]:
    """How debtors pay is worked out every night; before the first one it is done here."""
    if profiled(session, supplier_id):
        return facts
    typical = books.portfolio(session, supplier_id, today)
    paid = books.facts_of(
        session,
        supplier_id,
        books.settlements(session, supplier_id, issued_since=today - books.MEMORY),
        due_items(session, supplier_id, today=today),
        typical,
        today,
    )
    nothing = Facts(Rated(), PayerClass.N, Standing())
    behaviour = {
        debtor_id: profile(
            one, prior_days_late=typical.prior_days_late, before=PayerClass.N, today=today
        ).payer_class
        for debtor_id, one in paid.items()
    }
    return facts | {
        debtor_id: replace(facts.get(debtor_id, nothing), payer_class=payer)
        for debtor_id, payer in behaviour.items()
    }


def _of_book(
    debtor_id: DebtorId,
    said: Customer,
    facts: Facts,
    items: Sequence[OpenItem],
    turnover: Mapping[str, Money],
    credit: Sequence[Money],
    today: date,
) -> OfBook:
    standing = facts.standing
    terms = standing.terms_days
    if terms is None and items:
        terms = int(median((item.due_on - item.issued_on).days for item in items))
    identity = replace(identify(said), debtor_id=debtor_id)
    balances = _balances(items, turnover, credit, today, is_insured=standing.cover is not None)
    owed = next((one.open for one in balances), None)
    said = replace(
        said,
        limit=standing.limit,
        terms=terms,
        balance=owed,
        currency=owed.currency if owed is not None else "",
    )
    row = checked(said, identity, facts.rated, place=said.line, payer_class=facts.payer_class)
    row = replace(
        row,
        balances=balances,
        is_insured=standing.cover is not None,
        flaws=flaws_of(said, identity),
    )
    return OfBook(said, row)


def _balances(
    items: Sequence[OpenItem],
    turnover: Mapping[str, Money],
    credit: Sequence[Money],
    today: date,
    *,
    is_insured: bool,
) -> tuple[Balance, ...]:
    """By currency; what the debtor paid ahead lowers what would be lost."""
    codes = {
        *(item.outstanding.currency for item in items),
        *turnover,
        *(money.currency for money in credit),
    }
    found = []
    for code in sorted(codes):
        mine = [item for item in items if item.outstanding.currency == code]
        open_ = Money.total((item.outstanding for item in mine), code)
        open_ -= Money.total((money for money in credit if money.currency == code), code)
        late = (item.outstanding for item in mine if item.due_on < today)
        zero = Money.zero(code)
        found.append(
            Balance(
                open=open_,
                overdue=Money.total(late, code),
                insured=max(open_, zero) if is_insured else zero,
                turnover=turnover.get(code, zero),
            )
        )
    return tuple(found)


def _turnovers(
    session: Session, supplier_id: SupplierId, today: date
) -> dict[DebtorId, dict[str, Money]]:
    """Invoiced less credited in the last twelve months, of each debtor and currency."""
    invoice = Invoice.__table__.c
    signed = case((invoice.kind == "invoice", invoice.total_minor), else_=-invoice.total_minor)
    rows = session.execute(
        select(invoice.debtor_id, invoice.currency, func.sum(signed).label("minor"))
        .where(
            invoice.supplier_id == supplier_id,
            invoice.issued_on > today - _YEAR,
            invoice.issued_on <= today,
        )
        .group_by(invoice.debtor_id, invoice.currency)
    )
    found: dict[DebtorId, dict[str, Money]] = defaultdict(dict)
    for row in rows:
        found[row.debtor_id][row.currency] = Money(int(row.minor), row.currency)
    return found


def with_facts(one: Checked, facts: Mapping[DebtorId, Facts]) -> Checked:
    """A line of a file that is one of our debtors: its class is the one we watch, its limit and
    terms ours where the file names none.
    """
    debtor_id = one.identity.debtor_id
    if debtor_id is None or not one.identity.confidence.is_identified:
        return one
    known = facts.get(DebtorId(debtor_id))
    if known is None:
        return one
    standing = known.standing
    is_known = known.rated.band is not Band.NONE or known.rated.status.is_over
    return replace(
        one,
        rated=known.rated if is_known else one.rated,
        payer_class=known.payer_class,
        limit=one.limit if one.limit is not None else standing.limit,
        is_insured=one.is_insured or standing.cover is not None,
        terms_days=one.terms_days if one.terms_days is not None else standing.terms_days,
    )
