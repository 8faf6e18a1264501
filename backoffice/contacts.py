"""Changes that people at a debtor's asked for: agreed to or refused here."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.promise_pages import ProposalRow, ProposalsPage
from receivables.ids import ContactId, ContactProposalId, DebtorId
from receivables.parties import proposals
from receivables.parties.contacts import ProposalState, make_primary


@get("/proposals", sync_to_thread=True)
def show_proposals(asker: NamedDependency[Asker]) -> Response[str]:
    """Everything that waits for a yes, over all debtors."""
    with asker.reading() as session:
        page = ProposalsPage(
            head=asker.head(session, "debtors"),
            notice=asker.notice(),
            rows=proposal_rows(session, asker),
        )
    return asker.page("proposals.html", page)


def proposal_rows(
    session: Session, asker: Asker, debtor_id: DebtorId | None = None
) -> tuple[ProposalRow, ...]:
    """What waits; for one debtor's page, fragment `_contact_proposals.html` (`proposals`)."""
    found = proposals.proposals(
        session, asker.supplier_id, debtor_id, now=asker.runtime.clock.now(), waiting=True
    )
    return tuple(
        ProposalRow(
            id=one.id,
            debtor_id=one.debtor_id,
            debtor_name=one.debtor_name,
            asked_by=one.contact_name,
            kind=one.kind,  # type: ignore[arg-type]  # constrained
            name=one.name,
            email=one.email,
            role=one.role,
            becomes_primary=one.becomes_primary,
            postal=", ".join(one.postal),
            to_approve=one.state is ProposalState.TO_APPROVE,
            asked_at=one.created_at,
        )
        for one in found
    )


@post("/debtors/{debtor_id:uuid}/proposals/{proposal_id:uuid}/approve", sync_to_thread=True)
def approve_proposal(
    debtor_id: FromPath[UUID], proposal_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    with collector.transaction() as session:
        proposals.approve(
            session,
            collector.supplier_id,
            ContactProposalId(proposal_id),
            debtor_id=DebtorId(debtor_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "proposal_approved")


@post("/debtors/{debtor_id:uuid}/proposals/{proposal_id:uuid}/refuse", sync_to_thread=True)
def refuse_proposal(
    debtor_id: FromPath[UUID], proposal_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    with collector.transaction() as session:
        proposals.refuse(
            session,
            collector.supplier_id,
            ContactProposalId(proposal_id),
            debtor_id=DebtorId(debtor_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "proposal_refused")


@post("/debtors/{debtor_id:uuid}/contacts/{contact_id:uuid}/primary", sync_to_thread=True)
def send_reminders_here(
    debtor_id: FromPath[UUID], contact_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Redirect:
    """Reminders go to this contact from now on."""
    with collector.transaction() as session:
        make_primary(
            session,
            collector.supplier_id,
            DebtorId(debtor_id),
            ContactId(contact_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}", "primary_changed")
