"""Who receives what: own details, a new address, "not me, ask X"; all behind a code by mail."""

from __future__ import annotations

import secrets
from typing import Any, get_args

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, NoSuchLink, head_with_person, read_visit, stranger
from portal.contact_pages import (
    ConfirmAddressPage,
    ContactError,
    ContactsPage,
    Form,
    PeopleFragment,
    PersonLine,
    WaitingLine,
)
from portal.pages import PortalHead
from portal.step_up import require_step_up
from receivables.clock import local_date
from receivables.database import SYSTEM, Scope
from receivables.errors import NoSuch
from receivables.i18n import LANGUAGES, locale_for
from receivables.links.actions import mark_seen
from receivables.links.tokens import masked, read_confirm_token
from receivables.parties import contacts, proposals
from receivables.parties.contacts import ROLES, ProposalState
from receivables.parties.presentation import head_of, language_for
from receivables.parties.proposals import Proposal
from receivables.parties.queries import contacts as people_of
from receivables.parties.queries import debtor as debtor_of
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Contact, Supplier
from receivables.runtime import Runtime
from receivables.web.face import Face, Reader
from receivables.web.forms import FormBody, field
from receivables.web.limits import subject_of

PAGE = "/contacts"
_FORMS: tuple[Form, ...] = get_args(Form)

_REFUSALS: tuple[tuple[type[Exception], ContactError], ...] = (
    (contacts.NotAnAddress, "no_address"),
    (contacts.AddressKnown, "known"),
    (contacts.TooManyProposals, "too_many"),
    (contacts.NameMissing, "no_name"),
)


@get("/contacts", sync_to_thread=True)
def show_contacts(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
) -> Response[str]:
    """Everybody who can see the account, and the forms; behind a code."""
    require_step_up(asker, face, request, PAGE)
    done = str(request.query_params.get("done", ""))
    return _answer(asker, face, done=done)


def _answer(
    asker: Asker,
    face: Face,
    *,
    done: str = "",
    form: Form | None = None,
    error: ContactError = "",
    typed: FormBody | None = None,
) -> Response[str]:
    with face.runtime.reading(asker.scope) as session:
        page = _page(session, asker, face.runtime, done=done, form=form, error=error, typed=typed)
    return face.page("contacts.html", asker.reader, page=page, status=422 if error else 200)


def _page(
    session: Session,
    asker: Asker,
    runtime: Runtime,
    *,
    done: str,
    form: Form | None,
    error: ContactError,
    typed: FormBody | None,
) -> ContactsPage:
    access = asker.access
    debtor = debtor_of(session, access.supplier_id, access.debtor_id)
    rows = people_of(session, access.supplier_id, access.debtor_id)
    mine = next(row for row in rows if row.id == access.contact_id)
    waiting = proposals.proposals(
        session, access.supplier_id, access.debtor_id, now=runtime.clock.now(), waiting=True
    )
    told = [one for one in _FORMS if one == done]
    return ContactsPage(
        head=head_with_person(asker, supplier_of(session, access.supplier_id)),
        me=_person(mine, asker),
        language=mine.language or "",
        people=tuple(_person(row, asker) for row in rows),
        waiting=tuple(_waiting(one, access.zone) for one in waiting),
        postal=(debtor.street or "", debtor.postcode or "", debtor.city or ""),
        done=told[0] if told else "",
        form=form,
        error=error,
        typed={name: field(typed, name) for name in typed} if typed else {},
    )


def _person(row: Contact, asker: Asker) -> PersonLine:
    return PersonLine(
        name=row.name,
        email=row.email,
        role=row.role,  # type: ignore[arg-type]  # constrained
        is_primary=row.is_primary,
        is_me=row.id == asker.access.contact_id,
    )


def _waiting(one: Proposal, zone: str) -> WaitingLine:
    what = ", ".join(one.postal) if one.kind == "postal" else one.email
    return WaitingLine(
        id=one.id,
        kind=one.kind,  # type: ignore[arg-type]  # constrained
        what=f"{one.name}, {what}" if one.name else what,
        waits_for="them" if one.state is ProposalState.TO_CONFIRM else "supplier",
        asked_on=local_date(one.created_at, zone),
    )


@post("/contacts/{change:str}", sync_to_thread=True)
def change_contact(
    change: FromPath[str],
    data: FormBody,
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
) -> Response[Any]:
    """Own name, role and language; a new address, which holds when a link sent there was used;
    "not me, ask X"; the postal address, which the supplier takes over.

    303 to the page that says what was done; or the page with what is wrong.
    """
    form = next((one for one in _FORMS if one == change), None)
    if form is None:
        raise NoSuch(change)
    require_step_up(asker, face, request, PAGE)
    face.limiter.count("contacts", str(asker.access.debtor_id))
    try:
        with face.runtime.transaction(asker.scope, by=asker.by) as session:
            access, clock = asker.access, face.runtime.clock
            mark_seen(session, access.supplier_id, access.grant_id, clock=clock)
            _carry_out(session, asker, face.runtime, form, data)
    except tuple(kind for kind, _ in _REFUSALS) as refused:
        error = next(word for kind, word in _REFUSALS if isinstance(refused, kind))
        if form == "postal" and error == "no_name":
            error = "no_street"
        return _answer(asker, face, form=form, error=error, typed=data)
    return Redirect(f"{PAGE}?done={form}", status_code=303)


