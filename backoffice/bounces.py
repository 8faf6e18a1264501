"""Addresses that do not work, and the telephones of a debtor's people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.channel_pages import AddressesPage, AddressRow, PhoneRow, PhonesPage
from backoffice.paging import one_of
from receivables.bounces import actions, queries
from receivables.bounces.queries import ToMend
from receivables.ids import ContactId, DebtorId
from receivables.parties import queries as parties
from receivables.parties.contacts import NoSuchProposal
from receivables.parties.phones import NotANumber, is_mobile, set_phone, shown
from receivables.ports import Channel
from receivables.web.forms import FormBody, field

_OF_CONTACTS = ("email", "sms", "call")


@get("/addresses", sync_to_thread=True)
def show_addresses(asker: NamedDependency[Asker]) -> Response[str]:
    """Every address that is left alone, and why."""
    with asker.reading() as session:
        page = AddressesPage(
            head=asker.head(session, "debtors"),
            notice=asker.notice(),
            rows=address_rows(session, asker),
        )
    return asker.page("addresses.html", page)


def address_rows(
    session: Session, asker: Asker, debtor_id: DebtorId | None = None
) -> tuple[AddressRow, ...]:
    return tuple(_row(one) for one in queries.to_mend(session, asker.supplier_id, debtor_id))


def _row(one: ToMend) -> AddressRow:
    of = f"contacts/{one.contact_id}" if one.contact_id is not None else "post"
    return AddressRow(
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        contact_name=one.contact_name,
        channel=one.channel.value,  # type: ignore[arg-type]  # constrained
        address=one.address,
        because=one.because,  # type: ignore[arg-type]  # constrained
        detail=one.detail,
        since=one.since,
        use_again_url=f"/debtors/{one.debtor_id}/{of}/use-again",
    )


@post("/debtors/{debtor_id:uuid}/contacts/{contact_id:uuid}/use-again", sync_to_thread=True)
def use_contact_again(
    debtor_id: FromPath[UUID],
    contact_id: FromPath[UUID],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Redirect:
    """Somebody says that a mail address or a number works."""
    channel = Channel(one_of(field(data, "channel"), _OF_CONTACTS))
    with collector.transaction() as session:
        actions.use_again(
            session,
            collector.supplier_id,
            DebtorId(debtor_id),
            contact_id=ContactId(contact_id),
            channel=channel,
            clock=collector.runtime.clock,
        )
    return collector.back("/addresses", "address_used_again")


@post("/debtors/{debtor_id:uuid}/post/use-again", sync_to_thread=True)
def use_post_again(debtor_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    """Somebody says that letters arrive at the postal address."""
    with collector.transaction() as session:
        actions.use_again(
            session,
            collector.supplier_id,
            DebtorId(debtor_id),
            contact_id=None,
            channel=Channel.LETTER,
            clock=collector.runtime.clock,
        )
    return collector.back("/addresses", "address_used_again")


@get("/debtors/{debtor_id:uuid}/phones", sync_to_thread=True)
def show_phones(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = _phones(session, asker, DebtorId(debtor_id))
    return asker.page("phones.html", page)


def _phones(session: Session, asker: Asker, debtor_id: DebtorId, **wrong: Any) -> PhonesPage:
    """Raises NoSuchDebtor."""
    debtor = parties.debtor(session, asker.supplier_id, debtor_id)
    return PhonesPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        rows=tuple(
            PhoneRow(
                contact_id=one.id,
                name=one.name,
                email=one.email,
                phone=shown(one.phone) if one.phone else "",
                is_mobile=bool(one.phone) and is_mobile(one.phone or ""),
            )
            for one in parties.contacts(session, asker.supplier_id, debtor_id)
        ),
        **wrong,
    )


@post("/debtors/{debtor_id:uuid}/contacts/{contact_id:uuid}/phone", sync_to_thread=True)
def take_phone(
    debtor_id: FromPath[UUID],
    contact_id: FromPath[UUID],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Response[Any]:
    """303 to the list; or the form again with what cannot be dialled."""
    owed_by, typed = DebtorId(debtor_id), field(data, "phone")
    try:
        with collector.transaction() as session:
            debtor = parties.debtor(session, collector.supplier_id, owed_by)
            known = parties.contact(session, collector.supplier_id, ContactId(contact_id))
            if known is None or known.debtor_id != owed_by:
                raise NoSuchProposal(str(contact_id))
            set_phone(
                session,
                collector.supplier_id,
                known.id,
                typed=typed,
                country=debtor.country,
                clock=collector.runtime.clock,
            )
    except NotANumber:
        with collector.reading() as session:
            page = _phones(session, collector, owed_by, wrong_contact=contact_id, typed=typed)
        return collector.page("phones.html", page, status=422)
    return collector.back(f"/debtors/{debtor_id}/phones", "phone_saved")
