"""Late interest: what the supplier says of it, what is to be decided, and the rates it follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import structlog
from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.interest_pages import (
    AgreementRow,
    InterestPage,
    RateRow,
    RatesPage,
    SeriesRows,
    UndecidedRow,
)
from receivables.dunning.lateness import claim_of
from receivables.interest.loading import add_rate
from receivables.interest.policies import (
    Policy,
    RateImpossible,
    agree_rate,
    agreements,
    policy_of,
    set_policy,
)
from receivables.interest.queries import ClaimState, known_rates, rate_book
from receivables.interest.rates import (
    SERIES_NAMES,
    RateBook,
    RateMissing,
    RatesRefused,
    Series,
    read_rate,
)
from receivables.interest.tables import AfterPayment, Stance
from receivables.interest.undecided import paid_late
from receivables.parties import queries as parties
from receivables.parties.actions import NumberTooLong, name_company_number
from receivables.web.forms import FormBody, field

log = structlog.get_logger(__name__)

_PATH, _RATES = "/settings/interest", "/settings/interest/rates"
_MOST_UNDECIDED = 20


@get(_PATH, sync_to_thread=True)
def show_interest(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = interest_page(session, asker, policy_of(session, asker.supplier_id))
    return asker.page("interest.html", page)


def interest_page(session: Session, asker: Asker, policy: Policy, **typed: str) -> InterestPage:
    """`typed` is what stands in the fields of a form that was refused, and `error`, which."""
    book = rate_book(session, asker.supplier_id)
    agreed = "" if policy.agreed is None else f"{policy.agreed:f}"
    supplier = parties.supplier(session, asker.supplier_id)
    return InterestPage(
        head=asker.head(session, "settings"),
        notice=asker.notice(),
        stance=policy.stance.value,
        after_payment=policy.after_payment.value,
        compensation=policy.compensation,
        due_is_agreed=policy.due_is_agreed,
        creditor_is_small=policy.creditor_is_small,
        agreed=typed.get("agreed", agreed),
        company_number=typed.get("company_number", supplier.company_number),
        typed_debtor=typed.get("debtor", ""),
        typed_percent=typed.get("percent", ""),
        undecided=_undecided(session, asker, policy, book),
        agreements=tuple(
            AgreementRow(
                debtor_id=one.debtor_id,
                debtor_name=one.debtor_name,
                debtor_number=one.debtor_number,
                percent=one.percent,
            )
            for one in agreements(session, asker.supplier_id)
        ),
        missing=_missing(book, asker),
        may_edit=asker.me.role == "owner",
        error=typed.get("error", ""),
    )


def _undecided(
    session: Session, asker: Asker, policy: Policy, book: RateBook
) -> tuple[UndecidedRow, ...]:
    if policy.stance is not Stance.CLAIM or policy.after_payment is not AfterPayment.ASK:
        return ()
    found = []
    for invoice_id in paid_late(session, asker.supplier_id, asker.today, most=_MOST_UNDECIDED):
        claim = claim_of(session, asker.supplier_id, invoice_id, asker.today, book=book)
        if claim.state is ClaimState.UNDECIDED and claim.reckoning is not None:
            found.append((claim, claim.reckoning))
    names = parties.debtor_names(
        session, asker.supplier_id, {claim.debtor_id for claim, _ in found}
    )
    return tuple(
        UndecidedRow(
            invoice_id=claim.invoice_id,
            number=claim.number,
            debtor_id=claim.debtor_id,
            debtor_name=names[claim.debtor_id],
            amounts=reckoning.totals,
            days=reckoning.interest.days,
        )
        for claim, reckoning in found
    )


def _missing(book: RateBook, asker: Asker) -> tuple[tuple[str, date | None], ...]:
    """What one could not reckon with up to today: the rates of half-years are read on their
    first day.
    """
    found = []
    for series in Series:
        day = asker.today
        if series in (Series.ECB_MRO, Series.BOE_BANK_RATE):
            day = day.replace(month=1 if day.month <= 6 else 7, day=1)
        try:
            book.on(series, day)
        except RateMissing as error:
            found.append((SERIES_NAMES[series], error.known_until))
    return tuple(found)


@post(_PATH, sync_to_thread=True)
def save_interest(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """Another choice from now on; the page again where the agreed rate or number is none."""
    policy = Policy(
        stance=_one_of(Stance, field(data, "stance"), Stance.SILENT),
        after_payment=_one_of(AfterPayment, field(data, "after_payment"), AfterPayment.ASK),
        compensation=field(data, "compensation") == "yes",
        due_is_agreed=field(data, "due_is_agreed") == "yes",
        creditor_is_small=field(data, "creditor_is_small") == "yes",
    )
    typed, number = field(data, "agreed"), field(data, "company_number")
    try:
        with owner.transaction() as session:
            set_policy(
                session,
                supplier_id=owner.supplier_id,
                policy=replace(policy, agreed=_percent(typed)),
                clock=owner.runtime.clock,
            )
            name_company_number(session, owner.supplier_id, number)
    except RateImpossible:
        return _refused(owner, policy, agreed=typed, company_number=number, error="agreed")
    except NumberTooLong:
        return _refused(owner, policy, agreed=typed, company_number=number, error="company_number")
    log.info("interest_policy.changed", by=str(owner.me.staff_id))
    return owner.back(_PATH, "interest_saved")


@post("/settings/interest/agreements", sync_to_thread=True)
def agree_interest(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """What the contract with one debtor names, found by the supplier's own number of them."""
    number, typed = field(data, "debtor")[:60], field(data, "percent")
    with owner.reading() as session:
        policy = policy_of(session, owner.supplier_id)
        debtor_id = parties.debtor_by_number(session, owner.supplier_id, number)
    if debtor_id is None:
        return _refused(owner, policy, debtor=number, percent=typed, error="debtor")
    try:
        with owner.transaction() as session:
            agree_rate(
                session,
                supplier_id=owner.supplier_id,
                debtor_id=debtor_id,
                percent=_percent(typed),
                clock=owner.runtime.clock,
            )
    except RateImpossible:
        return _refused(owner, policy, debtor=number, percent=typed, error="percent")
    return owner.back(_PATH, "interest_saved")


