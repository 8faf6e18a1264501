"""Why a status message was refused: what `intake.faults` says of XML, and words of our own."""

from __future__ import annotations

from typing import Final

from receivables.intake import faults as intake
from receivables.intake.faults import Fault, Refused

#: code -> what is wrong, how to mend it. Braces are filled from the fault's values.
OWN_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "status-too-large": (
        "The file has {megabytes} MB; a status message has {limit} MB at most.",
        "Give the message itself, without what is attached to it.",
    ),
    "status-not-xml": (
        "The file is no XML.",
        "Give the message as the platform made it: CDAR, or a Peppol Invoice Response.",
    ),
    "status-unknown": (
        "The XML document <{root}> is no status message.",
        "Give a CDAR message (CrossDomainAcknowledgementAndResponse) or a Peppol Invoice Response"
        " (ApplicationResponse). Invoices are imported on their own page.",
    ),
    "status-none": (
        "The message names no invoice.",
        "Ask the platform for the message again.",
    ),
    "status-too-many": (
        "The message is about {count} invoices; {limit} at most are read.",
        "Have the platform send several messages.",
    ),
    "status-missing": ("{field} is missing.", "Ask the platform for a complete message."),
    "status-too-long": (
        "{field} has {length} characters; at most {limit} are kept.",
        "Ask the platform for a proper message.",
    ),
    "status-bad-code": (
        "{text!r} is no status.",
        "A status is a number of three digits in CDAR, and two letters in an Invoice Response.",
    ),
    "status-bad-date": ("{text!r} is no date.", "Ask the platform for a proper message."),
    "status-bad-amount": ("{text!r} is no amount.", "Ask the platform for a proper message."),
    "status-other-content": (
        "The message {reference!r} of this sender was taken already, and said something else.",
        "A message that was taken is never changed. Have the platform send a new one.",
    ),
}

#: Everything a file may be refused for, here.
MESSAGES: Final[dict[str, tuple[str, str]]] = {**intake.MESSAGES, **OWN_MESSAGES}


def fault(code: str, where: str, **values: object) -> Fault:
    """The fault `code` at `where`; long values are shortened, since they come from outside."""
    what, how = OWN_MESSAGES[code]
    texts = {name: _shortened(str(value)) for name, value in values.items()}
    return Fault(where, what.format(**texts), how.format(**texts), code, texts)


def _shortened(text: str, most: int = 200) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def refuse(code: str, where: str, **values: object) -> Refused:
    """A refusal for one reason, ready to raise."""
    return Refused([fault(code, where, **values)])
