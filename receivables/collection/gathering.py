"""The dossier of one debtor, from everything the house knows and both sides may read.

Solvency, payer classes and notes among staff are none of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from receivables import history
from receivables.clock import local_date
from receivables.collection import account, agreed, contested, proofs
from receivables.collection.case import Case
from receivables.collection.dossier import ContactFact, Dossier, Happened, Party
from receivables.handover.queries import of_debtor as handed_over
from receivables.ids import DebtorId, SupplierId
from receivables.letters.rendering import Letterhead
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.web.timeline import WORDINGS

#: More lines than anybody reads.
MOST_EVENTS = 5000


def gather(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, now: datetime
) -> Dossier:
    """Everything about one debtor; within `i18n.reading_as` the language of the file.

    Raises NoSuchDebtor.
    """
    supplier = parties.supplier(session, supplier_id)
    case = Case(
        session=session,
        supplier=supplier,
        debtor=parties.debtor(session, supplier_id, debtor_id),
        now=now,
        today=local_date(now, supplier.zone),
    )
    handed = [one for one in handed_over(session, supplier_id, debtor_id) if one.stands]
    invoices = account.invoices(case, handed)
    claims = account.claims(case, invoices)
    documents = account.documents(case, invoices)
    disputes, files = contested.disputes(case)
    recipient = handed[0].recipient if handed else supplier.name
    return Dossier(
        head=_head(case, recipient),
        zone=supplier.zone,
        on=case.today,
        made_at=now,
        supplier=Party(
            name=supplier.name,
            lines=_lines(supplier.street, supplier.postcode, supplier.city),
            country=supplier.country,
        ),
        supplier_contact=tuple(
            one
            for one in (supplier.contact_name, supplier.contact_phone, supplier.contact_email)
            if one
        ),
        debtor=_debtor(case),
        debtor_number=case.debtor.number,
        debtor_kind=case.debtor.kind,
        contacts=_contacts(case),
        totals=account.totals(case, claims),
        invoices=account.invoice_facts(case, invoices, handed),
        interest=account.interest_facts(claims),
        entries=account.entries(case),
        messages=proofs.messages(case),
        letters=proofs.printed(case),
        plans=agreed.plans(case),
        disputes=disputes,
        promises=agreed.promises(case),
        timeline=_timeline(case),
        enclosures=(*documents, *files),
    )


def _lines(street: str | None, postcode: str | None, city: str | None) -> tuple[str, ...]:
    place = " ".join(one for one in (postcode, city) if one)
    return tuple(one for one in (street, place) if one)


def _head(case: Case, recipient: str) -> Letterhead:
    """To whoever collects it; to the supplier's own files where nobody does."""
    return replace(letterhead(case.supplier, case.debtor), recipient=(recipient,))


def _debtor(case: Case) -> Party:
    debtor = case.debtor
    return Party(
        name=debtor.name,
        lines=_lines(debtor.street, debtor.postcode, debtor.city),
        country=debtor.country,
        identifiers=tuple(parties.identifiers(case.session, case.supplier_id, case.debtor_id)),
    )


def _contacts(case: Case) -> tuple[ContactFact, ...]:
    return tuple(
        ContactFact(
            name=one.name,
            email=one.email,
            role=one.role,
            is_primary=one.is_primary,
            bounced_at=one.bounced_at,
        )
        for one in parties.contacts(case.session, case.supplier_id, case.debtor_id)
    )


def _timeline(case: Case) -> tuple[Happened, ...]:
    """What happened, oldest first, as sentences: what both sides may know."""
    happenings = history.of_debtor(case.session, case.supplier_id, case.debtor_id, most=MOST_EVENTS)
    return tuple(
        Happened(at=one.at, sentence=WORDINGS[type(one.event)].sentence(one.event))
        for one in sorted(happenings, key=lambda one: one.at)
        if type(one.event) in WORDINGS
    )
