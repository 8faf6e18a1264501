"""The statuses an e-invoice goes through, as the French life cycle numbers them.

Source: the schematron of FNFE-MPE for CDAR messages (BR-FR-CDV V1.4.0, list BR-FR-CDV-CL-06) for
the numbers, the public documentation of platforms (Vertex, Invopop) for what they are called.
Peppol's Invoice Response has seven codes of UN/CEFACT 4343; which number each comes nearest to is
our reading. Not checked: the standard AFNOR XP Z12-012 itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Status(IntEnum):
    """What is known by name; a platform may send others, and they are kept as they came."""

    SUBMITTED = 200
    ISSUED = 201
    RECEIVED = 202
    MADE_AVAILABLE = 203
    IN_HAND = 204
    APPROVED = 205
    APPROVED_IN_PART = 206
    IN_DISPUTE = 207
    SUSPENDED = 208
    """The buyer waits for a document."""
    COMPLETED = 209
    REFUSED = 210
    PAYMENT_SENT = 211
    CASHED = 212
    REJECTED = 213
    """A platform turned the invoice down: the buyer never saw it."""


#: What the buyer says of the invoice, one after another; the others are said of its transport.
FIRST_OF_BUYER, LAST_OF_BUYER = Status.IN_HAND, Status.PAYMENT_SENT

#: The codes of Peppol's Invoice Response 3 (OpenPeppol, list of rule CL-T111-R006).
PEPPOL: Final[Mapping[str, Status]] = {
    "AB": Status.RECEIVED,
    "IP": Status.IN_HAND,
    "UQ": Status.IN_DISPUTE,
    "CA": Status.APPROVED_IN_PART,
    "RE": Status.REFUSED,
    "AP": Status.APPROVED,
    "PD": Status.PAYMENT_SENT,
}
