"""How a debtor pays, on their page for staff: the class, why, and when what is open is expected."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.payer_pages import ExpectedLine, PayerOverride, PayerView
from receivables.credit.queries import standing
from receivables.credit.rules import PayerClass
from receivables.i18n import decimal, percent
from receivables.i18n import translate as _
from receivables.ids import DebtorId
from receivables.ledger.queries import open_items
from receivables.parties import queries as parties
from receivables.payers import actions
from receivables.payers.cash_queries import expected_of
from receivables.payers.expecting import LOW_CONFIDENCE, Rule
from receivables.payers.queries import ProfileView, profile_of
from receivables.payers.rules import Parts, Penalty, Trend

#: How many open invoices the fragment shows; the others are on the forecast.
MOST_EXPECTED = 6


def debtor_payer(session: Session, asker: Asker, debtor_id: DebtorId) -> PayerView:
    """What the fragment shows. Raises NoSuchDebtor."""
    supplier_id = asker.supplier_id
    debtor = parties.debtor(session, supplier_id, debtor_id)
    found = profile_of(session, supplier_id, debtor_id)
    counts = found.counts if found else standing(session, supplier_id, debtor_id).payer_class
    return PayerView(
        debtor_id=debtor_id,
        payer_class=counts.value,
        words=class_words(counts),
        calculated=found.payer_class.value if found else None,
        score=found.score if found else 0,
        trend=_trend_words(found.trend) if found else "",
        is_worsening=found is not None and found.trend is Trend.WORSENING,
        reasons=_reasons(found) if found else (),
        paid_count=found.paid_count if found else 0,
        as_of=found.as_of if found else None,
        override=_override(found) if found else None,
        joint=found.joint if found else "",
        is_person=debtor.kind == "consumer",
        expected=_expected(session, asker, debtor_id),
    )


def class_words(one: PayerClass) -> str:
    """What a class means."""
    return {
        PayerClass.A: _("pays on time"),
        PayerClass.B: _("pays a little late"),
        PayerClass.C: _("pays late"),
        PayerClass.D: _("pays very late"),
        PayerClass.E: _("hardly pays without pressure"),
    }.get(one, _("too little history to say"))


def _trend_words(one: Trend) -> str:
    return {
        Trend.WORSENING: _("pays later than before"),
        Trend.IMPROVING: _("pays sooner than before"),
        Trend.STEADY: _("pays as before"),
    }.get(one, "")


def _reasons(found: ProfileView) -> tuple[str, ...]:
    if found.payer_class is PayerClass.N:
        return ()
    return tuple(reason_words(one, found.parts) for one, _points in found.largest)


def reason_words(penalty: Penalty, parts: Parts) -> str:
    """One penalty as a sentence, with its figure."""
    if penalty is Penalty.DAYS_LATE:
        return _("Pays %(days)s days after the due date on average.") % {
            "days": _tenths(parts.days_late)
        }
    if penalty is Penalty.LATE_SHARE:
        return _("%(share)s of the invoices were paid more than five days late.") % {
            "share": percent(round(parts.late_share, 2))
        }
    if penalty is Penalty.REMINDERS:
        return _("Pays after reminders of level %(level)s on average.") % {
            "level": _tenths(parts.level)
        }
    if penalty is Penalty.BROKEN_PROMISES:
        return _("%(share)s of the promises were broken.") % {
            "share": percent(round(parts.broken_share, 2))
        }
    return _("%(share)s of what is open is overdue.") % {
        "share": percent(round(parts.overdue_share, 2))
    }


def _tenths(value: float) -> str:
    return decimal(Decimal(value).quantize(Decimal("0.1")))


def _override(found: ProfileView) -> PayerOverride | None:
    said = found.override
    if said is None:
        return None
    reason = said.reason
    if reason == actions.ADOPTED:
        reason = _("This class stood before it was calculated.")
    return PayerOverride(
        payer_class=said.payer_class.value, reason=reason, until=said.until, by=said.by
    )


def _expected(session: Session, asker: Asker, debtor_id: DebtorId) -> tuple[ExpectedLine, ...]:
    known = expected_of(session, asker.supplier_id, debtor_id, asker.today)
    items = open_items(session, asker.supplier_id, debtor_id)
    lines = [
        ExpectedLine(
            number=item.number,
            expected_on=one.expected_on,
            prudent_on=one.prudent_on,
            by_due=round(one.by_due / 1000, 2) if item.due_on >= asker.today else None,
            why=rule_words(one.rule),
            is_guess=one.rule in LOW_CONFIDENCE,
        )
        for item in items
        if (one := known.get(item.invoice_id)) is not None
    ]
    return tuple(sorted(lines, key=lambda line: line.expected_on)[:MOST_EXPECTED])


def rule_words(rule: Rule) -> str:
    """What an expected date rests on."""
    return {
        Rule.INSTALMENT: _("as the plan says"),
        Rule.PROMISE: _("as promised"),
        Rule.PROCESSING: _("payment on its way"),
        Rule.DISPUTE: _("once the dispute is decided"),
        Rule.HISTORY: _("as the debtor has paid so far"),
        Rule.SEGMENT: _("as debtors like this one have paid"),
    }.get(rule, _("as all debtors have paid"))


@post("/debtors/{debtor_id:uuid}/payer/again", sync_to_thread=True)
def take_payer_again(debtor_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """The profile is worked out now; 303. Raises NoSuchDebtor."""
    with collector.transaction() as session:
        actions.work_out(
            session, collector.supplier_id, DebtorId(debtor_id), clock=collector.runtime.clock
        )
    return collector.back(f"/debtors/{debtor_id}", "payer_worked_out")


@post("/debtors/{debtor_id:uuid}/payer/calculated", sync_to_thread=True)
def take_payer_calculated(debtor_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """What somebody said of the class stands no longer; 303. Raises NoSuchDebtor."""
    with collector.transaction() as session:
        actions.end_override(
            session,
            supplier_id=collector.supplier_id,
            debtor_id=DebtorId(debtor_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "payer_calculated")
