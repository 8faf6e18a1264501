"""The inbox in the browser, and the doors for tests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from litestar import Litestar, MediaType, Request, Response, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ASGIApp

from sandbox.mailbox.server import Behaviour, Mailbox
from sandbox.mailbox.store import MessageStore, StoredMessage
from sandbox.web import Pages, SafeHeaders

PAGES = Pages(Path(__file__).parent, "Mailbox")

#: A message may style itself and carry pictures inside; it loads nothing, runs nothing, and its
#: links open beside it.
MESSAGE_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def create_app(mailbox: Mailbox) -> ASGIApp:
    """The inbox of `mailbox` as an ASGI application."""
    handlers = [
        *_pages(mailbox.store), _answering(mailbox), *_control(mailbox), PAGES.stylesheet(),
    ]  # fmt: skip
    return SafeHeaders(Litestar(handlers, openapi_config=None, logging_config=None))


def _pages(store: MessageStore) -> list[Any]:
    @get("/", sync_to_thread=False)
    def inbox(request: Request[Any, Any, Any]) -> Response[str]:
        to = request.query_params.get("to", "")
        return PAGES.page("inbox.html", to=to, messages=store.find(to=to)[::-1])

    @get("/messages/{message_id:int}", sync_to_thread=False)
    def show(message_id: FromPath[int], request: Request[Any, Any, Any]) -> Response[str]:
        message = _message_or_404(store, message_id)
        view = request.query_params.get("view") or ("html" if message.html else "text")
        return PAGES.page("message.html", message=message, view=view, text=message.text)

    @get("/messages/{message_id:int}/html", sync_to_thread=False)
    def html(message_id: FromPath[int]) -> Response[str]:
        body = _message_or_404(store, message_id).html
        opening_beside = body.replace("<head>", '<head><base target="_blank">', 1)
        if opening_beside == body:
            opening_beside = '<base target="_blank">' + body
        return Response(
            opening_beside,
            media_type=MediaType.HTML,
            headers={"content-security-policy": MESSAGE_CSP},
        )

    @get("/messages/{message_id:int}/source", sync_to_thread=False)
    def source(message_id: FromPath[int]) -> Response[bytes]:
        return _download(_message_or_404(store, message_id).raw, f"message-{message_id}.eml")

    @get("/messages/{message_id:int}/attachments/{number:int}", sync_to_thread=False)
    def attachment(message_id: FromPath[int], number: FromPath[int]) -> Response[bytes]:
        attachments = _message_or_404(store, message_id).attachments
        if not 1 <= number <= len(attachments):
            raise NotFoundException(f"no attachment {number}")
        wanted = attachments[number - 1]
        return _download(wanted.content, wanted.filename)

    return [inbox, show, html, source, attachment]


def _answering(mailbox: Mailbox) -> Any:
    @post("/messages/{message_id:int}/answer", status_code=303)
    async def answer(message_id: FromPath[int], request: Request[Any, Any, Any]) -> Redirect:
        message = _message_or_404(mailbox.store, message_id)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        words, away = form.get("words", [""])[0], "away" in form
        if not words.strip() and not away:
            return Redirect(f"/messages/{message_id}", status_code=303)
        kept = await asyncio.to_thread(mailbox.answer, message, words, is_automatic=away)
        return Redirect(f"/messages/{kept}", status_code=303)

    return answer


def _control(mailbox: Mailbox) -> list[Any]:
    store = mailbox.store

    @get("/_control/messages", sync_to_thread=False)
    def messages(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
        to = request.query_params.get("to", "")
        since = int(request.query_params.get("since", "0"))
        return [_as_json(message) for message in store.find(to=to, since=since)]

    @delete("/_control/messages", sync_to_thread=False)
    def clear() -> None:
        store.clear()

    @post("/_control/behaviour", status_code=204)
    async def behave(request: Request[Any, Any, Any]) -> None:
        wish = await request.json()
        mailbox.behave(
            Behaviour(wish["behaviour"]),
            to=wish.get("to", ""),
            times=wish.get("times"),
            seconds=wish.get("seconds", 1.0),
        )

    return [messages, clear, behave]


def _message_or_404(store: MessageStore, message_id: int) -> StoredMessage:
    message = store.get(message_id)
    if message is None:
        raise NotFoundException(f"no message {message_id}")
    return message


def _download(content: bytes, filename: str) -> Response[bytes]:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in filename)
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{plain}"'},
    )


def _as_json(message: StoredMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "received_at": message.received_at.isoformat(),
        "message_id": message.message_id,
        "sender": message.sender,
        "recipients": list(message.recipients),
        "from": message.from_,
        "reply_to": message.reply_to,
        "subject": message.subject,
        "headers": [[name, str(value)] for name, value in message.parsed.items()],
        "text": message.text,
        "html": message.html,
        "attachments": [attachment.filename for attachment in message.attachments],
    }
