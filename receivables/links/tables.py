"""Grants: a contact's way into the portal. The row opens nothing; only a signed token does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import ContactId, DebtorId, GrantId, StepUpId, SupplierId, VisitId

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


class StepUp(Base):
    """One request for a code. The code itself is nowhere: it is derived from the id, which is
    random (version 4), under a server secret.
    """

    __tablename__ = "step_ups"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "grant_id"], ["portal_grants.supplier_id", "portal_grants.id"]
        ),
        ForeignKeyConstraint(
            ["supplier_id", "contact_id"], ["contacts.supplier_id", "contacts.id"]
        ),
        CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_visit_id IS NULL)", name="confirmed_visit"
        ),
        Index(None, "supplier_id", "grant_id", "visit_id"),
        Index(None, "supplier_id", "contact_id", "requested_at"),
        Index(None, "requested_at"),
    )

    id: Mapped[StepUpId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    grant_id: Mapped[GrantId]
    contact_id: Mapped[ContactId]
    #: The browser's visit that asked, and the name it went on under when the code was right.
    visit_id: Mapped[VisitId]
    confirmed_visit_id: Mapped[VisitId | None] = mapped_column(unique=True)
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int]
    confirmed_at: Mapped[datetime | None]
