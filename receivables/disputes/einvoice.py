"""What a dispute says in the life of an e-invoice: the codes that a platform passes on.

Three lists, with what is known of each:

- Peppol's Invoice Response 3.x takes seven status codes of UN/CEFACT 4343 and the clarifications of
  OpenPeppol's list OPStatusReason. Source: the rules CL-T111-R006 and -R009 of its schematron, and
  the descriptions of the list; PPD and OTH came with a later version of it than those rules.
- The French statuses have the numbers 200 to 213. Source: docs.acubeapi.com, "Invoice lifecycle"
  (205 approved, 206 partially approved, 207 in dispute, 208 suspended; 200, 210, 212 and 213 are
  mandatory). Their motives: FNFE-MPE's schematron BR-FR-CDV V1.4.0, list BR-FR-CDV-CL-09, whose
  words in English are those of docs.gobl.org. Not checked: the standard AFNOR XP Z12-012 itself.
- Which of them our states and outcomes mean is our reading of both; no text was found to say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Final

from receivables.disputes.queries import DisputeView, ItemView
from receivables.disputes.reasons import HANDLING, Reason
from receivables.disputes.states import UNDECIDED


class Response(StrEnum):
    """Status codes of Peppol's Invoice Response that a dispute leads to."""

    UNDER_QUERY = "UQ"
    CONDITIONALLY_ACCEPTED = "CA"
    REJECTED = "RE"
    ACCEPTED = "AP"


class FrenchStatus(IntEnum):
    """Statuses of the French life cycle that a dispute leads to.

    208, suspended, is a buyer's who waits for a document: none of our states says it. 212, cashed,
    is the ledger's to say.
    """

    APPROVED = 205
    APPROVED_IN_PART = 206
    IN_DISPUTE = 207
    REFUSED = 210


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCodes:
    """How one invoice of a dispute stands, in codes."""

    number: str
    response: Response
    clarification: str
    french: FrenchStatus


def codes_of(view: DisputeView) -> tuple[InvoiceCodes, ...]:
    """The codes of each invoice of a dispute, in its order."""
    clarification = HANDLING[Reason(view.reason)].clarification
    found = []
    for item in view.items:
        response, french = _standing(view, item)
        found.append(
            InvoiceCodes(
                number=item.number, response=response, clarification=clarification, french=french
            )
        )
    return tuple(found)


def _standing(view: DisputeView, item: ItemView) -> tuple[Response, FrenchStatus]:
    """Refused is an invoice all of which was contested and is taken back; approved one that is
    owed as it was.
    """
    if view.state in UNDECIDED:
        return Response.UNDER_QUERY, FrenchStatus.IN_DISPUTE
    if not item.upheld:
        return Response.ACCEPTED, FrenchStatus.APPROVED
    if item.scope == "whole" and item.upheld == item.disputed:
        return Response.REJECTED, FrenchStatus.REFUSED
    return Response.CONDITIONALLY_ACCEPTED, FrenchStatus.APPROVED_IN_PART


#: Clarifications that no reason of ours has for its own, and what comes nearest.
_NEAREST: Final[Mapping[str, Reason]] = {"REC": Reason.REFERENCE, "NON": Reason.OTHER}


#: What the motives of a French status come to; those of a platform's own checks (REJ_, IRR_) and
#: AUTRE come to OTHER, as does JUSTIF_ABS, a document that is missing: its words say which.
_MOTIVES: Final[Mapping[str, Reason]] = {
    **dict.fromkeys(("PU_ERR", "REM_ERR", "MONTANTTOTAL_ERR", "CALCUL_ERR"), Reason.PRICE),
    "QTE_ERR": Reason.QUANTITY,
    "LIVR_INCOMP": Reason.DELIVERY,
    "QUALITE_ERR": Reason.QUALITY,
    "ART_ERR": Reason.ITEM,
    **dict.fromkeys(
        ("CMD_ERR", "REF_ERR", "REF_CT_ABSENT", "SIRET_ERR", "CODE_ROUTAGE_ERR", "ADR_ERR",
         "DEST_ERR"),
        Reason.REFERENCE,
    ),
    **dict.fromkeys(("TX_TVA_ERR", "NON_CONFORME"), Reason.LEGAL),
    "MODPAI_ERR": Reason.TERMS,
    "COORD_BANC_ERR": Reason.BANK,
    **dict.fromkeys(("DOUBLON", "DOUBLE_FACT"), Reason.DUPLICATE),
    **dict.fromkeys(("DEST_INC", "TRANSAC_INC", "EMMET_INC", "CONTRAT_TERM"), Reason.UNKNOWN),
}  # fmt: skip


def reason_of(clarification: str) -> Reason:
    """The reason that a clarification or a French motive from elsewhere means; OTHER for one that
    nobody knows.
    """
    if clarification in _MOTIVES:
        return _MOTIVES[clarification]
    own = {
        handling.clarification: reason
        for reason, handling in HANDLING.items()
        if reason is not Reason.DUPLICATE
    }
    return {**own, **_NEAREST}.get(clarification, Reason.OTHER)


def as_json(view: DisputeView) -> dict[str, Any]:
    """A dispute for other software; amounts in minor units with their currency."""
    codes = {one.number: one for one in codes_of(view)}
    return {
        "id": str(view.id),
        "reference": view.reference,
        "reason": view.reason,
        "state": view.state.value,
        "outcome": view.outcome or None,
        "opened_at": view.created_at.isoformat(),
        "decided_on": view.decided_on.isoformat() if view.decided_on else None,
        "currency": view.currency,
        "invoices": [
            {
                "number": item.number,
                "scope": item.scope,
                "line_places": list(item.line_places),
                "disputed_minor": item.disputed.minor,
                "upheld_minor": None if item.upheld is None else item.upheld.minor,
                "outstanding_minor": item.outstanding.minor,
                "peppol": {
                    "response": codes[item.number].response.value,
                    "clarification": codes[item.number].clarification,
                    "clarification_list": "OPStatusReason",
                },
                "french_status": codes[item.number].french.value,
            }
            for item in view.items
        ],
    }
