"""Own words: what may stand in them, and how their variables are filled. No database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from string import Formatter

from receivables import i18n
from receivables.i18n import later
from receivables.money import Money
from receivables.ports.channels import Channel, MessageLine, OwnWords
from receivables.segments import Measured, in_gsm7, measure, short_name, unwritable


class Part(StrEnum):
    SUBJECT = "subject"
    OPENING = "opening"
    """What stands before the invoices; of a text message, all there is."""
    CLOSING = "closing"
    """What stands after them."""


#: What a message of a channel has of its own; the table, the link and what the law wants stand
#: in every message, whatever a supplier writes.
PARTS: Mapping[Channel, tuple[Part, ...]] = {
    Channel.EMAIL: (Part.SUBJECT, Part.OPENING, Part.CLOSING),
    Channel.LETTER: (Part.SUBJECT, Part.OPENING, Part.CLOSING),
    Channel.SMS: (Part.OPENING,),
}

#: Longest part, in characters. A longer subject is cut by the programs that show it.
LONGEST: Mapping[Part, int] = {Part.SUBJECT: 150, Part.OPENING: 2000, Part.CLOSING: 2000}
#: More than a whole text message cannot be meant; what fits beside the link is counted apart.
LONGEST_SMS = 160
#: Names in a text message are cut at a word to fit this.
LONGEST_NAME = 28

#: What may stand between braces, and what it stands for.
VARIABLES: Mapping[str, str] = {
    "supplier": later("your company"),
    "debtor": later("the debtor"),
    "contact": later("the person written to"),
    "total": later("what the message asks for"),
    "numbers": later("the numbers of the invoices"),
    "count": later("how many invoices they are"),
    "oldest_due": later("the oldest due date among them"),
    "days_late": later("how many days ago that was"),
    "today": later("the day of the message"),
}


class Wrong(StrEnum):
    """What is wrong with a part."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN_VARIABLE = "unknown_variable"
    BRACES = "braces"
    """A brace that opens nothing or closes nothing, or more than a name between two."""
    LINE_BREAK = "line_break"
    """A subject of two lines."""
    CONTROL = "control"
    """A character nobody can see or type."""
    NOT_IN_ALPHABET = "not_in_alphabet"
    """Characters that a text message of full length cannot carry, not even written otherwise."""
    NO_ROOM = "no_room"
    """With long names and amounts, and the link, it is more than one text message."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text cannot be used: where, what, and the word it is about."""

    part: Part
    wrong: Wrong
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """A supplier's own words; plain text, a blank line between paragraphs."""

    subject: str = ""
    opening: str = ""
    closing: str = ""

    def part(self, part: Part) -> str:
        return str(getattr(self, part.value))

    @property
    def opening_paragraphs(self) -> tuple[str, ...]:
        return _paragraphs(self.opening)

    @property
    def closing_paragraphs(self) -> tuple[str, ...]:
        return _paragraphs(self.closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What the variables stand for in one message."""

    supplier: str
    debtor: str
    #: The debtor's name where no person's is known.
    contact: str
    total: Money
    numbers: Sequence[str]
    oldest_due: date
    today: date

    def in_words(self, channel: Channel = Channel.EMAIL) -> dict[str, str]:
        """As the current reader writes them; shorter in a text message."""
        if channel is Channel.SMS:
            return self._in_few_words()
        return {
            "supplier": self.supplier,
            "debtor": self.debtor,
            "contact": self.contact,
            "total": i18n.money(self.total),
            "numbers": ", ".join(self.numbers),
            "count": str(len(self.numbers)),
            "oldest_due": i18n.day(self.oldest_due),
            "days_late": str(max((self.today - self.oldest_due).days, 0)),
            "today": i18n.day(self.today),
        }

    def _in_few_words(self) -> dict[str, str]:
        more = len(self.numbers) - 1
        return {
            "supplier": short_name(self.supplier, LONGEST_NAME),
            "debtor": short_name(self.debtor, LONGEST_NAME),
            "contact": short_name(self.contact, LONGEST_NAME),
            "total": i18n.money(self.total),
            "numbers": f"{self.numbers[0]} (+{more})" if more else self.numbers[0],
            "count": str(len(self.numbers)),
            "oldest_due": i18n.short_day(self.oldest_due),
            "days_late": str(max((self.today - self.oldest_due).days, 0)),
            "today": i18n.short_day(self.today),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a supplier's text message has to go with: the link at its end, the supplier's name, and
    how amounts and days are written.
    """

    link_length: int
    supplier: str
    currency: str
    locale: str


def longest_values(beside: Beside) -> Values:
    """The longest that is likely to stand in one message: nobody's name or number is cut, and a
    text that fits with these fits with what debtors really owe.
    """
    due_on = date(2026, 12, 30)
    return Values(
        supplier=beside.supplier,
        debtor="M" * LONGEST_NAME,
        contact="M" * LONGEST_NAME,
        total=Money.parse("999999", beside.currency),
        numbers=["9" * 16] * 100,
        oldest_due=due_on,
        today=due_on + timedelta(days=365),
    )


def measured(text: OwnText, beside: Beside) -> Measured:
    """How much of a text message its words take, filled with the longest values, link included.

    Raises ValueError or KeyError for a text that has other faults.
    """
    with i18n.reading_as(beside.locale):
        shown = filled(text, longest_values(beside), Channel.SMS).opening
    return measure(f"{' '.join(in_gsm7(shown).split())} {'x' * beside.link_length}")


#: All but line breaks: Unicode's control characters, and those that turn the writing direction.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def tidied(text: OwnText) -> OwnText:
    """Line ends of one kind, no blanks at the ends, at most one blank line in a row."""
    return OwnText(**{part.value: _tidy(text.part(part)) for part in Part})


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part for part in (one.strip() for one in text.split("\n\n")) if part)


