"""One dispute as the debtor sees it: how it stands, who looks into it, what was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker, head_with_person
from portal.dispute_form import LONGEST_MESSAGE, checked_files, files_field
from portal.dispute_pages import (
    DisputedPart,
    DisputeLine,
    DisputePage,
    FilePart,
    MessagePart,
)
from receivables.clock import local_date
from receivables.disputes import actions, deciding, queries, rules
from receivables.disputes.conversation import MessageView, conversation, file
from receivables.disputes.errors import (
    AlreadyDisputed,
    MessageMissing,
    NothingToDispute,
    ReopenedAlready,
    StepNotPossible,
)
from receivables.disputes.queries import DisputeView
from receivables.disputes.states import UNDECIDED, State
from receivables.disputes.steps import Words
from receivables.disputes.wording import department_words, reason_words, state_words
from receivables.i18n import reading_as
from receivables.i18n import translate as _
from receivables.ids import DebtorId, DisputeId, SupplierId, UploadId
from receivables.links.actions import mark_seen
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.runtime import Runtime
from receivables.uploads.actions import keep
from receivables.uploads.faults import FilesRefused
from receivables.uploads.kinds import LARGEST_BODY
from receivables.uploads.tables import UploadState
from receivables.web.documents import attachment
from receivables.web.face import Face
from receivables.web.forms import FormBody, UploadBody, field
from receivables.workdays import WEEKDAYS, working_days_later


def dispute_lines(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    runtime: Runtime,
    *,
    number: str | None = None,
) -> tuple[DisputeLine, ...]:
    """What `_disputes.html` shows: the debtor's disputes, the newest first; those of one invoice
    where its `number` is given. Closed ones stand with their invoice alone.

    Sentences are made in the language being read.
    """
    return tuple(
        _line(view, runtime)
        for view in queries.of_debtor(session, supplier_id, debtor_id)
        if (number in view.numbers if number else view.state is not State.CLOSED)
    )


def _line(view: DisputeView, runtime: Runtime) -> DisputeLine:
    return DisputeLine(
        url=f"/disputes/{view.id}",
        reference=view.reference,
        numbers=view.numbers,
        disputed=view.disputed,
        state=view.state,
        state_words=_state(view),
        waits_for_you=view.state in (State.WAITING_DEBTOR, State.PROPOSED),
        due_on=_due(view, runtime),
    )


def _state(view: DisputeView) -> str:
    if view.state is State.WAITING_DEBTOR:
        return _("Waiting for your answer")
    return state_words(view.state, view.outcome)


def _due(view: DisputeView, runtime: Runtime) -> Any:
    """By when the supplier is to do the next thing."""
    term = next(view.timing.running(), None)
    if term is None or view.state is State.PROPOSED:
        return None
    return rules.due_on(view.timing, term, runtime.clock.now(), calendar=WEEKDAYS)


def _part(item: queries.ItemView) -> DisputedPart:
    nothing = Money.zero(item.disputed.currency)
    return DisputedPart(
        number=item.number,
        disputed=item.disputed,
        upheld=item.upheld,
        payable=max(item.undisputed, nothing),
    )


def message_part(message: MessageView, *, mine: str) -> MessagePart:
    """A message as a page shows it; a name of staff is shown, as it is under their mails."""
    return MessagePart(
        is_mine=message.side == mine,
        author=message.author,
        paragraphs=tuple(line for line in message.body.splitlines() if line.strip()),
        at=message.at,
        files=tuple(
            FilePart(
                name=one.name,
                size_bytes=one.size_bytes,
                url=f"/dispute-files/{one.id}",
                state=UploadState(one.state).value,
            )
            for one in message.files
        ),
    )


def dispute_page(
    session: Session,
    asker: Asker,
    dispute_id: DisputeId,
    runtime: Runtime,
    *,
    message: str = "",
    refusal: FilesRefused | None = None,
    error: str = "",
) -> DisputePage:
    """Raises NoSuchDispute for anything that is not this debtor's."""
    access = asker.access
    view = queries.one(session, access.supplier_id, dispute_id, debtor_id=access.debtor_id)
    said = conversation(session, access.supplier_id, view.id, with_notes=False)
    today = local_date(runtime.clock.now(), access.zone)
    may_reopen = rules.may_reopen(
        view.state, times=view.times_reopened, decided_on=view.decided_on, today=today
    )
    something_left = any(
        min(item.disputed - (item.upheld or Money.zero(view.currency)), item.outstanding).minor > 0
        for item in view.items
    )
    return DisputePage(
        head=head_with_person(asker, supplier_of(session, access.supplier_id)),
        id=view.id,
        reference=view.reference,
        state=view.state,
        state_words=_state(view),
        reason_words=reason_words(view.reason),
        parts=tuple(_part(item) for item in view.items),
        currency=view.currency,
        disputed=view.disputed,
        proposed=view.proposed,
        upheld=view.upheld,
        outcome=view.outcome,
        handled_by=view.owner_name or department_words(view.department),
        due_on=_due(view, runtime),
        answer_by=_answer_by(view) if view.state is State.WAITING_DEBTOR else None,
        grace_until=max((one.grace_until for one in view.items if one.grace_until), default=None),
        reopen_until=view.decided_on + rules.REOPEN_WITHIN
        if may_reopen and something_left and view.decided_on
        else None,
        messages=tuple(message_part(one, mine="debtor") for one in said),
        may_write=view.state in UNDECIDED,
        may_agree=view.state is State.PROPOSED,
        may_withdraw=view.state in UNDECIDED,
        message=message,
        files=files_field(refusal),
        error=error,
    )


