"""What the database itself refuses: to change a published framework or a submitted result, and to loosen or re-pin a round.

Made again after every migrate, since SQLite drops a table's triggers without a word when a migration rebuilds it.
"""

from django.db import connections

PUBLISHED = "a published framework cannot change: new wording is a new framework"
SUBMITTED = "a submitted result cannot change: reopen it and submit the next version"
PINNED = "a round keeps its organisation, its framework and its anonymity"


def of_framework(row):
    return f"{row}.published_at IS NOT NULL"


def of_question(row):
    return f"EXISTS (SELECT 1 FROM assessments_framework f WHERE f.id = {row}.framework_id AND f.published_at IS NOT NULL)"


def of_level(row):
    return (
        "EXISTS (SELECT 1 FROM assessments_question q JOIN assessments_framework f ON f.id = q.framework_id "
        f"WHERE q.id = {row}.question_id AND f.published_at IS NOT NULL)"
    )


def changed(*columns):
    """The row differs in one of these."""
    return "(" + " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns) + ")"


# name: table, event, when it is refused, what is said
GUARDS = {
    "framework_refuses_update": ("assessments_framework", "UPDATE", of_framework("OLD"), PUBLISHED),
    "framework_refuses_delete": ("assessments_framework", "DELETE", of_framework("OLD"), PUBLISHED),
    "question_refuses_insert": ("assessments_question", "INSERT", of_question("NEW"), PUBLISHED),
    "question_refuses_update": ("assessments_question", "UPDATE", f"{of_question('OLD')} OR {of_question('NEW')}", PUBLISHED),
    "question_refuses_delete": ("assessments_question", "DELETE", of_question("OLD"), PUBLISHED),
    "level_refuses_insert": ("assessments_level", "INSERT", of_level("NEW"), PUBLISHED),
    "level_refuses_update": ("assessments_level", "UPDATE", f"{of_level('OLD')} OR {of_level('NEW')}", PUBLISHED),
    "level_refuses_delete": ("assessments_level", "DELETE", of_level("OLD"), PUBLISHED),
    "assessment_keeps_its_pins": (
        "assessments_assessment",
        "UPDATE",
        f"{changed('organisation_id', 'framework_id', 'number', 'practice')} OR (OLD.anonymous AND NOT NEW.anonymous)",
        PINNED,
    ),
    "submission_refuses_update": ("assessments_submission", "UPDATE", "OLD.id IS NOT NULL", SUBMITTED),
    "submission_refuses_delete": ("assessments_submission", "DELETE", "OLD.id IS NOT NULL", SUBMITTED),
}
TRUNCATED = ("assessments_framework", "assessments_question", "assessments_level", "assessments_submission")  # PostgreSQL's DELETE triggers do not see TRUNCATE

SQLITE = "CREATE TRIGGER assessments_{name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
POSTGRESQL = "CREATE TRIGGER assessments_{name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION assessments_{name}()"
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION assessments_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {when} THEN
        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN {row};
END $$
"""
POSTGRESQL_NO_TRUNCATE = """
CREATE OR REPLACE FUNCTION assessments_refuses_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM assessments_framework WHERE published_at IS NOT NULL) OR EXISTS (SELECT 1 FROM assessments_submission) THEN
        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""


def trigger_names(vendor):
    """Every trigger there must be."""
    names = {f"assessments_{name}" for name in GUARDS}
    return names | {f"{table}_refuses_truncate" for table in TRUNCATED} if vendor == "postgresql" else names


def make_triggers(using="default", **kwargs):
    """Make the guards afresh; run after every migrate."""
    connection = connections[using]
    if not set(connection.introspection.table_names()).issuperset(table for table, *_ in GUARDS.values()):
        return  # migrated back to before these tables were
    with connection.cursor() as cursor:
        make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
        make(cursor)


def _on_sqlite(cursor):
    for name, (table, event, when, refusal) in GUARDS.items():
        cursor.execute(f"DROP TRIGGER IF EXISTS assessments_{name}")
        cursor.execute(SQLITE.format(name=name, event=event, table=table, when=when, refusal=refusal))


def _on_postgresql(cursor):
    for name, (table, event, when, refusal) in GUARDS.items():
        cursor.execute(POSTGRESQL_FUNCTION.format(name=name, when=when, refusal=refusal, row="OLD" if event == "DELETE" else "NEW"))
        cursor.execute(f"DROP TRIGGER IF EXISTS assessments_{name} ON {table}")
        cursor.execute(POSTGRESQL.format(name=name, event=event, table=table))
    cursor.execute(POSTGRESQL_NO_TRUNCATE.format(refusal="what is published or submitted cannot be emptied"))
    for table in TRUNCATED:
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_refuses_truncate ON {table}")
        cursor.execute(f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION assessments_refuses_truncate()")
