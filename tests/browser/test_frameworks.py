"""The framework in a browser: read on a phone and without scripts, printed, taken away; and brought in, looked at and published in the admin."""

import re
import uuid
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from assessments.framework_file import as_file
from assessments.framework_text import FrameworkText
from assessments.models import Framework
from tests.people import make_curator, signed_in

PAGE = "/self-assessment/working-edition/"


def working_edition():
    return FrameworkText.of(Framework.objects.get(slug="working-edition"))


# In public ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/self-assessment/", PAGE])
def test_a_page_is_accessible_and_fits_a_phone_with_and_without_scripts(address, page, page_without_script, assert_accessible, assert_fits):
    page.goto(address)
    assert_fits(page, 1280, 320)
    assert_accessible(page)
    page_without_script.goto(address)
    assert_fits(page_without_script, 320)


def test_somebody_finds_the_questions_and_the_way_on(page_without_script):
    page = page_without_script
    page.goto("/")
    page.get_by_role("link", name="Self-assessment", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Self-assessment")
    page.get_by_role("link", name=re.compile("working edition")).click()
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="2.3 Coaching leadership").click()
    assert page.url.endswith(f"{PAGE}#q2-3")
    expect(page.get_by_role("article", name="2.3 Coaching leadership")).to_be_in_viewport()
    expect(page.get_by_role("article", name="2.3 Coaching leadership")).to_contain_text("Coaching is how people are led, recruited and appraised.")
    page.get_by_role("link", name="Run it in your organisation").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(("name", "suffix"), [("Excel workbook", ".xlsx"), ("YAML", ".yaml")])
def test_it_is_taken_away_as_a_file(name, suffix, page, tmp_path):
    page.goto(PAGE)
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download as {name}").click()
    assert download.value.suggested_filename == f"working-edition{suffix}"
    download.value.save_as(tmp_path / "file")
    assert (tmp_path / "file").stat().st_size > 10_000


def test_on_paper_it_leaves_out_what_cannot_be_clicked_and_breaks_no_question(page):
    page.goto(PAGE)
    page.emulate_media(media="print")
    expect(page.get_by_text("Back to the top")).to_be_hidden()
    expect(page.get_by_role("heading", name="Take it away")).to_be_hidden()
    expect(page.get_by_text("How to cite it")).to_be_visible()
    assert set(page.locator("article").evaluate_all("all => all.map(one => getComputedStyle(one).breakInside)")) == {"avoid"}
    sheet = 297 / 25.4 * 96
    assert max(page.locator("article").evaluate_all("all => all.map(one => one.offsetHeight)")) < sheet / 2
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert 5 <= pages <= 14


def test_in_forced_colours_the_levels_keep_their_names(new_page, assert_accessible):
    page = new_page(forced_colors="active")
    page.goto(PAGE)
    expect(page.get_by_text("5. Improving and sustaining").first).to_be_visible()
    assert_accessible(page)


# In the admin ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(page, portal):
    """The page of an administrator who has signed in."""
    person = make_curator(f"{uuid.uuid4().hex[:8]}@example.org")
    cookie = signed_in(person).cookies["__Host-sessionid"].value
    page.context.add_cookies([{"name": "__Host-sessionid", "value": cookie, "domain": "127.0.0.1", "path": "/", "secure": True}])
    return page


def choose(desk, content, name="framework.yaml"):
    desk.get_by_label("The framework’s file").set_input_files({"name": name, "mimeType": "application/yaml", "buffer": content})
    desk.get_by_role("button", name="Show what would come").click()


def test_a_framework_is_brought_in_looked_at_and_deleted_again(desk, assert_accessible):
    slug = f"edition-{uuid.uuid4().hex[:8]}"
    desk.goto("/admin/assessments/framework/")
    assert_accessible(desk)
    desk.get_by_role("link", name="Import a framework").click()
    assert_accessible(desk)
    choose(desk, as_file(replace(working_edition(), slug=slug, title="Brought in"), ".yaml"))
    expect(desk.get_by_text("Title: Brought in")).to_be_visible()
    assert_accessible(desk)
    assert not Framework.objects.filter(slug=slug).exists()
    desk.get_by_role("button", name="Import it as a draft").click()
    expect(desk.get_by_text("Imported as a draft.")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name="Publish").click()
    expect(desk.get_by_text("nothing of it can ever change")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name="Leave it a draft").click()
    desk.get_by_role("link", name="Delete").click()
    desk.get_by_role("button", name="Yes, I’m sure").click()
    assert not Framework.objects.filter(slug=slug).exists()


def test_faults_are_listed_beneath_the_field(desk, assert_accessible):
    desk.goto("/admin/assessments/framework/import/")
    choose(desk, as_file(working_edition(), ".yaml").replace(b"number: '2.1'", b"number: two"))
    expect(desk.get_by_role("heading", name="Faults in the file: 2")).to_be_visible()
    expect(desk.get_by_role("cell", name="two", exact=True)).to_be_visible()
    assert_accessible(desk)


def test_the_published_edition_is_read_in_the_admin(desk, assert_accessible):
    desk.goto(f"/admin/assessments/framework/{Framework.objects.get(slug='working-edition').pk}/change/")
    expect(desk.get_by_text("This framework is published and cannot change.")).to_be_visible()
    expect(desk.get_by_role("link", name="Publish")).to_have_count(0)
    assert_accessible(desk)