def _refused(owner: Asker, policy: Policy, **typed: str) -> Response[str]:
    with owner.reading() as session:
        page = interest_page(session, owner, policy, **typed)
    return owner.page("interest.html", page, status=422)


def _one_of(kind: Any, text: str, usual: Any) -> Any:
    return kind(text) if text in set(kind) else usual


def _percent(text: str) -> Decimal | None:
    """None for an empty field. Raises RateImpossible for what is no number."""
    if not text:
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise RateImpossible(Decimal("NaN")) from None


@get(_RATES, sync_to_thread=True)
def show_rates(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = rates_page(session, asker, {}, frozenset())
    return asker.page("rates.html", page)


def rates_page(
    session: Session, asker: Asker, typed: dict[str, str], wrong: frozenset[str]
) -> RatesPage:
    known = known_rates(session, asker.supplier_id)
    usual = dict.fromkeys(("series", "from", "until", "percent", "source"), "")
    return RatesPage(
        head=asker.head(session, "settings"),
        notice=asker.notice(),
        series=tuple(
            SeriesRows(
                code=series.value,
                name=SERIES_NAMES[series],
                known_until=max(one.rate.last_day for one in known if one.rate.series is series),
                rows=tuple(
                    RateRow(
                        first_day=one.rate.first_day,
                        last_day=one.rate.last_day,
                        percent=one.rate.percent,
                        source=one.rate.source,
                        checked_on=one.rate.checked_on,
                        origin=one.origin,
                        recorded_at=one.recorded_at,
                    )
                    for one in reversed(known)
                    if one.rate.series is series
                ),
            )
            for series in Series
        ),
        typed={**usual, **typed},
        wrong=wrong,
        may_edit=asker.me.role == "owner",
    )


@post(_RATES, sync_to_thread=True)
def add_reference_rate(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """A row that counts for this supplier before all others; the page again where it is none."""
    typed = {name: field(data, name) for name in ("series", "from", "until", "percent", "source")}
    try:
        rate = read_rate({**typed, "checked_on": owner.today.isoformat()})
    except RatesRefused as refused:
        wrong = frozenset(fault.partition(":")[0] for fault in refused.faults)
        with owner.reading() as session:
            page = rates_page(session, owner, typed, wrong)
        return owner.page("rates.html", page, status=422)
    with owner.transaction() as session:
        add_rate(
            session,
            supplier_id=owner.supplier_id,
            rate=rate,
            by=f"staff:{owner.me.staff_id}",
            clock=owner.runtime.clock,
        )
    log.info("rate.added", by=str(owner.me.staff_id), series=rate.series.value)
    return owner.back(_RATES, "rate_added")
