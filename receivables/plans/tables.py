"""Plans, what they cover, their instalments, what was agreed to, and what was said about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import (
    ContactId,
    DebtorId,
    InstalmentId,
    InvoiceId,
    PaymentId,
    PlanConsentId,
    PlanId,
    PlanMessageId,
    SavedMethodId,
    StaffId,
    SupplierId,
)
from receivables.money import Money

_STATES = (
    "('proposed', 'approved', 'awaiting_first', 'active', 'in_default', 'cured', 'completed',"
    " 'accelerated', 'refused', 'cancelled', 'restructured', 'expired')"
)
_WAITING = text("state IN ('proposed', 'approved', 'awaiting_first')")
_STANDING = text("state IN ('active', 'in_default', 'cured')")


class PlanPolicy(Base):
    """A supplier's terms for plans, as `rules.Policy`; the default while there is no row."""

    __tablename__ = "plan_policies"
    __table_args__ = (
        CheckConstraint("0 < least_minor AND least_minor <= most_minor", name="range"),
        CheckConstraint("least_instalment_minor > 0", name="least_instalment"),
        CheckConstraint("answer_days > 0 AND cure_days > 0 AND blocked_months >= 0", name="terms"),
        CheckConstraint("sepa_notice_days BETWEEN 2 AND 14", name="sepa_notice_days"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    least_minor: Mapped[int]
    most_minor: Mapped[int]
    least_instalment_minor: Mapped[int]
    #: Of `rules.Frequency`, apart by blanks.
    frequencies: Mapped[str] = mapped_column(String(40))
    whole_units: Mapped[bool] = mapped_column(Boolean)
    #: Of `credit.rules.SolvencyClass`, apart by blanks.
    auto_solvency: Mapped[str] = mapped_column(String(20))
    answer_days: Mapped[int] = mapped_column(Integer)
    blocked_months: Mapped[int] = mapped_column(Integer)
    cure_days: Mapped[int] = mapped_column(Integer)
    asked_months: Mapped[int] = mapped_column(Integer)
    asked_percent: Mapped[int] = mapped_column(Integer)
    sepa_notice_days: Mapped[int] = mapped_column(Integer, server_default="14")
    changed_at: Mapped[datetime]


class PlanPolicyClass(Base):
    """What one payer class may choose."""

    __tablename__ = "plan_policy_classes"
    __table_args__ = (
        CheckConstraint("payer_class IN ('A', 'B', 'C', 'D', 'E', 'N')", name="payer_class"),
        CheckConstraint("most_months BETWEEN 0 AND 24", name="most_months"),
        CheckConstraint("first_percent BETWEEN 0 AND 90", name="first_percent"),
        CheckConstraint("fee_minor >= 0 AND rate_bp >= 0", name="costs"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(
        ForeignKey("plan_policies.supplier_id"), primary_key=True
    )
    payer_class: Mapped[str] = mapped_column(String(1), primary_key=True)
    most_months: Mapped[int] = mapped_column(Integer)
    first_percent: Mapped[int] = mapped_column(Integer)
    #: What a plan costs a business: once, in the policy's currency, and a year in basis points.
    fee_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    rate_bp: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Plan(Base):
    """One version of an agreement to pay in parts; what was agreed in it never changes."""

    __tablename__ = "plans"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        of_same_supplier("decided_by", "staff"),
        of_same_supplier("replaces_id", "plans"),
        of_same_supplier("saved_method_id", "saved_methods"),
        of_same_supplier("costs_note_id", "invoices"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint(f"state IN {_STATES}", name="state"),
        CheckConstraint("frequency IN ('weekly', 'fortnightly', 'monthly')", name="frequency"),
        CheckConstraint("total_minor > 0 AND version > 0", name="total"),
        CheckConstraint("fee_minor >= 0 AND rate_bp >= 0 AND interest_minor >= 0", name="costs"),
        CheckConstraint("sepa_notice_days BETWEEN 2 AND 14", name="sepa_notice_days"),
        CheckConstraint(
            "state NOT IN ('active', 'in_default', 'cured', 'completed', 'accelerated',"
            " 'restructured') OR (accepted_at IS NOT NULL AND activated_at IS NOT NULL)",
            name="activated_at",
        ),
        Index(None, "supplier_id", "debtor_id"),
        Index(None, "supplier_id", "state"),
        Index(
            "ix_plans_waiting",
            "expires_at",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_plans_standing", "supplier_id", sqlite_where=_STANDING, postgresql_where=_STANDING
        ),
    )

    id: Mapped[PlanId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: Who asked for it, or signed it; the primary contact stands in for whoever left.
    contact_id: Mapped[ContactId | None]
    state: Mapped[str] = mapped_column(String(14))
    state_since: Mapped[datetime]
    #: When a plan that waits is over by itself.
    expires_at: Mapped[datetime | None]
    #: The last day for the supplier's answer, where a person answers.
    answer_due_on: Mapped[date | None]
    #: Of `rules.Reason`: why a person had to decide; empty when the policy did.
    reasons: Mapped[list[str]] = mapped_column(JSON)
    #: The debt and what the plan costs.
    total: Mapped[Money] = composite(
        mapped_column("total_minor"), mapped_column("currency", String(3))
    )
    #: `costs.Costs`, as it was quoted.
    fee_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    rate_bp: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    interest_minor: Mapped[int] = mapped_column(default=0, server_default="0")
    #: The debit note over them, once the plan stands; one of its invoices then.
    costs_note_id: Mapped[InvoiceId | None]
    #: As wished: `rules.Wish`.
    frequency: Mapped[str] = mapped_column(String(11))
    day: Mapped[int | None] = mapped_column(Integer)
    #: 1, or one more than that of the version it replaces.
    version: Mapped[int] = mapped_column(Integer)
    replaces_id: Mapped[PlanId | None]
    #: Days to cure a default, as agreed.
    cure_days: Mapped[int] = mapped_column(Integer)
    #: Days between the notice of a debit of a bank account and the debit, as agreed.
    sepa_notice_days: Mapped[int] = mapped_column(Integer, server_default="2")
    decided_by: Mapped[StaffId | None]
    #: What the debtor is told about the decision.
    decision_note: Mapped[str] = mapped_column(String(500))
    #: The insurer's agreement to a plan beyond the extension period; empty where none was needed.
    insurer_agreement: Mapped[str] = mapped_column(String(120))
    #: What instalments are charged to; None: the debtor is asked for a card.
    saved_method_id: Mapped[SavedMethodId | None]
    #: Why nothing is charged nor asked for at present: a `PauseReason`; empty while it runs.
    paused_for: Mapped[str] = mapped_column(String(20))
    paused_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PlanInvoice(Base):
    """One invoice in a plan: what was outstanding of it, and when it was due without the plan."""

    __tablename__ = "plan_invoices"
    __table_args__ = (
        of_same_supplier("plan_id", "plans"),
        of_same_supplier("invoice_id", "invoices"),
        CheckConstraint("base_minor > 0", name="base"),
        Index(
            "uq_plan_invoices_standing",
            "invoice_id",
            unique=True,
            sqlite_where=text("stands"),
            postgresql_where=text("stands"),
        ),
        Index(None, "supplier_id", "invoice_id"),
    )

    plan_id: Mapped[PlanId] = mapped_column(primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    #: In the plan's currency.
    base_minor: Mapped[int]
    #: The original due date, which stays the reference for law and insurance.
    due_on: Mapped[date]
    #: While the plan stands: an invoice is on one plan at most.
    stands: Mapped[bool] = mapped_column(Boolean)
    #: Ledger entries that were there when the base was taken: what came since is the others.
    entries_before: Mapped[list[str]] = mapped_column(JSON)


class InstalmentRow(Base):
    """One instalment as agreed, and the work of charging it. What is paid is the ledger's."""

    __tablename__ = "instalments"
    __table_args__ = (
        of_same_supplier("plan_id", "plans"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("plan_id", "place"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("place >= 0", name="place"),
        CheckConstraint("needs IN ('', 'card', 'confirmation', 'person')", name="needs"),
        Index(
            "ix_instalments_charge",
            "supplier_id",
            "charge_on",
            sqlite_where=text("charge_on IS NOT NULL"),
            postgresql_where=text("charge_on IS NOT NULL"),
        ),
        Index(None, "supplier_id", "plan_id"),
    )

    id: Mapped[InstalmentId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    plan_id: Mapped[PlanId]
    #: 0 is the first payment, due at once.
    place: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    #: When it is charged next; None when it is not, or is being charged.
    charge_on: Mapped[date | None]
    #: Tries the bank refused.
    tries: Mapped[int] = mapped_column(Integer)
    #: The try that is under way: made with the claim, so that a claim repeated is the same try.
    attempt_id: Mapped[PaymentId | None]
    #: What it waits for: another "card", the debtor's "confirmation", a "person"; or nothing.
    needs: Mapped[str] = mapped_column(String(12))


class PlanConsent(Base):
    """What the debtor agreed to, word for word, when and from where. Added, never changed."""

    __tablename__ = "plan_consents"
    __table_args__ = (
        of_same_supplier("plan_id", "plans"),
        of_same_supplier("contact_id", "contacts"),
        Index(None, "supplier_id", "plan_id"),
    )

    id: Mapped[PlanConsentId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    plan_id: Mapped[PlanId]
    contact_id: Mapped[ContactId]
    text: Mapped[str]
    #: SHA-256 of the text.
    text_hash: Mapped[str] = mapped_column(String(64))
    #: Of the wording, whatever the language: `consent.VERSION`.
    version: Mapped[str] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(300))
    #: The schedule as it was shown.
    schedule: Mapped[dict[str, Any]] = mapped_column(JSON)
    agreed_at: Mapped[datetime]


class PlanMessage(Base):
    """One message about a plan; on record before anybody is written to."""

    __tablename__ = "plan_messages"
    __table_args__ = (
        of_same_supplier("plan_id", "plans"),
        of_same_supplier("instalment_id", "instalments"),
        # What can be said once about a plan, or about one try of one instalment, is said once.
        UniqueConstraint("plan_id", "key"),
        CheckConstraint("state IN ('due', 'sending', 'sent', 'unknown', 'failed')", name="state"),
        Index(None, "supplier_id", "plan_id"),
        Index(
            "ix_plan_messages_sending",
            "claimed_at",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
    )

    id: Mapped[PlanMessageId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    plan_id: Mapped[PlanId]
    instalment_id: Mapped[InstalmentId | None]
    #: A `messages.MessageKind`.
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(60))
    #: The supplier's calendar day on which it was decided.
    decided_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(8))
    #: Why it failed; empty otherwise.
    reason: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
