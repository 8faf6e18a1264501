"""Suppliers, their staff, their debtors, and who to write to there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import ContactId, ContactProposalId, DebtorId, StaffId, SupplierId

LONGEST_COMPANY_NUMBER = 40


class Supplier(Base):
    """Who is owed: a tenant of this installation, with everything a debtor sees of them."""

    __tablename__ = "suppliers"

    id: Mapped[SupplierId] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    #: ISO 3166 alpha-2.
    country: Mapped[str] = mapped_column(String(2))
    #: IANA; the supplier's calendar day is counted here.
    zone: Mapped[str] = mapped_column(String(40))
    #: ISO 639-1; the last resort of the language of a message.
    language: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    street: Mapped[str] = mapped_column(String(120))
    postcode: Mapped[str] = mapped_column(String(16))
    city: Mapped[str] = mapped_column(String(80))
    iban: Mapped[str] = mapped_column(String(34))
    #: Who answers a debtor's question.
    contact_name: Mapped[str] = mapped_column(String(120))
    contact_email: Mapped[str] = mapped_column(String(254))
    contact_phone: Mapped[str] = mapped_column(String(40))
    #: "#rrggbb"; corrected for contrast where it is used.
    accent: Mapped[str] = mapped_column(String(7))
    #: Least amount, in minor units, that a debtor may choose to pay of a larger sum.
    least_payment_minor: Mapped[int] = mapped_column(default=2000)
    #: Connected account payments go to; None in an installation with one supplier.
    stripe_account: Mapped[str | None] = mapped_column(String(64))
    #: Why that account takes no payments now: "disconnected" (it has left us), "restricted" (Stripe
    #: lets it take none); empty when it does.
    stripe_trouble: Mapped[str] = mapped_column(String(16), default="", server_default="")
    #: As the register writes it; empty where nobody has said it.
    company_number: Mapped[str] = mapped_column(
        String(LONGEST_COMPANY_NUMBER), default="", server_default=""
    )
    created_at: Mapped[datetime]


class Staff(Base):
    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("role IN ('owner', 'collector', 'reader')", name="role"),
    )

    id: Mapped[StaffId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    #: Lower case; one person, one sign-in.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(2))
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSession(Base):
    """One signed-in browser. The cookie holds a secret; the row only its SHA-256."""

    __tablename__ = "staff_sessions"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "staff_id"], ["staff.supplier_id", "staff.id"]),
        Index(None, "supplier_id", "staff_id"),
    )

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    supplier_id: Mapped[SupplierId]
    staff_id: Mapped[StaffId]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(300))


class Debtor(Base):
    __tablename__ = "debtors"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "number"),
        CheckConstraint("kind IN ('business', 'consumer')", name="kind"),
        Index(None, "supplier_id", "name"),
    )

    id: Mapped[DebtorId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    #: The supplier's own number for this customer.
    number: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(8))
    country: Mapped[str] = mapped_column(String(2))
    #: None: decided by the country, then by the supplier.
    language: Mapped[str | None] = mapped_column(String(2))
    street: Mapped[str | None] = mapped_column(String(120))
    postcode: Mapped[str | None] = mapped_column(String(16))
    city: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]


class Contact(Base):
    """A person or mailbox at a debtor; reminders go to the primary one."""

    __tablename__ = "contacts"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("debtor_id", "email"),
        CheckConstraint("role IN ('billing', 'approver', 'manager')", name="role"),
        Index(
            "ix_contacts_primary",
            "debtor_id",
            unique=True,
            sqlite_where=text("is_primary"),
            postgresql_where=text("is_primary"),
        ),
    )

    id: Mapped[ContactId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str | None] = mapped_column(String(2))
    #: What they do with invoices there; reminders go to the primary contact whatever its role.
    role: Mapped[str] = mapped_column(String(8), default="billing", server_default="billing")
    is_primary: Mapped[bool]
    #: E.164 (`+41795550140`); None: nobody told us one that can be dialled.
    phone: Mapped[str | None] = mapped_column(String(16))
    #: Set when the address turned out not to exist; nothing is sent to it then.
    bounced_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ContactProposal(Base):
    """A change a contact asked for that another has to agree to: whoever reads the proposed
    address, or the supplier. The id is random (version 4): it stands in a mail.
    """

    __tablename__ = "contact_proposals"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "contact_id"], ["contacts.supplier_id", "contacts.id"]
        ),
        CheckConstraint("kind IN ('person', 'email', 'postal')", name="kind"),
        CheckConstraint(
            "state IN ('to_confirm', 'to_approve', 'done', 'refused', 'expired')", name="state"
        ),
        CheckConstraint("kind = 'postal' OR email IS NOT NULL", name="email"),
        CheckConstraint("kind <> 'postal' OR street IS NOT NULL", name="street"),
        Index(None, "supplier_id", "debtor_id", "created_at"),
        Index(None, "supplier_id", "state"),
    )

    id: Mapped[ContactProposalId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: Who asked; with "email" also whose address changes.
    contact_id: Mapped[ContactId]
    kind: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10))
    state_since: Mapped[datetime]
    name: Mapped[str | None] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    #: With "email": the address it was, which is told of the change.
    former_email: Mapped[str | None] = mapped_column(String(254))
    role: Mapped[str | None] = mapped_column(String(8))
    #: Reminders are to go there from then on.
    becomes_primary: Mapped[bool] = mapped_column(default=False)
    street: Mapped[str | None] = mapped_column(String(120))
    postcode: Mapped[str | None] = mapped_column(String(16))
    city: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    #: A link in a mail is good until then.
    expires_at: Mapped[datetime]


class Identifier(Base):
    """A debtor's number in a register: SIREN, SIRET, KBO, UID, CRN, VAT."""

    __tablename__ = "identifiers"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        UniqueConstraint("supplier_id", "scheme", "value"),
        Index(None, "debtor_id"),
    )

    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(12), primary_key=True)
    #: Compact, as python-stdnum writes it.
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
