"""A whole round: a lead starts it, twelve people rate, two in browsers, with and without script, one on paper, one too late, and the lead closes it."""

import re
from datetime import timedelta

from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from assessments.models import Assessment
from tests.page_form import PageForm
from tests.rounds import make_lead

GROUPS = {"Board and executive": range(1, 6), "Staff": range(6, 12)}


def rate(page, link, level):
    """One rater's way from the cover to the thanks: how many pages it is."""
    page.goto(link)
    with page.expect_navigation():
        page.get_by_role("button", name="Start").click()
    pages = 1
    while "/check/" not in page.url:
        pages += 1
        page.get_by_label(level).first.check()
        with page.expect_navigation():
            page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/thanks/")
    return pages + 2


def send(link):
    """One rater's way without the pages: each form as it is sent."""
    browser = Client()
    for component in range(1, 6):
        page = f"{link}{component}/"
        form = PageForm(browser.get(page), having=f"version-{component}.1").sent
        assert browser.post(page, form | {f"choice-{component}.1": "3"}).status_code == 302
    assert browser.post(f"{link}check/")["Location"].endswith("/thanks/")


def test_twelve_people_rate_and_the_lead_closes_the_round(portal, browser_of, new_page):
    lead = make_lead("TW1", "Twelve Trust", "lead-twelve@example.org")
    page, clicks = browser_of(lead), 0
    page.goto("/organisations/TW1/assessments/start/")
    last = timezone.localdate() + timedelta(days=14)
    for part, value in (("Day", last.day), ("Month", last.month), ("Year", last.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label(re.compile("Self-assessment on the five components")).check()
    page.get_by_label("Nobody: ratings are anonymous").check()
    page.get_by_role("button", name="Start the round").click()
    here, clicks = page.url, clicks + 3
    for group, numbers in GROUPS.items():
        page.goto(f"{here}raters/add/")
        page.get_by_label("People", exact=True).fill("\n".join(f"Twelve {n} <twelve{n}@example.org>" for n in numbers))
        page.get_by_label(group).check()
        page.get_by_role("button", name="Add them to the list").click()
        clicks += 3
    page.get_by_role("button", name="Send 11 links").click()
    clicks += 1
    links = {message.to[0]: re.search(r"/rate/[\w-]{22}/", message.body)[0] for message in mail.outbox if "twelve" in message.to[0]}
    assert len(links) == 11

    *in_time, late = sorted(links.values())
    assert rate(new_page(), in_time.pop(), "Starting") == 8
    assert rate(new_page(java_script_enabled=False), in_time.pop(), "Developing") == 8
    for link in in_time:  # as their browsers would send it
        send(link)
    page.goto(f"{here}sheets/")
    page.get_by_label("How many sheets?").fill("1")
    page.get_by_label("Staff").check()
    page.get_by_role("button", name="Make the sheets").click()
    assessment = Assessment.objects.get(organisation__code="TW1")
    page.goto(f"{here}sheets/key-in/")
    page.get_by_label("Code on the sheet").fill(assessment.raters.on_paper().get().sheet_code)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/rate/**")
    with page.expect_navigation():
        page.get_by_role("button", name="Start").or_(page.get_by_role("button", name="Continue")).click()
    while "/check/" not in page.url:
        page.get_by_label("Spreading").first.check()
        with page.expect_navigation():
            page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name=re.compile("[Ff]inish")).click()
    page.wait_for_url(re.compile("/thanks/|/key-in/"))
    page.goto(here)
    expect(page.get_by_role("main")).to_contain_text("11 of 12 have finished")

    page.get_by_role("link", name="Close the round now").click()
    page.get_by_label("Why do you close it now?").fill("All but one have rated")
    page.get_by_role("button", name="Close the round now").click()
    expect(page.get_by_role("main")).to_contain_text("Rating ended on")
    assert clicks + 8 <= 30  # paper and the close included
    too_late = new_page()
    too_late.goto(late)
    expect(too_late.get_by_role("main")).to_contain_text("lead-twelve@example.org")
    assessment.refresh_from_db()
    assert assessment.finished_raters().count() == 11
