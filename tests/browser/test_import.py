"""A curator's usual month in a browser: 200 rows looked at, the good ones taken over, published, and the whole undone."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from resources.models import ImportBatch, Resource
from tests.imports import as_csv, two_hundred
from tests.people import make_curator

MOST_CLICKS = 12


class Curator:
    """Somebody at the desk who counts their clicks, and looks at each page with axe."""

    def __init__(self, page, assert_accessible):
        self.page, self.check, self.clicks = page, assert_accessible, 0

    def press(self, role, name):
        self.page.get_by_role(role, name=name).first.click()
        self.clicks += 1
        self.check(self.page)


@pytest.fixture
def catalogue_as_it_was():
    """What a journey leaves in the portal that all browser tests share is taken away."""
    last = ImportBatch.objects.order_by("pk").last()
    yield
    made = ImportBatch.objects.filter(pk__gt=last.pk if last else 0)
    Resource.objects.filter(batch__in=made).delete()
    made.delete()


def test_two_hundred_rows_are_live_in_twelve_clicks_and_undone_as_a_whole(browser_of, assert_accessible, catalogue_as_it_was, tmp_path):
    slugs = list(Resource.objects.exclude(audience="Ward managers").order_by("slug").values_list("slug", flat=True)[:20])
    page = browser_of(make_curator(f"{uuid.uuid4().hex[:8]}@example.org"))
    curator = Curator(page, assert_accessible)
    page.goto("/admin/")
    curator.press("link", "import resources")
    page.get_by_label("File of resources").set_input_files({"name": "november.csv", "mimeType": "text/csv", "buffer": as_csv(two_hundred(slugs))})
    curator.clicks += 2  # open the list of files, choose one
    curator.press("button", "Show what would change")
    expect(page.get_by_text("168 new, 17 changed, 3 unchanged, 5 possible duplicates, 7 with errors")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("an hour"))).to_contain_text("Enter a whole number of minutes, such as 90")
    curator.press("button", "Import the 185 good rows as drafts")
    page.get_by_label("Sign-in").select_option("No sign-in")
    curator.clicks += 2
    curator.press("button", "Publish 168 drafts")
    batch = ImportBatch.objects.first()
    assert batch.resources.published().count() == 168
    assert curator.clicks <= MOST_CLICKS
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 13
    page.get_by_role("link", name="Changed: 17").click()
    expect(page.get_by_role("row", name=re.compile("Ward managers")).first).to_be_visible()
    assert_accessible(page)
    curator.press("link", "Undo this import")
    curator.press("button", "Undo Import")
    expect(page.get_by_text(re.compile("is undone. Edited since, and left as they are: 0"))).to_be_visible()
    assert batch.resources.published().count() == 0
    assert not Resource.objects.filter(slug__in=slugs, audience="Ward managers").exists()


def test_without_script_on_a_phone_a_duplicate_is_taken_and_a_wrong_file_is_said_beside_its_field(browser_of, assert_accessible, catalogue_as_it_was):
    person = make_curator(f"{uuid.uuid4().hex[:8]}@example.org")
    page = browser_of(person, java_script_enabled=False, viewport={"width": 320, "height": 700})
    page.goto("/admin/resources/importbatch/import/")
    page.get_by_label("File of resources").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"Title,Colour\nx,y\n"})
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("There is no column “Colour”")).to_be_visible()
    assert_accessible(page)
    rows = two_hundred(["team-huddles"])[:1] * 2
    page.get_by_label("File of resources").set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": as_csv(rows)})
    page.get_by_role("button", name="Show what would change").click()
    assert_accessible(page)
    page.get_by_label("This is not a duplicate").check()
    page.get_by_role("button", name="Import the selected rows too").click()
    expect(page.get_by_role("button", name="Import the 2 good rows as drafts")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
