"""A result in a browser: on a phone, on a projector, on paper, in forced colours, and by a link without an account."""

import re

import pytest

from tests.people import signed_in
from tests.results import agree, make_agreeing, make_submitted
from tests.rounds import make_framework, make_lead

NARROWEST = {"viewport": {"width": 320, "height": 640}}


@pytest.fixture(scope="module")
def result(portal, django_db_blocker):
    """Two rounds, of which the second asked other questions, and a third in which people agree: the lead and the addresses."""
    with django_db_blocker.unblock():
        lead = make_lead("RES1", "Quiet Valley NHS Trust", "lead@results.example.org")
        make_submitted(lead, make_framework("results-first"), name="Autumn 2024", raters=9)
        framework = make_framework("results-second", numbers=("1.1", "1.2", "2.1", "3.1", "4.1", "4.2", "5.1"))
        second, _ = make_submitted(lead, framework, levels=(2, 3, None, 4, 1, 5), priorities=("1.1", "4.2"), name="Autumn 2025", raters=24)
        third = make_agreeing(lead, framework, name="Autumn 2026", raters=24)
        agree(third, lead)
        here = second.get_absolute_url()
        cookie = signed_in(lead).cookies["__Host-sessionid"].value
    return {"lead": cookie, "result": f"{here}result/", "links": f"{here}result/links/", "preview": f"{third.get_absolute_url()}result/"}


@pytest.fixture
def desk(result, new_page):
    """A page of the lead who has signed in."""

    def make(**options):
        page = new_page(**options)
        page.context.add_cookies([{"name": "__Host-sessionid", "value": result["lead"], "domain": "127.0.0.1", "path": "/", "secure": True}])
        return page

    return make


@pytest.mark.parametrize("name", ["result", "preview", "links", "how"])
def test_each_page_is_accessible_and_fits(desk, result, assert_accessible, assert_fits, name):
    page = desk()
    page.goto(result.get(name, "/self-assessment/how-results-are-worked-out/"))
    for width in (1280, 320):  # each has charts of its own
        assert_fits(page, width)
        assert_accessible(page)


def test_without_script_a_result_is_accessible_and_fits(desk, result, assert_accessible, assert_fits):
    page = desk(**NARROWEST, java_script_enabled=False)
    page.goto(result["result"])
    assert_fits(page)
    assert_accessible(page)


def test_no_text_of_a_chart_is_too_small_or_runs_out_of_a_phone(desk, result):
    page = desk(**NARROWEST)
    page.goto(result["result"])
    texts = page.evaluate("""[...document.querySelectorAll("svg.app-chart text")].map(text => {
        const box = text.getBoundingClientRect();
        const scale = text.getScreenCTM().a;
        return [text.textContent, parseFloat(getComputedStyle(text).fontSize) * scale, box.left, box.right];
    })""")
    assert len(texts) > 50
    for words, size, left, right in texts:
        assert size >= 11 and left >= 0 and right <= 320, (words, size, left, right)


def test_on_paper_every_table_is_there_and_no_chart_is_cut(desk, result):
    page = desk()
    page.goto(result["result"])
    assert not page.get_by_role("cell", name="Level", exact=True).count()
    tables = page.locator(".app-result details table")
    assert tables.count() > 5 and not tables.first.is_visible()
    page.emulate_media(media="print")
    assert all(tables.nth(place).is_visible() for place in range(tables.count()))
    uncut = page.evaluate("""[...document.querySelectorAll("svg.app-chart")].every(svg => getComputedStyle(svg).breakInside === "avoid")""")
    assert uncut
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_in_forced_colours_charts_use_the_reader_s_colours(desk, result):
    page = desk(forced_colors="active")
    page.goto(result["result"])
    ours = page.evaluate("""[...document.querySelectorAll(".app-chart rect, .app-chart circle, .app-chart line, .app-chart text")].flatMap(shape => {
        const style = getComputedStyle(shape);
        return [style.fill, shape.tagName === "text" ? "none" : style.stroke];
    })""")
    assert set(ours) <= {"none", "rgb(0, 0, 0)", "rgb(255, 255, 255)"}


def test_a_lead_makes_a_link_a_board_member_reads_by_it_and_a_link_taken_back_opens_nothing(desk, result, page, assert_accessible, allow_problems):
    lead = desk()
    lead.goto(result["result"])
    lead.get_by_role("link", name="Let somebody without an account read it by a link").click()
    lead.get_by_label("Who is it for?").fill("Bo Bell, chair")
    lead.get_by_role("button", name="Make the link").click()
    link = lead.get_by_label("Private link").input_value()
    assert_accessible(lead)
    assert re.search(r"/result/[\w-]{22}/$", link)
    path = "/result/" + link.split("/result/")[1]
    page.goto(path)
    assert page.get_by_role("heading", name="Result of the self-assessment").is_visible()
    assert not page.get_by_role("link", name="Quiet Valley NHS Trust").count() and not page.context.cookies()
    assert_accessible(page)
    lead.get_by_role("button", name="Take back the link for Bo Bell, chair").click()
    lead.get_by_text("The link for Bo Bell, chair no longer works.").wait_for()
    with allow_problems("status of 404"):
        page.goto(path)
    assert page.get_by_role("heading", name="This link does not work").is_visible()
    assert_accessible(page)
