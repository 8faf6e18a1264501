"""Portfolio health checks: asking for one, watching it being made, reading its report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.billing_pages import Fault
from backoffice.portfolio_pages import (
    CheckLine,
    CheckPage,
    ChecksPage,
    CheckState,
    DeedLine,
    Progress,
    ToDo,
    ViewLine,
)
from monitoring.portfolio import actions, queries
from monitoring.portfolio.document import Document
from monitoring.portfolio.rules import USUAL_CUSTOMERS, Confidence
from monitoring.portfolio.tables import PortfolioCheck
from monitoring.portfolio.writing import write
from receivables.i18n import decimal, translate_plural
from receivables.i18n import translate as _
from receivables.ids import PortfolioCheckId, SupplierId
from receivables.parties.queries import team
from receivables.web.face import LARGEST_BODY
from receivables.web.forms import UploadBody, field, uploads

#: A page that is watched asks again after so many seconds.
POLL_SECONDS = 2

Seen = Literal["page", "pdf", "csv"]


@get("/monitoring/checks", sync_to_thread=True)
def show_checks(asker: NamedDependency[Asker]) -> Response[str]:
    return asker.page("checks.html", _page(asker))


def _page(asker: Asker, error: str = "") -> ChecksPage:
    with asker.reading() as session:
        names = names_of_staff(session, asker.supplier_id)
        return ChecksPage(
            head=asker.head(session, "monitoring"),
            notice=asker.notice(),
            checks=tuple(
                check_line(one, names) for one in queries.checks(session, asker.supplier_id)
            ),
            keep_days=actions.KEEP_DAYS,
            kept_usually=actions.USUAL_KEEP_DAYS,
            usual_customers=USUAL_CUSTOMERS,
            largest_bytes=LARGEST_BODY,
            error=error,
        )


def names_of_staff(session: Session, supplier_id: SupplierId) -> dict[str, str]:
    """What `by` of an event means to a reader."""
    return {f"staff:{one.staff_id}": one.name for one in team(session, supplier_id)}


def check_line(check: PortfolioCheck, names: dict[str, str]) -> CheckLine:
    states: dict[str, CheckState] = {
        "running": "running", "ready": "ready", "refused": "refused",
    }  # fmt: skip
    return CheckLine(
        id=check.id,
        name=what_was_checked(check),
        state=states[check.state],
        asked_at=check.asked_at,
        asked_by=names.get(check.asked_by, ""),
        customers=check.total,
        delete_on=check.delete_on,
    )


def what_was_checked(check: PortfolioCheck) -> str:
    return _("Your own debtors") if check.source == "book" else check.file_name


@post("/monitoring/checks", sync_to_thread=True)
def ask_check(data: UploadBody, collector: NamedDependency[Asker]) -> Response[Any]:
    """Have a file, or the book, checked; the page again where neither came."""
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    sent = uploads(data, "file")
    is_book = bool(field(data, "book"))
    content = None if is_book or not sent else sent[0].file.read()
    if not is_book and not content:
        with collector.reading():
            error = _("Please choose a file, or have your own debtors checked.")
        return collector.page("checks.html", _page(collector, error), status=422)
    days = field(data, "keep_days")
    wanted = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
    with collector.transaction() as session:
        check_id = actions.ask_for(
            session,
            supplier_id=collector.supplier_id,
            content=content,
            file_name=(sent[0].filename or "")[:200] if content else "",
            locale=collector.reader.locale,
            keep_days=wanted if wanted in actions.KEEP_DAYS else actions.USUAL_KEEP_DAYS,
            clock=collector.runtime.clock,
        )
    return collector.back(f"/monitoring/checks/{check_id}", "check_asked")


@get("/monitoring/checks/{check_id:uuid}", sync_to_thread=True)
def show_check(
    check_id: FromPath[UUID], request: Request[Any, Any, Any], asker: NamedDependency[Asker]
) -> Response[str]:
    """While it is made the page asks again by itself: by htmx, or else by its own header."""
    note_seen(asker, PortfolioCheckId(check_id), "page")
    with asker.reading() as session:
        page = _check_page(session, asker, PortfolioCheckId(check_id))
    answer = asker.page("check.html", page)
    if page.progress is not None and request.headers.get("hx-request") != "true":
        answer.headers["Refresh"] = str(POLL_SECONDS * 5)
    return answer


def note_seen(asker: Asker, check_id: PortfolioCheckId, what: Seen) -> None:
    """Put on record who looks, once a day; nothing is written of a check without a report.

    Raises NoSuchCheck.
    """
    whose = {"staff_id": asker.me.staff_id, "what": what}
    with asker.reading() as session:
        check = queries.of_supplier(session, asker.supplier_id, check_id)
        if check.state != "ready" or queries.was_seen(
            session, asker.supplier_id, check_id, on=asker.today, **whose  # type: ignore[arg-type]
        ):  # fmt: skip
            return
    with asker.transaction() as session:
        actions.note_view(
            session, supplier_id=asker.supplier_id, check_id=check_id,
            clock=asker.runtime.clock, **whose,  # type: ignore[arg-type]
        )  # fmt: skip


def _check_page(session: Session, asker: Asker, check_id: PortfolioCheckId) -> CheckPage:
    check = queries.of_supplier(session, asker.supplier_id, check_id)
    names = names_of_staff(session, asker.supplier_id)
    is_ready = check.state == "ready"
    faults = queries.faults_of(check)
    return CheckPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        check=check_line(check, names),
        progress=_progress(check) if check.state == "running" else None,
        faults=tuple(Fault(where=_where(one.line, one.column), what=one.what, how=one.how)
                     for one in faults),
        more_faults=int(check.faults.get("more", 0)),
        document=document_of(session, asker, check) if is_ready else None,
        todos=tuple(_todos(session, asker.supplier_id, check_id)) if is_ready else (),
        deeds=deed_lines(session, asker.supplier_id, check_id, names) if is_ready else (),
        views=tuple(
            ViewLine(staff_name=one.staff_name, what=one.what, seen_at=one.seen_at)
            for one in queries.views(session, asker.supplier_id, check_id)
        ),
        is_book=check.source == "book",
    )  # fmt: skip


def _where(line: int, column: str) -> str:
    where = _("line %(line)s") % {"line": line}
    return f"{where}, {column}" if column else where


def document_of(session: Session, asker: Asker, check: PortfolioCheck) -> Document:
    """The report in the language being read. Raises NoSuchCheck while there is none."""
    return write(
        queries.report_of(session, asker.supplier_id, PortfolioCheckId(check.id)),
        what=what_was_checked(check),
        supplier_name=asker.me.supplier_name,
        asked_by=names_of_staff(session, asker.supplier_id).get(check.asked_by, ""),
        delete_on=check.delete_on,
        unasked=check.unasked,
    )


#: The phases in their order.
_PHASES = ("reading", "identifying", "asking", "comparing", "reporting")


def _progress(check: PortfolioCheck) -> Progress:
    words = (
        _("Read what is to be checked"),
        _("Identify each customer"),
        _("Ask who is not scored yet"),
        _("Find duplicates and groups"),
        _("Write the report"),
    )
    at = _PHASES.index(check.phase)
    return Progress(
        phases=tuple(
            (text, "done" if place < at else "now" if place == at else "later")
            for place, text in enumerate(words)
        ),
        done=check.done,
        total=check.total,
        poll_seconds=POLL_SECONDS,
    )


def _todos(session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId) -> Sequence[ToDo]:
    """What the check suggests, the questions first."""
    base = f"/monitoring/checks/{check_id}"
    suggested = queries.report_of(session, supplier_id, check_id).suggested
    review = queries.count_of(session, supplier_id, check_id, Confidence.REVIEW)
    twice = sum(
        one.is_duplicate and not one.decision
        for one in queries.clusters(session, supplier_id, check_id)
    )
    cuts, watch = suggested.limits, suggested.watch
    prepay, insure = suggested.prepay, suggested.insure
    found = (
        (review, translate_plural(
            "%(num)s customer may be another company: please say.",
            "%(num)s customers may be other companies: please say.", review,
        ), f"{base}/review", _("Look")),
        (twice, translate_plural(
            "%(num)s company seems to be in the data more than once.",
            "%(num)s companies seem to be in the data more than once.", twice,
        ), f"{base}/duplicates", _("Compare")),
        (cuts, translate_plural(
            "For %(num)s weak debtor a lower limit is proposed.",
            "For %(num)s weak debtors lower limits are proposed.", cuts,
        ), f"{base}/actions#limits", _("Preview")),
        (watch, translate_plural(
            "%(num)s identified company is not watched yet.",
            "%(num)s identified companies are not watched yet.", watch,
        ), f"{base}/actions#watch", _("Preview")),
        (prepay, translate_plural(
            "%(num)s customer should pay in advance.",
            "%(num)s customers should pay in advance.", prepay,
        ), f"{base}/actions#prepayment", _("Take the list")),
        (insure, translate_plural(
            "%(num)s customer owes something that nobody insures.",
            "%(num)s customers owe something that nobody insures.", insure,
        ), f"{base}/actions#insurer", _("Take the list")),
    )  # fmt: skip
    return [
        ToDo(words=words % {"num": decimal(count)}, url=url, button=button)
        for count, words, url, button in found
        if count
    ]


def deed_lines(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId, names: dict[str, str]
) -> tuple[DeedLine, ...]:
    """What was done from a check already."""
    found = []
    for deed in queries.deeds(session, supplier_id, check_id):
        count = len(deed.body["done"])
        words = (
            translate_plural("%(num)s limit was cut.", "%(num)s limits were cut.", count)
            if deed.kind == "limits"
            else translate_plural(
                "%(num)s company was put under watch.",
                "%(num)s companies were put under watch.",
                count,
            )
        )
        found.append(
            DeedLine(
                id=deed.id,
                words=words % {"num": decimal(count)},
                done_at=deed.done_at,
                done_by=names.get(deed.done_by, ""),
                undone_at=deed.undone_at,
            )
        )
    return tuple(found)


@post("/monitoring/checks/{check_id:uuid}/delete", sync_to_thread=True)
def delete_check(check_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Forget it before its day. Raises NoSuchCheck."""
    with collector.transaction() as session:
        actions.forget(
            session,
            supplier_id=collector.supplier_id,
            check_id=PortfolioCheckId(check_id),
            clock=collector.runtime.clock,
        )
    return collector.back("/monitoring/checks", "check_deleted")
