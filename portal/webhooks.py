"""Machines' doors, Stripe's and the one for text messages: verify, store, answer. What a message
means is found out behind it.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import structlog
from litestar import MediaType, Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.params import HeaderParameter, RawBody

from receivables.database import SYSTEM
from receivables.ids import TextMessageId
from receivables.payments.inbox import receive
from receivables.ports import BadReport, BadSignature, ReportingTexter
from receivables.runtime import Runtime
from receivables.sms.actions import NoSuchText
from receivables.sms.delivery import note_report

log = structlog.get_logger(__name__)

#: Far above what Stripe sends for the kinds of event we ask for.
LARGEST_EVENT = 256 * 1024
#: A report has some twenty short fields.
LARGEST_REPORT = 16 * 1024


async def no_session(_request: Request[Any, Any, Any]) -> None:
    """Stands in place of the face's own hook: a machine has neither cookie nor form token, and
    proves itself by its signature.
    """


def refuse_length(_request: Request[Any, Any, Any], _error: RequestEntityTooLarge) -> Response[str]:
    """No event is as long: not read to the end, and no page of words for a machine."""
    log.warning("webhook_refused", reason="too long")
    return Response("too long", status_code=413, media_type=MediaType.TEXT)


@post(
    "/webhooks/stripe",
    sync_to_thread=True,
    status_code=200,
    media_type=MediaType.TEXT,
    before_request=no_session,
    request_max_body_size=LARGEST_EVENT,
    exception_handlers={RequestEntityTooLarge: refuse_length},
)
def take_stripe_event(
    body: RawBody,
    runtime: NamedDependency[Runtime],
    signature: Annotated[str, HeaderParameter(name="stripe-signature")] = "",
) -> Response[str]:
    """200 once the message is on record, new or not; 400 when it is not Stripe's."""
    gateway = runtime.gateway
    if gateway is None:
        return Response("no such address", status_code=404)
    try:
        event = gateway.verify(body, signature)
    except BadSignature as error:
        log.warning("stripe.webhook_refused", reason=str(error), length=len(body))
        return Response("the signature does not hold", status_code=400)
    with runtime.transaction(SYSTEM) as session:
        new = receive(session, event, gateway, clock=runtime.clock)
    return Response("taken" if new else "known")


@post(
    "/webhooks/texts",
    sync_to_thread=True,
    status_code=200,
    media_type=MediaType.TEXT,
    before_request=no_session,
    request_max_body_size=LARGEST_REPORT,
    exception_handlers={RequestEntityTooLarge: refuse_length},
)
def take_text_report(
    request: Request[Any, Any, Any],
    body: RawBody,
    runtime: NamedDependency[Runtime],
    signature: Annotated[str, HeaderParameter(name="x-twilio-signature")] = "",
) -> Response[str]:
    """200 once it is on record, new or not; 400 when it is not the gateway's. The address, with
    `text`, our own name of it, is part of what is signed.
    """
    texter, name = runtime.texter, str(request.query_params.get("text", ""))
    if not isinstance(texter, ReportingTexter):
        return Response("no such address", status_code=404)
    try:
        report = texter.verify(name, body, signature)
        text_id = TextMessageId(UUID(name))
    except (BadReport, ValueError) as error:
        log.warning("texts.report_refused", reason=str(error), length=len(body))
        return Response("the signature does not hold", status_code=400)
    try:
        with runtime.transaction(SYSTEM) as session:
            new = note_report(session, text_id, report, clock=runtime.clock)
    except NoSuchText:
        return Response("no such text", status_code=404)
    return Response("taken" if new else "known")
