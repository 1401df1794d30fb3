"""From a gap to an action, to its note, to what is done; two editors; a filter without script; a calendar link; and the mail stopped."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Membership
from assessments.models import Framework
from tests.people import give_app, make_person
from tests.world import make_organisation


@pytest.fixture
def word():
    """A word of this test's own, since all browser tests share a database."""
    return uuid.uuid4().hex[:5].upper()


@pytest.fixture
def trust(word):
    """A trust with a lead and a contributor, in which people agree that question 2.3 stands at level 2."""
    trust = make_organisation(word, f"Trust {word}")
    trust.lead = give_app(make_person(f"lead-{word.lower()}@example.org", name="Priya Raman"))
    trust.contributor = make_person(f"tom-{word.lower()}@example.org", name="Tom Ashworth")
    for role in ("lead", "contributor"):
        Membership.objects.create(user=getattr(trust, role), organisation=trust, role=role)
    framework = Framework.objects.get(slug="working-edition")
    assessment = trust.assessments.start(by=trust.lead, name="Autumn", framework=framework, closes_on=timezone.localdate(), anonymous=True)
    assessment.close(by=trust.lead, reason="All have rated")
    assessment.begin_agreeing(by=trust.lead)
    assessment.answers.filter(question__number="2.3").update(level=2)
    return trust


def test_from_a_gap_to_what_is_done_to_the_list(trust, browser_of, assert_accessible):
    page = browser_of(trust.lead)
    page.goto(f"/organisations/{trust.code}/actions/")
    assert_accessible(page)
    page.goto(f"/organisations/{trust.code}/actions/add/?round=1&question=2.3")
    expect(page.get_by_text("The next level, “Progressing”")).to_be_visible()
    expect(page.get_by_label("Question it serves")).to_have_value("2.3")
    assert_accessible(page)
    page.get_by_label("What will be done?").fill("Coach every ward manager")
    page.get_by_label("Who sees to it?").select_option("Tom Ashworth")
    page.get_by_role("button", name="Add the action").click()
    expect(page.get_by_role("alert")).to_contain_text("The action is added.")
    assert_accessible(page)
    page.get_by_label("Add a note").fill("Six of twenty have begun")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("Six of twenty have begun")).to_be_visible()
    page.get_by_role("button", name="Change or stop it").click()
    page.get_by_label("Stopped", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Enter why it was stopped")
    assert_accessible(page)
    page.get_by_label("If it is stopped: why?").fill("Winter came first")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Winter came first")).to_be_visible()
    page.goto(f"/organisations/{trust.code}/actions/")
    page.get_by_role("link", name="See what has ended: 1 stopped").click()
    expect(page.get_by_role("link", name="Coach every ward manager")).to_be_visible()
    assert_accessible(page)


def test_two_editors_see_both_texts(trust, browser_of, assert_accessible, allow_problems):
    action = trust.actions.make(by=trust.lead, title="As it was", owner=trust.lead)
    here = f"/organisations/{trust.code}/actions/{action.public_id}/change/"
    mine, theirs = browser_of(trust.lead), browser_of(trust.contributor)
    for page in (mine, theirs):
        page.goto(here)
    theirs.get_by_label("What will be done?").fill("Theirs")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_text("The action is saved.")).to_be_visible()
    mine.get_by_label("What will be done?").fill("Mine")
    with allow_problems("status of 409"):
        mine.get_by_role("button", name="Save", exact=True).click()
        expect(mine.get_by_text("Theirs, saved")).to_be_visible()
    assert_accessible(mine)
    expect(mine.get_by_label("What will be done?")).to_have_value("Mine")
    mine.get_by_role("button", name="Save mine").click()
    expect(mine.get_by_role("heading", level=1)).to_have_text("Mine")


def test_the_filters_work_without_script_and_nothing_is_cut_off(trust, browser_of, assert_accessible, assert_fits):
    late = timezone.localdate() - timedelta(days=3)
    trust.actions.make(by=trust.lead, title="Late " + "unbreakable" * 9, owner=trust.contributor, due_on=late).note(
        "https://example.org/" + "a" * 200, by=trust.lead
    )
    trust.actions.make(by=trust.lead, title="Not yet", owner_name="Somebody else")
    page = browser_of(trust.contributor, java_script_enabled=False, viewport={"width": 320, "height": 800})
    page.goto(f"/organisations/{trust.code}/actions/")
    expect(page.get_by_text("Overdue: was due on")).to_be_visible()
    page.get_by_label("Who", exact=True).select_option("me")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("owner=me"))
    expect(page.get_by_role("link", name="Not yet")).to_have_count(0)
    assert_accessible(page)
    assert_fits(page, 320, 375, 1280)
    page.get_by_role("link", name="Remove filter Who: You").click()
    expect(page.get_by_role("link", name="Not yet")).to_be_visible()


def test_no_page_of_actions_is_wider_than_a_phone(trust, browser_of, assert_fits):
    action = trust.actions.make(by=trust.lead, title="unbreakable" * 18, owner_name="unbreakable" * 9, due_on=timezone.localdate())
    action.note("unbreakable" * 60, by=trust.lead)
    page = browser_of(trust.contributor, viewport={"width": 320, "height": 800})
    for ending in ("", "?by=owner", "add/", "add/?round=1&question=2.3", "calendar/", f"{action.public_id}/", f"{action.public_id}/change/"):
        page.goto(f"/organisations/{trust.code}/actions/{ending}")
        assert_fits(page, 375, 320)


def test_a_calendar_link_is_copied_and_opens_the_calendar(trust, browser_of, assert_accessible, portal):
    trust.actions.make(by=trust.lead, title="Due", due_on=timezone.localdate())
    page = browser_of(trust.contributor)
    page.goto(f"/organisations/{trust.code}/actions/calendar/")
    assert_accessible(page)
    page.get_by_label("All of them").check()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Private link").input_value()
    assert_accessible(page)
    answer = page.request.get(portal.url + re.sub("^https?://[^/]+", "", link))
    assert "SUMMARY:Due" in answer.text()
    page.get_by_role("button", name="Revoke the link").click()
    expect(page.get_by_text("Your calendar link no longer works.")).to_be_visible()
    assert page.request.get(portal.url + re.sub("^https?://[^/]+", "", link)).status == 404


def test_the_mail_is_stopped_from_the_mail_without_signing_in(trust, page_without_script, assert_accessible):
    trust.actions.make(by=trust.lead, title="Due", owner=trust.contributor, due_on=timezone.localdate())
    call_command("send_action_mails")
    message = next(message for message in reversed(mail.outbox) if message.to == [trust.contributor.email])
    page = page_without_script
    page.goto(re.search(r"(/actions/stop/[\w-]{22}/)", message.body)[1])
    assert_accessible(page)
    page.get_by_role("button", name="Stop the mail").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The weekly mail is stopped")
    assert_accessible(page)
