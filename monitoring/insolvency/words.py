"""The kinds of solvency events, in words."""

from __future__ import annotations

from monitoring.insolvency.kinds import EventKind
from receivables.i18n import translate as _


def name_of(kind: EventKind) -> str:
    """What happened to a company, as a bookkeeper would say it: “Liquidation opened”."""
    return {
        EventKind.SAFEGUARD: _("Protection from creditors"),
        EventKind.PETITION: _("Insolvency asked for"),
        EventKind.PROVISIONAL_OPENING: _("Bankruptcy opened, call to creditors to follow"),
        EventKind.REORGANISATION: _("Reorganisation opened"),
        EventKind.LIQUIDATION: _("Liquidation opened"),
        EventKind.CALL_TO_CREDITORS: _("Bankruptcy published, call to creditors"),
        EventKind.CONVERSION: _("Turned into a graver procedure"),
        EventKind.PLAN_ADOPTED: _("Plan of continuation adopted or changed"),
        EventKind.PLAN_RESOLVED: _("Plan of continuation undone"),
        EventKind.SUSPENDED: _("Bankruptcy suspended for want of assets"),
        EventKind.CLAIMS_LIST: _("Schedule of claims open for inspection"),
        EventKind.DISTRIBUTION: _("Distribution list open for inspection"),
        EventKind.AUCTION: _("Assets are sold or charged"),
        EventKind.CLOSED: _("Procedure closed"),
        EventKind.REVOKED: _("Bankruptcy revoked"),
        EventKind.ANNULLED: _("Publication taken back"),
        EventKind.CORRECTED: _("Publication corrected"),
        EventKind.FOREIGN_RECOGNISED: _("Foreign bankruptcy recognised"),
        EventKind.VOLUNTARY_WINDING_UP: _("Wound up by its members"),
        EventKind.DISSOLVED: _("Dissolved"),
        EventKind.STRUCK_OFF: _("Struck off the register"),
        EventKind.INACTIVE: _("No longer active"),
        EventKind.ACCOUNTS_OVERDUE: _("Accounts not filed in time"),
        EventKind.HUMAN_READ: _("A publication to be read by a person"),
        EventKind.OTHER: _("Another publication"),
    }[kind]
