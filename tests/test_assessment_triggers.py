"""What the database itself refuses, whoever asks and however: to change a published framework, to re-pin a round, to loosen its anonymity."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from assessments.framework_import import publish, write
from assessments.framework_text import FrameworkText
from assessments.models import Assessment, Framework, Level, Question
from assessments.triggers import trigger_names
from resources.models import Component
from tests.people import make_organisation, make_person

pytestmark = pytest.mark.django_db
ON_SQLITE = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite alone has it")
ON_POSTGRESQL = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL alone has it")

GUARDED = [
    "framework_refuses_update", "framework_refuses_delete",
    "question_refuses_insert", "question_refuses_update", "question_refuses_delete",
    "level_refuses_insert", "level_refuses_update", "level_refuses_delete",
    "assessment_keeps_its_pins",
]  # fmt: skip


@pytest.fixture
def fixed():
    """The published edition."""
    return Framework.objects.get(slug="working-edition")


@pytest.fixture
def draft(fixed):
    """The same words at another address, not published yet."""
    return write(replace(FrameworkText.of(fixed), slug="draft"))


@pytest.fixture
def round_(fixed):
    """An open round of an organisation whose ratings are anonymous."""
    organisation = make_organisation("AB1", "Our Trust")
    return organisation.assessments.start(by=make_person(), name="Autumn", framework=fixed, closes_on=timezone.localdate() + timedelta(days=14), anonymous=True)


def triggers_here():
    there = {"postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal", "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'"}
    with connection.cursor() as cursor:
        cursor.execute(there[connection.vendor])
        return {name for (name,) in cursor.fetchall() if name.startswith("assessments_")}


def refused(change, words="published framework cannot change"):
    """The database refuses, in words."""
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        change()


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# They are there -------------------------------------------------------------------------------------------------------


def test_every_trigger_is_there_after_the_last_migration_and_no_other():
    assert triggers_here() == trigger_names(connection.vendor)
    assert {f"assessments_{name}" for name in GUARDED} <= trigger_names(connection.vendor)
    assert {f"assessments_{table}_refuses_truncate" for table in ("framework", "question", "level")} <= trigger_names("postgresql")


def test_each_migrate_makes_them_again():
    on = " ON assessments_level" if connection.vendor == "postgresql" else ""
    sql(f"DROP TRIGGER assessments_level_refuses_update{on}")
    assert triggers_here() != trigger_names(connection.vendor)
    call_command("migrate", verbosity=0)
    assert triggers_here() == trigger_names(connection.vendor)


# A published framework ------------------------------------------------------------------------------------------------


def published_changes():
    """Ways to change what is published, each by name: what is given is the framework, its first question and that one's first level."""
    other = {"title": "Other"}
    return {
        "save of a framework": lambda f, q, x: (setattr(f, "title", "Other"), f.save()),
        "unpublish": lambda f, q, x: Framework.objects.filter(pk=f.pk).update(published_at=None),
        "update of frameworks": lambda f, q, x: Framework.objects.update(**other),
        "update of questions": lambda f, q, x: Question.objects.update(**other),
        "update of levels": lambda f, q, x: Level.objects.update(text="Other"),
        "bulk update of questions": lambda f, q, x: (setattr(q, "asks", "Other?"), Question.objects.bulk_update([q], ["asks"])),
        "deletion of a framework": lambda f, q, x: f.delete(),
        "deletion of a question": lambda f, q, x: q.delete(),
        "deletion of a level": lambda f, q, x: x.delete(),
        "deletion of all levels": lambda f, q, x: Level.objects.all().delete(),
        "raw deletion of levels": lambda f, q, x: Level.objects.filter(question=q)._raw_delete("default"),
        "another question": lambda f, q, x: f.questions.create(number="1.9", position=99, title="More", asks="More?", component=Component.objects.first()),
        "bulk creation of questions": lambda f, q, x: Question.objects.bulk_create(
            [Question(framework=f, number="1.9", position=99, title="More", asks="More?", component=q.component)]
        ),
        "upsert of levels": lambda f, q, x: Level.objects.bulk_create(
            [Level(question=q, level=1, text="Other")], update_conflicts=True, unique_fields=["question", "level"], update_fields=["text"]
        ),
        "SQL update": lambda f, q, x: sql("UPDATE assessments_framework SET note = '' WHERE id = %s", f.pk),
        "SQL update of levels": lambda f, q, x: sql("UPDATE assessments_level SET text = 'x'"),
        "SQL deletion": lambda f, q, x: sql("DELETE FROM assessments_level WHERE id = %s", x.pk),
        "SQL insertion": lambda f, q, x: sql("INSERT INTO assessments_level (question_id, level, text) VALUES (%s, 5, 'x')", q.pk),
    }


