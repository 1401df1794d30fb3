"""A lead's way: start, ask, preview, send, copy, print, key in, track, extend, close; on a desk and on a phone, with and without script."""

import re
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from tests.rounds import add_rater, make_framework, make_lead, rate, start_round


@pytest.fixture
def word():
    """A word of this test's own, since all browser tests share a database."""
    return uuid.uuid4().hex[:5].upper()


@pytest.fixture
def lead(word):
    return make_lead(word, f"Trust {word}", f"lead-{word}@example.org")


@pytest.fixture
def framework(word):
    return make_framework(f"small-{word.lower()}")


@pytest.fixture
def browser_of(new_page):
    """A browser in which a person has signed in."""

    def open_one(person, **options):
        page = new_page(**options)
        visitor = Client()
        visitor.force_login(person)
        cookie = visitor.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}]
        )
        return page

    return open_one


@pytest.fixture
def look(assert_accessible, assert_fits):
    """This page fits a phone, and where scripts run it is accessible: its markup is the same without."""

    def check(page):
        assert_fits(page, 375)
        if page.evaluate("!matchMedia('(scripting: none)').matches"):
            assert_accessible(page)
        assert_fits(page, 1280)

    return check


def fill_day(page, day):
    for part in ("day", "month", "year"):
        page.get_by_label(part.capitalize()).fill(str(getattr(day, part)))


