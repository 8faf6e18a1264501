"""Judging what sources say of debtors by now, many of them together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring import crediting, standing
from monitoring.alerts import rules
from monitoring.alerts.raising import FiredRule, NewAlert, raise_alerts
from monitoring.alerts.rules import NEWS_DAYS, AlertDraft, Told
from monitoring.alerts.severities import Exposure, RuleKind
from monitoring.alerts.tables import Alert, AlertReason
from monitoring.changes import Reading
from monitoring.readings import Said
from monitoring.watching import rules_in_force
from receivables.clock import Clock, local_date
from receivables.ids import AlertId, DebtorId, ReadingId, SupplierId
from receivables.ledger.portfolio import unapplied_by_debtor
from receivables.ledger.queries import exposure_total, open_items_of, unapplied_of
from receivables.money import Money
from receivables.parties.queries import supplier
from receivables.parties.tables import Debtor

#: Up to so many debtors are asked for one by one.
_FEW = 20


def judge(
    session: Session, *, supplier_id: SupplierId, said: Collection[Said], clock: Clock
) -> list[AlertId]:
    """Raise what these sources call for and nobody was told of yet.

    The band that speaks for each debtor by now is written down with it. Judgements of one debtor
    wait for each other: each must see what the other told.
    """
    by_source: dict[str, list[DebtorId]] = {}
    for one in sorted(set(said)):
        by_source.setdefault(one.source, []).append(one.debtor_id)
    debtors = sorted({one.debtor_id for one in said})
    lock_debtors(session, supplier_id, debtors)
    in_force = rules_in_force(session, supplier_id)
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    since = today - timedelta(days=NEWS_DAYS)
    due: list[tuple[Said, AlertDraft]] = []
    for source, some in by_source.items():
        mine = rules.reading_rules(in_force, source)
        histories = standing.histories_of(session, supplier_id, source, some)
        told = _told(session, supplier_id, source, histories)
        for debtor_id, history in histories.items():
            known = told.get(debtor_id, ())
            drafts = rules.changes_due(mine, history, known, news_since=since)
            due += [(Said(debtor_id, source), draft) for draft in drafts]
    at_stake = exposures(session, supplier_id, {one.debtor_id for one, _ in due})
    new = [_new_alert(one, draft, at_stake[one.debtor_id]) for one, draft in due]
    raised = raise_alerts(session, supplier_id=supplier_id, new=new, clock=clock)
    crediting.write_down_all(session, supplier_id=supplier_id, debtor_ids=debtors, clock=clock)
    return raised


def lock_debtors(session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]) -> None:
    """Wait for whoever else judges these debtors, always in the same order."""
    # KEY SHARE leaves room for rows that merely refer to the debtor, such as payments.
    session.execute(
        select(Debtor.id)
        .where(Debtor.supplier_id == supplier_id, Debtor.id.in_(debtors))
        .order_by(Debtor.id)
        .with_for_update(key_share=True)
    )


def exposures(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, Exposure]:
    """What these debtors owe, beside what everybody owes."""
    if not debtors:
        return {}
    totals = tuple(exposure_total(session, supplier_id))
    owed: dict[DebtorId, dict[str, int]] = {debtor_id: {} for debtor_id in debtors}
    for item in open_items_of(session, supplier_id, debtors):
        sums, amount = owed[item.debtor_id], item.outstanding
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    credit = _unapplied(session, supplier_id, [one for one, sums in owed.items() if sums])
    for debtor_id, amounts in credit.items():
        sums = owed[debtor_id]
        for amount in amounts:
            sums[amount.currency] = sums.get(amount.currency, 0) - amount.minor
    return {
        debtor_id: Exposure(
            tuple(Money(minor, code) for code, minor in sorted(sums.items()) if minor > 0), totals
        )
        for debtor_id, sums in owed.items()
    }


def _unapplied(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> dict[DebtorId, list[Money]]:
    """What these debtors have put against nothing; of many, read with everybody's."""
    if len(debtors) <= _FEW:
        return {one: unapplied_of(session, supplier_id, one) for one in debtors}
    wanted, everybody = set(debtors), unapplied_by_debtor(session, supplier_id)
    return {one: amounts for one, amounts in everybody.items() if one in wanted}


def _told(
    session: Session,
    supplier_id: SupplierId,
    source: str,
    histories: dict[DebtorId, list[Reading]],
) -> dict[DebtorId, list[Told]]:
    """What was told of each debtor by this source, as far as it was told by readings."""
    rows = session.execute(
        select(Alert.debtor_id, Alert.reading_id, AlertReason.kind)
        .join(
            AlertReason,
            (AlertReason.supplier_id == Alert.supplier_id) & (AlertReason.alert_id == Alert.id),
        )
        .where(
            Alert.supplier_id == supplier_id,
            Alert.debtor_id.in_(list(histories)),
            Alert.source == source,
            Alert.reading_id.is_not(None),
        )
    )
    kinds: dict[DebtorId, dict[ReadingId, set[RuleKind]]] = {}
    for debtor_id, reading_id, kind in rows:
        assert debtor_id is not None and reading_id is not None, "asked for"
        of_debtor = kinds.setdefault(debtor_id, {})
        of_debtor.setdefault(reading_id, set()).add(RuleKind(kind))
    return {
        debtor_id: list(_told_of(histories[debtor_id], of_debtor))
        for debtor_id, of_debtor in kinds.items()
    }


def _told_of(history: list[Reading], kinds: dict[ReadingId, set[RuleKind]]) -> Iterable[Told]:
    for reading in history:
        if reading.reading_id in kinds:
            yield Told(reading, frozenset(kinds[reading.reading_id]))


def _new_alert(said: Said, judged: AlertDraft, exposure: Exposure) -> NewAlert:
    draft = rules.graded(judged, exposure)
    leading, after = draft.leading, draft.after
    return NewAlert(
        subject=f"reading:{after.reading_id}",
        kind=leading.rule.kind,
        severity=leading.severity,
        source=said.source,
        as_of_on=after.as_of_on,
        debtor_id=said.debtor_id,
        reading_id=after.reading_id,
        threshold=leading.rule.threshold,
        score_before=leading.before.score,
        score_after=after.score,
        band_before=leading.before.band,
        band_after=after.band,
        detail=detail_of(leading.rule.kind, leading.before, after),
        exposure=exposure,
        reasons=tuple(
            FiredRule(one.rule.rule_id, one.rule.kind, one.rule.threshold, one.severity)
            for one in draft.reasons
        ),
    )


def detail_of(kind: RuleKind, before: Reading, after: Reading) -> dict[str, object]:
    """What the words about such a change need; see `wording`."""
    match kind:
        case RuleKind.LIMIT if before.limit is not None and after.limit is not None:
            return {
                "limit_before": before.limit.minor,
                "limit_after": after.limit.minor,
                "currency": after.limit.currency,
            }
        case RuleKind.STATUS:
            return {"status": after.status}
        case RuleKind.BEYOND_TERMS:
            return {
                "days_before": before.days_beyond_terms,
                "days_after": after.days_beyond_terms,
            }
        case _:
            return {}
