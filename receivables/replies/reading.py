"""An answer as it comes by mail: who wrote it, to which of our messages, in which words.

Nothing in a mail is believed: that it answers us is for whoever knows our messages to say. It is
read from the bytes as they are, whatever their charset says, and becomes plain text.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser

from receivables.bounces.reading import taken_apart
from receivables.bounces.return_paths import ReturnPath, find
from receivables.replies.rules import is_automatic, written_by_hand

#: As much of a part as can hold an answer with all that it quotes.
_LONGEST_PART = 200_000
_LONGEST_SUBJECT, _LONGEST_ADDRESS = 200, 254
#: A thread of a hundred answers names a hundred messages; ours is the last or the first of them.
_MOST_REFERENCES = 50

_MESSAGE_ID = re.compile(r"<([^<>\s]{3,200})>")
_TO_FIELDS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True, slots=True)
class Answer:
    """A mail read. `hash` is the same whenever the same mail comes; `answers` are the messages it
    says it answers, the nearest first; `return_paths` and `to` are where it was sent.
    """

    hash: str
    from_address: str
    from_name: str
    subject: str
    text: str
    is_cut: bool
    is_automatic: bool
    answers: tuple[str, ...]
    return_paths: tuple[ReturnPath, ...]
    to: tuple[str, ...]


def read(raw: bytes) -> Answer:
    """A mail as it came in, whatever it is."""
    mail, parts = taken_apart(raw)
    named = [(name.lower(), _raw(value)) for name, value in mail.raw_items()]
    headers = dict(reversed(named))
    subject = _flat(_decoded(headers.get("subject", "")))[:_LONGEST_SUBJECT]
    name, address = _sender(headers.get("from", ""))
    text, is_cut = written_by_hand(_words(parts))
    addressed = [value for name, value in named if name in _TO_FIELDS]
    return Answer(
        hash=_hash(headers.get("message-id", ""), address, raw),
        from_address=address,
        from_name=name,
        subject=subject,
        text=text,
        is_cut=is_cut,
        is_automatic=is_automatic(headers, subject),
        answers=_answers(headers),
        return_paths=tuple(dict.fromkeys(one for value in addressed for one in find(value))),
        to=tuple(one.lower() for _name, one in getaddresses(addressed) if one),
    )


def _hash(message_id: str, address: str, raw: bytes) -> str:
    """By its Message-ID and who says it, so that nobody can use up another's; one without any is
    known by all of it.
    """
    found = _MESSAGE_ID.search(message_id)
    key = f"{found[1]}\0{address.lower()}".encode() if found else raw
    return hashlib.sha256(key).hexdigest()


def _answers(headers: dict[str, str]) -> tuple[str, ...]:
    replied = _MESSAGE_ID.findall(headers.get("in-reply-to", ""))
    named = _MESSAGE_ID.findall(headers.get("references", ""))[::-1]
    return tuple(dict.fromkeys((*replied, *named)))[:_MOST_REFERENCES]


def _raw(value: str) -> str:
    """A header as it stands in the mail, in which nothing but ASCII should."""
    return _in_charset(str(value).encode("utf-8", "surrogateescape"), "utf-8")


def _sender(value: str) -> tuple[str, str]:
    """Name and address; "" where there is none."""
    for name, address in getaddresses([value]):
        if "@" in address:
            return _flat(_decoded(name))[:_LONGEST_SUBJECT], _flat(address)[:_LONGEST_ADDRESS]
    return "", ""


def _decoded(value: str) -> str:
    """A header's encoded words (RFC 2047), as far as they can be read."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _in_charset(piece, charset or "ascii")
        for piece, charset in pieces
    )


def _in_charset(content: bytes, charset: str) -> str:
    """The text, in the charset it names, or else in one that it may well be in."""
    for name in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return content.decode("latin-1")


def _words(parts: list[Message]) -> str:
    """The body as text: the plain one, else the HTML one without its marks and its quotes."""
    plain = _first(parts, "text/plain")
    if plain.strip():
        return plain
    reader = _TextOfHtml()
    reader.feed(_first(parts, "text/html"))
    reader.close()
    return reader.text()


def _first(parts: list[Message], kind: str) -> str:
    for part in parts:
        if part.get_content_type() != kind or part.get_content_disposition() == "attachment":
            continue
        try:
            content = part.get_payload(decode=True)
        except (MessageError, ValueError):
            continue
        if isinstance(content, bytes):
            return _in_charset(content[:_LONGEST_PART], _charset(part))
    return ""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        return "utf-8"


def _flat(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


#: Where what follows is quoted to the end: Outlook, Outlook on the web and its applications.
_QUOTED_FROM = frozenset(
    ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container")
)
_OUTLOOK_RULE = re.compile(r"border-top:\s*solid #(?:e1e1e1|b5c4df)", re.IGNORECASE)
#: What is quoted within an element: Gmail, Apple Mail, Thunderbird, GMX, Yahoo.
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "gmx_quote")
_SILENT = frozenset(("style", "script", "head", "title"))
_EMPTY = frozenset(("br", "img", "hr", "meta", "link", "input", "wbr", "col", "area", "base"))
_BLOCKS = frozenset("p div br tr li h1 h2 h3 h4 table ul ol".split())


class _TextOfHtml(HTMLParser):
    """What a person would read, without what is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._unread = 0
        self._is_over = False

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._pieces).split("\n"))
        return "\n".join(lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _EMPTY:
            self._break(tag)
            return
        given = {name: value or "" for name, value in attrs}
        if given.get("id", "").lower() in _QUOTED_FROM or _OUTLOOK_RULE.search(
            given.get("style", "")
        ):
            self._is_over = self._has_text()
        if self._unread or self._is_quote(tag, given):
            self._unread += 1
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unread and tag not in _EMPTY:
            self._unread -= 1
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread and not self._is_over:
            self._pieces.append(data.replace("\n", " "))

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS and not self._unread and not self._is_over:
            self._pieces.append("\n")

    def _is_quote(self, tag: str, given: dict[str, str]) -> bool:
        if tag in _SILENT:
            return True
        classes = given.get("class", "").lower()
        return (
            tag == "blockquote"
            or given.get("name", "").lower() == "quote"
            or any(one in classes for one in _QUOTES)
        )

    def _has_text(self) -> bool:
        return any(piece.strip() for piece in self._pieces)
