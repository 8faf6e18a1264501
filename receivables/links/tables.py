"""Grants: a contact's way into the portal. The row opens nothing; only a signed token does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import ContactId, DebtorId, GrantId, SupplierId

_LIVE = text("revoked_at IS NULL AND replaced_at IS NULL")


class PortalGrant(Base):
    """One contact may see one debtor's account, until it expires or is revoked.

    The id is random (version 4): ids sorted by time would say when the others were made.
    """

    __tablename__ = "portal_grants"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "contact_id"], ["contacts.supplier_id", "contacts.id"]
        ),
        UniqueConstraint("supplier_id", "id"),
        Index(
            "ix_portal_grants_live",
            "contact_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(None, "supplier_id", "debtor_id"),
    )

    id: Mapped[GrantId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: By a person at the supplier's: its link is then as unknown as any other.
    revoked_at: Mapped[datetime | None]
    #: It had expired when the contact was given another; its link still offers to send that.
    replaced_at: Mapped[datetime | None]
    #: When a new link was last asked for through this one; limits how often that works.
    renewed_at: Mapped[datetime | None]
    #: When a person last acted through it. Opening a page is not acting: scanners do that.
    seen_at: Mapped[datetime | None]
