"""Peppol's Invoice Response 3: an ApplicationResponse of UBL 2.1.

Source of every place: Peppol BIS Invoice Response 3 (transaction T111), its schematron
PEPPOL-T111-R001 to -R005 and the examples of public implementations: DocumentResponse/Response has
the code, each Status a clarification of the list OPStatusReason or OPStatusAction, and
DocumentReference the invoice. An amount it has no place for: PPD says in words what was paid.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from receivables.intake.xml_tree import Element, attribute, content_of, every, first, text
from receivables.lifecycle.codes import PEPPOL
from receivables.lifecycle.faults import refuse
from receivables.lifecycle.findings import (
    LONGEST_NAME,
    MOST_STATUSES,
    Findings,
    at_day,
    clipped,
    where,
)
from receivables.lifecycle.parsed import Format, Message, Motive, Stated

ROOT: Final = "ApplicationResponse"
NAMESPACE: Final = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"


def read(root: Element) -> Message:
    """The message in `root`. Raises Refused with every fault found."""
    findings = Findings()
    reference = findings.required(root, "ID", field="The id of the message", most=2 * LONGEST_NAME)
    stated_at = _stated_at(findings, root)
    about = list(every(root, "DocumentResponse"))
    if not about:
        raise refuse("status-none", where(root))
    if len(about) > MOST_STATUSES:
        raise refuse("status-too-many", where(root), count=len(about), limit=MOST_STATUSES)
    found = [_stated(findings, response, stated_at) for response in about]
    findings.settle()
    return Message(
        format=Format.INVOICE_RESPONSE,
        sender=_sender(root),
        reference=reference,
        statuses=tuple(one for one in found if one is not None),
    )


def _sender(root: Element) -> str:
    party = first(root, "SenderParty")
    for path in ("EndpointID", "PartyIdentification/ID", "PartyLegalEntity/CompanyID"):
        number = first(party, path)
        if value := content_of(number):
            return clipped(f"{attribute(number, 'schemeID')}:{value}", LONGEST_NAME)
    return clipped(text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name"), LONGEST_NAME)


def _stated_at(findings: Findings, root: Element) -> datetime | None:
    day = findings.required(root, "IssueDate", field="The date of the message")
    if not day:
        return None
    found = at_day(day, text(root, "IssueTime"))
    if found is None:
        findings.note("status-bad-date", first(root, "IssueDate"), text=day)
    return found


def _stated(findings: Findings, response: Element, stated_at: datetime | None) -> Stated | None:
    said = findings.required(response, "Response/ResponseCode", field="The status")
    number = findings.required(response, "DocumentReference/ID", field="The number of the invoice")
    issued = first(response, "DocumentReference/IssueDate")
    issued_on = findings.day(issued)
    status = PEPPOL.get(said)
    if said and status is None:
        findings.note("status-bad-code", first(response, "Response/ResponseCode"), text=said)
    if status is None or not number or stated_at is None:
        return None
    return Stated(
        number=number,
        issued_on=issued_on,
        seller="",
        status=int(status),
        said=said,
        stated_at=stated_at,
        motives=tuple(_motives(response)),
        note=clipped(text(response, "Response/Description")),
    )


def _motives(response: Element) -> Iterator[Motive]:
    for each in every(response, "Response/Status"):
        code, words = text(each, "StatusReasonCode"), text(each, "StatusReason")
        details = [
            " ".join(part for part in (text(one, "AttributeID"), text(one, "Description")) if part)
            for one in every(each, "Condition")
        ]
        told = " ".join(part for part in (words, *details) if part)
        if code or told:
            yield Motive(clipped(code, 40), clipped(told))
