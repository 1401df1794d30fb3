"""The catalogue's stamp: the database itself changes it whenever a row that readers see changes.

Code could do it only where code saves: a queryset's update(), loaddata or a line typed into psql would go by unseen.
The stamp is random and not a counter, so that a restored copy of the database never meets an index made from a
different catalogue of the same number.
"""

from django.db import connections

STAMPED_TABLES = (
    "resources_category",
    "resources_collection",
    "resources_collectionstep",
    "resources_component",
    "resources_practice",
    "resources_provider",
    "resources_resource",
    "resources_resource_components",
    "resources_resource_providers",
    "resources_resource_related",
    "resources_synonym",
)

EVENTS = ("INSERT", "UPDATE", "DELETE")

# Of a link readers see in lists only whether it is known to be broken: a check that leaves the verdict as it was must not have every
# process make its catalogue anew.
STAMPED_COLUMNS = {"resources_link": "verdict"}


def trigger_names():
    """Every trigger there must be, by name."""
    return {name for table, _, name in _triggers()}


def _triggers():
    """(table, event, name) of each trigger."""
    for table in STAMPED_TABLES:
        for event in EVENTS:
            yield table, event, f"{table}_stamps_{event.lower()}"
    for table, column in STAMPED_COLUMNS.items():
        yield table, f"UPDATE OF {column}", f"{table}_stamps_{column}"


# Not INSERT OR REPLACE: the outer statement's own OR IGNORE, which Django writes for many-to-many rows, would override it.
SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
    DELETE FROM resources_cataloguestamp;
    INSERT INTO resources_cataloguestamp (id, stamp) VALUES (1, lower(hex(randomblob(16))));
END
"""

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION resources_stamp_catalogue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO resources_cataloguestamp (id, stamp) VALUES (1, replace(gen_random_uuid()::text, '-', ''))
    ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp;
    RETURN NULL;
END $$
"""

POSTGRESQL = "CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION resources_stamp_catalogue()"


def make_triggers(using="default", plan=(), **kwargs):
    """Make the catalogue's triggers afresh; run after every migrate."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if not tables.issuperset([*STAMPED_TABLES, *STAMPED_COLUMNS]):
        return  # migrated back to before these tables were
    postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute(POSTGRESQL_FUNCTION)
        for table, event, name in _triggers():
            on_table = f" ON {table}" if postgresql else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
            # PostgreSQL empties tables with TRUNCATE, which DELETE triggers do not see.
            when = "DELETE OR TRUNCATE" if postgresql and event == "DELETE" else event
            cursor.execute((POSTGRESQL if postgresql else SQLITE).format(name=name, event=when, table=table))
