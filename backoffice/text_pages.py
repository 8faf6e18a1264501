"""What the pages about a supplier's own words get; see `pages.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backoffice.pages import Notice, OfficeHead
from receivables.ids import DebtorId

TextState = Literal["ours", "draft", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCell:
    """One language of one message."""

    language: str
    language_name: str
    state: TextState
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """One message of the scenario, in every language."""

    step: str
    channel: str
    cells: tuple[TextCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsPage:
    """`GET /reminders/texts` -> texts.html."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[TextRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField:
    """One part of a message: what is in the field, and what is wrong with it."""

    name: str
    label: str
    value: str
    most: int
    lines: int
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPreview:
    """The words as one real debtor would get them; of a text message only `opening`, whole and
    with "[link]" where the link stands.
    """

    debtor_id: DebtorId
    debtor_name: str
    subject: str
    opening: tuple[str, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLength:
    """How much of one text message the words take at their longest, the link included."""

    places: int
    link: int
    most: int
    #: Characters that are sent as others: with them, a message would have 70 places.
    rewritten: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPage:
    """`GET /reminders/texts/{stage}/{channel}/{language}` -> text.html.

    The form posts `subject`, `opening`, `closing`, `debtor` and `do`: "look", "keep", "use" or
    "drop"; a letter's to `url`/letter.pdf, too, which gives the file.
    """

    head: OfficeHead
    notice: Notice | None
    step: str
    channel: str
    language: str
    #: The law's consequences follow from it, and what it has to say stands in it.
    is_notice: bool
    state: TextState
    #: The address of the form, and of the page.
    url: str
    fields: tuple[TextField, ...]
    #: What may stand between braces, and what it stands for.
    variables: Mapping[str, str]
    #: None when no debtor owes anything, or the words cannot be filled.
    preview: TextPreview | None
    #: Whose message can be looked at: id and name.
    debtors: tuple[tuple[DebtorId, str], ...]
    #: Of a text message that can be filled.
    length: TextLength | None
    #: The same message in the other languages.
    others: tuple[TextCell, ...]
    #: The step by the other channels: channel and address.
    channels: tuple[tuple[str, str], ...]
    may_edit: bool
