"""Every kind of public page, as a visitor meets it: accessible, quiet and whole, with script and without, wide and narrow."""

import pytest

PAGES = {
    "home": "/",
    "component": "/components/investing-in-people-and-culture/",
    "category": "/categories/free-tools-and-guides/",
    "a later page": "/categories/free-tools-and-guides/?page=2",
    "provider": "/providers/nhs-england/",
    "resource": "/resources/improving-nhs-culture/",
    "a resource whose address is not confirmed": "/resources/training-and-events/",
    "list": "/resources/",
    "list with a search and two filters": "/resources/?q=huddle&component=2&cost=free&list=3",
    "list with nothing": "/resources/?q=huddle&category=case-studies",
    "list of nonsense": "/resources/?q=zzzzqqqq",
    "reading list": "/reading-list/?list=1-2-3",
    "empty reading list": "/reading-list/",
    "API guide": "/api/",
    "about": "/about/",
    "accessibility statement": "/accessibility-statement/",
    "cookies": "/cookies/",
    "privacy": "/privacy/",
    "terms": "/terms/",
    "contact": "/contact/",
}
ONE_OF_EACH = ("home", "component", "list with a search and two filters", "resource", "reading list", "about")  # of each template, with most on it


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_the_console_is_clean_and_nothing_scrolls_sideways(address, page, assert_accessible, assert_fits):
    assert page.goto(address).status == 200
    assert_accessible(page)
    assert_fits(page, 320)


@pytest.mark.parametrize("address", [PAGES[name] for name in ONE_OF_EACH], ids=ONE_OF_EACH)
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_axe_finds_nothing_on_a_small_phone_or_at_400_percent_either(address, script, new_page, assert_accessible, assert_fits):
    page = new_page(viewport={"width": 320, "height": 640}, java_script_enabled=script)
    page.goto(address)
    assert_accessible(page)
    assert_fits(page)


def test_an_error_page_is_accessible_and_has_ways_on(page, allow_problems, assert_accessible):
    with allow_problems("404"):
        assert page.goto("/no-such-page/").status == 404
    assert_accessible(page)
    page.get_by_role("link", name="See all resources").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Find resources"


def test_a_page_in_forced_colours_keeps_its_boxes(new_page, assert_accessible):
    page = new_page(forced_colors="active", reduced_motion="reduce")
    page.goto("/resources/?q=coaching&component=2")
    assert_accessible(page)
    assert page.locator(".app-chip").first.evaluate("e => getComputedStyle(e).borderStyle") == "solid"


def test_print_leaves_out_what_paper_cannot_use(page):
    page.goto("/reading-list/?list=1-2")
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="Find more to add").is_visible()
    assert page.locator(".app-only-print").first.is_visible()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(page):
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "maincontent"
