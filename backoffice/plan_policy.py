"""The supplier's terms for plans, edited as a whole, with what they mean for an amount."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.plan_pages import PolicyExample, PolicyPage
from backoffice.plan_words import rhythm_words
from receivables.credit.rules import PayerClass, SolvencyClass, Standing
from receivables.i18n import money, pgettext
from receivables.i18n import translate as _
from receivables.ids import InvoiceId, new_id
from receivables.intake.csv_cells import amount as read_amount
from receivables.interest.laws import DebtorKind
from receivables.money import Money, NotAnAmount
from receivables.plans.costs import Bearer
from receivables.plans.errors import PolicyContradicts
from receivables.plans.policies import check_policy, most_rate_bp, policy_of, set_policy
from receivables.plans.rules import (
    ClassTerms,
    Frequency,
    Item,
    Policy,
    Quote,
    options,
)
from receivables.web.forms import FormBody, field, fields

log = structlog.get_logger(__name__)

_EXAMPLE = "3000"
#: A yearly rate as it is typed: 5, 4.5, 10.15.
_PERCENT = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?")


@get("/plans/policy", sync_to_thread=True)
def show_policy(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    typed = str(request.query_params.get("example", ""))[:20] or _EXAMPLE
    with asker.reading() as session:
        policy = policy_of(session, asker.supplier_id)
        page = policy_page(session, asker, policy, typed)
    return asker.page("plan_policy.html", page)


def policy_page(
    session: Session,
    asker: Asker,
    policy: Policy,
    example: str,
    *,
    typed: dict[str, str] | None = None,
    error: str = "",
) -> PolicyPage:
    values = typed or _values(policy)
    most_bp = most_rate_bp(session, asker.supplier_id, asker.runtime.clock)
    return PolicyPage(
        head=asker.head(session, "plans"),
        notice=asker.notice(),
        currency=policy.least.currency,
        values=values,
        classes=tuple(
            (
                one.value,
                values[f"months_{one.value}"], values[f"percent_{one.value}"],
                values[f"fee_{one.value}"], values[f"rate_{one.value}"],
            )
            for one in PayerClass
        ),
        frequencies=tuple(
            (one.value, rhythm_words(one), one in policy.frequencies) for one in Frequency
        ),
        solvency=tuple(
            (one.value, pgettext("solvency", "unknown") if one is SolvencyClass.NONE else one.value,
             one in policy.auto_solvency)
            for one in SolvencyClass
        ),
        whole_units=policy.whole_units,
        example=example,
        examples=_examples(policy, example, most_bp),
        most_rate=Decimal(most_bp) / 10_000,
        error=error,
        may_edit=asker.me.role == "owner",
    )  # fmt: skip


def _values(policy: Policy) -> dict[str, str]:
    return {
        "least": str(policy.least.decimal),
        "most": str(policy.most.decimal),
        "least_instalment": str(policy.least_instalment.decimal),
        "answer_days": str(policy.answer_days),
        "cure_days": str(policy.cure_days),
        "sepa_notice_days": str(policy.sepa_notice_days),
        "blocked_months": str(policy.blocked_months),
        "asked_months": str(policy.asked.most_months),
        "asked_percent": str(policy.asked.first_percent),
        **{f"months_{one}": str(terms.most_months) for one, terms in policy.terms.items()},
        **{f"percent_{one}": str(terms.first_percent) for one, terms in policy.terms.items()},
        **{
            f"fee_{one}": str(terms.fee.decimal) if terms.fee else "0"
            for one, terms in policy.terms.items()
        },
        **{f"rate_{one}": _percent(terms.rate_bp) for one, terms in policy.terms.items()},
    }


def _percent(rate_bp: int) -> str:
    whole, part = divmod(rate_bp, 100)
    return f"{whole}.{part:02}".rstrip("0").rstrip(".") if part else str(whole)


def _examples(policy: Policy, typed: str, most_bp: int) -> tuple[PolicyExample, ...]:
    """What a debtor of each class who owes that much could choose, paying every month."""
    try:
        owed = read_amount(typed, policy.least.currency, None)
    except NotAnAmount:
        return ()
    return tuple(
        PolicyExample(payer_class=one.value, sentence=_example(policy, one, owed, most_bp))
        for one in PayerClass
    )


def _example(policy: Policy, payer_class: PayerClass, owed: Money, most_bp: int) -> str:
    """What such a business could choose, and what the most instalments would cost it."""
    today = date(2026, 1, 1)
    item = Item(
        invoice_id=InvoiceId(new_id()), number="", due_on=today, outstanding=owed,
        disputed=owed - owed, processing=owed - owed,
    )  # fmt: skip
    standing = Standing(
        payer_class=payer_class,
        solvency_class=min(policy.auto_solvency, default=SolvencyClass.A),
    )
    bearer = Bearer(kind=DebtorKind.BUSINESS, most_bp=most_bp)
    offered = options(policy, standing, [item], today, bearer=bearer)
    values = {"class": payer_class.value, "amount": money(owed)}
    if not offered:
        return _("A class %(class)s debtor owing %(amount)s could choose nothing.") % values
    fewest, most = offered[0], offered[-1]
    values |= {
        "fewest": str(fewest.wish.parts),
        "most": str(most.wish.parts),
        "first": money(most.schedule[0].amount),
        "each": money(most.schedule[1].amount),
    }
    words = _one_choice(most) if fewest is most else _choices(most)
    costs = most.costs
    if costs is None:
        return words % values
    added = _("To a business it costs %(costs)s: %(fee)s once and %(interest)s of interest.") % {
        "costs": money(costs.total),
        "fee": money(costs.fee),
        "interest": money(costs.interest),
    }
    return f"{words % values} {added}"


def _choices(most: Quote) -> str:
    if most.reasons:
        return _(
            "A class %(class)s debtor owing %(amount)s could ask you for %(fewest)s to %(most)s"
            " instalments: at most %(first)s at once, then %(each)s each."
        )
    return _(
        "A class %(class)s debtor owing %(amount)s could choose %(fewest)s to %(most)s"
        " instalments: with the most, %(first)s at once, then %(each)s each."
    )


def _one_choice(only: Quote) -> str:
    if only.reasons:
        return _(
            "A class %(class)s debtor owing %(amount)s could ask you for %(most)s instalments:"
            " %(first)s at once, then %(each)s."
        )
    return _(
        "A class %(class)s debtor owing %(amount)s could choose %(most)s instalments: %(first)s at"
        " once, then %(each)s."
    )


@post("/plans/policy/terms", sync_to_thread=True)
def save_policy(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    """Other terms from now on; the page again where they contradict themselves."""
    with owner.reading() as session:
        current = policy_of(session, owner.supplier_id)
    typed = {name: field(data, name) for name in _values(current)}
    changed = current
    try:
        changed = _read(current, data)
        with owner.reading() as session:
            most_bp = most_rate_bp(session, owner.supplier_id, owner.runtime.clock)
        check_policy(changed, most_bp)
    except PolicyContradicts as wrong:
        with owner.reading() as session:
            page = policy_page(
                session, owner, changed, field(data, "example") or _EXAMPLE, typed=typed,
                error=wrong.field,
            )  # fmt: skip
        return owner.page("plan_policy.html", page, status=422)
    with owner.transaction() as session:
        set_policy(
            session, supplier_id=owner.supplier_id, policy=changed, clock=owner.runtime.clock
        )
    log.info("plan_policy.changed", by=str(owner.me.staff_id))
    return owner.back("/plans/policy", "plan_policy_saved")


def _read(current: Policy, data: FormBody) -> Policy:
    """The policy the form asks for. Raises PolicyContradicts for what is no number."""
    currency = current.least.currency

    def whole(name: str, where: str) -> int:
        text = field(data, name)
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise PolicyContradicts(where)
        return int(text)

    def amount(name: str, where: str = "") -> Money:
        try:
            return read_amount(field(data, name), currency, None)
        except NotAnAmount:
            raise PolicyContradicts(where or name) from None

    def basis_points(name: str) -> int:
        found = _PERCENT.fullmatch(field(data, name).replace(",", "."))
        if found is None:
            raise PolicyContradicts("rates")
        return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))

    return replace(
        current,
        least=amount("least"),
        most=amount("most"),
        least_instalment=amount("least_instalment"),
        terms={
            one: ClassTerms(
                whole(f"months_{one.value}", "terms"),
                whole(f"percent_{one.value}", "terms"),
                amount(f"fee_{one.value}", "fees") or None,
                basis_points(f"rate_{one.value}"),
            )
            for one in PayerClass
        },
        frequencies=frozenset(one for one in Frequency if one.value in fields(data, "frequency")),
        whole_units=field(data, "whole_units") == "yes",
        auto_solvency=frozenset(
            one for one in SolvencyClass if one.value in fields(data, "solvency")
        ),
        answer_days=whole("answer_days", "answer_days"),
        cure_days=whole("cure_days", "cure_days"),
        sepa_notice_days=whole("sepa_notice_days", "sepa_notice_days"),
        blocked_months=whole("blocked_months", "blocked_months"),
        asked=ClassTerms(whole("asked_months", "asked"), whole("asked_percent", "asked")),
    )
