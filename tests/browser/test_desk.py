"""A curator's morning in a browser: the queue, two hundred rows shared out, two at one form; by keyboard, on a phone, without a script."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from resources.models import FailedSearch, Resource, SearchDecision
from tests.browser.conftest import PHONE
from tests.people import make_curator


@pytest.fixture
def curator():
    person = make_curator(f"desk-{uuid.uuid4().hex[:8]}@example.org", name="Cara Curator")
    yield person
    person.delete()


@pytest.fixture
def rows(curator):
    """Some resources of this curator's, due for review; put back afterwards."""
    kept = list(Resource.objects.published().order_by("pk")[:3])
    before = {r.pk: {name: getattr(r, name) for name in ("owner_id", "review_on", "summary", "minutes", "cost")} for r in kept}
    for number, resource in enumerate(kept):
        Resource.objects.filter(pk=resource.pk).update(owner=curator, review_on=timezone.localdate() - timedelta(days=number))
    yield kept
    for pk, values in before.items():
        Resource.objects.filter(pk=pk).update(**values)


@pytest.fixture
def searched():
    words = f"sought {uuid.uuid4().hex[:8]}"
    FailedSearch.objects.create(words=words, day=timezone.localdate(), times=900)
    yield words
    FailedSearch.objects.filter(words=words).delete()
    SearchDecision.objects.filter(words=words).delete()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_queue_on_a_phone_without_a_script_each_thing_in_one_press(browser_of, curator, rows, searched, assert_accessible):
    page = browser_of(curator, java_script_enabled=False, **PHONE)
    page.goto("/admin/")
    assert_accessible(page)
    assert fits(page)
    page.locator("li", has_text=searched).get_by_role("button", name="Dismiss").click()
    page.get_by_text(f"“{searched}” is dismissed").wait_for()
    assert page.locator("li", has_text=searched).get_by_role("button").count() == 0
    page.locator("#review li", has_text=rows[2].title).get_by_role("button").click()
    page.get_by_text(f"“{rows[2].title}” is reviewed").wait_for()
    page.goto("/admin/resources/resource/")
    assert_accessible(page)
    above = page.get_by_role("navigation", name="Filter").bounding_box()["y"]
    assert above < page.locator("#result_list").bounding_box()["y"]
    page.locator("summary", has_text="What it needs").click()
    page.get_by_role("link", name="Review within 30 days").click()
    assert page.get_by_role("link", name=rows[0].title, exact=True).is_visible()


def test_many_are_tagged_by_keyboard_alone_old_beside_new_first(browser_of, curator, rows, assert_accessible):
    page = browser_of(curator)
    page.goto(f"/admin/resources/resource/tag/?ids={rows[0].pk},{rows[1].pk}")
    assert_accessible(page)
    page.get_by_label("Cost").focus()
    page.keyboard.type("Paid")
    page.get_by_role("button", name="Show what would change").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nothing has changed yet.").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Tag: change 2 resources").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Tag: 2 resources changed.").wait_for()
    page.goto(f"/admin/resources/resource/{rows[0].pk}/history/")
    assert_accessible(page)
    page.locator("#change-history a").nth(1).click()
    assert_accessible(page)
    page.get_by_role("button", name="Put this version back").click()
    page.get_by_text("is as it was then").wait_for()
    assert Resource.objects.get(pk=rows[0].pk).cost != "paid"


def test_two_at_one_form_lose_neither_s_words(browser_of, curator, rows, allow_problems, assert_accessible):
    address = f"/admin/resources/resource/{rows[1].pk}/change/"
    other = make_curator(f"other-{uuid.uuid4().hex[:8]}@example.org", name="Olu Other")
    mine, theirs = browser_of(curator), browser_of(other)
    for page in (mine, theirs):
        page.goto(address)
    theirs.get_by_label("Summary").fill("What Olu wrote first.")
    theirs.get_by_role("button", name="Save", exact=True).click()
    theirs.get_by_text("was changed successfully").wait_for()
    mine.get_by_label("Summary").fill("What I wrote meanwhile.")
    with allow_problems("status of 409"):
        mine.get_by_role("button", name="Save", exact=True).click()
        mine.get_by_role("heading", name="Olu Other saved this").wait_for()
    assert mine.get_by_role("cell", name="What Olu wrote first.").is_visible()
    assert mine.get_by_label("Summary").input_value() == "What I wrote meanwhile."
    assert_accessible(mine)
    mine.get_by_role("button", name="Save", exact=True).click()
    mine.get_by_text("was changed successfully").wait_for()
    assert Resource.objects.get(pk=rows[1].pk).summary == "What I wrote meanwhile."
    other.delete()
