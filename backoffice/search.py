"""Search: the best few debtors and invoices for some words."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.debtors import debtor_rows
from backoffice.invoices import invoice_rows
from backoffice.pages import SearchPage
from backoffice.paging import wanted

BEST = 10


@get("/search", sync_to_thread=True)
def show_search(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    q = wanted(request).q
    with asker.reading() as session:
        page = search_page(session, asker, q)
    return asker.page("search.html", page)


def search_page(session: Session, asker: Asker, q: str) -> SearchPage:
    return SearchPage(
        head=asker.head(session, "", search=q),
        q=q,
        debtors=debtor_rows(session, asker, q, most=BEST) if q else (),
        invoices=invoice_rows(session, asker, q, most=BEST) if q else (),
    )
