"""Letters: what waits, print batches, what the post has and what it brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.channel_pages import BatchPage, BatchRow, LetterRow, LettersPage
from backoffice.paging import PAGE_SIZE, Wanted, one_of, wanted
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import claim_of
from receivables.ids import LetterBatchId, LetterId
from receivables.interest.queries import rate_book
from receivables.post import actions, queries
from receivables.post.batches import make_batch
from receivables.post.queries import LetterView
from receivables.post.rules import LISTS, Post, manifest, post_list
from receivables.post.tables import LetterBatch, LetterState
from receivables.post.tasks import set_batch
from receivables.web.forms import FormBody, field

Filter = Literal["waiting", "posted", "returned", "all"]
_STATES: Mapping[Filter, tuple[LetterState, ...]] = {
    "waiting": (LetterState.DUE,),
    "posted": (LetterState.HANDED_OVER,),
    "returned": (LetterState.RETURNED,),
    "all": (),
}
#: What each post calls itself; nothing to translate.
_POSTS: Mapping[Post, str] = {
    Post.SWISS_POST: "Swiss Post",
    Post.BPOST: "bpost",
    Post.LA_POSTE: "La Poste",
}
_BATCHES = 10


@get("/letters", sync_to_thread=True)
def show_letters(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    with asker.reading() as session:
        page = _letters_page(session, asker, asked)
    return asker.page("letters.html", page)


def _letters_page(session: Session, asker: Asker, asked: Wanted) -> LettersPage:
    supplier_id = asker.supplier_id
    show = one_of(asked.show, tuple(_STATES))
    found = queries.letters(
        session, supplier_id, states=_STATES[show], limit=PAGE_SIZE, offset=asked.skip
    )
    total = queries.count_letters(session, supplier_id, states=_STATES[show])
    waits = queries.waiting(session, supplier_id)
    return LettersPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        show=show,
        waiting_plain=waits.plain,
        waiting_registered=waits.registered,
        rows=tuple(_letter_row(one) for one in found),
        batches=tuple(
            _batch_row(one) for one in queries.batches(session, supplier_id, limit=_BATCHES)
        ),
        pager=asked.pager(len(found), total),
    )


def _letter_row(one: LetterView) -> LetterRow:
    return LetterRow(
        id=one.id,
        debtor_id=one.debtor_id,
        debtor_name=one.debtor_name,
        level=one.level,
        formal_notice=one.formal_notice,
        registered=one.registered,
        amount=one.amount,
        state=one.state.value,
        reason=one.reason,
        sent_to=one.sent_to,
        tracking=one.tracking,
        place=one.place,
        pages=one.pages,
        since=one.since,
        overtaken=one.overtaken,
    )


def _batch_row(one: LetterBatch) -> BatchRow:
    return BatchRow(
        id=one.id,
        state=one.state,  # type: ignore[arg-type]  # constrained
        registered=one.registered,
        letters=one.letters,
        pages=one.pages,
        made_at=one.created_at,
    )


@post("/letters", sync_to_thread=True)
def take_batch(data: FormBody, collector: NamedDependency[Asker]) -> Redirect:
    """Make a print batch of what waits, over what is asked for now."""
    supplier_id, clock = collector.supplier_id, collector.runtime.clock
    with collector.transaction() as session:
        book = rate_book(session, supplier_id)
        batch_id = make_batch(
            session,
            supplier_id,
            registered=field(data, "registered") == "1",
            holds=holds_of(session, supplier_id),
            claim_of=lambda one, on: claim_of(session, supplier_id, one, on, book=book),
            clock=clock,
        )
        if batch_id is not None:
            set_batch.enqueue(session, now=clock.now(), supplier_id=supplier_id, batch_id=batch_id)
    if batch_id is None:
        return collector.back("/letters", "no_letters")
    return collector.back(f"/letters/batches/{batch_id}", "batch_made")


@post("/letters/{letter_id:uuid}/take-out", sync_to_thread=True)
def take_out(letter_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    with collector.transaction() as session:
        actions.take_out(
            session, collector.supplier_id, LetterId(letter_id), clock=collector.runtime.clock
        )
    return collector.back("/letters", "letter_taken_out")


@post("/letters/{letter_id:uuid}/returned", sync_to_thread=True)
def take_returned(
    letter_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """The post brought it back."""
    with collector.transaction() as session:
        actions.take_back(
            session,
            collector.supplier_id,
            LetterId(letter_id),
            reason=field(data, "reason"),
            clock=collector.runtime.clock,
        )
    return collector.back("/letters?show=returned", "letter_returned")


@get("/letters/{letter_id:uuid}/file", sync_to_thread=True)
def download_letter(letter_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    """One letter as it was printed."""
    with asker.reading() as session:
        pdf = queries.pages_of_letter(session, asker.supplier_id, LetterId(letter_id))
    return _file(pdf, "letter.pdf", "application/pdf")


@get("/letters/batches/{batch_id:uuid}", sync_to_thread=True)
def show_batch(batch_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        batch = queries.batch(session, asker.supplier_id, LetterBatchId(batch_id))
        letters = queries.in_batch(session, asker.supplier_id, batch.id)
        page = BatchPage(
            head=asker.head(session, "reminders"),
            notice=asker.notice(),
            batch=_batch_row(batch),
            rows=tuple(_letter_row(one) for one in letters),
            posts=tuple((one.value, _POSTS[one]) for one in LISTS),
        )
    return asker.page("letter_batch.html", page)


@get("/letters/batches/{batch_id:uuid}/file", sync_to_thread=True)
def download_batch(batch_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    """All of its letters, to be printed."""
    with asker.reading() as session:
        pdf = queries.pages_of_batch(session, asker.supplier_id, LetterBatchId(batch_id))
    return _file(pdf, "letters.pdf", "application/pdf")


@get("/letters/batches/{batch_id:uuid}/manifest", sync_to_thread=True)
def download_manifest(batch_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[bytes]:
    with asker.reading() as session:
        batch = queries.batch(session, asker.supplier_id, LetterBatchId(batch_id))
        listed = manifest(queries.registered_in(session, asker.supplier_id, batch.id))
    return _file(listed, "manifest.csv", "text/csv")


@get("/letters/batches/{batch_id:uuid}/list", sync_to_thread=True)
def download_list(
    batch_id: FromPath[UUID], request: Request[Any, Any, Any], asker: NamedDependency[Asker]
) -> Response[bytes]:
    """The list of registered letters, as one of the posts takes it."""
    post_of = Post(one_of(str(request.query_params.get("post", "")), tuple(Post)))
    with asker.reading() as session:
        batch = queries.batch(session, asker.supplier_id, LetterBatchId(batch_id))
        listed = post_list(queries.registered_in(session, asker.supplier_id, batch.id), post_of)
    return _file(listed, f"registered-{post_of.value}.csv", "text/csv")


def _file(content: bytes, name: str, media_type: str) -> Response[bytes]:
    return Response(
        content,
        media_type=media_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@post("/letters/batches/{batch_id:uuid}/printed", sync_to_thread=True)
def take_printed(batch_id: FromPath[UUID], collector: NamedDependency[Asker]) -> Redirect:
    with collector.transaction() as session:
        actions.mark_printed(
            session, collector.supplier_id, LetterBatchId(batch_id), clock=collector.runtime.clock
        )
    return collector.back(f"/letters/batches/{batch_id}", "batch_printed")


@post("/letters/batches/{batch_id:uuid}/handed-over", sync_to_thread=True)
def take_handed_over(
    batch_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Redirect:
    """The post has it; with its numbers of registered letters, as far as they are known."""
    supplier_id, wanted_id = collector.supplier_id, LetterBatchId(batch_id)
    with collector.transaction() as session:
        queries.batch(session, supplier_id, wanted_id)
        letters = queries.in_batch(session, supplier_id, wanted_id)
        tracking = {
            one.id: typed for one in letters if (typed := field(data, f"tracking-{one.id}"))
        }
        actions.hand_to_post(
            session, supplier_id, wanted_id, tracking=tracking, clock=collector.runtime.clock
        )
    return collector.back(f"/letters/batches/{batch_id}", "batch_handed_over")
