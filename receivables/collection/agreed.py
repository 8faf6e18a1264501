"""What the debtor agreed to and promised: plans with the words that were signed, promises."""

from __future__ import annotations

from collections.abc import Sequence

from receivables.collection.case import Case
from receivables.collection.dossier import ConsentFact, PlanFact, PromiseFact
from receivables.collection.words import claim_words, plan_words, promise_words
from receivables.parties import queries as parties
from receivables.plans.composing import agreement_pdf
from receivables.plans.queries import consents_of, plan_number
from receivables.plans.reading import PlanView, plans_in, views
from receivables.plans.states import PlanState
from receivables.plans.tables import PlanConsent
from receivables.promises.claim_queries import claims
from receivables.promises.queries import promises as promised

#: Of promises and declarations the latest; nobody gives more.
_MOST = 500


def plans(case: Case) -> tuple[PlanFact, ...]:
    """Every plan that ever was, the oldest first."""
    found = plans_in(case.session, case.supplier_id, PlanState, case.debtor_id)
    seen = views(case.session, case.supplier_id, found, case.today)
    return tuple(_plan(case, one) for one in seen)


def _plan(case: Case, seen: PlanView) -> PlanFact:
    plan, number = seen.plan, plan_number(seen.plan.id)
    return PlanFact(
        number=number,
        state_words=plan_words(PlanState(plan.state)),
        total=plan.total,
        proposed_at=plan.proposed_at,
        ended_at=plan.ended_at,
        consents=_consents(case, number, consents_of(case.session, case.supplier_id, plan.id)),
        agreement_path=f"plans/{number}/agreement.pdf",
        agreement=agreement_pdf(case.session, seen, case.supplier, case.debtor),
    )


def _consents(case: Case, number: str, found: Sequence[PlanConsent]) -> tuple[ConsentFact, ...]:
    facts = []
    for place, one in enumerate(found, start=1):
        signer = parties.contact(case.session, case.supplier_id, one.contact_id)
        facts.append(
            ConsentFact(
                path=f"plans/{number}/consent-{place}.txt",
                text=one.text,
                sha256=one.text_hash,
                version=one.version,
                agreed_at=one.agreed_at,
                agreed_by=signer.name if signer else "",
                address=one.address,
                user_agent=one.user_agent,
            )
        )
    return tuple(facts)


def promises(case: Case) -> tuple[PromiseFact, ...]:
    """Promises, and what was said to be paid, the oldest first."""
    given = promised(case.session, case.supplier_id, debtor_id=case.debtor_id, limit=_MOST)
    said = claims(case.session, case.supplier_id, debtor_id=case.debtor_id, limit=_MOST)
    facts = [
        PromiseFact(
            at=one.made_at,
            amount=one.amount,
            day=one.promised_on,
            is_claim=False,
            numbers=one.numbers,
            state_words=promise_words(one.state),
        )
        for one in given
    ]
    facts += [
        PromiseFact(
            at=one.said_at,
            amount=one.amount,
            day=one.paid_on,
            is_claim=True,
            numbers=one.numbers,
            state_words=claim_words(one.state),
        )
        for one in said
    ]
    return tuple(sorted(facts, key=lambda one: one.at))
