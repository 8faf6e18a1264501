"""Where a supplier's own systems are told: addresses, secrets, and what was answered lately."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.settings_pages import (
    WebhookMessageRow,
    WebhookPage,
    WebhookRow,
    WebhooksPage,
)
from monitoring.webhooks import actions, queries, tasks
from monitoring.webhooks.actions import NothingChosen, TooManyEndpoints
from monitoring.webhooks.rules import CHOOSABLE
from monitoring.webhooks.tables import WebhookEndpoint
from receivables.errors import TemporarilyUnavailable
from receivables.i18n import translate as _
from receivables.ids import WebhookEndpointId, WebhookMessageId
from receivables.ports import ForbiddenHook
from receivables.web.forms import FormBody, field, fields

_PATH = "/settings/webhooks"


class NobodyIsCalled(TemporarilyUnavailable):
    """This installation calls no systems of suppliers."""


@get(_PATH, sync_to_thread=True)
def show_webhooks(owner: NamedDependency[Asker]) -> Response[str]:
    return _list(owner)


def _list(owner: Asker, *, error: str = "", url: str = "") -> Response[str]:
    with owner.reading() as session:
        page = WebhooksPage(
            head=owner.head(session, "settings"),
            notice=owner.notice(),
            endpoints=tuple(_row(one) for one in queries.endpoints(session, owner.supplier_id)),
            kinds=tuple((kind.value, _about(kind.value)) for kind in CHOOSABLE),
            url=url,
            error=error,
        )
    return owner.page("webhooks.html", page, status=422 if error else 200)


def _about(kind: str) -> str:
    return {
        "alert.raised": _("An alert is raised"),
        "alert.acknowledged": _("Somebody decides about an alert"),
        "alert.retracted": _("A source takes back what an alert was about"),
        "solvency.recorded": _("A gazette or register publishes something about a debtor"),
    }.get(kind, _("A test"))


def _row(one: WebhookEndpoint) -> WebhookRow:
    return WebhookRow(
        id=one.id,
        url=one.url,
        kinds=tuple(one.events.split()),
        is_paused=one.state == "paused",
        trouble=one.trouble,
        created_at=one.created_at,
    )


@post(_PATH, sync_to_thread=True)
def add_webhook(data: FormBody, owner: NamedDependency[Asker]) -> Response[Any]:
    url = field(data, "url")
    hooks = owner.runtime.hooks
    if hooks is None:
        raise NobodyIsCalled("no caller")
    try:
        hooks.check(url)
        with owner.transaction() as session:
            made = actions.add_endpoint(
                session,
                supplier_id=owner.supplier_id,
                url=url,
                kinds=fields(data, "kinds"),
                clock=owner.runtime.clock,
            )
    except ForbiddenHook:
        words = _refused_url(owner)
        return _list(owner, error=words, url=url)
    except NothingChosen:
        with owner.reading():
            words = _("Please choose what it is to be told of.")
        return _list(owner, error=words, url=url)
    except TooManyEndpoints:
        with owner.reading():
            words = _("No more addresses can be told; remove one first.")
        return _list(owner, error=words, url=url)
    return owner.back(f"{_PATH}/{made}", "webhook_added")


def _refused_url(owner: Asker) -> str:
    with owner.reading():
        return _(
            "This is not an address we call: it begins with https:// and a public name, with no"
            " port, user name or fragment."
        )


@get(_PATH + "/{endpoint_id:uuid}", sync_to_thread=True)
def show_webhook(endpoint_id: FromPath[UUID], owner: NamedDependency[Asker]) -> Response[str]:
    return _one(owner, WebhookEndpointId(endpoint_id))


def _one(owner: Asker, endpoint_id: WebhookEndpointId, *, error: str = "") -> Response[str]:
    with owner.reading() as session:
        page = webhook_page(session, owner, endpoint_id, error=error)
    return owner.page("webhook.html", page, status=422 if error else 200)


def webhook_page(
    session: Session, owner: Asker, endpoint_id: WebhookEndpointId, *, error: str = ""
) -> WebhookPage:
    """Raises NoSuchEndpoint."""
    one = queries.endpoint(session, owner.supplier_id, endpoint_id)
    now = owner.runtime.clock.now()
    until = one.secret_before_until
    return WebhookPage(
        head=owner.head(session, "settings"),
        notice=owner.notice(),
        endpoint=_row(one),
        kinds=tuple((kind.value, _about(kind.value)) for kind in CHOOSABLE),
        secret=one.secret,
        secret_before_until=until if until is not None and until > now else None,
        messages=tuple(
            WebhookMessageRow(
                id=message.id,
                kind=message.kind,
                about=_about(message.kind),
                state=message.state,  # type: ignore[arg-type]  # the table's own check
                attempts=message.attempts,
                status=message.status,
                answer=message.answer,
                created_at=message.created_at,
                tried_at=message.tried_at,
                due_at=message.due_at,
                body=message.body,
            )
            for message in queries.messages(session, owner.supplier_id, endpoint_id)
        ),
        error=error,
    )


@post(_PATH + "/{endpoint_id:uuid}", sync_to_thread=True)
def change_webhook(
    endpoint_id: FromPath[UUID], data: FormBody, owner: NamedDependency[Asker]
) -> Response[Any]:
    """One of the things that can be done with an address: `do` says which."""
    mine: dict[str, Any] = {
        "supplier_id": owner.supplier_id,
        "endpoint_id": WebhookEndpointId(endpoint_id),
    }
    clock = owner.runtime.clock
    did = field(data, "do")
    back = f"{_PATH}/{endpoint_id}"
    with owner.transaction() as session:
        match did:
            case "rotate":
                actions.rotate_secret(session, **mine, clock=clock)
                return owner.back(back, "webhook_secret")
            case "pause":
                actions.pause(session, **mine)
                return owner.back(back, "webhook_paused")
            case "resume":
                actions.resume(session, **mine, clock=clock)
                tasks.send_soon(session, owner.supplier_id, now=clock.now())
                return owner.back(back, "webhook_resumed")
            case "remove":
                actions.remove(session, **mine)
                return owner.back(_PATH, "webhook_removed")
            case "test":
                actions.put_test(session, **mine, clock=clock)
                tasks.send_soon(session, owner.supplier_id, now=clock.now())
                return owner.back(back, "webhook_test")
    try:
        with owner.transaction() as session:
            actions.choose_kinds(session, **mine, kinds=fields(data, "kinds"))
    except NothingChosen:
        with owner.reading():
            words = _("Please choose what it is to be told of.")
        return _one(owner, WebhookEndpointId(endpoint_id), error=words)
    return owner.back(back, "webhook_saved")


@post(_PATH + "/{endpoint_id:uuid}/messages/{message_id:uuid}/resend", sync_to_thread=True)
def resend_message(
    endpoint_id: FromPath[UUID], message_id: FromPath[UUID], owner: NamedDependency[Asker]
) -> Redirect:
    clock = owner.runtime.clock
    with owner.transaction() as session:
        actions.resend(
            session,
            supplier_id=owner.supplier_id,
            endpoint_id=WebhookEndpointId(endpoint_id),
            message_id=WebhookMessageId(message_id),
            clock=clock,
        )
        tasks.send_soon(session, owner.supplier_id, now=clock.now())
    return owner.back(f"{_PATH}/{endpoint_id}", "webhook_resent")
