"""Reports of failed delivery (RFC 3464) and of complaints (RFC 5965), as they come by mail.

Nothing a mail says is believed but what a return path of ours proves; so this may read freely.
Servers write their reports in their own ways: Postfix, Exchange and Gmail as `multipart/report`,
Exim (before 4.87) as text with a header of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import islice
from uuid import UUID

from receivables.bounces.return_paths import ReturnPath, find
from receivables.bounces.rules import Failure, Kind, classify, exact_status

#: A report that quotes more than this is not read: none of ours is half as long.
LARGEST_MAIL = 2 * 1024 * 1024
#: Parts of a report that are looked at; a report has three.
_MOST_PARTS = 50
_LONGEST_DIAGNOSTIC = 500

_ADDRESS = re.compile(r"[^\s<>\"',;:()\[\]]{1,64}@[A-Za-z0-9.-]{1,253}")
#: Complaints that are none. Source: RFC 5965, section 7.3.
_NO_COMPLAINT = "not-spam"
#: Where a return path stands in a report and in what it quotes.
_PATH_FIELDS = (
    "to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to",
    "return-path", "original-mail-from", "sender", "x-failed-sender",
)  # fmt: skip
_RECIPIENT_FIELDS = (
    "final-recipient", "original-recipient", "original-rcpt-to", "x-failed-recipients",
    "x-actual-recipient", "removal-recipient",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of some addresses; `kind` None: nothing bad."""

    addresses: tuple[str, ...]
    kind: Kind | None
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Report:
    """A mail read: what it says, and every return path that stands in it."""

    findings: tuple[Finding, ...]
    return_paths: tuple[ReturnPath, ...]

    @property
    def is_report(self) -> bool:
        return bool(self.findings)


@dataclass(frozen=True, slots=True)
class Proven:
    """A finding about a message of ours to an address, as a return path proves."""

    message: UUID
    address: str
    kind: Kind
    status: str
    diagnostic: str


def read(raw: bytes) -> Report:
    """A mail as it came in. One that is no report has no findings."""
    mail, parts = taken_apart(raw)
    quoted = _quoted(parts)
    paths = [
        path
        for message in (mail, *parts, *quoted)
        for field in _PATH_FIELDS
        for value in _values(message, field)
        for path in find(value)
    ]
    findings = [*_complaints(parts, quoted), *_failures(parts, quoted)] or _plain(mail, quoted)
    return Report(tuple(findings), tuple(dict.fromkeys(paths)))


def taken_apart(raw: bytes) -> tuple[Message, list[Message]]:
    """A mail and its parts, itself the first; of one that is nested beyond sense the headers alone,
    and of one that is too large its beginning.
    """
    try:
        mail = message_from_bytes(raw[:LARGEST_MAIL])
        return mail, list(islice(mail.walk(), _MOST_PARTS))
    except RecursionError:
        mail = BytesHeaderParser().parsebytes(raw[:LARGEST_MAIL])
        return mail, [mail]


def proven(report: Report, secrets: tuple[str, ...]) -> tuple[Proven, ...]:
    """The bad news in a report that is about a message of ours to the address it names."""
    return tuple(
        Proven(path.message, address, finding.kind, finding.status, finding.diagnostic)
        for finding in report.findings
        if finding.kind is not None
        for address in finding.addresses
        for path in report.return_paths
        if path.belongs_to(address, secrets)
    )


def _values(message: Message, name: str) -> list[str]:
    return [str(value) for value in message.get_all(name, [])]


def _quoted(parts: list[Message]) -> list[Message]:
    """What a report quotes of our message: its headers, whole or alone."""
    found = []
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                found.append(message_from_bytes(payload))
    return found


def _complaints(parts: list[Message], quoted: list[Message]) -> Iterator[Finding]:
    for part in parts:
        if part.get_content_type() != "message/feedback-report":
            continue
        for fields in _blocks(part):
            kind = str(fields.get("feedback-type", "")).strip().lower()
            if not kind:
                continue
            named = _addresses(fields, *_RECIPIENT_FIELDS)
            yield Finding(
                addresses=tuple(dict.fromkeys((*named, *_addressed_to(parts, quoted)))),
                kind=None if kind == _NO_COMPLAINT else Kind.COMPLAINT,
                status="",
                diagnostic=f"{kind} {fields.get('user-agent', '')}".strip()[:_LONGEST_DIAGNOSTIC],
            )


def _failures(parts: list[Message], quoted: list[Message]) -> Iterator[Finding]:
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in _blocks(part):
            if "final-recipient" not in fields and "original-recipient" not in fields:
                continue
            failure = Failure(
                action=str(fields.get("action", "")),
                status=str(fields.get("status", "")),
                diagnostic=_flat(str(fields.get("diagnostic-code", ""))),
            )
            named = _addresses(fields, *_RECIPIENT_FIELDS)
            # Whoever forwards our mail reports its own address: ours stands in what is quoted.
            also = _addressed_to(parts, quoted)
            yield _finding(failure, tuple(dict.fromkeys((*named, *also))))


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a status part, however the parser took it."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return []
    groups = re.split(rb"\r?\n[ \t]*\r?\n", content.strip())
    return [message_from_bytes(group) for group in groups[:_MOST_PARTS]]


def _plain(mail: Message, quoted: list[Message]) -> list[Finding]:
    """A report in words alone, told by Exim's header, or by a bounce's empty sender and a code."""
    failed = _addresses(mail, "x-failed-recipients")
    if not failed:
        return []
    words = _flat(_text(mail))
    code = re.search(r"\b[45]\d\d[ -].{0,300}", words)
    failure = Failure(action="failed", status="", diagnostic=code.group() if code else words)
    return [_finding(failure, tuple(dict.fromkeys((*failed, *_addressed_to([mail], quoted)))))]


def _finding(failure: Failure, addresses: tuple[str, ...]) -> Finding:
    return Finding(
        addresses, classify(failure), exact_status(failure),
        failure.diagnostic[:_LONGEST_DIAGNOSTIC],
    )  # fmt: skip


def _addressed_to(parts: list[Message], quoted: list[Message]) -> tuple[str, ...]:
    """Whom our message was written to, as the report quotes it."""
    inner = [part for part in parts[1:] if part.get("message-id")] + quoted
    return tuple(address for one in inner for address in _addresses(one, "to"))


def _addresses(message: Message, *fields: str) -> tuple[str, ...]:
    return tuple(
        address.lower()
        for field in fields
        for value in _values(message, field)
        for address in _ADDRESS.findall(value)
    )


def _text(mail: Message) -> str:
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/plain" and isinstance(content, bytes):
            return content[:20_000].decode("utf-8", "replace")
    return ""


def _flat(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
