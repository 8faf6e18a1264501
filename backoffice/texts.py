"""A supplier's own words in reminders: what there is, writing them, seeing them filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.text_pages import TextCell, TextField, TextPage, TextPreview, TextRow, TextsPage
from receivables.dunning.presets import our_words
from receivables.dunning.steps import DEFAULT
from receivables.errors import NoSuch
from receivables.i18n import LANGUAGES, later, locale_for, reading_as
from receivables.i18n import translate as _
from receivables.ids import DebtorId
from receivables.ledger.queries import OpenItem, open_items
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.presentation import language_with, person_name
from receivables.ports.channels import Channel
from receivables.web.forms import FormBody, field
from receivables.wording.actions import drop_text, save_text
from receivables.wording.errors import FaultyText
from receivables.wording.queries import KeptText, Key, kept_texts
from receivables.wording.rules import (
    LONGEST,
    LONGEST_SMS,
    PARTS,
    VARIABLES,
    Fault,
    OwnText,
    Part,
    Values,
    Wrong,
    faults,
    filled,
)

_LABELS = {
    Part.SUBJECT: later("Subject"),
    Part.OPENING: later("Before the invoices"),
    Part.CLOSING: later("After the invoices"),
}
_WRONG = {
    Wrong.EMPTY: later("Please write something here."),
    Wrong.TOO_LONG: later("It may have %(word)s characters at most."),
    Wrong.UNKNOWN_VARIABLE: later(
        "There is no variable “%(word)s”. Those there are stand beside the form."
    ),
    Wrong.BRACES: later(
        "A brace stands alone, or has more than a name in it. Where a brace is meant, write two."
    ),
    Wrong.LINE_BREAK: later("A subject is one line."),
    Wrong.CONTROL: later("There is a character in it that cannot be seen. Please type it anew."),
}
_STEPS = tuple(step.name for step in DEFAULT if Channel.EMAIL in (*step.channels, *step.beside))
#: Channels whose messages a supplier can word.
_CHANNELS = (Channel.EMAIL,)


class NoSuchText(NoSuch):
    """No message of ours has this step, channel and language."""


@get("/reminders/texts", sync_to_thread=True)
def show_texts(asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        kept = kept_texts(session, asker.supplier_id)
        page = TextsPage(
            head=asker.head(session, "reminders"),
            notice=asker.notice(),
            rows=tuple(
                TextRow(step=step, channel=channel, cells=_cells(kept, step, channel))
                for step in _STEPS
                for channel in _CHANNELS
            ),
        )
    return asker.page("texts.html", page)


@get("/reminders/texts/{stage:str}/{channel:str}/{language:str}", sync_to_thread=True)
def show_text(
    stage: FromPath[str],
    channel: FromPath[str],
    language: FromPath[str],
    asker: NamedDependency[Asker],
) -> Response[str]:
    key = _key(stage, channel, language)
    with asker.reading() as session:
        page = text_page(session, asker, key)
    return asker.page("text.html", page)


@post("/reminders/texts/{stage:str}/{channel:str}/{language:str}", sync_to_thread=True)
def take_text(
    stage: FromPath[str],
    channel: FromPath[str],
    language: FromPath[str],
    data: FormBody,
    owner: NamedDependency[Asker],
) -> Response[Any]:
    """Look at the words filled, keep them as a draft, use them, or go back to ours."""
    key, clock = _key(stage, channel, language), owner.runtime.clock
    typed = OwnText(
        subject=field(data, "subject"),
        opening=field(data, "opening"),
        closing=field(data, "closing"),
    )
    deed = field(data, "do")
    if deed == "drop":
        with owner.transaction() as session:
            drop_text(session, owner.supplier_id, key, clock=clock)
        return owner.back(_url(key), "text_dropped")
    if deed in ("keep", "use"):
        try:
            with owner.transaction() as session:
                save_text(
                    session, owner.supplier_id, key, typed, activate=deed == "use", clock=clock
                )
        except FaultyText as error:
            with owner.reading() as session:
                page = text_page(session, owner, key, typed=typed, found=error.faults)
            return owner.page("text.html", page, status=422)
        return owner.back(_url(key), "text_used" if deed == "use" else "text_kept")
    with owner.reading() as session:
        found = faults(key.channel, typed)
        page = text_page(session, owner, key, typed=typed, found=found)
    return owner.page("text.html", page, status=422 if found else 200)


def text_page(
    session: Session,
    asker: Asker,
    key: Key,
    *,
    typed: OwnText | None = None,
    found: Sequence[Fault] = (),
) -> TextPage:
    kept = kept_texts(session, asker.supplier_id)
    own = kept.get(key)
    text = typed or (own.text if own else our_words(key.step, key.language))
    return TextPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        step=key.step,
        channel=key.channel,
        language=LANGUAGES[key.language],
        state=_state(own),
        url=_url(key),
        fields=tuple(_field(key.channel, part, text, found) for part in PARTS[key.channel]),
        variables={name: _(meaning) for name, meaning in VARIABLES.items()},
        preview=None if faults(key.channel, text) else _preview(session, asker, key, text),
        others=tuple(
            cell for cell in _cells(kept, key.step, key.channel) if cell.language != key.language
        ),
        may_edit=asker.me.role == "owner",
    )


def _key(stage: str, channel: str, language: str) -> Key:
    if stage not in _STEPS or channel not in _CHANNELS or language not in LANGUAGES:
        raise NoSuchText(f"{stage}/{channel}/{language}")
    return Key(stage, Channel(channel), language)


def _url(key: Key) -> str:
    return f"/reminders/texts/{key.step}/{key.channel}/{key.language}"


def _cells(kept: Mapping[Key, KeptText], step: str, channel: str) -> tuple[TextCell, ...]:
    keys = [Key(step, Channel(channel), language) for language in LANGUAGES]
    return tuple(
        TextCell(
            language=key.language,
            language_name=LANGUAGES[key.language],
            state=_state(kept.get(key)),
            url=_url(key),
        )
        for key in keys
    )


def _state(kept: KeptText | None) -> Any:
    if kept is None:
        return "ours"
    return "own" if kept.is_active else "draft"


def _field(channel: Channel, part: Part, text: OwnText, found: Sequence[Fault]) -> TextField:
    return TextField(
        name=part.value,
        label=_("The message") if channel is Channel.SMS else _(_LABELS[part]),
        value=text.part(part),
        most=LONGEST_SMS if channel is Channel.SMS else LONGEST[part],
        lines=1 if part is Part.SUBJECT else 6,
        faults=tuple(
            _(_WRONG[fault.wrong]) % {"word": fault.word} for fault in found if fault.part is part
        ),
    )


def _preview(session: Session, asker: Asker, key: Key, text: OwnText) -> TextPreview | None:
    """Filled for the debtor of that language who owes most; for any where none has it."""
    supplier = parties.supplier(session, asker.supplier_id)
    owed: dict[DebtorId, list[OpenItem]] = {}
    for item in open_items(session, asker.supplier_id):
        owed.setdefault(item.debtor_id, []).append(item)
    largest = sorted(owed, key=lambda one: -sum(item.outstanding.minor for item in owed[one]))[
        :_LOOKED_THROUGH
    ]
    debtors = [parties.debtor(session, asker.supplier_id, one) for one in largest]
    if not debtors:
        return None
    speaking = [one for one in debtors if key.language == language_with(supplier, one)]
    debtor = (speaking or debtors)[0]
    contacts = parties.contacts(session, asker.supplier_id, debtor.id)
    contact = person_name(contacts[0].name, debtor.name) if contacts else ""
    currency = owed[debtor.id][0].outstanding.currency
    items = [one for one in owed[debtor.id] if one.outstanding.currency == currency]
    with reading_as(locale_for(key.language, debtor.country), supplier.zone):
        shown = filled(
            text,
            Values(
                supplier=supplier.name,
                debtor=debtor.name,
                contact=contact or debtor.name,
                total=Money.total((one.outstanding for one in items), currency),
                numbers=[one.number for one in items],
                oldest_due=min(one.due_on for one in items),
                today=asker.today,
            ),
        )
    return TextPreview(
        debtor_name=debtor.name,
        subject=shown.subject,
        opening=shown.opening_paragraphs,
        closing=shown.closing_paragraphs,
    )


#: Of the debtors who owe most, how many are looked through for one of the language.
_LOOKED_THROUGH = 20
