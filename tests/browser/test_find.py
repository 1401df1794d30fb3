"""A ward manager on a shared computer finds a course: two pages, three clicks, whatever the machine has."""

import re

import pytest
from playwright.sync_api import expect

WAYS = ["page", "page_without_script", "phone"]


@pytest.mark.parametrize("way", WAYS)
def test_two_words_find_the_right_resource_in_two_pages_and_three_clicks(way, request):
    page = request.getfixturevalue(way)
    page.goto("/")
    page.get_by_label("What are you looking for?").fill("team huddles")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/resources/?q=team+huddles")
    first = page.locator(".app-resource").first
    assert first.get_by_role("heading").inner_text() == "Team Huddles"
    assert first.get_by_role("link", name=re.compile("^Go to")).get_attribute("href").startswith("https://learn.nes.nhs.scot/")


@pytest.mark.parametrize("way", WAYS)
def test_no_words_at_all_find_a_course_by_filters(way, request):
    page = request.getfixturevalue(way)
    page.goto("/")
    page.get_by_role("link", name="learn something new").click()
    heading = page.locator("#results")
    assert heading.inner_text() == "11 resources"
    page.get_by_label("Free to read or use").check()
    if way == "page_without_script":
        page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**cost=free**")
    expect(heading).not_to_have_text("11 resources")
    total = int(page.locator("#results").inner_text().split()[0])
    assert 0 < total < 11
    page.go_back()
    expect(heading).to_have_text("11 resources")
    expect(page.get_by_label("Free to read or use")).not_to_be_checked()


def test_a_filter_applies_without_a_reload_and_the_heading_takes_the_focus_and_says_how_many(page):
    page.goto("/resources/")
    page.evaluate("window.stillHere = true")
    page.get_by_label("Case studies").check()
    page.wait_for_url("**category=case-studies**")
    expect(page.locator("#results")).to_have_text("12 resources")
    expect(page.locator("#results")).to_be_focused()
    expect(page.get_by_label("Case studies")).to_be_checked()
    assert page.evaluate("window.stillHere")
    page.get_by_role("link", name="Remove filter Kind of resource: Case studies").click()
    expect(page.locator("#results")).to_be_focused()
    expect(page.locator("#results")).to_have_text("137 resources")
    assert page.evaluate("window.stillHere")


def test_sorting_and_pages_work_without_a_reload_and_by_address(page, page_without_script):
    page.goto("/resources/?q=culture")
    page.evaluate("window.stillHere = true")
    page.get_by_label("Sort by").select_option("title")
    page.wait_for_url("**sort=title**")
    page.get_by_role("link", name="Page 2").click()
    page.wait_for_url("**page=2**")
    expect(page.locator("#results")).to_contain_text("page 2")
    assert page.evaluate("window.stillHere")
    titles = page.locator(".app-resource__title").all_inner_texts()
    page_without_script.goto(page.url)
    assert page_without_script.locator(".app-resource__title").all_inner_texts() == titles


def test_on_a_phone_results_come_before_filters(phone):
    phone.goto("/resources/?q=coaching")
    assert phone.locator("#results").bounding_box()["y"] < 500
    assert phone.locator(".app-resource").first.bounding_box()["y"] < phone.locator("#filters").bounding_box()["y"]
    phone.get_by_role("link", name="Filter these").click()
    assert phone.locator("#filters").bounding_box()["y"] < 100


def test_the_search_box_suggests_and_the_keyboard_alone_gets_there(page, assert_accessible):
    page.goto("/")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "q":
        page.keyboard.press("Tab")
    page.keyboard.type("culture lead", delay=10)
    page.locator("[role=option]").first.wait_for()
    assert_accessible(page)
    assert page.locator("#q").get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert page.locator("#q").get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("Escape")
    assert page.locator("[role=listbox]").is_hidden()
    page.locator("#q").press_sequentially("e")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/resources/.*culture.*"))


def test_enter_in_the_box_searches_for_what_was_typed(page):
    page.goto("/")
    page.locator("#q").press_sequentially("huddle", delay=5)
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources/?q=huddle")


@pytest.mark.parametrize("way", ["page", "page_without_script"])
def test_a_reading_list_is_made_shared_and_cleared_with_links_alone(way, request):
    page = request.getfixturevalue(way)
    page.goto("/resources/?q=huddle")
    page.get_by_role("link", name="Make a reading list").click()
    page.wait_for_url("**list=**")
    page.get_by_role("link", name=re.compile("^Add to my list ?: Team Huddles")).click()
    page.get_by_text("has 1 resource").wait_for()
    page.get_by_role("link", name="Team Huddles", exact=True).click()
    page.get_by_role("link", name="your reading list").click()
    page.wait_for_url("**/reading-list/?list=*")
    assert page.locator(".app-resource").count() == 1
    page.get_by_role("link", name=re.compile("^Take out ?: Team Huddles")).click()
    assert page.get_by_text("There is nothing on it yet").is_visible()


def test_nothing_found_leads_on(page):
    page.goto("/resources/?q=huddle&category=case-studies")
    page.get_by_role("link", name=re.compile("Without Kind of resource")).click()
    expect(page.locator("#results")).to_contain_text("3 resources")


def test_a_failing_fetch_falls_back_to_the_page_itself(page, allow_problems):
    page.goto("/resources/")
    page.route("**/resources/?*", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_())
    with allow_problems("net::ERR_FAILED"):
        page.get_by_label("Case studies").check()
        page.wait_for_url("**category=case-studies**")
        expect(page.locator("#results")).to_have_text("12 resources")
