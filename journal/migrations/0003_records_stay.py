"""The database itself refuses to alter or delete a record, one by one or all at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

CREATE = """
CREATE FUNCTION journal_record_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'records of the journal are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER record_stays BEFORE UPDATE OR DELETE ON journal_record
    FOR EACH ROW EXECUTE FUNCTION journal_record_stays();
CREATE TRIGGER records_stay BEFORE TRUNCATE ON journal_record
    FOR EACH STATEMENT EXECUTE FUNCTION journal_record_stays();
"""
DROP = "DROP FUNCTION journal_record_stays CASCADE"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("journal", "0002_record")]
    operations: ClassVar = [migrations.RunSQL(CREATE, DROP)]
