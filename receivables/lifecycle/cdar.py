"""CDAR: the message in which French platforms pass on what became of an invoice.

UN/CEFACT Cross Domain Acknowledgement and Response (D22B, D23B). Source of every place: the paths
of FNFE-MPE's schematron BR-FR-CDV V1.4.0 (MDT-4 the message's id, MDT-87 the invoice's number,
MDT-105 the status, MDT-113 the motive, MDT-207 what kind of amount, MDT-215 the amount, MDT-224
its rate) and the messages that public libraries make (invopop/gobl.fr.ctc). Not checked: the
schema files themselves, and the annexes of AFNOR XP Z12-012.

Names are matched in any namespace, as everywhere in this house.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from receivables.intake.xml_tree import Element, attribute, content_of, every, first, text
from receivables.lifecycle.faults import refuse
from receivables.lifecycle.findings import (
    LONGEST_NAME,
    MOST_STATUSES,
    Findings,
    clipped,
    where,
)
from receivables.lifecycle.parsed import Amount, Format, Message, Motive, Stated

ROOT: Final = "CrossDomainAcknowledgementAndResponse"
NAMESPACE: Final = f"urn:un:unece:uncefact:data:standard:{ROOT}:"


def read(root: Element) -> Message:
    """The message in `root`. Raises Refused with every fault found."""
    findings = Findings()
    document = first(root, "ExchangedDocument")
    reference = findings.required(
        document if document is not None else root, "ID", field="The id of the message",
        most=2 * LONGEST_NAME,
    )  # fmt: skip
    issued_at = findings.instant(first(document, "IssueDateTime/DateTimeString"))
    about = [
        (acknowledged, referenced)
        for acknowledged in every(root, "AcknowledgementDocument")
        for referenced in every(acknowledged, "ReferenceReferencedDocument")
    ]
    if not about:
        raise refuse("status-none", where(root))
    if len(about) > MOST_STATUSES:
        raise refuse("status-too-many", where(root), count=len(about), limit=MOST_STATUSES)
    stated = [
        found
        for acknowledged, referenced in about
        if (found := _stated(findings, acknowledged, referenced, issued_at)) is not None
    ]
    findings.settle()
    return Message(
        format=Format.CDAR, sender=_sender(document), reference=reference, statuses=tuple(stated)
    )


def _sender(document: Element | None) -> str:
    """Who says it, else who passes it on; platforms often leave the latter without a number."""
    for party in ("IssuerTradeParty", "SenderTradeParty"):
        for each in ("GlobalID", "ID"):
            number = first(document, f"{party}/{each}")
            if value := content_of(number):
                return clipped(f"{attribute(number, 'schemeID')}:{value}", LONGEST_NAME)
    return ""


def _stated(
    findings: Findings, acknowledged: Element, referenced: Element, issued_at: datetime | None
) -> Stated | None:
    number = findings.required(referenced, "IssuerAssignedID", field="The number of the invoice")
    code = findings.required(
        referenced, "ProcessConditionCode", "SpecifiedDocumentStatus/ProcessConditionCode",
        field="The status",
    )  # fmt: skip
    if code and not (len(code) == 3 and code.isascii() and code.isdigit()):
        findings.note("status-bad-code", referenced, text=code)
        return None
    at = (
        findings.instant(
            first(referenced, "SpecifiedDocumentStatus/ReferenceDateTime/DateTimeString")
        )
        or findings.instant(first(acknowledged, "IssueDateTime/DateTimeString"))
        or issued_at
    )
    if at is None:
        findings.note("status-missing", acknowledged, field="The date of the status")
    issued_on = findings.day(first(referenced, "FormattedIssueDateTime/DateTimeString"))
    details = list(every(referenced, "SpecifiedDocumentStatus"))
    amounts = tuple(one for detail in details for one in _amounts(findings, detail))
    if at is None or not code or not number:
        return None
    return Stated(
        number=number,
        issued_on=issued_on,
        seller=text(referenced, "IssuerTradeParty/GlobalID", "IssuerTradeParty/ID") or "",
        status=int(code),
        said=code,
        stated_at=at,
        motives=tuple(one for detail in details for one in _motives(detail)),
        note=clipped(
            " ".join(
                found
                for detail in details
                for each in every(detail, "IncludedNote/Content")
                if (found := content_of(each))
            )
        ),
        amounts=amounts,
    )


def _motives(detail: Element) -> Iterator[Motive]:
    code, words = text(detail, "ReasonCode"), text(detail, "Reason")
    if code or words:
        yield Motive(clipped(code, 40), clipped(words))
    action, asked = text(detail, "RequestedActionCode"), text(detail, "RequestedAction")
    if action or asked:
        yield Motive(clipped(action, 40), clipped(asked))


def _amounts(findings: Findings, detail: Element) -> Iterator[Amount]:
    for each in every(detail, "SpecifiedDocumentCharacteristic"):
        written = first(each, "ValueAmount")
        if content_of(written) is None:
            continue
        assert written is not None, "an element that has a text"
        value = findings.decimal(written)
        percent = first(each, "ValuePercent")
        rate = None if percent is None else findings.decimal(percent)
        if value is not None:
            yield Amount(
                kind=clipped(text(each, "TypeCode"), 10),
                value=value,
                currency=attribute(written, "currencyID")[:3].upper(),
                rate=rate,
            )
