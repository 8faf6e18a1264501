"""How much may be missing of a transfer and the invoice be paid all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.pages import Notice, OfficeHead
from receivables.bank.clues import Policy
from receivables.bank.policies import (
    MOST_MINOR,
    MOST_PERCENT,
    matching_policy,
    set_matching_policy,
)
from receivables.intake.csv_cells import amount as read_amount
from receivables.money import Money, NotAnAmount
from receivables.web.forms import FormBody, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TolerancePage:
    """`GET /settings/matching` -> matching_settings.html; an owner posts `amount` and `percent`.

    `example` is an invoice and what may be missing of it at most.
    """

    head: OfficeHead
    notice: Notice | None
    currency: str
    values: dict[str, str]
    example: tuple[Money, Money]
    most: Money
    error: str
    may_edit: bool


@get("/settings/matching", sync_to_thread=True)
def show_tolerance(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = tolerance_page(session, asker)
    return asker.page("matching_settings.html", page)


def tolerance_page(
    session: Session, asker: Asker, typed: Mapping[str, Any] | None = None, error: str = ""
) -> TolerancePage:
    policy = matching_policy(session, asker.supplier_id)
    currency = asker.me.supplier_currency
    owed = Money.parse("80", currency)
    missing = min(policy.tolerance_minor, owed.minor * policy.tolerance_percent // 100)
    values = {
        "amount": str(Money(policy.tolerance_minor, currency).decimal),
        "percent": str(policy.tolerance_percent),
    }
    if typed is not None:
        values = {name: field(typed, name) for name in values}
    return TolerancePage(
        head=asker.head(session, "settings"),
        notice=asker.notice(),
        currency=currency,
        values=values,
        example=(owed, Money(missing, currency)),
        most=Money(MOST_MINOR, currency),
        error=error,
        may_edit=asker.me.role == "owner",
    )


@post("/settings/matching", sync_to_thread=True)
def take_tolerance(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """303 to the page; the form again with what is wrong."""
    percent = field(data, "percent").strip()
    try:
        amount = read_amount(field(data, "amount"), owner.me.supplier_currency, None)
        if not 0 <= amount.minor <= MOST_MINOR:
            raise NotAnAmount(field(data, "amount"), amount.currency)
    except NotAnAmount:
        return _refused(owner, data, "amount")
    if not (percent.isascii() and percent.isdigit() and int(percent[:3]) <= MOST_PERCENT):
        return _refused(owner, data, "percent")
    with owner.transaction() as session:
        set_matching_policy(
            session,
            owner.supplier_id,
            Policy(tolerance_minor=amount.minor, tolerance_percent=int(percent)),
            clock=owner.runtime.clock,
        )
    return owner.back("/settings/matching", "tolerance_saved")


def _refused(owner: Asker, data: FormBody, error: str) -> Response[str]:
    with owner.reading() as session:
        page = tolerance_page(session, owner, data, error)
    return owner.page("matching_settings.html", page, status=422)
