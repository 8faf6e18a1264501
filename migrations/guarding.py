"""What every table of a supplier gets beside its columns, as the versions put it in place.

Frozen like the versions themselves: what is changed here later would change the past.
"""

from alembic import op

_RULE = (
    "(current_setting('app.system', true) = 'on'"
    " OR {column} = nullif(current_setting('app.supplier', true), '')::uuid)"
)


def keep_apart(*tables: str, column: str = "supplier_id") -> None:
    """On PostgreSQL a supplier's transaction sees that supplier's rows and no others."""
    if op.get_bind().dialect.name != "postgresql":
        return
    rule = _RULE.format(column=column)
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY supplier ON {table} USING {rule} WITH CHECK {rule}")


def forbid_change(*tables: str) -> None:
    """Rows are added and never changed (`receivables.guards.APPEND_ONLY`)."""
    for table in tables:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
