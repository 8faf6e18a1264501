"""What the template of a new link's mail gets as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from receivables.parties.heads import SupplierHead


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLinkMail:
    """-> new_link/{subject.txt,body.txt,body.html}: to the registered address only."""

    supplier: SupplierHead
    debtor_name: str
    contact_name: str
    link: str
    expires_on: date
    #: False when the supplier's staff sent it, True when somebody asked for it in the portal.
    was_asked_for: bool
