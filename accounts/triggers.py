"""The audit log's guards: the database refuses to change, replace, delete or empty it, whoever asks.

Made again after every migrate, since SQLite drops a table's triggers without a word when a migration rebuilds it.
(Its INSERT OR REPLACE fires the delete trigger only with PRAGMA recursive_triggers=ON, which the settings give.)
"""

from django.db import connections

TABLE = "accounts_auditentry"
REFUSAL = "the audit log cannot be changed"

SQLITE = "CREATE TRIGGER {table}_refuses_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
POSTGRESQL = "CREATE TRIGGER {table}_refuses_{event} BEFORE {event} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION accounts_refuse_change()"


def events(vendor):
    return ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")


def make_triggers(using="default", **kwargs):
    """Make the guards afresh; run after every migrate."""
    connection = connections[using]
    if TABLE not in connection.introspection.table_names():
        return
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(POSTGRESQL_FUNCTION.format(refusal=REFUSAL))
        for event in events(connection.vendor):
            names = {"table": TABLE, "event": event, "refusal": REFUSAL}
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_refuses_{event}" + (f" ON {TABLE}" if postgresql else ""))
            cursor.execute((POSTGRESQL if postgresql else SQLITE).format(**names))
