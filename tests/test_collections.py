"""Reading paths: what readers see of them, how curators make them, and that fixtures never undo that."""

import json
import shutil
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources.catalogue import Catalogue
from resources.models import Category, Collection, Component, Resource
from tests.page_form import PageForm
from tests.people import browser_of, make_curator

pytestmark = pytest.mark.django_db

PATH = "/collections/start-with-tools/"
PLACES_TO_START = [
    "/",
    "/collections/",
    "/categories/free-tools-and-guides/",
    "/components/building-improvement-capability-and-capacity/",
    "/sitemap-collections.xml",
]


@pytest.fixture
def collection():
    return Collection.objects.get(slug="start-with-tools")


@pytest.fixture
def curator():
    return browser_of(make_curator())


# Readers ----------------------------------------------------------------------------------------------------------------


def test_every_component_and_category_says_where_to_start_in_three_steps_that_belong_to_it():
    for row in [*Component.objects.all(), *Category.objects.all()]:
        (collection,) = row.collections.published()
        steps = [step.resource for step in collection.steps.all()]
        assert len(steps) == 3
        assert all(row == step.category or row in step.components.all() for step in steps)


def test_a_path_shows_its_steps_in_order_with_publisher_facts_and_a_sentence_each(client, collection, text_of):
    words = text_of(client.get(PATH))
    for step in collection.steps.all():
        place = words.index(step.resource.title)
        assert words.index(step.sentence) > place
        assert step.resource.providers.first().name in words[place:]
        words = words[place:]
    assert client.get("/collections/no-such-path/").status_code == 404


def test_the_pages_ask_the_database_nothing(client):
    for address in (PATH, *PLACES_TO_START[:4]):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert [q["sql"] for q in queries if "cataloguestamp" not in q["sql"]] == [], address


def test_a_step_that_readers_cannot_open_is_left_out_and_shown_to_curators(client, curator, collection, text_of):
    withdrawn, draft, left = [step.resource for step in collection.steps.select_related("resource")]
    Resource.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now(), withdrawn_reason="Gone")
    Resource.objects.filter(pk=draft.pk).update(published_at=None)
    words = text_of(client.get(PATH))
    assert left.title in words
    assert withdrawn.title not in words
    assert draft.title not in words
    assert f"{withdrawn} (withdrawn), {draft} (draft)" in text_of(curator.get("/admin/resources/collection/"))
    assert "Nothing: it is withdrawn." in text_of(curator.get(f"/admin/resources/collection/{collection.pk}/change/"))
    assert f"Readers do not see the step “{draft}”: it is draft." in text_of(curator.get(f"/admin/resources/collection/{collection.pk}/preview/"))
    Resource.objects.filter(pk=left.pk).update(published_at=None)
    assert client.get(PATH).status_code == 404


def test_where_no_path_is_published_nothing_of_them_appears(client):
    Collection.objects.update(published_at=None)
    for address in PLACES_TO_START:
        page = client.get(address).content.decode()
        assert "start-with" not in page
        assert "Start here" not in page
        assert "know where to start" not in page
    assert "There are no reading paths yet" in client.get("/collections/").content.decode()
    assert client.get(PATH).status_code == 404


def test_a_scheduled_path_is_a_preview_until_its_moment_at_which_the_catalogue_is_made_anew(client, collection, curator):
    now = timezone.now()
    due = now + timedelta(seconds=1)
    Collection.objects.filter(pk=collection.pk).update(published_at=due)
    assert client.get(PATH).status_code == 404
    assert "The reading path is scheduled" in curator.get(f"/admin/resources/collection/{collection.pk}/preview/").content.decode()
    assert Catalogue("any", now).stale_at == due


def test_only_the_first_page_of_a_category_says_where_to_start(client):
    assert "Start here" in client.get("/categories/free-tools-and-guides/").content.decode()
    assert "Start here" not in client.get("/categories/free-tools-and-guides/?page=2").content.decode()


# Curators ---------------------------------------------------------------------------------------------------------------


