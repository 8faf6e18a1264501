"""What a report of failed delivery means: gone for good, not now, or nothing at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    HARD = "hard"
    """The address does not exist."""
    SOFT = "soft"
    """The address may well exist: full, busy, blocked, too slow."""
    COMPLAINT = "complaint"
    """Its reader reported our mail as spam."""


#: Soft bounces of one address in this time after which it is left alone, as a dead one is at once.
SOFT_LIMIT = 5
SOFT_WINDOW = timedelta(days=60)

#: Details of the recipient that are a no for good. Source: RFC 3463, sections 3.2 (x.1.0 other
#: address status, x.1.1 bad mailbox, x.1.2 bad system, x.1.3 bad syntax, x.1.6 moved) and 3.3
#: (x.2.1 mailbox disabled); RFC 7505, section 4.2 (x.1.10 a domain that takes no mail).
#: x.1.7 and x.1.8 are about the sender.
_HARD = frozenset(("1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"))
#: x.4.4, unable to route: the domain has no address (RFC 3463, section 3.5).
_NO_ROUTE = "4.4"

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"\b([245]\d\d)\b")
#: Codes that mean the mailbox where no enhanced one says more. Source: RFC 5321, section 4.2.3.
_MAILBOX_CODES = frozenset(("550", "551", "553"))
#: Words of a refusal that is about us and not about the recipient.
_POLICY = re.compile(
    r"spam|spf|dkim|dmarc|polic|block|black|reput|dnsbl|rbl|denied by|too many|rate|greylist",
    re.IGNORECASE,
)
#: How Exchange Online names an unknown recipient under 5.4.1, which RFC 3463 has for networks.
#: Source: Microsoft, "NDR error code 550 5.4.1".
_UNKNOWN_RECIPIENT = re.compile(
    r"recipient address rejected|recipientnotfound|user unknown|no such user", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Failure:
    """What a server says of one recipient: RFC 3464's `Action`, `Status`, `Diagnostic-Code`."""

    action: str
    status: str
    diagnostic: str


def exact_status(failure: Failure) -> str:
    """The most telling enhanced code: some servers write x.0.0 and the real one into the words."""
    stated = _ENHANCED.search(failure.status)
    found = stated.group() if stated else ""
    if found and not found.endswith(".0.0"):
        return found
    quoted = _ENHANCED.search(failure.diagnostic)
    if quoted and (not found or quoted[1] == found[0]):
        return quoted.group()
    return found


def classify(failure: Failure) -> Kind | None:
    """How bad it is; None for what is no failure: delivered, relayed, or only late so far."""
    if failure.action.strip().lower() not in ("failed", ""):
        return None
    status = exact_status(failure)
    number, _, detail = status.partition(".")
    if not status:
        return _by_code(failure.diagnostic)
    if number == "2":
        return None
    if number == "4":
        # Given up after many tries: nobody said that the address does not exist.
        return Kind.SOFT
    if detail in _HARD or detail == _NO_ROUTE:
        return Kind.HARD
    if _UNKNOWN_RECIPIENT.search(failure.diagnostic) and detail in ("4.1", "7.1", "0.0"):
        return Kind.HARD
    return _by_code(failure.diagnostic) if detail == "0.0" else Kind.SOFT


def _by_code(diagnostic: str) -> Kind:
    """By the reply code alone; the words decide where servers use one code for two things."""
    code = _CODE.search(diagnostic)
    if code is None or code[1] not in _MAILBOX_CODES or _POLICY.search(diagnostic):
        return Kind.SOFT
    return Kind.HARD