@pytest.mark.parametrize("way", published_changes())
def test_a_published_framework_cannot_be_changed_by(way, fixed):
    before = FrameworkText.of(fixed)
    question = fixed.questions.first()
    refused(lambda: published_changes()[way](Framework.objects.get(pk=fixed.pk), question, question.levels.first()))
    assert FrameworkText.of(Framework.objects.get(pk=fixed.pk)) == before


def test_a_question_or_level_cannot_be_moved_into_or_out_of_it(fixed, draft):
    theirs, ours = fixed.questions.first(), draft.questions.first()
    refused(lambda: Question.objects.filter(pk=theirs.pk).update(framework=draft, number="1.9", position=99))
    refused(lambda: Question.objects.filter(pk=ours.pk).update(framework=fixed, number="1.9", position=99))
    refused(lambda: Level.objects.filter(question=theirs, level=1).update(question=ours))
    refused(lambda: Level.objects.filter(question=ours, level=1).update(question=theirs))


@ON_SQLITE
@pytest.mark.parametrize("table", ["framework", "question", "level"])
def test_sqlite_s_replace_gets_round_nothing(table, fixed):
    columns = [field.column for field in {"framework": Framework, "question": Question, "level": Level}[table]._meta.concrete_fields]
    names = ", ".join(columns)
    refused(lambda: sql(f"INSERT OR REPLACE INTO assessments_{table} ({names}) SELECT {names} FROM assessments_{table} LIMIT 1"))
    others = [column for column in columns if column != "id"]
    refused(lambda: sql(f"REPLACE INTO assessments_{table} ({', '.join(others)}) SELECT {', '.join(others)} FROM assessments_{table} LIMIT 1"))
    refused(lambda: sql(f"UPDATE OR REPLACE assessments_{table} SET id = id + 1000"))


@ON_POSTGRESQL
@pytest.mark.parametrize("statement", ["assessments_level", "assessments_question CASCADE", "assessments_framework CASCADE", "resources_component CASCADE"])
def test_postgresql_s_truncate_gets_round_nothing(statement, fixed):
    refused(lambda: sql(f"TRUNCATE {statement}"), "cannot be emptied")


def test_a_draft_can_be_changed_until_it_is_published(draft):
    question = draft.questions.first()
    Framework.objects.filter(pk=draft.pk).update(title="Other")
    Question.objects.filter(pk=question.pk).update(title="Other")
    Level.objects.filter(question=question, level=2).update(text="Other")
    Level.objects.filter(question=question, level=1).delete()
    question.levels.create(level=1, text="Again")
    draft.questions.last().delete()
    publish("draft")
    refused(lambda: Framework.objects.filter(pk=draft.pk).update(title="Once more"))
    assert [level.text for level in question.levels.all()][:2] == ["Again", "Other"]


def test_a_draft_can_be_deleted_whole(draft):
    draft.delete()
    assert not Question.objects.filter(framework__slug="draft").exists()


# A round --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["organisation", "framework", "number", "practice"])
def test_a_round_keeps_its(column, round_, draft):
    other = {"organisation": make_organisation("CD1", "Other"), "framework": draft, "number": 7, "practice": True}[column]
    refused(lambda: Assessment.objects.filter(pk=round_.pk).update(**{column: other}), "keeps its")
    fresh = Assessment.objects.get(pk=round_.pk)
    setattr(fresh, column, other)
    refused(fresh.save, "keeps its")
    field = Assessment._meta.get_field(column).column
    refused(lambda: sql(f"UPDATE assessments_assessment SET {field} = %s WHERE id = %s", getattr(other, "pk", other), round_.pk), "keeps its")


def test_anonymous_ratings_never_become_open(round_):
    refused(lambda: Assessment.objects.filter(pk=round_.pk).update(anonymous=False), "keeps its")
    refused(lambda: Assessment.objects.bulk_update([*map(opened, [round_])], ["anonymous"]), "keeps its")
    assert Assessment.objects.get(pk=round_.pk).anonymous


def opened(assessment):
    assessment.anonymous = False
    return assessment


def test_open_ratings_may_become_anonymous_and_all_else_of_a_round_may_change(fixed):
    organisation = make_organisation("AB1", "Our Trust")
    closes_on = timezone.localdate() + timedelta(days=14)
    round_ = organisation.assessments.start(by=make_person(), name="Autumn", framework=fixed, closes_on=closes_on, anonymous=False)
    round_.name, round_.closed_at = "Winter", timezone.now()
    round_.save()
    Assessment.objects.filter(pk=round_.pk).update(anonymous=True)
    refused(lambda: Assessment.objects.filter(pk=round_.pk).update(anonymous=False), "keeps its")
