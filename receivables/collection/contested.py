"""What the debtor contested, what both sides said of it, and what came of it."""

from __future__ import annotations

from receivables.collection.case import Case
from receivables.collection.dossier import DisputeFact, Enclosure, SaidFact
from receivables.collection.rules import free_path, safe_name
from receivables.disputes.conversation import MessageView, conversation
from receivables.disputes.queries import of_debtor
from receivables.disputes.wording import reason_words, state_words
from receivables.i18n import translate as _
from receivables.uploads.tables import UploadState


def disputes(case: Case) -> tuple[tuple[DisputeFact, ...], tuple[Enclosure, ...]]:
    """Every dispute, the oldest first, and the files that were shown; notes among staff stay."""
    facts: list[DisputeFact] = []
    files: list[Enclosure] = []
    for view in reversed(of_debtor(case.session, case.supplier_id, case.debtor_id)):
        said = conversation(case.session, case.supplier_id, view.id, with_notes=False)
        folder = f"disputes/{safe_name(view.reference, 'dispute')}"
        facts.append(
            DisputeFact(
                reference=view.reference,
                reason=reason_words(view.reason),
                numbers=view.numbers,
                disputed=view.disputed,
                upheld=view.upheld,
                state_words=state_words(view.state, view.outcome),
                opened_at=view.created_at,
                decided_on=view.decided_on,
                path=f"{folder}/conversation.txt",
                said=tuple(_said(one, folder, view.reference, files) for one in said),
            )
        )
    return tuple(facts), tuple(files)


def _said(message: MessageView, folder: str, reference: str, files: list[Enclosure]) -> SaidFact:
    paths = []
    for upload in message.files:
        if upload.state != UploadState.TAKEN:
            continue
        taken = [f"{folder}/conversation.txt", *(one.path for one in files)]
        path = free_path(folder, safe_name(upload.name, "file"), taken)
        files.append(
            Enclosure(
                path=path,
                what=reference,
                sha256=upload.sha256,
                size_bytes=upload.size_bytes,
                upload_id=upload.id,
            )
        )
        paths.append(path)
    side = _("The debtor") if message.side == "debtor" else _("The supplier")
    return SaidFact(
        at=message.at,
        author=f"{side}, {message.author}" if message.author else side,
        body=message.body,
        paths=tuple(paths),
    )
