"""What gazettes and registers published about own debtors; a person decides on the doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from backoffice.publication_pages import PublicationsPage, PublishedRow
from monitoring.feeds.scales import name_of as source_name
from monitoring.insolvency import queries
from monitoring.insolvency.actions import confirm, dismiss
from monitoring.insolvency.evidence import Sign
from monitoring.insolvency.queries import Publication
from monitoring.insolvency.words import name_of as event_name
from receivables.i18n import translate as _
from receivables.ids import SolvencyEventId

Filter = Literal["waiting", "standing", "gone", "all"]
_STATES: Mapping[Filter, tuple[str, ...]] = {
    "waiting": ("candidate",),
    "standing": ("stands",),
    "gone": ("retracted", "dismissed"),
    "all": queries.STATES,
}
LIST = "/monitoring/publications"


@get("/monitoring/publications", sync_to_thread=True)
def show_publications(
    request: Request[Any, Any, Any], asker: NamedDependency[Asker]
) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = publications_page(session, asker, asked)
    return asker.page("publications.html", page)


def publications_page(session: Session, asker: Asker, asked: Wanted) -> PublicationsPage:
    """What waits is shown first, as long as something does."""
    waiting = queries.count_publications(session, asker.supplier_id, states=_STATES["waiting"])
    usual: tuple[Filter, ...] = ("waiting", "standing", "gone", "all")
    show = one_of(asked.show, usual if waiting else ("standing", "waiting", "gone", "all"))
    found = queries.publications(
        session, asker.supplier_id, states=_STATES[show], limit=PAGE_SIZE, offset=asked.skip
    )
    total = queries.count_publications(session, asker.supplier_id, states=_STATES[show])
    return PublicationsPage(
        head=asker.head(session, "monitoring"),
        notice=asker.notice(),
        show=show,
        waiting=waiting,
        rows=tuple(_row(one) for one in found),
        pager=asked.pager(len(found), total),
    )


def _row(one: Publication) -> PublishedRow:
    return PublishedRow(
        id=one.id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        what=event_name(one.kind),
        label=one.label,
        source=source_name(one.source),
        published_on=one.published_on,
        claims_until=one.claims_until,
        named=", ".join(filter(None, (one.name, one.place))),
        court=one.court,
        link=one.link if one.link.startswith("https://") else "",
        state=one.state,
        decided_by=one.decided_by,
        expires_on=one.expires_on,
        speaks_for=tuple(map(sign_words, one.evidence.speaks_for)),
        speaks_against=tuple(map(sign_words, one.evidence.speaks_against)),
    )


def sign_words(sign: Sign) -> str:
    """One sign, as it is said to whoever has to decide."""
    return {
        Sign.SAME_NUMBER: _("The register number is your customer’s."),
        Sign.SAME_NAME: _("The name is the same, legal form included."),
        Sign.LIKE_NAME: _("The name is the same but for its legal form or its spelling."),
        Sign.OTHER_NAME: _("The name is another one."),
        Sign.SAME_PLACE: _("The place is the same."),
        Sign.OTHER_PLACE: _("The place is another one."),
        Sign.NO_PLACE: _("No place to compare."),
        Sign.NO_NUMBER: _("No register number to compare: several companies may bear the name."),
        Sign.PERSON: _("It is about a person, and people share names."),
    }[sign]


@post("/monitoring/publications/{publication_id:uuid}/confirm", sync_to_thread=True)
def confirm_publication(
    publication_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Response[Any]:
    """It is about this customer. Raises NoSuchPublication and PublicationDecided."""
    with collector.transaction() as session:
        confirm(
            session,
            supplier_id=collector.supplier_id,
            event_id=SolvencyEventId(publication_id),
            staff_id=collector.me.staff_id,
            clock=collector.runtime.clock,
        )
    return collector.back(LIST, "publication_confirmed")


@post("/monitoring/publications/{publication_id:uuid}/dismiss", sync_to_thread=True)
def dismiss_publication(
    publication_id: FromPath[UUID], collector: NamedDependency[Asker]
) -> Response[Any]:
    """It is about somebody else. Raises NoSuchPublication and PublicationDecided."""
    with collector.transaction() as session:
        dismiss(
            session,
            supplier_id=collector.supplier_id,
            event_id=SolvencyEventId(publication_id),
            staff_id=collector.me.staff_id,
            reason="somebody_else",
            clock=collector.runtime.clock,
        )
    return collector.back(LIST, "publication_dismissed")
