"""What a person decides in a health check, and what is done from it: each previewed first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.portfolio import deed_lines, names_of_staff
from backoffice.portfolio_pages import (
    ActionsPage,
    ClusterShown,
    CutLine,
    DuplicatesPage,
    Guess,
    ReviewPage,
    Twin,
)
from monitoring.bands import Band
from monitoring.portfolio import actions, deeds, queries
from monitoring.portfolio.customers import Customer
from monitoring.portfolio.merging import Cluster, exposures
from monitoring.portfolio.proposals import to_insure, to_prepay, to_watch
from monitoring.portfolio.queries import Row
from monitoring.portfolio.rules import Confidence
from monitoring.portfolio.words import how_words
from receivables.i18n import percent
from receivables.i18n import translate as _
from receivables.ids import PortfolioCheckId, PortfolioDeedId
from receivables.web.forms import FormBody, field, fields

#: So many questions and clusters are on one page; answering brings the next.
_ON_A_PAGE = 50
#: So many names are shown of those who would be watched.
_NAMED = 20


@get("/monitoring/checks/{check_id:uuid}/review", sync_to_thread=True)
def show_review(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    """Raises NoSuchCheck."""
    wanted = PortfolioCheckId(check_id)
    with asker.reading() as session:
        queries.ready(session, asker.supplier_id, wanted)
        found = queries.rows(
            session, asker.supplier_id, wanted, confidence=Confidence.REVIEW, most=_ON_A_PAGE
        )
        page = ReviewPage(
            head=asker.head(session, "monitoring"),
            notice=asker.notice(),
            check_id=check_id,
            guesses=tuple(_guess(row) for row in found),
            waiting=queries.count_of(session, asker.supplier_id, wanted, Confidence.REVIEW),
        )
    return asker.page("check_review.html", page)


def _guess(row: Row) -> Guess:
    identity = row.checked.identity
    # A name alone proves nothing: how likely it is says no more than that.
    is_sure = identity.certainty >= 0.5
    return Guess(
        place=row.checked.place,
        name=row.checked.name,
        address=_address(row.said),
        number=row.said.register_number or row.said.vat,
        known_as=identity.known_as,
        debtor_id=identity.debtor_id,
        known_number=f"{identity.scheme} {identity.number}".strip(),
        why=how_words(identity.how) if is_sure else _("the name alone"),
        certainty=percent(round(identity.certainty, 2)) if is_sure else "",
    )


def _address(said: Customer) -> str:
    place = f"{said.postcode} {said.city}".strip()
    return ", ".join(part for part in (said.street, place, said.country) if part)


@post("/monitoring/checks/{check_id:uuid}/review/{place:str}", sync_to_thread=True)
def answer_review(
    check_id: FromPath[UUID],
    place: FromPath[str],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Response[Any]:
    """Yes or no, in words nobody can send by mistake. Raises NoSuchCheck, NothingToDecide."""
    answer, url = field(data, "answer"), f"/monitoring/checks/{check_id}/review"
    whose = _place(place)
    if answer not in ("yes", "no"):
        with collector.reading() as session:
            queries.ready(session, collector.supplier_id, PortfolioCheckId(check_id))
        return collector.back(url, "check_not_said")
    with collector.transaction() as session:
        actions.decide_identity(
            session,
            supplier_id=collector.supplier_id,
            check_id=PortfolioCheckId(check_id),
            place=whose,
            is_it=answer == "yes",
            clock=collector.runtime.clock,
        )
    return collector.back(url, "check_answered")


def _place(text: str) -> int:
    """Raises NotFoundException for what is no place of a check."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFoundException
    return int(text)


