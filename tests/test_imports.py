"""Imports of resources: looked at first, taken over as a whole, undone as a whole."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources import import_apply, spreadsheet
from resources.history import write_lines
from resources.import_apply import apply, dry_run
from resources.import_publish import Care, look_after
from resources.import_undo import undo
from resources.models import Category, ImportBatch, ImportRow, Link, Provider, Resource
from tests.imports import GOOD, as_csv, good_row, here, title_of, two_hundred
from tests.people import make_person

pytestmark = pytest.mark.django_db
CATALOGUE = ("resources_resource", "resources_resource_providers", "resources_resource_components", "resources_provider")


@pytest.fixture
def curator(db):
    return make_person("curator@example.org", is_staff=True)


@pytest.fixture
def look(curator):
    """The dry run of some rows."""
    return lambda *rows: dry_run(as_csv(rows), "file.csv", curator)


def rows_of(batch, kind):
    return list(batch.rows.filter(kind=kind).order_by("number"))


def problems_of(batch):
    return [(row.number, *problem) for row in batch.rows.order_by("number") for problem in row.problems]


def contents(*tables, but=("id", "updated_at")):
    """A hash of what tables say; new keys and the time of saving are no difference."""
    found = []
    with connection.cursor() as cursor:
        for table in tables or CATALOGUE:
            cursor.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            found += sorted(repr([value for name, value in zip(names, row, strict=True) if name not in but]) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def some_slugs(number=20):
    return list(Resource.objects.order_by("slug").values_list("slug", flat=True)[:number])


# What is looked at ----------------------------------------------------------------------------------------------------


def test_a_usual_month_is_sorted_into_five_kinds_and_only_the_dry_run_is_written(curator):
    before = contents(*CATALOGUE, but=())
    batch = dry_run(as_csv(two_hundred(some_slugs())), "november.csv", curator)
    assert batch.counts() == {"error": 7, "duplicate": 5, "changed": 17, "new": 168, "unchanged": 3}
    assert contents(*CATALOGUE, but=()) == before
    assert (batch.by, batch.applied_at, str(batch)) == (curator, None, f"Import {batch.pk}: november.csv")


def test_a_change_is_shown_old_beside_new_and_blank_is_not_known(look):
    batch = look(here("team-huddles", title="Huddles of teams", audience=" ", minutes="45", starts_on="24/11/2026"))
    (row,) = rows_of(batch, "changed")
    old = Resource.objects.get(slug="team-huddles")
    assert ["title", old.title, "Huddles of teams"] in row.changes
    assert ["minutes", "", "45"] in row.changes
    assert ["starts_on", "", "2026-11-24"] in row.changes
    assert [change[0] for change in row.changes if change[0] == "audience"] == (["audience"] if old.audience else [])


def test_codes_words_and_kinds_of_date_mean_the_same(look, curator):
    by_code = good_row(
        1,
        category="case-studies",
        components="4,2",
        format="web-page",
        cost="FREE",
        sign_in="nhs",
        url_confidence="confirmed",
        featured="TRUE",
        starts_on="3 December 2026",
    )
    in_words = good_row(
        2,
        components="2;4",
        format="Web page",
        cost="free",
        sign_in="NHS sign-in needed",
        url_confidence="Confirmed",
        featured="yes",
        starts_on="03/12/2026",
        owner="Curator@Example.org",
    )
    apply(look(by_code, in_words), curator)
    first, second = (Resource.objects.get(title=title_of(n)) for n in (1, 2))
    same = ("category_id", "format", "cost", "sign_in", "url_confidence", "featured", "starts_on")
    assert [getattr(first, name) for name in same] == [getattr(second, name) for name in same]
    assert [c.number for c in first.components.all()] == [c.number for c in second.components.all()] == [2, 4]
    assert (first.owner, second.owner) == (None, curator)


def test_an_error_says_the_row_the_column_the_value_and_what_to_do(look):
    batch = look(
        good_row(1),
        good_row(2, minutes="an hour", category="Course", starts_on="2027-01-02", ends_on="2027-01-01"),
        good_row(3, title="", slug="Ä ö", owner="x@example.org"),
    )
    assert problems_of(batch) == [
        (3, "category", "Course", "Use one of: " + ", ".join(Category.objects.values_list("name", flat=True))),
        (3, "minutes", "an hour", "Enter a whole number of minutes, such as 90"),
        (3, "ends_on", "2027-01-01", "Enter a day that is not before it starts: 2027-01-02"),
        (4, "title", "", "Enter a title"),
        (4, "slug", "Ä ö", "Use small letters, numbers and hyphens, such as team-huddles, or leave it empty for a new resource"),
        (4, "owner", "x@example.org", "Enter the e-mail address of a curator, or leave it empty"),
    ]


def test_the_same_slug_twice_in_a_file_is_an_error(look):
    batch = look(good_row(1, slug="mine"), good_row(2, slug="mine"))
    assert problems_of(batch) == [(3, "slug", "mine", "Row 2 has it too: take one of the rows out, or give each its own")]


SAME_ADDRESSES = [
    "http://example.org/Calm", "https://www.example.org/Calm/", "https://EXAMPLE.org:443/Calm", "https://example.org/Calm?utm_source=x&utm_medium=y",
    "https://example.org/Calm#part", "https://example.org/Calm/?fbclid=1#a",
]  # fmt: skip


@pytest.mark.parametrize("other", SAME_ADDRESSES)
def test_the_same_address_in_another_spelling_is_a_possible_duplicate(other, look):
    batch = look(
        good_row(1, url="https://example.org/Calm"),
        good_row(2, url=other),
        good_row(3, url="https://example.org/calm"),
        good_row(4, url="https://example.org/Calm?page=2"),
    )
    (row,) = rows_of(batch, "duplicate")
    assert (row.number, row.problems) == (3, [["url", other, "The same address as row 2 of this file"]])


def test_a_near_same_title_is_a_possible_duplicate_and_another_year_is_not(look):
    here_already = Resource.objects.get(slug="team-huddles")
    batch = look(good_row(1, title="The NHS culture survey: findings of 2024"), good_row(2, title="NHS Culture Survey – findings 2024"), good_row(3, title="NHS culture survey findings 2025"),
                 good_row(4, title=here_already.title + "!"))  # fmt: skip
    assert [(row.number, row.resource, row.problems[0][2]) for row in rows_of(batch, "duplicate")] == [
        (3, None, "Almost the same title as row 2 of this file"),
        (5, here_already, f"Almost the same title as “{here_already.title}” (team-huddles)"),
    ]


def test_a_new_publisher_is_named_once_and_one_that_is_nearly_here_is_doubted(look, curator):
    batch = look(
        good_row(1, providers="A new body; NHS England"),
        good_row(2, providers="a  new BODY"),
        good_row(3, providers="NHS Englnad"),
        good_row(4, providers="nhs england"),
    )
    assert batch.new_publishers() == [
        ("A new body", "Makes a new publisher"),
        ("NHS Englnad", "Makes a new publisher. It is almost called “NHS England”, which is here: is it the same?"),
    ]
    assert not Provider.objects.filter(name="A new body").exists()
    apply(batch, curator)
    assert Provider.objects.get(name="A new body").resources.count() == 2
    assert Provider.history.filter(name="A new body", history_change_reason=batch.reason).count() == 1


# Taking over ----------------------------------------------------------------------------------------------------------


def test_good_rows_come_as_drafts_and_changes_are_history(curator):
    batch = dry_run(as_csv(two_hundred(some_slugs())), "november.csv", curator)
    apply(batch, curator)
    assert batch.resources.drafts().count() == batch.resources.count() == 168
    made = Resource.objects.get(title=title_of(0))
    assert (made.batch, made.published_at, made.history.get().history_change_reason, made.history.get().history_user) == (batch, None, batch.reason, curator)
    assert {provider.name for provider in made.providers.all()} == {"NHS England"} == {line.provider.name for line in made.history.get().providers.all()}
    changed = Resource.objects.get(slug=some_slugs()[0])
    assert changed.audience == "Ward managers" and changed.state == "published"
    assert changed.history.first().history_change_reason == batch.reason
    assert [line.provider_id for line in changed.history.first().providers.all()] == [provider.pk for provider in changed.providers.all()]


def test_an_import_is_made_once_and_the_same_file_again_changes_nothing(curator):
    content = as_csv([good_row(n) for n in range(5)] + [good_row(6, slug="with-a-slug"), here("team-huddles", cost="paid")])
    batch = dry_run(content, "file.csv", curator)
    apply(batch, curator)
    with pytest.raises(ValidationError, match="made already"):
        apply(batch, curator)
    before = contents(*CATALOGUE, "resources_historicalresource", but=())
    again = dry_run(content, "file.csv", curator)
    assert again.counts() == {"error": 0, "duplicate": 5, "changed": 0, "new": 0, "unchanged": 2}
    apply(again, curator)
    assert contents(*CATALOGUE, "resources_historicalresource", but=()) == before


def test_a_duplicate_is_imported_only_when_a_curator_says_that_it_is_none(look, curator):
    batch = look(good_row(1), good_row(2, url=good_row(1)["url"]), good_row(3, url=good_row(1)["url"]), good_row(4, url=good_row(1)["url"]))
    assert batch.tick({3, 4}) == 2
    batch.untick({4})
    apply(batch, curator)
    assert [Resource.objects.filter(title=title_of(n)).exists() for n in (1, 2, 3, 4)] == [True, True, False, False]


def test_what_changed_since_the_dry_run_is_not_overwritten_but_said(look, curator):
    batch = look(here("team-huddles", cost="paid"), good_row(1), good_row(2, url="https://example.org/taken-meanwhile"))
    theirs = Resource.objects.get(slug="team-huddles")
    theirs.title = "As somebody else has it"
    theirs.save()
    apply(look(good_row(9, url="https://www.example.org/taken-meanwhile/")), curator)
    apply(batch, curator)
    theirs.refresh_from_db()
    assert (theirs.title, theirs.cost) != ("As somebody else has it", "paid") and theirs.title == "As somebody else has it"
    assert [row.number for row in rows_of(batch, "error")] == [2, 4]
    assert all("no longer as the dry run found it" in problem[3] for problem in problems_of(batch))
    assert Resource.objects.filter(title=title_of(1)).exists() and not Resource.objects.filter(title=title_of(2)).exists()


def test_slugs_are_made_from_titles_and_never_taken_twice(look, curator):
    batch = look(good_row(1, title="Team huddles for 9 wards and a hall"), good_row(2, title="Team huddles for 9 wards, and a hall", url="https://example.org/x"), good_row(3, title="🙂"), good_row(4, title="🙃"),
                 good_row(5, slug="team-huddles-for-9-wards-and-a-hall-2"))  # fmt: skip
    batch.tick({3, 4, 5})
    apply(batch, curator)
    assert sorted(batch.resources.values_list("slug", flat=True)) == [
        "resource",
        "resource-2",
        "team-huddles-for-9-wards-and-a-hall",
        "team-huddles-for-9-wards-and-a-hall-2",
        "team-huddles-for-9-wards-and-a-hall-3",
    ]


class Broken(Exception):
    pass


@pytest.mark.parametrize("fails_at", [1, 2, 3, 5, 6])
def test_an_import_that_fails_at_any_row_leaves_everything_as_it_was(fails_at, curator, monkeypatch):
    rows = [good_row(1, providers="Brand new"), good_row(2), here("team-huddles", cost="paid"), good_row(4), good_row(5), good_row(6)]
    batch = dry_run(as_csv(rows), "file.csv", curator)
    monkeypatch.setattr("resources.import_plan.AT_A_TIME", 1)
    tables = (*CATALOGUE, "resources_importbatch", "resources_importrow", "resources_historicalresource", "resources_historicalprovider")
    before, taken = contents(*tables, but=()), []

    def fail(self, rows, planned, whole=import_apply.Import._take):
        taken.append(rows)
        whole(self, rows, planned)
        if len(taken) == fails_at:
            raise Broken

    monkeypatch.setattr(import_apply.Import, "_take", fail)
    with pytest.raises(Broken):
        apply(batch, curator)
    assert contents(*tables, but=()) == before


# Undoing --------------------------------------------------------------------------------------------------------------


def test_undoing_leaves_the_catalogue_as_it_was_with_history_and_is_done_once(curator):
    before = contents()
    rows = [
        *two_hundred(some_slugs()),
        good_row(500, providers="Only theirs"),
        here(some_slugs(25)[24], providers="Another new one", components="1", owner="curator@example.org"),
    ]
    batch = dry_run(as_csv(rows), "november.csv", curator)
    apply(batch, curator)
    assert contents() != before
    assert undo(batch, curator) == 0
    assert contents() == before
    assert (batch.state, batch.undone_by) == ("undone", curator)
    line = Resource.history.filter(title=title_of(0)).first()
    assert (line.history_type, line.history_change_reason, line.history_user) == ("-", f"{batch.reason} undone", curator)
    with pytest.raises(ValidationError, match="undone already"):
        undo(batch, curator)


def test_what_somebody_edited_since_stays_with_both_texts(look, curator):
    batch = look(good_row(1), good_row(2), here("team-huddles", cost="Paid"), here(some_slugs()[0], audience="Porters"))
    apply(batch, curator)
    for resource in (Resource.objects.get(title=title_of(1)), Resource.objects.get(slug="team-huddles")):
        resource.summary, resource.cost = "Edited since", "free"
        resource.save()
    assert undo(batch, curator) == 2
    assert Resource.objects.filter(title=title_of(1)).exists() and not Resource.objects.filter(title=title_of(2)).exists()
    assert Resource.objects.get(slug="team-huddles").summary == "Edited since"
    assert Resource.objects.get(slug=some_slugs()[0]).audience != "Porters"
    kept = {row.number: row.problems for row in batch.rows.exclude(problems=[])}
    assert ["summary", "Edited since", GOOD["summary"]] in kept[2]
    assert kept[4] == [["cost", "Free", next(old for name, old, _ in batch.rows.get(number=4).changes if name == "cost")]]


def test_being_saved_or_looked_after_as_a_whole_is_no_edit(look, curator):
    batch = look(good_row(1), good_row(2), good_row(3))
    apply(batch, curator)
    Resource.objects.get(title=title_of(1)).save()
    care = Care(owner=curator, review_on=timezone.localdate().replace(year=2030), sign_in="none", published_at=timezone.now())
    assert look_after(batch, care, curator) == 3
    assert batch.resources.published().count() == 3
    assert undo(batch, curator) == 0
    assert [resource.state for resource in Resource.objects.filter(batch=batch)] == ["withdrawn"] * 3


def test_lines_of_history_written_at_once_are_as_saving_writes_them(curator):
    resource = Resource.objects.get(slug="team-huddles")
    resource.save()
    saved = resource.history.first()
    write_lines([resource], by=curator, reason="Why")
    written = resource.history.first()
    delta = written.diff_against(saved)
    assert delta.changed_fields == [] and written.pk != saved.pk
    assert [line.provider_id for line in written.providers.all()] == [line.provider_id for line in saved.providers.all()] != []


def test_what_was_known_of_an_old_address_says_nothing_of_a_new_one_and_nothing_after_an_undo(look, curator):
    resource = Resource.objects.get(slug="team-huddles")
    Link.objects.create(resource=resource, address=resource.url, verdict="gone", verdict_at=timezone.now())
    batch = look(here("team-huddles", url="https://example.org/moved"))
    apply(batch, curator)
    assert (Link.objects.get().verdict, Link.objects.get().address) == ("unchecked", "https://example.org/moved")
    undo(batch, curator)
    assert Link.objects.get().address == resource.url == Resource.objects.get(slug="team-huddles").url


# Kept and let go ------------------------------------------------------------------------------------------------------


def test_old_dry_runs_go_and_what_was_left_of_old_imports_loses_its_words(look, curator):
    old, made, fresh = look(good_row(1)), look(good_row(2), good_row(3, minutes="x")), look(good_row(4))
    apply(made, curator)
    past = timezone.now() - timezone.timedelta(days=100)
    ImportBatch.objects.filter(pk=old.pk).update(made_at=past)
    ImportBatch.objects.filter(pk=made.pk).update(made_at=past, applied_at=past)
    ImportBatch.objects.tidy()
    assert set(ImportBatch.objects.all()) == {made, fresh}
    assert [(row.kind, row.cells, bool(row.changes)) for row in made.rows.all()] == [("new", {}, True), ("error", {}, False)]


def test_an_address_is_found_in_imports_and_forgotten(look):
    look(good_row(1, owner="Leaver@example.org"), good_row(2))
    rows = ImportRow.objects.for_addresses(["leaver@example.org"])
    assert [row.number for row in rows] == [2]
    assert rows.forget() == 1 and not ImportRow.objects.for_addresses(["leaver@example.org"]).exists()


def test_rows_to_mend_come_back_mended(look, curator):
    batch = look(good_row(1), good_row(2, minutes="an hour"), good_row(3, url="nowhere"))
    apply(batch, curator)
    content = spreadsheet.left_rows(batch, "csv").content.decode("utf-8-sig")
    assert "What to do" in content and "Enter a whole number of minutes" in content
    mended = dry_run(content.replace("an hour", "60").replace("nowhere", "https://example.org/somewhere").encode(), "mended.csv", curator)
    assert mended.counts()["new"] == 2 and mended.counts()["error"] == 0


def test_the_database_is_asked_hardly_oftener_for_more_rows(curator):
    """SQLite takes thirty rows at a time."""

    def asked(number, start):
        content = as_csv([good_row(start + n) for n in range(number)] + [here(slug, audience=f"For {number}") for slug in some_slugs(number)])
        with CaptureQueriesContext(connection) as queries:
            batch = dry_run(content, "f.csv", curator)
            apply(batch, curator)
            undo(batch, curator)
        return len(queries)

    assert asked(40, 1000) - asked(5, 0) <= 12
