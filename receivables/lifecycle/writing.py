"""A 212, cashed, as a CDAR message.

Written as FNFE-MPE's schematron BR-FR-CDV V1.4.0 asks: the profile "urn.cpro.gouv.fr:1p0:CDV:
invoice" for the other side's platform (-02, -CL-01), type 23 for what buyer and seller say (-09),
who says it with a number (-07), the invoice with its date (-10, -11) and its seller (-13), 47 as
UNTDID 4343 has it (-CL-05), and the amount cashed with its tax at each rate (-14: MEN with
ValueAmount and ValuePercent). Order of elements and the pattern of the id: messages of public
libraries. In which zone times are is written nowhere; they are the seller's. The copy for the
public portal, which has a profile of its own (einvoicingF2), is the platform's to make.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from lxml import etree

from receivables.lifecycle.cdar import NAMESPACE, ROOT
from receivables.lifecycle.codes import Status
from receivables.lifecycle.papers import Company, Paper
from receivables.money import Money

_UNECE: Final = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES: Final[Mapping[str, str]] = {
    "rsm": f"{NAMESPACE}100",
    "ram": f"{_UNECE}ReusableAggregateBusinessInformationEntity:100",
    "qdt": f"{_UNECE}QualifiedDataType:100",
    "udt": f"{_UNECE}UnqualifiedDataType:100",
}
_PROFILE: Final = "urn.cpro.gouv.fr:1p0:CDV:invoice"
#: UNTDID 1001: a response of one of the two sides, not of a platform.
_OF_THE_SIDES: Final = "23"
#: UNTDID 4343.
_PAID: Final = "47"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cashed:
    """What there is to say. Instants are in the seller's zone; `shares` are (rate, amount)."""

    reference: str
    number: str
    issued_on: date
    cashed_on: date
    made_at: datetime
    shares: Sequence[tuple[Decimal, Money]]
    paper: Paper


def reference_of(number: str, type_code: str, issued_on: date, made_at: datetime) -> str:
    """What the message is called: the invoice, the status, when it was made."""
    return f"{number}_{Status.CASHED}_{made_at:%Y%m%d%H%M%S}#{type_code}_{issued_on:%Y%m%d}"


def name_of(number: str, sequence: int, unique: str) -> str:
    """What the file is called: `unique` keeps apart what differs only in characters that no file
    name should have.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", number).strip("-")[:60] or "invoice"
    return f"{Status.CASHED}_{plain}_{sequence}_{unique}.xml"


def write(cashed: Cashed) -> bytes:
    """The message. The seller must have a number."""
    root = etree.Element(_name(f"rsm:{ROOT}"), nsmap=dict(_NAMESPACES))
    context = _add(root, "rsm:ExchangedDocumentContext")
    for parameter, value in (
        ("BusinessProcessSpecifiedDocumentContextParameter", "REGULATED"),
        ("GuidelineSpecifiedDocumentContextParameter", _PROFILE),
    ):
        _add(_add(context, f"ram:{parameter}"), "ram:ID", value)
    document = _add(root, "rsm:ExchangedDocument")
    _add(document, "ram:ID", cashed.reference)
    _add(document, "ram:Name", "Encaissée")
    _instant(_add(document, "ram:IssueDateTime"), cashed.made_at)
    for role in ("Sender", "Issuer"):
        _party(_add(document, f"ram:{role}TradeParty"), cashed.paper.seller, "SE")
    _recipient(_add(document, "ram:RecipientTradeParty"), cashed.paper.buyer)
    acknowledged = _add(root, "rsm:AcknowledgementDocument")
    several = _add(acknowledged, "ram:MultipleReferencesIndicator")
    _add(several, "udt:Indicator", "false")
    _add(acknowledged, "ram:TypeCode", _OF_THE_SIDES)
    day = datetime.combine(cashed.cashed_on, datetime.min.time())
    _instant(_add(acknowledged, "ram:IssueDateTime"), day)
    _referenced(_add(acknowledged, "ram:ReferenceReferencedDocument"), cashed)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _referenced(referenced: etree._Element, cashed: Cashed) -> None:
    _add(referenced, "ram:IssuerAssignedID", cashed.number)
    _add(referenced, "ram:StatusCode", _PAID)
    _add(referenced, "ram:TypeCode", cashed.paper.type_code)
    issued = _add(referenced, "ram:FormattedIssueDateTime")
    _add(issued, "qdt:DateTimeString", f"{cashed.issued_on:%Y%m%d}", format="102")
    _add(referenced, "ram:ProcessConditionCode", str(int(Status.CASHED)))
    _add(referenced, "ram:ProcessCondition", "Encaissée")
    seller = _add(referenced, "ram:IssuerTradeParty")
    _number(seller, cashed.paper.seller)
    _add(seller, "ram:RoleCode", "SE")
    status = _add(referenced, "ram:SpecifiedDocumentStatus")
    _add(status, "ram:SequenceNumeric", "1")
    for rate, amount in cashed.shares:
        part = _add(status, "ram:SpecifiedDocumentCharacteristic")
        _add(part, "ram:TypeCode", "MEN")
        _add(part, "ram:ValueAmount", f"{amount.decimal:f}", currencyID=amount.currency)
        _add(part, "ram:ValuePercent", f"{rate:.2f}")


def _party(party: etree._Element, company: Company, role: str) -> None:
    _number(party, company)
    _add(party, "ram:Name", company.name)
    _add(party, "ram:RoleCode", role)
    if company.address is not None:
        scheme, value = company.address
        _add(_add(party, "ram:URIUniversalCommunication"), "ram:URIID", value, schemeID=scheme)


def _recipient(party: etree._Element, buyer: Company) -> None:
    """The buyer; where no address of theirs is known, whichever platform they have (-08)."""
    if buyer.address is None:
        _add(party, "ram:RoleCode", "WK")
    else:
        _party(party, buyer, "BY")


def _number(party: etree._Element, company: Company) -> None:
    if company.number is not None:
        scheme, value = company.number
        _add(party, "ram:GlobalID", value, schemeID=scheme)


def _instant(element: etree._Element, at: datetime) -> None:
    _add(element, "udt:DateTimeString", f"{at:%Y%m%d%H%M%S}", format="204")


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, _name(name), attributes)
    child.text = text or None
    return child


def _name(prefixed: str) -> str:
    prefix, _, local = prefixed.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"