def _carry_out(session: Session, asker: Asker, runtime: Runtime, form: str, data: FormBody) -> None:
    supplier_id, contact_id = asker.access.supplier_id, asker.access.contact_id
    role, language = field(data, "role"), field(data, "language")
    role = role if role in ROLES else "billing"
    if form == "me":
        contacts.change_own(
            session,
            supplier_id,
            contact_id,
            name=field(data, "name"),
            language=language if language in LANGUAGES else None,
            role=role,
            clock=runtime.clock,
        )
    elif form == "address":
        contacts.propose_address(
            session, supplier_id, contact_id, email=field(data, "email"), clock=runtime.clock
        )
    elif form == "person":
        contacts.propose_person(
            session,
            supplier_id,
            contact_id,
            name=field(data, "name"),
            email=field(data, "email"),
            role=role,
            becomes_primary=bool(field(data, "becomes_primary")),
            clock=runtime.clock,
        )
    else:
        contacts.propose_postal(
            session,
            supplier_id,
            contact_id,
            street=field(data, "street"),
            postcode=field(data, "postcode"),
            city=field(data, "city"),
            clock=runtime.clock,
        )


def people_fragment(session: Session, asker: Asker, runtime: Runtime) -> PeopleFragment:
    """For the account's fragment `_contacts.html`."""
    access = asker.access
    rows = people_of(session, access.supplier_id, access.debtor_id)
    waiting = proposals.proposals(
        session, access.supplier_id, access.debtor_id, now=runtime.clock.now(), waiting=True
    )
    return PeopleFragment(
        me=access.contact_name,
        masked_address=masked(access.contact_email),
        others=len(rows) - 1,
        waiting=len(waiting),
    )


def _proposal(face: Face, request: Request[Any, Any, Any], token: str) -> Proposal:
    """The change a link in a mail is about; the same NoSuchLink for all that opens nothing."""
    runtime = face.runtime
    subject = subject_of(request.client.host if request.client else "")
    face.limiter.check("unknown link", subject)
    proposal_id = read_confirm_token(token, runtime.settings.links.secrets)
    found = None
    if proposal_id is not None:
        with runtime.reading(SYSTEM) as session:
            supplier_id = proposals.supplier_of_proposal(session, proposal_id)
            if supplier_id is not None:
                now = runtime.clock.now()
                found = proposals.proposal(session, supplier_id, proposal_id, now=now)
    if found is None or found.state not in (ProposalState.TO_CONFIRM, ProposalState.DONE):
        face.limiter.count("unknown link", subject)
        raise NoSuchLink("no such change")
    return found


@get("/contacts/confirm/{token:str}", sync_to_thread=True)
def show_confirm_address(
    token: FromPath[str], request: Request[Any, Any, Any], face: NamedDependency[Face]
) -> Response[str]:
    """Asks whoever reads the address; following the link changes nothing, as scanners do too."""
    return _confirm_page(face, request, _proposal(face, request, token), token)


def _confirm_page(
    face: Face, request: Request[Any, Any, Any], found: Proposal, token: str
) -> Response[str]:
    with face.runtime.reading(Scope(found.supplier_id)) as session:
        supplier = supplier_of(session, found.supplier_id)
        country = debtor_of(session, found.supplier_id, found.debtor_id).country
    visit = read_visit(face, request.cookies, face.runtime.clock.now())
    binding = visit.binding if visit else secrets.token_urlsafe(24)
    page = ConfirmAddressPage(
        head=_head(supplier, token),
        token=token,
        name=found.name or found.contact_name,
        named_by="" if found.kind == "email" else found.contact_name,
        done=found.state is ProposalState.DONE,
    )
    return face.page(
        "confirm_address.html",
        _reader(face, request, supplier, country, binding),
        page=page,
        cookies=[] if visit else [face.cookie("stranger", binding)],
    )


def _reader(
    face: Face, request: Request[Any, Any, Any], supplier: Supplier, country: str, binding: str
) -> Reader:
    """In the language the mail was written in, unless the browser was told another."""
    chosen = request.cookies.get(face.cookie_name("language"), "")
    if chosen in LANGUAGES:
        return Reader(stranger(face, request, country).locale, supplier.zone, binding)
    language = language_for(contact=None, debtor=None, country=country, supplier=supplier.language)
    return Reader(locale_for(language, country), supplier.zone, binding)


def _head(supplier: Supplier, token: str) -> PortalHead:
    return PortalHead(
        supplier=head_of(supplier), debtor_name=None, path=f"/contacts/confirm/{token}"
    )


@post("/contacts/confirm", sync_to_thread=True)
def confirm_address(
    data: FormBody, request: Request[Any, Any, Any], face: NamedDependency[Face]
) -> Response[Any]:
    """The yes of whoever reads the address; 303 to the page that says what follows."""
    token = field(data, "token")
    found = _proposal(face, request, token)
    if found.state is ProposalState.TO_CONFIRM:
        with face.runtime.transaction(Scope(found.supplier_id)) as session:
            proposals.confirm(session, found.supplier_id, found.id, clock=face.runtime.clock)
    return Redirect(f"/contacts/confirm/{token}", status_code=303)
