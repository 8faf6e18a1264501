"""Saved cards and bank accounts: what there is, saving another, taking one away.

A mailed code stands before all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.pages import PortalHead
from portal.step_up import require_step_up
from receivables.i18n import reading_as
from receivables.i18n import translate as _
from receivables.ids import SavedMethodId
from receivables.links.actions import mark_seen
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier
from receivables.payments import saved
from receivables.payments.checkout import card_trouble
from receivables.payments.errors import CardPaymentUnavailable, NoSuchSavedMethod
from receivables.payments.rules import payable_by_card
from receivables.payments.tables import SavedMethod
from receivables.runtime import Runtime
from receivables.web.face import Face
from receivables.web.forms import FormBody, field

#: What has just been done.
Done = Literal["", "saved", "not_saved", "removed"]
_DONE: tuple[Done, ...] = ("saved", "not_saved", "removed")

#: Where the page that saves a card sends the debtor back to.
RETURN_PATH = "/cards/saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMethodView:
    """One saved card or bank account; `POST /cards/{id}/remove`, and `replaces` = id in
    `POST /cards/change`.
    """

    id: UUID
    kind: Literal["card", "sepa_debit"]
    #: As people call it, "Visa ...4242".
    label: str
    #: "12/2040"; empty for a bank account.
    expires: str
    state: Literal["usable", "refused", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardsPage:
    """`GET /cards` -> cards.html."""

    head: PortalHead
    methods: tuple[SavedMethodView, ...]
    #: Whether a card can be saved now.
    can_save: bool
    done: Done


def view_of(method: SavedMethod) -> SavedMethodView:
    """A saved method as the debtor reads it."""
    expires = f"{method.exp_month:02}/{method.exp_year}" if method.exp_month is not None else ""
    return SavedMethodView(
        id=method.id,
        kind=method.kind,  # type: ignore[arg-type]  # the table allows these
        label=method.label,
        expires=expires,
        state=method.state,  # type: ignore[arg-type]  # what is removed is not listed
    )


def saved_methods_view(session: Session, asker: Asker) -> tuple[SavedMethodView, ...]:
    """What the asker's debtor saved, for `_cards.html`."""
    access = asker.access
    methods = saved.methods_of(session, access.supplier_id, access.debtor_id)
    return tuple(view_of(method) for method in methods)


def _currency(supplier: Supplier) -> str:
    """A page that saves a card wants a currency, although it takes nothing."""
    return supplier.currency if payable_by_card(supplier.currency) else "EUR"


@get("/cards", sync_to_thread=True)
def show_cards(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    require_step_up(asker, face, request)
    done = request.query_params.get("done", "")
    with runtime.reading(asker.scope) as session:
        supplier = supplier_of(session, asker.access.supplier_id)
        page = CardsPage(
            head=head_with_person(asker, supplier),
            methods=saved_methods_view(session, asker),
            can_save=not card_trouble(
                runtime,
                supplier.stripe_account,
                _currency(supplier),
                standing=supplier.stripe_trouble,
            ),
            done=next((one for one in _DONE if one == done), ""),
        )
    return face.page("cards.html", asker.reader, page=page)


@post("/cards/change", sync_to_thread=True)
def change_card(
    data: FormBody,
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to the page that saves a card; with `replaces`, for another one."""
    require_step_up(asker, face, request, next_path="/cards")
    access = asker.access
    face.limiter.count("pay", str(access.debtor_id))
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        supplier = supplier_of(session, access.supplier_id)
    change = saved.CardChange(
        supplier_id=access.supplier_id,
        debtor_id=access.debtor_id,
        contact_id=access.contact_id,
        currency=_currency(supplier),
        locale=asker.reader.locale,
        path=RETURN_PATH,
        consent=consent_to_save(supplier.name, asker.reader.locale),
        replaces=_replaced(field(data, "replaces")),
    )
    return Redirect(saved.begin_card_change(runtime, change), status_code=303)


def consent_to_save(supplier_name: str, locale: str) -> str:
    """What the page says under its button, in the reader's language."""
    with reading_as(locale):
        text = _(
            "You allow %(supplier)s to keep this card and to charge it for instalments you have "
            "agreed to, on the days and in the amounts of your plan. You can remove it at any time."
        )
    return text % {"supplier": supplier_name}


def _replaced(text: str) -> SavedMethodId | None:
    if not text:
        return None
    try:
        return SavedMethodId(UUID(text))
    except ValueError as error:
        raise NoSuchSavedMethod(text) from error


@get(RETURN_PATH, sync_to_thread=True)
def card_saved(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Redirect:
    """Back from the page that saves a card, which is asked how it stands; without `cs` it was
    left, and nothing has happened.
    """
    access, page_id = asker.access, request.query_params.get("cs")
    if not page_id:
        return Redirect("/cards", status_code=303)
    try:
        kept = saved.returned_from_change(
            runtime, access.supplier_id, access.debtor_id, page_id, by=asker.by
        )
    except CardPaymentUnavailable:
        kept = None
    done = "saved" if kept else "not_saved"
    return Redirect(f"/cards?{urlencode({'done': done})}", status_code=303)


@post("/cards/{saved_method_id:uuid}/remove", sync_to_thread=True)
def remove_card(
    saved_method_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Redirect:
    """Keep it no longer; 404 for one that is somebody else's."""
    require_step_up(asker, face, request, next_path="/cards")
    access = asker.access
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        saved.remove(
            session,
            access.supplier_id,
            access.debtor_id,
            SavedMethodId(saved_method_id),
            clock=runtime.clock,
        )
    return Redirect("/cards?done=removed", status_code=303)
