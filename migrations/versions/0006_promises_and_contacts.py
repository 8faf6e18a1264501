"""promises and contacts"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _step_ups()
    _promises()
    _paid_claims()
    _contacts()
    keep_apart(
        "step_ups",
        "promises",
        "promise_items",
        "paid_claims",
        "paid_claim_items",
        "contact_proposals",
    )


def _step_ups() -> None:
    op.create_table(
        "step_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_visit_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_step_ups_tries")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_visit_id IS NULL)",
            name=op.f("ck_step_ups_confirmed_visit"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_step_ups_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "grant_id"],
            ["portal_grants.supplier_id", "portal_grants.id"],
            name=op.f("fk_step_ups_supplier_id_grant_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_ups")),
        sa.UniqueConstraint("confirmed_visit_id", name=op.f("uq_step_ups_confirmed_visit_id")),
    )
    for columns in (
        ("requested_at",),
        ("supplier_id", "contact_id", "requested_at"),
        ("supplier_id", "grant_id", "visit_id"),
    ):
        op.create_index(op.f(f"ix_step_ups_{'_'.join(columns)}"), "step_ups", list(columns))


def _about_a_debtor(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f(f"fk_{table}_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f(f"fk_{table}_supplier_id_contact_id"),
        ),
    )


def _promises() -> None:
    op.create_table(
        "promises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("awaits_money", sa.Boolean(), nullable=False),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("dealt_with_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promises_amount")),
        sa.CheckConstraint(
            "source IN ('debtor', 'staff', 'call')", name=op.f("ck_promises_source")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'kept', 'kept_in_part', 'broken', 'superseded', 'cancelled')",
            name=op.f("ck_promises_state"),
        ),
        sa.CheckConstraint("judged_on >= promised_on", name=op.f("ck_promises_judged_on")),
        *_about_a_debtor("promises"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_promises_supplier_id_id")),
    )
    for columns in (
        ("supplier_id", "debtor_id", "created_at"),
        ("supplier_id", "state", "promised_on"),
    ):
        op.create_index(op.f(f"ix_promises_{'_'.join(columns)}"), "promises", list(columns))
    _items(
        "promise_items",
        "promise_id",
        "promises",
        sa.Column("lowered_minor", sa.BigInteger(), nullable=False),
    )


def _items(table: str, owner: str, owners: str, *more: sa.Column) -> None:
    op.create_table(
        table,
        sa.Column(owner, sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        *more,
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f(f"ck_{table}_amount")),
        sa.ForeignKeyConstraint(
            ["supplier_id", owner],
            [f"{owners}.supplier_id", f"{owners}.id"],
            name=op.f(f"fk_{table}_supplier_id_{owner}"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f(f"fk_{table}_supplier_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint(owner, "invoice_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(
        f"uq_{table}_live_invoice",
        table,
        ["invoice_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_index(
        op.f(f"ix_{table}_supplier_id_invoice_id"), table, ["supplier_id", "invoice_id"]
    )


def _paid_claims() -> None:
    op.create_table(
        "paid_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_paid_claims_amount")),
        sa.CheckConstraint(
            "state IN ('open', 'to_approve', 'refused', 'matched', 'not_found', 'lapsed')",
            name=op.f("ck_paid_claims_state"),
        ),
        sa.CheckConstraint(
            "state <> 'open' OR held_until IS NOT NULL", name=op.f("ck_paid_claims_held_until")
        ),
        *_about_a_debtor("paid_claims"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paid_claims")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_paid_claims_supplier_id_id")),
    )
    for columns in (
        ("supplier_id", "debtor_id", "created_at"),
        ("supplier_id", "state", "created_at"),
    ):
        op.create_index(op.f(f"ix_paid_claims_{'_'.join(columns)}"), "paid_claims", list(columns))
    _items("paid_claim_items", "claim_id", "paid_claims")


def _contacts() -> None:
    with op.batch_alter_table("contacts") as batch:
        batch.add_column(
            sa.Column("role", sa.String(length=8), nullable=False, server_default="billing")
        )
        batch.create_check_constraint(
            op.f("ck_contacts_role"), "role IN ('billing', 'approver', 'manager')"
        )
    op.create_table(
        "contact_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("former_email", sa.String(length=254), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=True),
        sa.Column("becomes_primary", sa.Boolean(), nullable=False),
        sa.Column("street", sa.String(length=120), nullable=True),
        sa.Column("postcode", sa.String(length=16), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('person', 'email', 'postal')", name=op.f("ck_contact_proposals_kind")
        ),
        sa.CheckConstraint(
            "state IN ('to_confirm', 'to_approve', 'done', 'refused', 'expired')",
            name=op.f("ck_contact_proposals_state"),
        ),
        sa.CheckConstraint(
            "kind = 'postal' OR email IS NOT NULL", name=op.f("ck_contact_proposals_email")
        ),
        sa.CheckConstraint(
            "kind <> 'postal' OR street IS NOT NULL", name=op.f("ck_contact_proposals_street")
        ),
        *_about_a_debtor("contact_proposals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_proposals")),
    )
    for columns in (("supplier_id", "debtor_id", "created_at"), ("supplier_id", "state")):
        op.create_index(
            op.f(f"ix_contact_proposals_{'_'.join(columns)}"), "contact_proposals", list(columns)
        )


def downgrade() -> None:
    op.drop_table("contact_proposals")
    with op.batch_alter_table("contacts") as batch:
        batch.drop_constraint(op.f("ck_contacts_role"), type_="check")
        batch.drop_column("role")
    for table in ("paid_claim_items", "paid_claims", "promise_items", "promises", "step_ups"):
        op.drop_table(table)
