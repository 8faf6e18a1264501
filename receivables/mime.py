"""A message as it goes over the wire, written out at once.

The standard library builds a tree of parts and walks it: a millisecond a message, two thirds of
what a reminder costs. What we send has one shape, and headers are checked here: nothing that a
person typed can start another one.
"""

from __future__ import annotations

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator, Sequence
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.utils import encode_rfc2231, format_datetime, formataddr
from functools import lru_cache

from receivables.clock import Clock
from receivables.ports import Attachment, MailMessage

#: An address that can be spoken to any server.
ADDRESS = re.compile(r"[!-;=?A-~]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)

_UTF8 = Charset("utf-8")
_UTF8.header_encoding = QP
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_WORD = re.compile(r"[A-Za-z0-9.@-]{1,60}", re.ASCII)
_NOT_IN_A_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset(
    {"from", "to", "subject", "date", "message-id", "reply-to", "auto-submitted", "mime-version"}
    | {"content-type", "content-transfer-encoding", "content-language", "bcc", "cc", "sender"}
)

#: Where a line of a header is broken, if it can be. Source: RFC 5322, section 2.1.1.
_WIDTH = 78

_Headers = Sequence[tuple[str, str]]


def compose(
    message: MailMessage, *, from_address: str, reply_copy: str = "", clock: Clock
) -> bytes:
    """The message as it goes over the wire: text and HTML, nothing remote, CRLF throughout.

    Answers go to whom the message says, and to `reply_copy` as well where there is one.

    Raises ValueError for a header that could start another one.
    """
    headers = [
        ("From", _mailbox(message.from_name, from_address)),
        ("To", _mailbox(message.to_name, message.to_address)),
        *([("Reply-To", _answered(message.reply_to, reply_copy))] if message.reply_to else []),
        ("Subject", _words(message.subject)),
        ("Date", _second(clock.now().replace(microsecond=0))),
        ("Message-ID", f"<{checked_address(message.message_id)}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", _plain(message.language)),
    ]
    for name, value in message.headers:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            raise ValueError(f"not a header to be set from outside: {name!r}")
        headers.append((name, _words(value)))
    of_body, body = _body(message)
    return b"".join((_lines((*headers, ("MIME-Version", "1.0"))), of_body, b"\r\n", body))


@lru_cache(maxsize=64)
def _second(at: datetime) -> str:
    """A time as headers have it: many messages go out in the same second."""
    return format_datetime(at)


#: What a part says of itself, written out, and its content.
_Content = tuple[bytes, bytes]


def _body(message: MailMessage) -> _Content:
    both = _several("alternative", [_text(message), _html(message)])
    files = [one for one in message.attachments if not one.content_id]
    return _several("mixed", [both, *map(_file, files)]) if files else both


def _html(message: MailMessage) -> _Content:
    """The HTML, together with the pictures it shows. Source: RFC 2387 and RFC 2392.

    In base64, unlike the text, which people may meet as it was sent: nobody reads HTML that way,
    and quoting it takes five times as long.
    """
    html = _of_text("html", "base64", message.language), _base64(message.html.encode())
    pictures = [one for one in message.attachments if one.content_id]
    if not pictures:
        return html
    return _several("related", [html, *map(_file, pictures)], ' type="text/html";')


def _several(kind: str, parts: Sequence[_Content], more: str = "") -> _Content:
    """Parts in one. `=_` is in neither of the encodings, so that no part holds its boundary."""
    boundary = f"=_{secrets.token_hex(12)}"
    between = f"--{boundary}\r\n".encode()
    written = [each for part in parts for each in (between, part[0], b"\r\n", part[1], b"\r\n")]
    header = ("Content-Type", f'multipart/{kind};{more} boundary="{boundary}"')
    return _lines((header,)), b"".join((*written, f"--{boundary}--\r\n".encode()))


def _text(message: MailMessage) -> _Content:
    # Soft breaks inside a long URL are undone by every reader; "=" itself becomes "=3D".
    quoted = b2a_qp(message.text.replace("\r\n", "\n").encode(), istext=True)
    headers = _of_text("plain", "quoted-printable", message.language)
    return headers, quoted.replace(b"\n", b"\r\n")


@lru_cache(maxsize=64)
def _of_text(subtype: str, encoding: str, language: str) -> bytes:
    return _lines(
        (
            ("Content-Type", f'text/{subtype}; charset="utf-8"'),
            ("Content-Transfer-Encoding", encoding),
            ("Content-Language", _plain(language)),
        )
    )


def _file(file: Attachment) -> _Content:
    headers = _of_file(file.media_type, file.content_id, file.filename)
    return headers, _base64(file.content)


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")


@lru_cache(maxsize=64)  # the picture of a slip is called the same in every message
def _of_file(media_type: str, content_id: str, filename: str) -> bytes:
    headers = [("Content-Type", _plain(media_type)), ("Content-Transfer-Encoding", "base64")]
    kind = "attachment"
    if content_id:
        if not _WORD.fullmatch(content_id):
            raise ValueError(f"not a name for a part of a message: {content_id!r}")
        headers.append(("Content-ID", f"<{content_id}>"))
        kind = "inline"
    name = encode_rfc2231(_plain(filename), "utf-8")
    return _lines((*headers, ("Content-Disposition", f"{kind}; filename*={name}")))


def _lines(headers: _Headers) -> bytes:
    """Headers as they go over the wire."""
    return "".join([f"{line}\r\n" for pair in headers for line in _folded(*pair)]).encode("ascii")


def _folded(name: str, value: str) -> Iterator[str]:
    """The lines of a header: broken before a blank, which begins the next."""
    line = f"{name}: {value}"
    if len(line) <= _WIDTH:
        yield line
        return
    line = f"{name}:"
    for number, word in enumerate(value.split(" ")):
        # The first word stays with the name, and a line of nothing but blanks is none.
        if number and word and len(line) + 1 + len(word) > _WIDTH and line.strip():
            yield line
            line = ""
        line += f" {word}"
    yield line


def _answered(*addresses: str) -> str:
    """Where answers go. Source: RFC 5322, section 3.6.2: as many addresses as one likes."""
    return ", ".join(checked_address(one) for one in addresses if one)


@lru_cache(maxsize=1024)
def _mailbox(name: str, address: str) -> str:
    if name.isascii():
        return formataddr((_plain(name), checked_address(address)))
    return f"{_words(name)} <{checked_address(address)}>"


@lru_cache(maxsize=1024)
def _words(text: str) -> str:
    """Text for a header, on one line: it is folded at its blanks."""
    plain = _plain(text)
    return plain if plain.isascii() else Header(plain, _UTF8, maxlinelen=60).encode(linesep="")


def _plain(text: str) -> str:
    if _NOT_IN_A_HEADER.search(text):
        raise ValueError(f"a header cannot hold a control character: {text[:80]!r}")
    return text


def checked_address(text: str) -> str:
    """An address for a header, or for the conversation with a server. Raises ValueError."""
    if not ADDRESS.fullmatch(text):
        raise ValueError(f"not an address to put into a header: {text[:80]!r}")
    return text
