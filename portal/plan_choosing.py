"""Choose a plan: everything the policy lets this debtor have, or why there is nothing to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.plan_pages import (
    PlanChoicePage,
    PlanCosts,
    PlanInvoice,
    PlanOption,
    PlanRefusedPage,
    ScheduleRow,
)
from portal.plan_words import refusal_words, rhythm_words
from receivables.i18n import reading_as
from receivables.parties import queries as parties
from receivables.plans.costs import Costs
from receivables.plans.costs_letter import costs_rows
from receivables.plans.folding import pays
from receivables.plans.queries import Asked, asked, items_of, today_of
from receivables.plans.rules import (
    Decision,
    Frequency,
    Item,
    Quote,
    Reason,
    Wish,
    obstacles,
    total_of,
)
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the address or the form asks for, read leniently: nothing of it is trusted."""

    numbers: frozenset[str]
    currency: str
    wish: Wish

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """As an address, or hidden fields, carry it."""
        day = [("day", str(self.wish.day))] if self.wish.day is not None else []
        return (
            ("currency", self.currency),
            *(("invoice", number) for number in sorted(self.numbers)),
            ("parts", str(self.wish.parts)),
            ("rhythm", self.wish.frequency.value),
            *day,
        )

    def url(self, path: str) -> str:
        return f"{path}?{urlencode(self.pairs)}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None


def _asked_for(numbers: Sequence[str], currency: str, parts: str, rhythm: str, day: str) -> Given:
    known = {one.value for one in Frequency}
    frequency = Frequency(rhythm) if rhythm in known else Frequency.MONTHLY
    return Given(
        numbers=frozenset(numbers),
        currency=currency,
        wish=Wish(
            parts=_number(parts) or 0,
            frequency=frequency,
            day=_number(day) if frequency is Frequency.MONTHLY else None,
        ),
    )


def from_query(request: Request[Any, Any, Any]) -> Given:
    query = request.query_params
    return _asked_for(
        query.getall("invoice", []), str(query.get("currency", "")), str(query.get("parts", "")),
        str(query.get("rhythm", "")), str(query.get("day", "")),
    )  # fmt: skip


def from_form(data: FormBody) -> Given:
    return _asked_for(
        fields(data, "invoice"), field(data, "currency"), field(data, "parts"),
        field(data, "rhythm"), field(data, "day"),
    )  # fmt: skip


def eligible(items: Sequence[Item], given: Given) -> tuple[list[Item], list[Item]]:
    """The open invoices of one currency, and those of them that were chosen: without a choice
    every one that can be on a plan.
    """
    currency = given.currency or (items[0].outstanding.currency if items else "")
    of_currency = [item for item in items if item.outstanding.currency == currency]
    if given.numbers:
        return of_currency, [item for item in of_currency if item.number in given.numbers]
    free = [
        item
        for item in of_currency
        if not item.on_plan and not item.processing and item.disputed < item.outstanding
    ]
    return of_currency, free


def basis_of(session: Session, asker: Asker, runtime: Runtime, given: Given) -> tuple[
    list[Item], Asked
]:  # fmt: skip
    access = asker.access
    today = today_of(session, access.supplier_id, runtime.clock)
    of_currency, chosen = eligible(items_of(session, access.supplier_id, access.debtor_id), given)
    return of_currency, asked(session, access.supplier_id, access.debtor_id, chosen, today=today)


def rows_of(quoted: Quote, today: date) -> tuple[ScheduleRow, ...]:
    oldest_first = sorted(quoted.items, key=lambda item: (item.due_on, item.number))
    to_invoices = pays(
        [part.amount for part in quoted.schedule],
        [(item.number, item.outstanding) for item in oldest_first],
    )
    return tuple(
        ScheduleRow(
            place=part.place + 1,
            due_on=part.due_on,
            amount=part.amount,
            open=part.amount,
            state="today" if part.due_on == today else "coming",
            pays=to_invoices[part.place],
        )
        for part in quoted.schedule
    )


def shown_costs(costs: Costs | None) -> PlanCosts | None:
    """In the reader's words (within `reading_as`)."""
    return None if costs is None else PlanCosts(total=costs.total, rows=costs_rows(costs))


def invoice_rows(items: Sequence[Item], chosen: Sequence[Item]) -> tuple[PlanInvoice, ...]:
    ids = {item.invoice_id for item in chosen}
    return tuple(
        PlanInvoice(
            number=item.number,
            due_on=item.due_on,
            outstanding=item.outstanding,
            chosen=item.invoice_id in ids,
        )
        for item in items
    )


def refused_page(
    session: Session, asker: Asker, basis: Asked, reasons: Sequence[Reason], given: Given
) -> PlanRefusedPage:
    still = obstacles(basis.policy, basis.standing, basis.items)
    pay = urlencode([("currency", given.currency), *(("invoice", n) for n in given.numbers)])
    return PlanRefusedPage(
        head=head_with_person(asker, parties.supplier(session, asker.access.supplier_id)),
        reasons=refusal_words(reasons, basis.policy),
        again_url="" if still else f"/plan?{urlencode([('currency', given.currency)])}",
        pay_url=f"/pay?{pay}" if given.currency else "/",
    )


@get("/plan", sync_to_thread=True)
def choose_plan(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """How many parts, at which rhythm: everything the policy lets this debtor choose."""
    given = from_query(request)
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        of_currency, basis = basis_of(session, asker, runtime, given)
        offered = basis.options(given.wish) if basis.items else []
        if not offered:
            reasons = obstacles(basis.policy, basis.standing, basis.items) if basis.items else ()
            refused = refused_page(
                session, asker, basis,
                reasons or [Reason.TOO_SMALL if basis.items else Reason.NOTHING_OPEN], given,
            )  # fmt: skip
            return face.page("plan_refused.html", asker.reader, page=refused)
        wished = next((one for one in offered if one.wish.parts == given.wish.parts), None)
        chosen = wished or offered[min(1, len(offered) - 1)]
        page = PlanChoicePage(
            head=head_with_person(asker, parties.supplier(session, asker.access.supplier_id)),
            currency=chosen.total.currency,
            invoices=invoice_rows(of_currency, basis.items),
            total=total_of(basis.items),
            options=tuple(_option(one, chosen) for one in _shown(offered)),
            rhythms=tuple(
                (one.value, rhythm_words(one))
                for one in Frequency
                if one in basis.policy.frequencies
            ),
            rhythm=given.wish.frequency.value,
            day=given.wish.day,
            schedule=rows_of(chosen, basis.today),
            to_pay=chosen.to_pay,
            costs=shown_costs(chosen.costs),
        )
    return face.page("plan.html", asker.reader, page=page)


#: So many cards fit on a phone.
_MOST_CARDS = 8


def _shown(offered: list[Quote]) -> list[Quote]:
    """All, or where there are many an even choice of them, the longest included."""
    if len(offered) <= _MOST_CARDS:
        return offered
    step = (len(offered) - 1) / (_MOST_CARDS - 1)
    return [offered[round(step * place)] for place in range(_MOST_CARDS)]


def _option(one: Quote, chosen: Quote) -> PlanOption:
    return PlanOption(
        parts=one.wish.parts,
        first=one.schedule[0].amount,
        each=one.schedule[1].amount,
        last_on=one.last_on,
        needs_a_person=one.decision is Decision.QUEUE,
        chosen=one.wish.parts == chosen.wish.parts,
        costs=shown_costs(one.costs),
    )
