"""who made tables grow has them counted: ANALYZE by the owner's hand"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_COUNT_GROWN = """
CREATE FUNCTION count_grown_table() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    grown regclass;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('count_grown_table')) THEN
        RETURN NULL;
    END IF;
    SELECT c.oid INTO grown
      FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
     WHERE s.schemaname = 'public' AND s.n_mod_since_analyze > 500 + greatest(c.reltuples, 0)
     ORDER BY s.n_mod_since_analyze DESC LIMIT 1;
    IF grown IS NOT NULL THEN
        EXECUTE format('ANALYZE %s', grown);
    END IF;
    RETURN grown;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_COUNT_GROWN)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_grown_table()")
