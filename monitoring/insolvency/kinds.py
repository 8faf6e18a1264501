"""The kinds of solvency events, whichever gazette or register speaks of them.

Every feed maps its own labels to these; nothing above the feeds knows a label. How grave an
event is follows the field's usual reading of each procedure: an opening that stays every
creditor's claim is critical, a procedure that still lets the debtor trade is high, what only tells
how far a known procedure has come is information.
"""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    SAFEGUARD = "safeguard"
    """Protection asked for before payments stop: French sauvegarde, all its forms."""
    PETITION = "petition"
    """Somebody has asked for the opening: a British petition, a German measure of safety."""
    PROVISIONAL_OPENING = "provisional_opening"
    """Opened; the call to creditors is still to come (Swiss KK01)."""
    REORGANISATION = "reorganisation"
    """Opened, to go on: redressement judiciaire, judicial reorganisation, CVA, administration."""
    LIQUIDATION = "liquidation"
    """Opened, to end: liquidation judiciaire, faillite, Konkurs, compulsory liquidation."""
    CALL_TO_CREDITORS = "call_to_creditors"
    """The publication that says until when claims are to be lodged (Swiss KK02)."""
    CONVERSION = "conversion"
    """A milder procedure became a graver one, or was extended to the debtor."""
    PLAN_ADOPTED = "plan_adopted"
    """The court has accepted a plan of continuation, or has changed one."""
    PLAN_RESOLVED = "plan_resolved"
    """A plan was not kept and is undone."""
    SUSPENDED = "suspended"
    """No assets: it ends unless a creditor advances the costs (Swiss KK03)."""
    CLAIMS_LIST = "claims_list"
    """The schedule of claims lies open: objections have a term (Swiss KK04, état des créances)."""
    DISTRIBUTION = "distribution"
    """The distribution list lies open (Swiss KK05)."""
    AUCTION = "auction"
    """Assets are sold or charges on them listed (Swiss KK08, KK09)."""
    CLOSED = "closed"
    """The procedure has come to its end (Swiss KK06, clôture)."""
    REVOKED = "revoked"
    """The procedure itself was revoked: the debtor is free of it (Swiss KK07)."""
    ANNULLED = "annulled"
    """A publication is taken back: it should never have appeared, or names somebody else."""
    CORRECTED = "corrected"
    """A publication is put right; it replaces the one it names."""
    FOREIGN_RECOGNISED = "foreign_recognised"
    """A foreign bankruptcy is recognised here (Swiss KK11)."""
    VOLUNTARY_WINDING_UP = "voluntary_winding_up"
    """Its members wind up a company that can pay."""
    DISSOLVED = "dissolved"
    STRUCK_OFF = "struck_off"
    INACTIVE = "inactive"
    """Ceased, dormant, address unknown: the register says it no longer does business."""
    ACCOUNTS_OVERDUE = "accounts_overdue"
    HUMAN_READ = "human_read"
    """Free text, or a label nobody has mapped yet: a person reads it, no alarm is raised."""
    OTHER = "other"
    """Known, and of no concern to a creditor (a name of a judge changed, a fee was set)."""


class Family(StrEnum):
    """Events of one family within ten days are one happening, whoever told it."""

    INSOLVENCY = "insolvency"
    STATUS = "status"
    FILING = "filing"
    NONE = "none"


#: What stops every demand at once: a procedure that bars creditors from collecting alone.
OPENINGS = frozenset(
    {
        EventKind.SAFEGUARD,
        EventKind.PROVISIONAL_OPENING,
        EventKind.REORGANISATION,
        EventKind.LIQUIDATION,
        EventKind.CALL_TO_CREDITORS,
        EventKind.CONVERSION,
        EventKind.PLAN_RESOLVED,
        EventKind.FOREIGN_RECOGNISED,
    }
)

#: What takes an earlier opening back.
RETRACTIONS = frozenset({EventKind.REVOKED, EventKind.ANNULLED})

_STATUS = frozenset(
    {
        EventKind.VOLUNTARY_WINDING_UP,
        EventKind.DISSOLVED,
        EventKind.STRUCK_OFF,
        EventKind.INACTIVE,
    }
)


def family_of(kind: EventKind) -> Family:
    """The family of an event; NONE for what nobody is told of."""
    if kind in _STATUS:
        return Family.STATUS
    if kind is EventKind.ACCOUNTS_OVERDUE:
        return Family.FILING
    if kind is EventKind.OTHER:
        return Family.NONE
    return Family.INSOLVENCY
