"""Contesting invoices: which, what of them, why, and what shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from sqlalchemy.orm import Session

from portal.access import Asker
from portal.dispute_pages import (
    ChooseDisputedPage,
    Disputable,
    DisputeFormPage,
    FilesField,
    LineChoice,
    ReasonChoice,
    RefusedFile,
)
from receivables.disputes import queries
from receivables.disputes.errors import (
    AlreadyDisputed,
    AmountNotDisputable,
    CurrenciesMixed,
    MessageMissing,
    NothingToDispute,
)
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.reasons import HANDLING, Reason
from receivables.disputes.rules import Scope
from receivables.disputes.states import OPEN
from receivables.disputes.steps import Words
from receivables.disputes.wording import evidence_words, reason_words
from receivables.i18n import money, reading_as
from receivables.i18n import translate as _
from receivables.ids import DisputeId, InvoiceId, SupplierId
from receivables.intake.csv_cells import amount as read_amount
from receivables.invoices import queries as invoices
from receivables.invoices.queries import NoSuchInvoice
from receivables.ledger.queries import OpenItem, open_items
from receivables.links.actions import mark_seen
from receivables.money import Money, NotAnAmount
from receivables.runtime import Runtime
from receivables.uploads.actions import CheckedFile, check, keep
from receivables.uploads.faults import FilesRefused, words_of
from receivables.uploads.kinds import ACCEPTED, LARGEST_BODY, LARGEST_MB, MOST_FILES
from receivables.web.face import Face
from receivables.web.forms import UploadBody, fields, uploads
from receivables.web.forms import field as field_of

#: A debtor's letter, not a book.
LONGEST_MESSAGE = 4000


def files_field(refusal: FilesRefused | None = None) -> FilesField:
    """The field for files, with why some were refused; in the language being read."""
    refused: tuple[RefusedFile, ...] = ()
    if refusal is not None:
        refused = tuple(
            RefusedFile(name=fault.name, what=words_of(fault)[0], how=words_of(fault)[1])
            for fault in refusal.faults
        )
    return FilesField(accept=ACCEPTED, most=MOST_FILES, each_mb=LARGEST_MB, refused=refused)


def sent_files(data: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """Name and content of each file of a form; no more than one too many of them."""
    return [
        (one.filename[:500], one.file.read()) for one in uploads(data, "files")[: MOST_FILES + 1]
    ]


def checked_files(
    asker: Asker, face: Face, runtime: Runtime, data: Mapping[str, Any]
) -> tuple[CheckedFile, ...]:
    """The files of a form, looked into. Raises FilesRefused and TooManyTries."""
    files = sent_files(data)
    for _file in files:
        face.limiter.count("upload by debtor", str(asker.access.debtor_id))
    return check(files, runtime.settings.uploads)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says of one invoice."""

    number: str
    scope: Scope = "whole"
    amount: str = ""
    lines: tuple[int, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as far as it is filled in."""

    invoices: tuple[Typed, ...]
    reason: str = ""
    message: str = ""
    refusal: FilesRefused | None = None
    error: str = field(default="")
    #: The choice among the open invoices was sent with none of them.
    chose_none: bool = False


def _read(data: Mapping[str, Any]) -> Filled:
    typed = []
    for index, number in enumerate(dict.fromkeys(fields(data, "invoice"))):
        asked = field_of(data, f"scope-{index}")
        scope: Scope = "whole"
        if asked == "amount" or asked == "lines":
            scope = asked  # type: ignore[assignment]  # one of the two
        places = fields(data, f"lines-{index}")
        typed.append(
            Typed(
                number,
                scope,
                field_of(data, f"amount-{index}"),
                tuple(int(one) for one in places if one.isascii() and one.isdigit())[:500],
            )
        )
    message = field_of(data, "message")[:LONGEST_MESSAGE]
    return Filled(tuple(typed[:50]), field_of(data, "reason"), message)


def _claims(filled: Filled, currency: str) -> list[Claim]:
    """Raises AmountNotDisputable for an amount that is none."""
    claims = []
    for one in filled.invoices:
        offered = None
        if one.scope == "amount":
            try:
                offered = read_amount(one.amount, currency, None)
            except NotAnAmount:
                raise AmountNotDisputable(one.number, None, Money.zero(currency)) from None
        claims.append(Claim(number=one.number, scope=one.scope, amount=offered, lines=one.lines))
    return claims


def _in_dispute(session: Session, asker: Asker) -> dict[str, DisputeId]:
    """The debtor's invoices that are in an open dispute, with that."""
    access = asker.access
    return {
        item.number: view.id
        for view in queries.of_debtor(session, access.supplier_id, access.debtor_id)
        if view.state in OPEN
        for item in view.items
        if item.is_open
    }


def _lines(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId, currency: str, typed: Typed
) -> tuple[LineChoice, ...]:
    rows = invoices.lines(session, supplier_id, invoice_id)
    if any(row.net_minor is None for row in rows):
        return ()
    return tuple(
        LineChoice(
            place=row.place,
            description=row.description,
            net=Money(row.net_minor or 0, currency),
            chosen=row.place in typed.lines,
        )
        for row in rows
        if (row.net_minor or 0) > 0
    )


def _disputable(
    session: Session, asker: Asker, item: OpenItem, index: int, typed: Typed
) -> Disputable:
    currency = item.outstanding.currency
    return Disputable(
        index=index,
        number=item.number,
        due_on=item.due_on,
        outstanding=item.outstanding,
        scope=typed.scope,
        typed_amount=typed.amount,
        lines=_lines(session, asker.access.supplier_id, item.invoice_id, currency, typed),
        error=typed.error,
    )


def _open(session: Session, asker: Asker) -> dict[str, OpenItem]:
    access = asker.access
    return {item.number: item for item in open_items(session, access.supplier_id, access.debtor_id)}


def form_page(
    session: Session, asker: Asker, filled: Filled
) -> DisputeFormPage | ChooseDisputedPage:
    """The form for what was chosen, or the choice where nothing fit for it was.

    Raises NoSuchInvoice for what is not this debtor's.
    """
    open_now, taken = _open(session, asker), _in_dispute(session, asker)
    for typed in filled.invoices:
        if typed.number not in open_now:
            access = asker.access
            invoices.of_debtor(session, access.supplier_id, access.debtor_id, typed.number)
    chosen = [one for one in filled.invoices if one.number in open_now and one.number not in taken]
    currencies = {open_now[one.number].outstanding.currency for one in chosen}
    if not chosen or len(currencies) > 1:
        free = [item for number, item in open_now.items() if number not in taken]
        return ChooseDisputedPage(
            head=asker.head,
            invoices=tuple(
                _disputable(session, asker, item, index, Typed(item.number))
                for index, item in enumerate(free)
            ),
            under_way=tuple((number, f"/disputes/{key}") for number, key in taken.items()),
            chose_none=filled.chose_none,
        )
    return DisputeFormPage(
        head=asker.head,
        invoices=tuple(
            _disputable(session, asker, open_now[one.number], index, one)
            for index, one in enumerate(chosen)
        ),
        reasons=tuple(
            ReasonChoice(
                value=reason.value,
                words=reason_words(reason),
                help=evidence_words(HANDLING[reason].evidence),
                chosen=reason.value == filled.reason,
            )
            for reason in Reason
            if reason is not Reason.PAID
        ),
        message=filled.message,
        files=files_field(filled.refusal),
        error=filled.error,
    )


def _answer(
    asker: Asker, face: Face, runtime: Runtime, filled: Filled, *, status: int = 200
) -> Response[str]:
    with (
        reading_as(asker.reader.locale, asker.reader.zone),
        runtime.reading(asker.scope) as session,
    ):
        page = form_page(session, asker, filled)
    is_form = isinstance(page, DisputeFormPage)
    template = "dispute_form.html" if is_form else "dispute_choose.html"
    return face.page(template, asker.reader, page=page, status=status)


@get("/dispute", sync_to_thread=True)
def show_form(
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[str]:
    """The form for the invoices in the address, or the choice among the open ones."""
    numbers = dict.fromkeys(request.query_params.getall("invoice", []))
    filled = Filled(
        tuple(Typed(str(number)) for number in list(numbers)[:50]),
        chose_none=not numbers and "asked" in request.query_params,
    )
    return _answer(asker, face, runtime, filled)


@post("/dispute", request_max_body_size=LARGEST_BODY, sync_to_thread=True)
def take_dispute(
    data: UploadBody,
    asker: NamedDependency[Asker],
    face: NamedDependency[Face],
    runtime: NamedDependency[Runtime],
) -> Response[Any]:
    """303 to the dispute; or the form again with what is wrong, and how to mend it."""
    face.limiter.count("dispute", str(asker.access.debtor_id))
    filled = _read(data)
    with reading_as(asker.reader.locale, asker.reader.zone):
        if filled.reason not in {one.value for one in Reason} - {Reason.PAID.value}:
            wrong = replace(filled, error=_("Please choose what is wrong with the invoice."))
            return _answer(asker, face, runtime, wrong, status=422)
        try:
            files = checked_files(asker, face, runtime, data)
            dispute_id = _open_it(asker, runtime, filled, files)
        except FilesRefused as refusal:
            wrong = replace(filled, refusal=refusal)
        except AmountNotDisputable as error:
            wrong = _marked(filled, error)
        except MessageMissing:
            wrong = replace(filled, error=_("Please tell us in a few words what is wrong."))
        except AlreadyDisputed as standing:
            return Redirect(_standing(asker, runtime, standing.number), status_code=303)
        except (NothingToDispute, CurrenciesMixed):
            return Redirect("/dispute", status_code=303)
        else:
            return Redirect(f"/disputes/{dispute_id}", status_code=303)
    return _answer(asker, face, runtime, wrong, status=422)


def _open_it(
    asker: Asker, runtime: Runtime, filled: Filled, files: Sequence[CheckedFile]
) -> DisputeId:
    access = asker.access
    with runtime.transaction(asker.scope, by=asker.by) as session:
        mark_seen(session, access.supplier_id, access.grant_id, clock=runtime.clock)
        open_now = _open(session, asker)
        first = open_now.get(filled.invoices[0].number) if filled.invoices else None
        if first is None:
            raise NothingToDispute
        opening = Opening(
            supplier_id=access.supplier_id,
            debtor_id=access.debtor_id,
            contact_id=access.contact_id,
            reason=Reason(filled.reason),
            claims=_claims(filled, first.outstanding.currency),
            words=Words(
                filled.message,
                keep(
                    session,
                    supplier_id=access.supplier_id,
                    debtor_id=access.debtor_id,
                    files=files,
                    clock=runtime.clock,
                ),
            ),
        )
        return open_dispute(session, opening, clock=runtime.clock)


def _marked(filled: Filled, error: AmountNotDisputable) -> Filled:
    """The form with the error where it belongs."""
    words: dict[Literal[True, False], str] = {
        True: _("Please type an amount up to %(amount)s.") % {"amount": money(error.outstanding)},
        False: _("Please type an amount in figures, or tick at least one line."),
    }
    text = words[bool(error.outstanding)]
    marked = (
        replace(one, error=text) if one.number == error.number else one for one in filled.invoices
    )
    return replace(filled, invoices=tuple(marked))


def _standing(asker: Asker, runtime: Runtime, number: str) -> str:
    """Where the dispute is that an invoice is in; a form that was sent twice leads there."""
    with runtime.reading(asker.scope) as session:
        found = _in_dispute(session, asker).get(number)
    if found is None:
        raise NoSuchInvoice(number)
    return f"/disputes/{found}"