def test_a_curator_puts_steps_in_another_order_by_number_and_adds_one_by_title_or_address(curator, client, collection):
    page = f"/admin/resources/collection/{collection.pk}/change/"
    sent = PageForm(curator.get(page), having="slug").sent
    assert [sent[f"steps-{n}-position"] for n in range(6)] == ["1", "2", "3", "", "", ""]
    added = {"steps-3-resource": "TEAM huddles", "steps-3-sentence": "Short meetings", "steps-4-resource": "https://any.example/resources/driver-diagram/"}
    moved = {"steps-0-position": "3", "steps-2-position": "1", "steps-4-sentence": "Aims", "steps-4-position": "2"}
    assert curator.post(page, {**sent, **added, **moved}).status_code == 302
    slugs = [step.resource.slug for step in collection.steps.all()]
    assert slugs[0] == "resources-and-templates"
    assert slugs[-1] == "team-huddles"
    assert "driver-diagram" in slugs
    assert list(collection.steps.values_list("position", flat=True)) == [1, 2, 3, 4, 5]
    html = client.get(PATH).content.decode()
    assert html.index("/resources/resources-and-templates/") < html.index("/resources/driver-diagram/") < html.index("/resources/team-huddles/")


@pytest.mark.parametrize("typed", ["No such thing", "https://[", "/", "<script>", "a" * 500])
def test_a_step_of_no_resource_is_refused_in_words_and_kept(typed, curator, collection, text_of):
    page = f"/admin/resources/collection/{collection.pk}/change/"
    sent = PageForm(curator.get(page), having="slug").sent
    response = curator.post(page, {**sent, "steps-3-resource": typed, "steps-3-sentence": "Kept & safe"})
    assert "There is no such resource: enter its title, or the address of its page here" in text_of(response)
    assert "Kept &amp; safe" in response.content.decode()
    assert collection.steps.count() == 3


def test_the_same_resource_twice_is_refused(curator, collection):
    page = f"/admin/resources/collection/{collection.pk}/change/"
    sent = PageForm(curator.get(page), having="slug").sent
    assert curator.post(page, {**sent, "steps-3-resource": "pdsa-worksheet", "steps-3-sentence": "Twice"}).status_code == 200
    assert collection.steps.count() == 3


def test_the_admin_s_list_and_page_ask_as_often_for_many_steps_as_for_few(curator, collection):
    def asked(page):
        with CaptureQueriesContext(connection) as queries:
            assert curator.get(page).status_code == 200
        return len(queries)

    pages = ("/admin/resources/collection/", f"/admin/resources/collection/{collection.pk}/change/")
    few = [asked(page) for page in pages]
    taken = collection.steps.values("resource")
    for place, resource in enumerate(Resource.objects.exclude(pk__in=taken)[:20], 4):
        collection.steps.create(resource=resource, position=place, sentence="One more")
    assert [asked(page) for page in pages] == few


# Fixtures ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fixtures(tmp_path):
    """A copy of the fixtures, and a way to change a path of it."""
    folder = tmp_path / "fixtures"
    shutil.copytree(settings.BASE_DIR / "fixtures", folder)

    def change(slug, edit):
        file = folder / "collections.json"
        rows = json.loads(file.read_text())
        edit(next(row for row in rows if row["slug"] == slug))
        file.write_text(json.dumps(rows))
        call_command("load_catalogue", folder)

    return change


def test_newer_fixtures_bring_a_path_that_nobody_touched_up_to_date(fixtures, collection):
    fixtures(collection.slug, lambda row: row["steps"].reverse())
    assert [step.position for step in collection.steps.all()] == [1, 2, 3]
    assert collection.steps.first().resource.slug == "resources-and-templates"


def test_a_step_that_a_curator_changed_stays_whatever_the_fixtures_say(fixtures, collection):
    step = collection.steps.first()
    step.sentence = "A curator's own."
    step.save()
    fixtures(collection.slug, lambda row: row["steps"].reverse())
    assert collection.steps.first().sentence == "A curator's own."
    assert collection.steps.count() == 3


def test_a_path_that_a_curator_deleted_stays_deleted(fixtures, collection):
    collection.delete()
    fixtures("start-learning", lambda row: row["steps"].reverse())
    assert not Collection.objects.filter(slug="start-with-tools").exists()


def test_a_step_of_no_resource_in_the_fixtures_says_what_to_change(fixtures, collection):
    with pytest.raises(CommandError, match=r"there is no resource 'nowhere'\. Use the slug of one"):
        fixtures(collection.slug, lambda row: row["steps"][0].update(resource="nowhere"))
