"""An answer by mail, read: plain text, whatever it came as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backoffice.access import Asker
from backoffice.pages import Notice, OfficeHead
from receivables.ids import DebtorId, ReplyId
from receivables.replies.queries import reply
from receivables.worklist.rules import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPage:
    """`GET /replies/{id}` -> reply.html."""

    head: OfficeHead
    notice: Notice | None
    debtor_id: DebtorId
    debtor_name: str
    from_name: str
    from_address: str
    #: It says to be from another address than the one we wrote to.
    is_from_another: bool
    contact_name: str
    contact_email: str
    subject: str
    paragraphs: tuple[str, ...]
    is_cut: bool
    is_automatic: bool
    received_at: datetime
    #: Which step's reminder it answers; "" where it is another mail of ours.
    step: str
    reminded_at: datetime | None
    #: Answers in the reader's own mail program.
    answer_url: str
    #: What the worklist calls it.
    task: str


@get("/replies/{reply_id:uuid}", sync_to_thread=True)
def show_reply(reply_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    """Raises NoSuchReply."""
    with asker.reading() as session:
        found = reply(session, asker.supplier_id, ReplyId(reply_id))
        row = found.reply
        page = ReplyPage(
            head=asker.head(session, "debtors"),
            notice=asker.notice(),
            debtor_id=row.debtor_id,
            debtor_name=found.debtor_name,
            from_name=row.from_name,
            from_address=row.from_address,
            is_from_another=row.from_address.lower() != found.contact_email.lower(),
            contact_name=found.contact_name,
            contact_email=found.contact_email,
            subject=row.subject,
            paragraphs=tuple(one for one in row.text.split("\n\n") if one.strip()),
            is_cut=row.is_cut,
            is_automatic=row.is_automatic,
            received_at=row.received_at,
            step=found.step,
            reminded_at=found.reminded_at,
            answer_url=f"mailto:{quote(found.contact_email)}?subject={quote(_re(row.subject))}",
            task=f"{Kind.REPLY}:{row.id}",
        )
    return asker.page("reply.html", page)


def _re(subject: str) -> str:
    return (
        subject if subject.lower().startswith(("re:", "aw:", "antw:", "rif:")) else f"Re: {subject}"
    )