def rate_all(page):
    """Choose a level for each question of each page, and finish, as a rater does."""
    with page.expect_navigation():
        page.get_by_role("button", name="Start").click()
    if "?new" in page.url:  # a link that somebody had seen has been exchanged
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile("/1/"))
    while "/check/" not in page.url:
        for question in page.locator("section[data-question]").all():
            question.get_by_role("radio").nth(2).check()
        with page.expect_navigation():
            page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name=re.compile("[Ff]inish")).click()
    page.wait_for_url(re.compile("/thanks/|/key-in/"))


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["with script", "without"])
def test_from_starting_a_round_to_closing_it(options, word, lead, framework, browser_of, look):
    page = browser_of(lead, **options)
    page.goto(f"/organisations/{word}/")
    page.get_by_role("link", name="Start a round of the self-assessment").click()
    look(page)
    page.get_by_role("button", name="Start the round").click()
    expect(page.get_by_role("alert")).to_contain_text("Select who will see who said what")
    look(page)
    fill_day(page, timezone.localdate() + timedelta(days=14))
    page.get_by_label(f"A small framework, small-{word.lower()} edition").check()
    page.get_by_label("Nobody: ratings are anonymous").check()
    page.get_by_role("button", name="Start the round").click()
    expect(page.get_by_role("alert")).to_contain_text("has started")
    look(page)
    round = page.url

    page.get_by_role("link", name="Add the people who will rate").click()
    look(page)
    page.get_by_label("People", exact=True).fill("\n".join(f"Board {n} <board{n}.{word}@example.org>" for n in range(7)) + "\nboard0@")
    page.get_by_label("Board and executive").check()
    page.get_by_role("button", name="Add them to the list").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 8")
    look(page)
    page.get_by_label("People", exact=True).fill("\n".join(f"Board {n} <board{n}.{word}@example.org>" for n in range(7)))
    page.get_by_role("button", name="Add them to the list").click()
    page.get_by_role("link", name="Add people").or_(page.get_by_role("button", name="Add people")).click()
    page.get_by_label("People", exact=True).fill("; ".join(f"Staff, Sam{n} <staff{n}.{word}@example.org>" for n in range(5)))
    page.get_by_label("Staff").check()
    page.get_by_role("button", name="Add them to the list").click()
    expect(page.get_by_role("main")).to_contain_text("0 of 12 have finished")
    look(page)

    page.get_by_role("link", name="Preview the mail").click()
    expect(page.get_by_role("main")).to_contain_text("Hello Board 0,")
    look(page)
    before = len(mail.outbox)
    page.get_by_role("button", name="Send 12 links").click()
    expect(page.get_by_role("alert")).to_contain_text("12 links were accepted by the mail server")
    assert len(mail.outbox) - before == 12

    page.get_by_role("button", name="Copy a link for Sam0 Staff").click()
    look(page)
    link = page.get_by_label("Private link").input_value()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/rate/[\w-]{22}/", link)
    if not options:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy the link").click()
        expect(page.get_by_role("status")).to_contain_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == link

    page.goto(f"{round}sheets/")
    page.get_by_label("How many sheets?").fill("1")
    page.get_by_label("Staff").check()
    page.get_by_role("button", name="Make the sheets").click()
    look(page)
    page.get_by_role("link", name="Print 1 sheet for Staff").click()
    look(page)
    code = page.locator(".app-sheet__code").first.inner_text()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_hidden()
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.locator(".app-sheet__code").first).to_be_visible()
    page.emulate_media(media="screen")
    page.goto(f"{round}sheets/key-in/")
    look(page)
    page.get_by_label("Code on the sheet").fill("XXX XXX")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("No sheet of this round has that code")
    look(page)
    page.get_by_label("Code on the sheet").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/rate/**")
    rate_all(page)
    expect(page.get_by_role("main")).to_contain_text(f"Sheet {code} is keyed in and sealed")

    page.goto(round)
    expect(page.get_by_role("main")).to_contain_text("1 of 13 has finished")
    look(page)
    page.get_by_role("link", name="Change the last day to rate").click()
    look(page)
    fill_day(page, timezone.localdate() + timedelta(days=20))
    page.get_by_role("button", name="Save the new day").click()
    expect(page.get_by_role("main")).to_contain_text("Extended")
    page.get_by_role("link", name="Close the round now").click()
    look(page)
    page.get_by_label("Why do you close it now?").fill("Everybody who wanted to has rated")
    page.get_by_role("button", name="Close the round now").click()
    expect(page.get_by_role("main")).to_contain_text("Rating ended on")
    expect(page.get_by_role("main")).to_contain_text("Everybody who wanted to has rated")
    look(page)


def test_each_page_of_a_round_is_accessible_and_fits(word, lead, framework, browser_of, assert_accessible, assert_fits):
    assessment = start_round(lead, framework)
    for n in range(4):
        add_rater(assessment, f"{word}{n}", "Staff" if n else "Board and executive", delivery="accepted")
    rater = assessment.raters.first()
    rate(assessment.raters.last(), "1234")
    assessment.raters.make_sheets(2, assessment.groups.first().pk, by=lead)
    assessment.extend(by=lead, closes_on=timezone.localdate() + timedelta(days=20))
    page = browser_of(lead)
    here = assessment.get_absolute_url()
    pages = "", "groups/", "raters/", "raters/add/", "raters/mail/", "sheets/", "sheets/print/", "sheets/key-in/", "extend/", "close/", "abandon/"
    rater_pages = (f"raters/{rater.public_id}/replace/", f"raters/{rater.public_id}/remove/")
    for path in (f"/organisations/{word}/assessments/", f"/organisations/{word}/assessments/start/", *(here + name for name in (*pages, *rater_pages))):
        assert page.goto(path).status == 200, path
        assert_fits(page, 1280, 320)
        assert_accessible(page)


def test_a_lead_tries_a_practice_round(word, lead, browser_of, look):
    page = browser_of(lead)
    page.goto(f"/organisations/{word}/assessments/start/")
    page.get_by_role("button", name="Start a practice round").click()
    expect(page.get_by_role("main")).to_contain_text("24 of 25 have finished")
    look(page)
    page.get_by_role("link", name="go to the list of raters").click()
    look(page)
    page.get_by_role("button", name=f"Copy a link for {lead.name}").click()
    link = page.get_by_label("Private link").input_value()
    page.goto("/rate/" + link.split("/rate/")[1])
    expect(page.get_by_role("main")).to_contain_text("practice")
    rate_all(page)
    page.goto(f"/organisations/{word}/assessments/1/")
    expect(page.get_by_role("main")).to_contain_text("25 of 25 have finished")
