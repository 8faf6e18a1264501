"""What a supplier believes of its customers, and what cover would cost it: its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import ROLES, Asker, role_of
from backoffice.portfolio_pages import AssumptionsPage
from monitoring.bands import Band
from monitoring.portfolio import actions, queries
from monitoring.portfolio.rules import Assumptions, Prices
from receivables.ids import PortfolioCheckId
from receivables.web.forms import FormBody, field

#: Each number of the form with the most it may be; the least is 0.
_PERCENT = Decimal(100)
_MOST = {"limit_fee": Decimal(100_000)}
_PRICES = tuple(one.name for one in fields_of(Prices))
#: Classes whose terms of payment have an end.
_LIMITED = (Band.C, Band.D, Band.E)
_LONGEST_TERMS = 365


@get("/monitoring/checks/{check_id:uuid}/assumptions", sync_to_thread=True)
def show_assumptions(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    """Raises NoSuchCheck."""
    wanted = PortfolioCheckId(check_id)
    with asker.reading() as session:
        check = queries.ready(session, asker.supplier_id, wanted)
        believed = queries.as_assumptions(check.assumptions)
        page = _page(
            session, asker, check_id, _values(believed), are_examples=believed.are_examples
        )
    return asker.page("check_assumptions.html", page)


def _page(
    session: Session,
    asker: Asker,
    check_id: UUID,
    values: dict[str, str],
    *,
    are_examples: bool = False,
    wrong: frozenset[str] = frozenset(),
) -> AssumptionsPage:
    return AssumptionsPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        check_id=check_id,
        values=values,
        wrong=wrong,
        bands=tuple(one.value for one in Band),
        limited_bands=tuple(one.value for one in _LIMITED),
        are_examples=are_examples,
        currency=asker.me.supplier_currency,
        may_edit=ROLES.index(role_of(asker.me)) >= ROLES.index("collector"),
    )


def _values(believed: Assumptions) -> dict[str, str]:
    """The numbers as the form names them."""
    return {
        **{f"pd_{one.value}": _text(believed.pd[one]) for one in Band},
        **{f"days_{one.value}": str(believed.terms_days.get(one, 0)) for one in _LIMITED},
        "lgd": _text(believed.lgd),
        "margin": _text(believed.margin),
        **{name: _text(getattr(believed.prices, name)) for name in _PRICES},
    }


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"


@post("/monitoring/checks/{check_id:uuid}/assumptions", sync_to_thread=True)
def save_assumptions(
    check_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """For this check and those to come; the form again where a number is none.

    Raises NoSuchCheck.
    """
    names = _values(Assumptions())
    typed = {name: field(data, name)[:20] for name in names}
    numbers = {name: _number(name, text) for name, text in typed.items()}
    wrong = frozenset(name for name, number in numbers.items() if number is None)
    if wrong:
        with collector.reading() as session:
            queries.ready(session, collector.supplier_id, PortfolioCheckId(check_id))
            page = _page(session, collector, check_id, typed, wrong=wrong)
        return collector.page("check_assumptions.html", page, status=422)
    good = {name: number for name, number in numbers.items() if number is not None}
    with collector.transaction() as session:
        actions.believe(
            session,
            supplier_id=collector.supplier_id,
            check_id=PortfolioCheckId(check_id),
            assumptions=_assumptions(good),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/monitoring/checks/{check_id}", "check_believed")


def _number(name: str, text: str) -> Decimal | None:
    """A number from 0 to what its field takes, with a point or a comma; None for anything else."""
    try:
        number = Decimal(text.replace(",", ".").replace("%", "").strip())
    except InvalidOperation:
        return None
    days = name.startswith("days_")
    most = Decimal(_LONGEST_TERMS) if days else _MOST.get(name, _PERCENT)
    if not number.is_finite() or not 0 <= number <= most or (days and number % 1):
        return None
    return round(number, 4)


def _assumptions(numbers: Mapping[str, Decimal]) -> Assumptions:
    return Assumptions(
        pd={one: numbers[f"pd_{one.value}"] for one in Band},
        lgd=numbers["lgd"],
        margin=numbers["margin"],
        terms_days={one: int(numbers[f"days_{one.value}"]) for one in _LIMITED},
        prices=Prices(**{name: numbers[name] for name in _PRICES}),
        are_examples=False,
    )