def _answer_by(view: DisputeView) -> Any:
    asked_on = local_date(view.state_since, view.timing.zone)
    return working_days_later(
        asked_on, rules.EXPIRE_AFTER, country=view.timing.country, calendar=WEEKDAYS
    )


def _shown(
    asker: Asker,
    face: Face,
    runtime: Runtime,
    dispute_id: UUID,
    *,
    status: int = 200,
    **given: Any,
) -> Response[str]:
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        page = dispute_page(session, asker, DisputeId(dispute_id), runtime, **given)
    return face.page("dispute.html", asker.reader, page=page, status=status)


@get("/disputes/{dispute_id:uuid}", sync_to_thread=True)
def show_dispute(
    dispute_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    return _shown(asker, face, runtime, dispute_id)


@get("/dispute-files/{upload_id:uuid}", sync_to_thread=True)
def download_dispute_file(
    upload_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    runtime: NamedDependency[Runtime],
) -> Response[bytes]:
    access = asker.access
    with runtime.reading(asker.scope) as session:
        found = file(session, access.supplier_id, UploadId(upload_id), debtor_id=access.debtor_id)
    return attachment(found.name, found.media_type, found.content)


@post(
    "/disputes/{dispute_id:uuid}/messages", request_max_body_size=LARGEST_BODY, sync_to_thread=True
)
def write_message(
    dispute_id: FromPath[UUID],
    data: UploadBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 back to the dispute; or the page again with why a file was not taken."""
    access = asker.access
    face.limiter.count("dispute", str(access.debtor_id))
    # Whose it is is asked before anything of it is looked into.
    with runtime.reading(asker.scope) as session:
        queries.one(session, access.supplier_id, DisputeId(dispute_id), debtor_id=access.debtor_id)
    message = field(data, "message")[:LONGEST_MESSAGE]
    try:
        files = checked_files(asker, face, runtime, data)
    except FilesRefused as refusal:
        return _shown(
            asker, face, runtime, dispute_id, status=422, message=message, refusal=refusal
        )

    def write(session: Session) -> None:
        kept = keep(
            session,
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            files=files,
            clock=runtime.clock,
        )
        actions.debtor_writes(
            session,
            access.supplier_id,
            access.debtor_id,
            DisputeId(dispute_id),
            Words(message, kept),
            clock=runtime.clock,
        )

    return _done(asker, face, runtime, dispute_id, write)


def _done(
    asker: Asker,
    face: Face,
    runtime: Runtime,
    dispute_id: UUID,
    act: Callable[[Session], None],
) -> Response[Any]:
    """Do it and go back to the page; it moved on meanwhile: the page says how it stands."""
    access = asker.access
    try:
        with runtime.transaction(asker.scope, by=asker.by) as session:
            mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
            act(session)
    except MessageMissing:
        with reading_as(asker.reader.locale, asker.reader.zone):
            error = _("Please write something, or choose a file.")
        return _shown(asker, face, runtime, dispute_id, status=422, error=error)
    except (StepNotPossible, ReopenedAlready, NothingToDispute, AlreadyDisputed):
        with reading_as(asker.reader.locale, asker.reader.zone):
            error = _("The dispute has moved on. Please look at how it stands now.")
        return _shown(asker, face, runtime, dispute_id, status=409, error=error)
    return Redirect(f"/disputes/{dispute_id}", status_code=303)


def _acting(
    verb: Callable[..., None], asker: Asker, runtime: Runtime, dispute_id: UUID, *words: Words
) -> Callable[[Session], None]:
    access = asker.access

    def act(session: Session) -> None:
        verb(
            session,
            access.supplier_id,
            access.debtor_id,
            DisputeId(dispute_id),
            *words,
            clock=runtime.clock,
        )

    return act


@post("/disputes/{dispute_id:uuid}/agree", sync_to_thread=True)
def agree(
    dispute_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Agree to what the supplier proposes."""
    act = _acting(deciding.agree, asker, runtime, dispute_id)
    return _done(asker, face, runtime, dispute_id, act)


@post("/disputes/{dispute_id:uuid}/withdraw", sync_to_thread=True)
def withdraw(
    dispute_id: FromPath[UUID],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Take it back."""
    act = _acting(deciding.withdraw, asker, runtime, dispute_id)
    return _done(asker, face, runtime, dispute_id, act)


@post("/disputes/{dispute_id:uuid}/reopen", sync_to_thread=True)
def reopen(
    dispute_id: FromPath[UUID],
    data: FormBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """Have another word, once."""
    words = Words(_message(data))
    act = _acting(deciding.reopen, asker, runtime, dispute_id, words)
    return _done(asker, face, runtime, dispute_id, act)


def _message(data: Mapping[str, Any]) -> str:
    return field(data, "message")[:LONGEST_MESSAGE]
