"""A supplier's own words in reminders: what there is, writing them, seeing them filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.text_pages import (
    TextCell,
    TextField,
    TextLength,
    TextPage,
    TextPreview,
    TextRow,
    TextsPage,
)
from receivables.dunning.carrying import worded_as
from receivables.dunning.presets import our_words
from receivables.dunning.scenarios import scenarios_of
from receivables.dunning.specimens import as_letter, as_text, debtors_to_try, in_words, specimen
from receivables.dunning.steps import LegalEffect, Step
from receivables.errors import NoSuch
from receivables.i18n import LANGUAGES, later
from receivables.i18n import translate as _
from receivables.links.tokens import specimen_link
from receivables.parties.tables import Debtor
from receivables.ports.channels import Channel
from receivables.segments import ONE_MESSAGE, rewritten
from receivables.web.documents import attachment
from receivables.web.forms import FormBody, field
from receivables.wording.actions import beside, drop_text, faulty, save_text
from receivables.wording.errors import FaultyText
from receivables.wording.queries import KeptText, Key, kept_texts, text_in_use
from receivables.wording.rules import (
    LONGEST,
    LONGEST_SMS,
    PARTS,
    VARIABLES,
    Fault,
    OwnText,
    Part,
    Wrong,
    faults,
    measured,
    tidied,
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
    Wrong.NOT_IN_ALPHABET: later("A text message cannot carry these characters: %(word)s"),
    Wrong.NO_ROOM: later(
        "With long names and amounts, and the link, it takes %(word)s places. One text message "
        "has 160: please shorten it."
    ),
}


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
                for step, channel in _messages(session, asker)
            ),
        )
    return asker.page("texts.html", page)


@get("/reminders/texts/{stage:str}/{channel:str}/{language:str}", sync_to_thread=True)
def show_text(
    stage: FromPath[str],
    channel: FromPath[str],
    language: FromPath[str],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
) -> Response[str]:
    with asker.reading() as session:
        about = _about(session, asker, stage, channel, language)
        page = text_page(session, asker, about, debtor=request.query_params.get("debtor", ""))
    return asker.page("text.html", page)


@get("/reminders/texts/{stage:str}/{channel:str}/{language:str}/letter.pdf", sync_to_thread=True)
def show_letter(
    stage: FromPath[str],
    channel: FromPath[str],
    language: FromPath[str],
    request: Request[Any, Any, Any],
    asker: NamedDependency[Asker],
) -> Response[Any]:
    """The letter of a step to a real debtor, in the words that are in use; of what is no letter,
    or while nobody owes anything, its page.
    """
    with asker.reading() as session:
        about = _about(session, asker, stage, channel, language)
        own = text_in_use(session, asker.supplier_id, about.key)
        return _letter(session, asker, about, own, request.query_params.get("debtor", ""))


@post("/reminders/texts/{stage:str}/{channel:str}/{language:str}/letter.pdf", sync_to_thread=True)
def try_letter(
    stage: FromPath[str],
    channel: FromPath[str],
    language: FromPath[str],
    data: FormBody,
    owner: NamedDependency[Asker],
) -> Response[Any]:
    """The same in the words that stand in the form; nothing is kept."""
    typed = _typed(data)
    with owner.reading() as session:
        about = _about(session, owner, stage, channel, language)
        found = faults(about.key.channel, typed)
        if found:
            page = text_page(
                session, owner, about, typed=typed, found=found, debtor=field(data, "debtor")
            )
            return owner.page("text.html", page, status=422)
        return _letter(session, owner, about, tidied(typed), field(data, "debtor"))


@post("/reminders/texts/{stage:str}/{channel:str}/{language:str}", sync_to_thread=True)
def take_text(
    stage: FromPath[str],
    channel: FromPath[str],
    language: FromPath[str],
    data: FormBody,
    owner: NamedDependency[Asker],
) -> Response[Any]:
    """Look at the words filled, keep them as a draft, use them, or go back to ours."""
    clock, typed, debtor = owner.runtime.clock, _typed(data), field(data, "debtor")
    with owner.reading() as session:
        about = _about(session, owner, stage, channel, language)
    key, deed, link_length = about.key, field(data, "do"), len(about.link)
    if deed == "drop":
        with owner.transaction() as session:
            drop_text(session, owner.supplier_id, key, clock=clock)
        return owner.back(_url(key), "text_dropped")
    if deed in ("keep", "use"):
        try:
            with owner.transaction() as session:
                save_text(
                    session, owner.supplier_id, key, typed, activate=deed == "use",
                    link_length=link_length, clock=clock,
                )  # fmt: skip
        except FaultyText as error:
            with owner.reading() as session:
                page = text_page(
                    session, owner, about, typed=typed, found=error.faults, debtor=debtor
                )
            return owner.page("text.html", page, status=422)
        return owner.back(_url(key), "text_used" if deed == "use" else "text_kept")
    with owner.reading() as session:
        found = faulty(session, owner.supplier_id, key, typed, link_length=link_length)
        page = text_page(session, owner, about, typed=typed, found=found, debtor=debtor)
    return owner.page("text.html", page, status=422 if found else 200)


@dataclass(frozen=True, slots=True)
class _About:
    """Which message is worded, and what every one of the channel carries beside the words."""

    key: Key
    step: Step
    link: str


def text_page(
    session: Session,
    asker: Asker,
    about: _About,
    *,
    typed: OwnText | None = None,
    found: Sequence[Fault] = (),
    debtor: str = "",
) -> TextPage:
    key, supplier_id = about.key, asker.supplier_id
    kept = kept_texts(session, supplier_id)
    own = kept.get(key)
    text = tidied(typed or (own.text if own else our_words(about.step, key.channel, key.language)))
    sound = not faults(key.channel, text)
    debtors = debtors_to_try(session, supplier_id, key.language)
    chosen = _chosen(debtors, debtor)
    return TextPage(
        head=asker.head(session, "reminders"),
        notice=asker.notice(),
        step=key.step,
        channel=key.channel,
        language=LANGUAGES[key.language],
        is_notice=about.step.legal_effect is LegalEffect.FORMAL_NOTICE,
        state=_state(own),
        url=_url(key),
        fields=tuple(_field(key.channel, part, text, found) for part in PARTS[key.channel]),
        variables={name: _(meaning) for name, meaning in VARIABLES.items()},
        preview=_preview(session, asker, about, text, chosen) if chosen and sound else None,
        debtors=tuple((one.id, one.name) for one in debtors),
        length=_length(session, asker, about, text)
        if key.channel is Channel.SMS and sound
        else None,
        others=tuple(
            cell for cell in _cells(kept, key.step, key.channel) if cell.language != key.language
        ),
        channels=tuple(
            (channel, _url(Key(step, channel, key.language)))
            for step, channel in _messages(session, asker)
            if step == key.step and channel is not key.channel
        ),
        may_edit=asker.me.role == "owner",
    )


def _typed(data: FormBody) -> OwnText:
    return OwnText(
        subject=field(data, "subject"),
        opening=field(data, "opening"),
        closing=field(data, "closing"),
    )


def _messages(session: Session, asker: Asker) -> dict[tuple[str, Channel], Step]:
    """Every message that a supplier can word: of the steps of their scenarios, by each channel."""
    found: dict[tuple[str, Channel], Step] = {}
    for scenario in scenarios_of(session, asker.supplier_id):
        for step in scenario:
            for channel in (*step.channels, *step.beside):
                worded = worded_as(channel)
                if worded is not None:
                    found.setdefault((step.name, worded), step)
    return found


def _about(session: Session, asker: Asker, stage: str, channel: str, language: str) -> _About:
    """Raises NoSuchText."""
    step = {(name, str(by)): step for (name, by), step in _messages(session, asker).items()}.get(
        (stage, channel)
    )
    if step is None or language not in LANGUAGES:
        raise NoSuchText(f"{stage}/{channel}/{language}")
    link = specimen_link(asker.runtime.settings.web.portal_url)
    return _About(Key(stage, Channel(channel), language), step, link)


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


def _chosen(debtors: Sequence[Debtor], wanted: str) -> Debtor | None:
    return next((one for one in debtors if str(one.id) == wanted), next(iter(debtors), None))


def _preview(
    session: Session, asker: Asker, about: _About, text: OwnText, debtor: Debtor
) -> TextPreview | None:
    """Filled for one debtor over what is open now."""
    message = specimen(
        session, asker.supplier_id, debtor.id, about.step, about.key, text, link=about.link,
        today=asker.today,
    )  # fmt: skip
    if message is None:
        return None
    if about.key.channel is Channel.SMS:
        shown = OwnText(opening=as_text(session, message).replace(about.link, "[link]"))
    else:
        shown = in_words(session, message)
    return TextPreview(
        debtor_id=debtor.id,
        debtor_name=debtor.name,
        subject=shown.subject,
        opening=shown.opening_paragraphs,
        closing=shown.closing_paragraphs,
    )


def _length(session: Session, asker: Asker, about: _About, text: OwnText) -> TextLength:
    link_length = len(about.link)
    around = beside(session, asker.supplier_id, about.key, link_length=link_length)
    return TextLength(
        places=measured(text, around).places,
        link=link_length,
        most=ONE_MESSAGE,
        rewritten=rewritten(text.opening),
    )


def _letter(
    session: Session, asker: Asker, about: _About, own: OwnText | None, debtor: str
) -> Response[Any]:
    chosen = _chosen(debtors_to_try(session, asker.supplier_id, about.key.language), debtor)
    if about.key.channel is not Channel.LETTER or chosen is None:
        return Redirect(_url(about.key), status_code=303)
    message = specimen(
        session, asker.supplier_id, chosen.id, about.step, about.key, own, link=about.link,
        today=asker.today,
    )  # fmt: skip
    if message is None:
        return Redirect(_url(about.key), status_code=303)
    pdf = as_letter(session, message, written_at=asker.runtime.clock.now())
    return attachment(f"{about.key.step}-{about.key.language}.pdf", "application/pdf", pdf)
