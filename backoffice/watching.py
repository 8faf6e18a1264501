"""What is watched: the readings, and the door through which a bureau pushes them."""

from __future__ import annotations

from typing import Annotated

import structlog
from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, RawBody
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.watch_pages import (
    ReadingRow,
    ReadingsPage,
    ReadingsReport,
)
from monitoring import taking
from monitoring.feeds import bureau, file
from monitoring.feeds.push import (
    BODY_LIMIT,
    BadSignature,
    PushTooLarge,
    verify,
    verify_standard,
)
from monitoring.feeds.scales import name_of
from monitoring.sources import pushed
from monitoring.standing import latest_readings
from receivables import i18n
from receivables.database import SYSTEM
from receivables.runtime import Runtime
from receivables.web.face import no_session
from receivables.web.forms import UploadBody, uploads

log = structlog.get_logger(__name__)


@get("/monitoring/readings", sync_to_thread=True)
def show_readings(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = readings_page(session, asker, None)
    return asker.page("readings.html", page)


def readings_page(session: Session, asker: Asker, report: ReadingsReport | None) -> ReadingsPage:
    return ReadingsPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        report=report,
        latest=tuple(
            ReadingRow(
                debtor_id=one.debtor_id,
                debtor_name=one.debtor_name,
                source=name_of(one.source),
                score=one.score,
                band=one.band.value,
                as_of_on=one.as_of_on,
                received_at=one.received_at,
            )
            for one in latest_readings(session, asker.supplier_id)
        ),
        columns=file.COLUMNS,
    )


@post("/monitoring/readings", status_code=200, sync_to_thread=True)
def take_readings(data: UploadBody, collector: NamedDependency[Asker]) -> Response[str]:
    """A file of readings, taken whole or refused whole."""
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    sent = uploads(data, "file")
    name = sent[0].filename[:200] if sent else ""
    content = sent[0].file.read() if sent else b""
    report = _taken(collector, name, content)
    with collector.reading() as session:
        page = readings_page(session, collector, report)
    return collector.page("readings.html", page, status=422 if report.faults else 200)


def _taken(asker: Asker, name: str, content: bytes) -> ReadingsReport:
    try:
        with i18n.reading_as(asker.reader.locale), asker.transaction() as session:
            taken = taking.take_file(
                session,
                supplier_id=asker.supplier_id,
                content=content,
                clock=asker.runtime.clock,
            )
    except file.BadReadingsFile as refused:
        faults = tuple((one.where, one.what, one.how) for one in refused.faults)
        return ReadingsReport(name=name, taken=0, known=0, faults=faults, alerts_raised=0)
    return ReadingsReport(
        name=name,
        taken=taken.taken,
        known=taken.known,
        faults=(),
        alerts_raised=taken.alerts_raised,
        is_queued=taken.is_queued,
    )


@post(
    "/readings",
    status_code=200,
    media_type=MediaType.TEXT,
    before_request=no_session,
    request_max_body_size=BODY_LIMIT,
    sync_to_thread=True,
)
def take_push(
    body: RawBody,
    runtime: NamedDependency[Runtime],
    signature: Annotated[str, HeaderParameter(name="x-bureau-signature")] = "",
    message_id: Annotated[str, HeaderParameter(name="webhook-id")] = "",
    timestamp: Annotated[str, HeaderParameter(name="webhook-timestamp")] = "",
    signatures: Annotated[str, HeaderParameter(name="webhook-signature")] = "",
) -> Response[str]:
    """The door of whoever pushes: verify, understand, record. 200 once it is on record, new or not.

    It names companies, not whose debtors they are: every supplier who has one is served.
    """
    secrets, clock = runtime.settings.bureau.push_secrets, runtime.clock
    if not secrets:
        return Response("no such address", status_code=404)
    try:
        if message_id:
            verify_standard(
                secrets,
                message_id=message_id,
                timestamp=timestamp,
                signatures=signatures,
                body=body,
                now=clock.now(),
            )
        else:
            verify(secrets, signature, body, now=clock.now())
    except (BadSignature, PushTooLarge) as error:
        log.warning("readings.push_refused", reason=str(error), length=len(body))
        return Response("the signature does not hold", status_code=401)
    try:
        said = pushed.understand(body)
    except bureau.NotABureauEvent as error:
        log.warning("readings.push_not_understood", reason=str(error)[:200])
        return Response("not understood", status_code=422)
    with runtime.transaction(SYSTEM) as session:
        new = pushed.take(session, said, clock=clock)
    return Response(f"{new} new")