@get("/monitoring/checks/{check_id:uuid}/duplicates", sync_to_thread=True)
def show_duplicates(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    """Raises NoSuchCheck."""
    wanted = PortfolioCheckId(check_id)
    with asker.reading() as session:
        queries.ready(session, asker.supplier_id, wanted)
        found = queries.clusters(session, asker.supplier_id, wanted)
        # What waits comes first.
        in_order = sorted(found, key=lambda one: (bool(one.decision), one.place))
        twins = [one for one in in_order if one.is_duplicate]
        groups = [one for one in in_order if not one.is_duplicate]
        shown = (*twins[:_ON_A_PAGE], *groups[:_ON_A_PAGE])
        places = [place for one in shown for place in one.places]
        rows = {
            row.checked.place: row
            for row in queries.rows(session, asker.supplier_id, wanted, places=places)
        }
        page = DuplicatesPage(
            head=asker.head(session, "monitoring"),
            notice=asker.notice(),
            check_id=check_id,
            duplicates=tuple(_cluster(one, rows) for one in twins[:_ON_A_PAGE]),
            groups=tuple(_cluster(one, rows) for one in groups[:_ON_A_PAGE]),
            undecided=sum(not one.decision and not one.is_question for one in twins),
            more=max(0, len(twins) - _ON_A_PAGE),
        )
    return asker.page("check_duplicates.html", page)


def _cluster(one: Cluster, rows: dict[int, Row]) -> ClusterShown:
    members = [rows[place] for place in one.places if place in rows]
    return ClusterShown(
        place=one.place,
        twins=tuple(_twin(row, one.survivor) for row in members),
        together=exposures(row.checked for row in members),
        reasons=", ".join(one.reasons),
        score=percent(round(one.score, 2)),
        is_question=one.is_question,
        decision=(
            "merged" if one.decision == "merged" else "apart" if one.decision == "apart" else ""
        ),
    )


def _twin(row: Row, survivor: int) -> Twin:
    one = row.checked
    return Twin(
        place=one.place,
        number=one.number,
        name=one.name,
        address=_address(row.said),
        open=exposures([one]),
        debtor_id=one.identity.debtor_id,
        survives=one.place == survivor,
    )


@post("/monitoring/checks/{check_id:uuid}/duplicates/{place:str}", sync_to_thread=True)
def decide_duplicate(
    check_id: FromPath[UUID],
    place: FromPath[str],
    data: FormBody,
    collector: NamedDependency[Asker],
) -> Response[Any]:
    """Raises NoSuchCheck, NothingToDecide."""
    survivor, wanted = field(data, "survivor"), field(data, "decision")
    decisions: dict[str, tuple[actions.Decision, str]] = {
        "merged": ("merged", "check_merged"),
        "apart": ("apart", "check_apart"),
        "": ("", "check_undone"),
    }
    decision, notice = decisions.get(wanted, decisions[""])
    with collector.transaction() as session:
        actions.decide_cluster(
            session,
            supplier_id=collector.supplier_id,
            check_id=PortfolioCheckId(check_id),
            place=_place(place),
            decision=decision,
            survivor=int(survivor) if survivor.isascii() and survivor.isdigit() else None,
            clock=collector.runtime.clock,
        )
    return collector.back(f"/monitoring/checks/{check_id}/duplicates", notice)


@post("/monitoring/checks/{check_id:uuid}/duplicates", sync_to_thread=True)
def merge_duplicates(check_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """All about which nobody has decided. Raises NoSuchCheck."""
    with collector.transaction() as session:
        actions.merge_all(
            session,
            supplier_id=collector.supplier_id,
            check_id=PortfolioCheckId(check_id),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/monitoring/checks/{check_id}/duplicates", "check_merged")


@get("/monitoring/checks/{check_id:uuid}/actions", sync_to_thread=True)
def show_actions(check_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    """Raises NoSuchCheck."""
    with asker.reading() as session:
        page = _actions_page(session, asker, PortfolioCheckId(check_id))
    return asker.page("check_actions.html", page)


def _actions_page(
    session: Session, asker: Asker, check_id: PortfolioCheckId, error: str = ""
) -> ActionsPage:
    queries.ready(session, asker.supplier_id, check_id)
    customers = deeds.counted(session, asker.supplier_id, check_id)
    watch = to_watch(customers)
    return ActionsPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        check_id=check_id,
        cuts=tuple(
            CutLine(
                debtor_id=cut.debtor_id,
                name=cut.name,
                band=Band(cut.joint).value,
                exposure=cut.exposure,
                now=cut.now,
                proposed=cut.proposed,
            )
            for cut in deeds.proposed_cuts(session, asker.supplier_id, customers)
        ),
        to_watch=tuple(one.name for one in watch[:_NAMED]),
        to_watch_count=len(watch),
        prepayment_count=len(to_prepay(customers)),
        insurer_count=len(to_insure(customers)),
        deeds=deed_lines(
            session, asker.supplier_id, check_id, names_of_staff(session, asker.supplier_id)
        ),
        scenario_url="/reminders/scenarios",
        error=error,
    )


@post("/monitoring/checks/{check_id:uuid}/limits", sync_to_thread=True)
def cut_limits(
    check_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Of the debtors that were ticked. Raises NoSuchCheck."""
    chosen = _ids(fields(data, "debtor"))
    try:
        with collector.transaction() as session:
            deeds.cut_limits(
                session,
                supplier_id=collector.supplier_id,
                check_id=PortfolioCheckId(check_id),
                debtor_ids=chosen,
                clock=collector.runtime.clock,
            )
    except deeds.NothingChosen:
        return _refused(collector, check_id, "limits")
    return collector.back(f"/monitoring/checks/{check_id}/actions", "check_limits_cut")


def _ids(texts: Sequence[str]) -> Collection[UUID]:
    """What is no id is nobody's."""
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


def _refused(collector: Asker, check_id: UUID, error: str) -> Response[str]:
    with collector.reading() as session:
        page = _actions_page(session, collector, PortfolioCheckId(check_id), error)
    return collector.page("check_actions.html", page, status=422)


@post("/monitoring/checks/{check_id:uuid}/watch", sync_to_thread=True)
def put_under_watch(check_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Response[Any]:
    """Write the companies down as debtors. Raises NoSuchCheck."""
    try:
        with collector.transaction() as session:
            deeds.watch(
                session,
                supplier_id=collector.supplier_id,
                check_id=PortfolioCheckId(check_id),
                clock=collector.runtime.clock,
            )
    except deeds.NothingChosen:
        return _refused(collector, check_id, "watch")
    return collector.back(f"/monitoring/checks/{check_id}/actions", "check_watched")


@post("/monitoring/checks/{check_id:uuid}/deeds/{deed_id:uuid}/undo", sync_to_thread=True)
def undo_deed(
    check_id: FromPath[UUID], deed_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Response[Any]:
    """Raises NoSuchDeed, AlreadyUndone."""
    with collector.transaction() as session:
        left = deeds.undo(
            session,
            supplier_id=collector.supplier_id,
            check_id=PortfolioCheckId(check_id),
            deed_id=PortfolioDeedId(deed_id),
            clock=collector.runtime.clock,
        )
    url = f"/monitoring/checks/{check_id}/actions"
    if left:
        names = ", ".join(left[:3]) + (" …" if len(left) > 3 else "")
        return collector.back(url, "check_partly_undone", names=names)
    return collector.back(url, "check_undone")
