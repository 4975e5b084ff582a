"""One row that names the last transaction that changed what public pages of the catalogue show.

Pages are remembered under it (`catalog.remembering`). The database keeps it, so that the admin, the shell and bulk
loads count as much as the verbs do.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

CREATE = """
CREATE TABLE catalog_stamp (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    changed_by xid8 NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO catalog_stamp DEFAULT VALUES;
CREATE FUNCTION catalog_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_stamp SET changed_by = pg_current_xact_id() WHERE changed_by <> pg_current_xact_id();
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_changed AFTER UPDATE ON catalog_version
    FOR EACH ROW WHEN (NEW.state = 'published') EXECUTE FUNCTION catalog_changed();
"""
TABLES = (
    "accounts_organisation",
    "catalog_microcredential",
    "catalog_facetcount",
    "catalog_collection",
    "catalog_collectionitem",
    "catalog_stack",
    "catalog_stackgroup",
    "catalog_stackitem",
)
WATCH = """
CREATE TRIGGER catalog_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {}
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_changed();
"""
DROP = "DROP FUNCTION catalog_changed CASCADE; DROP TABLE catalog_stamp"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0002_search"), ("accounts", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(CREATE, DROP),
        *(migrations.RunSQL(WATCH.format(table), migrations.RunSQL.noop) for table in TABLES),
    ]
