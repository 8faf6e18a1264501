"""The push service over HTTP: its door for senders, its page, and the doors for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from sandbox.pushservice.service import PushService
from sandbox.web import Pages, SafeHeaders

PAGES = Pages(Path(__file__).parent, "Push service")


def create_app(service: PushService) -> ASGIApp:
    """`service` as an ASGI application: pushes go to /push/{token} and to /fcm/send/{token}."""

    @post(["/push/{token:str}", "/fcm/send/{token:str}"])
    async def push(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = await service.receive(token, headers, await request.body())
        return Response(
            reply.reason,
            status_code=reply.status,
            headers=dict(reply.headers),
            media_type=MediaType.TEXT,
        )

    @get("/", sync_to_thread=False)
    def pushes() -> Response[str]:
        return PAGES.page("pushes.html", pushes=service.store.pushes()[::-1])

    @get("/_control/pushes", sync_to_thread=False)
    def listed(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
        since = int(request.query_params.get("since", "0"))
        found = service.store.pushes(token=request.query_params.get("token", ""), since=since)
        return [
            {
                "id": push.id,
                "token": push.token,
                "received_at": push.received_at.isoformat(),
                "ttl": push.ttl,
                "urgency": push.urgency,
                "topic": push.topic,
                "size": push.size,
                "plaintext": (push.plaintext or b"").decode("utf-8", "replace"),
                "notification": push.notification,
                "problem": push.problem,
            }
            for push in found
        ]

    @post("/_control/subscriptions")
    async def subscribe(request: Request[Any, Any, Any]) -> dict[str, str]:
        made = service.new_subscription((await request.json())["vapid_key"])
        return {"endpoint": made.endpoint, "p256dh": made.p256dh, "auth": made.auth}

    @post("/_control/behaviour", status_code=204)
    async def behave(request: Request[Any, Any, Any]) -> None:
        service.behave(**await request.json())

    handlers = [push, pushes, listed, subscribe, behave]
    return SafeHeaders(
        Litestar([*handlers, PAGES.stylesheet()], openapi_config=None, logging_config=None)
    )
