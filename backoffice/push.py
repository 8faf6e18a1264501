"""The browsers a member of staff wants to be woken in, and what a browser installs for that."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.pushers import Subscribable
from backoffice.settings_pages import NotificationsPage
from backoffice.telling import telling_form
from monitoring.telling import browsers
from monitoring.watching import subscriptions
from receivables import i18n
from receivables.errors import TemporarilyUnavailable
from receivables.i18n import translate as _
from receivables.ids import SubscriptionId
from receivables.parties.mailing import language_tag
from receivables.ports import PushPayload, PushResult, PushTarget, Urgency
from receivables.push import BadSubscription
from receivables.web.face import no_session
from receivables.web.static import FOLDER


class PushIsOff(TemporarilyUnavailable):
    """The installation has no key to push with."""


class Subscription(msgspec.Struct, kw_only=True):
    """What `static/push.js` sends. Whose it is, the session says and never the body."""

    endpoint: str
    p256dh: str
    auth: str
    key_id: Annotated[str, msgspec.Meta(pattern=r"\A[\w-]{0,64}\Z")]


class Endpoint(msgspec.Struct, kw_only=True):
    """What a browser knows of its own subscription."""

    endpoint: str


@get("/settings/notifications", sync_to_thread=True)
def show_notifications(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = notifications_page(session, asker)
    return asker.page("notifications.html", page)


def notifications_page(session: Session, asker: Asker) -> NotificationsPage:
    pusher = asker.runtime.pusher
    key = pusher.current_key if isinstance(pusher, Subscribable) else None
    return NotificationsPage(
        head=asker.head(session, "settings"),
        notice=asker.notice(),
        email=asker.me.email,
        vapid_key=key.public if key else "",
        vapid_key_id=key.key_id if key else "",
        subscriptions=tuple(
            (one.subscription_id, browser_name(one.user_agent), one.created_at)
            for one in subscriptions(session, asker.supplier_id, asker.me.staff_id)
        ),
        form=telling_form(session, asker),
    )


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chromium"))
_BROWSERS_LAST = (("Safari", "Safari"),)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """`Firefox on Windows`, as far as the browser says."""
    names = [name for mark, name in (*_BROWSERS, *_BROWSERS_LAST) if mark in user_agent]
    systems = [name for mark, name in _SYSTEMS if mark in user_agent]
    name = names[0] if names else _("A browser")
    return _("%(name)s on %(system)s") % {"name": name, "system": systems[0]} if systems else name


@post("/push/subscriptions", sync_to_thread=True)
def subscribe(
    data: JSONBody[Subscription],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
) -> Response[dict[str, Any]]:
    """Wake this person in this browser from now on."""
    pusher = asker.runtime.pusher
    if not isinstance(pusher, Subscribable):
        raise PushIsOff("no pusher")
    target = PushTarget(data.endpoint[:1024], data.p256dh, data.auth, data.key_id)
    try:
        pusher.check(data.endpoint, data.p256dh, data.auth)
    except BadSubscription as error:
        return Response({"error": "bad subscription", "reason": error.reason}, status_code=422)
    browser = browsers.Browser(target=target, user_agent=request.headers.get("user-agent", ""))
    with asker.transaction() as session:
        saved = browsers.save_subscription(
            session,
            supplier_id=asker.supplier_id,
            staff_id=asker.me.staff_id,
            browser=browser,
            clock=asker.runtime.clock,
        )
    return Response({"id": str(saved)}, status_code=201)


@post("/push/subscriptions/forget", sync_to_thread=True)
def unsubscribe(
    data: JSONBody[Endpoint], asker: NamedDependency[Asker]
) -> Response[dict[str, Any]]:
    """The same browser does not want to be woken any more; unknown ones are no error."""
    with asker.transaction() as session:
        gone = browsers.remove_endpoint(
            session,
            supplier_id=asker.supplier_id,
            staff_id=asker.me.staff_id,
            endpoint=data.endpoint,
        )
    return Response({"forgotten": gone}, status_code=200)


@post("/push/subscriptions/{subscription_id:uuid}/delete", sync_to_thread=True)
def remove(subscription_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Redirect:
    with asker.transaction() as session:
        browsers.remove_subscription(
            session,
            supplier_id=asker.supplier_id,
            staff_id=asker.me.staff_id,
            subscription_id=SubscriptionId(subscription_id),
        )
    return asker.back("/settings/notifications", "device_removed")


@post("/push/subscriptions/{subscription_id:uuid}/test", sync_to_thread=True)
def try_it(subscription_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Redirect:
    """Wake the browser now; no transaction is open meanwhile."""
    pusher, runtime = asker.runtime.pusher, asker.runtime
    with asker.reading() as session:
        target = browsers.target_of(
            session, asker.supplier_id, asker.me.staff_id, SubscriptionId(subscription_id)
        )
    if target is None:
        raise browsers.NoSuchSubscription(str(subscription_id))
    if pusher is None:
        raise PushIsOff("no pusher")
    outcome = pusher.push(target, _test_payload(asker), now=runtime.clock.now())
    if outcome.result is PushResult.DELIVERED:
        return asker.back("/settings/notifications", "test_sent")
    return asker.back(
        "/settings/notifications", "test_failed", reason=outcome.reason or outcome.result.value
    )


def _test_payload(asker: Asker) -> PushPayload:
    with i18n.reading_as(asker.reader.locale, asker.reader.zone):
        return PushPayload(
            title=_("A test"),
            body=_("Notifications reach this browser."),
            navigate=f"{asker.face.origin}/settings/notifications",
            tag="test",
            topic="test",
            urgency=Urgency.HIGH,
            ttl=timedelta(minutes=10),
            language=language_tag(asker.reader.locale),
        )


@get("/sw.js", before_request=no_session, sync_to_thread=True)
def service_worker() -> Response[bytes]:
    """The service worker, at the root, so that it may act for every page."""
    return Response(
        (FOLDER / "sw.js").read_bytes(),
        media_type="text/javascript",
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@get("/manifest.webmanifest", before_request=no_session, sync_to_thread=True)
def manifest() -> Response[bytes]:
    """What makes the backoffice an app on a home screen; iPhones push to nothing else."""
    return Response(
        (FOLDER / "manifest.webmanifest").read_bytes(),
        media_type="application/manifest+json",
        headers={"Cache-Control": "public, max-age=3600"},
    )