def faults(channel: Channel, text: OwnText, beside: Beside | None = None) -> list[Fault]:
    """Why this text cannot be sent; nothing when it can. Whether a text message fits into one is
    looked at where `beside` says what it goes with.
    """
    found = [fault for part in PARTS[channel] for fault in _faults(channel, part, text.part(part))]
    if channel is Channel.SMS and beside is not None and not found:
        needs = measured(text, beside)
        if needs.segments > 1:
            found.append(Fault(Part.OPENING, Wrong.NO_ROOM, str(needs.places)))
    return found


def _faults(channel: Channel, part: Part, text: str) -> list[Fault]:
    if not text.strip():
        return [Fault(part, Wrong.EMPTY)]
    found = []
    longest = LONGEST_SMS if channel is Channel.SMS else LONGEST[part]
    if len(text) > longest:
        found.append(Fault(part, Wrong.TOO_LONG, str(longest)))
    if part is Part.SUBJECT and "\n" in text:
        found.append(Fault(part, Wrong.LINE_BREAK))
    if _CONTROL.search(text):
        found.append(Fault(part, Wrong.CONTROL))
    if channel is Channel.SMS and (lost := unwritable(text)):
        found.append(Fault(part, Wrong.NOT_IN_ALPHABET, lost))
    try:
        names = _names(text)
    except ValueError:
        return [*found, Fault(part, Wrong.BRACES)]
    unknown = [name for name in dict.fromkeys(names) if name not in VARIABLES]
    return [*found, *(Fault(part, Wrong.UNKNOWN_VARIABLE, name) for name in unknown)]


def _names(text: str) -> list[str]:
    """The variables of a text. Raises ValueError where braces do not fit, and for anything but a
    name between them: a format or an attribute could say more than we mean to.
    """
    found = []
    for _literal, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if form or conversion or not name.isidentifier():
            raise ValueError(f"{{{name}}}")
        found.append(name)
    return found


def filled(text: OwnText, values: Values, channel: Channel = Channel.EMAIL) -> OwnText:
    """The text with its variables in the current reader's words.

    Raises ValueError or KeyError for a text that has faults.
    """
    words = values.in_words(channel)
    parts = {part.value: _filled(text.part(part), words) for part in Part}
    return replace(text, **parts)


def _filled(text: str, words: Mapping[str, str]) -> str:
    _names(text)
    return "".join(
        literal + ("" if name is None else words[name])
        for literal, name, _form, _conversion in Formatter().parse(text)
    )


def filled_for(
    own: OwnWords,
    lines: Sequence[MessageLine],
    channel: Channel,
    *,
    supplier: str,
    debtor: str,
    contact: str,
) -> OwnText:
    """A channel's own words over what its message asks for, in the current reader's words."""
    oldest = min(lines, key=lambda line: line.due_on)
    values = Values(
        supplier=supplier,
        debtor=debtor,
        contact=contact or debtor,
        total=Money.total((line.amount for line in lines), oldest.amount.currency),
        numbers=[line.number for line in lines],
        oldest_due=oldest.due_on,
        today=oldest.due_on + timedelta(days=oldest.days_past_due),
    )
    text = OwnText(subject=own.subject, opening=own.opening, closing=own.closing)
    return filled(text, values, channel)
