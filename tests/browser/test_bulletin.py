"""Subscribe, confirm, prefer, unsubscribe, by keyboard and eye; an issue from the admin to the archive; and the mails as mail programs show them."""

import re
import uuid

import pytest
from django.core import mail
from playwright.sync_api import expect

from bulletin.issue_mail import IssueMail
from bulletin.models import Issue, SignUp, Subscriber
from tests.background import do_what_waits
from tests.bulletin import make_issue
from tests.people import make_curator


@pytest.fixture
def word():
    """A word of this test's own, since all browser tests share a database."""
    return uuid.uuid4().hex[:8]


@pytest.fixture(autouse=True)
def tidy_up():
    """All browsers of the tests are one client, which may ask five times an hour."""
    SignUp.objects.all().delete()
    yield
    Subscriber.objects.all().delete()
    Issue.objects.all().delete()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def path_in(message, name):
    return re.search(rf"/bulletin/{name}/[\w-]+/", message.body)[0]


def test_subscribe_confirm_prefer_unsubscribe(phone, word, assert_accessible):
    page = phone
    page.goto("/")
    page.get_by_role("link", name="Subscribe to our bulletin").click()
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your e-mail address")
    assert_accessible(page)
    page.get_by_label("Your e-mail address").fill(f"{word}@example.org")
    page.get_by_label("Once a month").check()
    page.get_by_label("Case studies").check()
    assert fits(page)
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    assert_accessible(page)
    do_what_waits()
    page.goto(path_in(mail.outbox[-1], "confirm"))
    expect(page.get_by_text("Once a month")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Yes, I want it").click()
    expect(page.get_by_role("heading", name="You are subscribed")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="See or change what you get").click()
    expect(page.get_by_label("Once a month")).to_be_checked()
    page.get_by_label("Once a week").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("What you get is changed")
    page.get_by_label("Watch another search").fill("huddle")
    page.get_by_role("button", name="Watch it").click()
    expect(page.get_by_role("link", name="“huddle”")).to_be_visible()
    assert fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Remove “huddle”").click()
    expect(page.get_by_role("link", name="“huddle”")).to_have_count(0)
    page.goto(page.url.split("?")[0].replace("preferences", "unsubscribe"))
    assert_accessible(page)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    assert_accessible(page)
    assert not Subscriber.objects.filter(email=f"{word}@example.org").exists()


def test_a_search_is_watched_from_the_list_without_script(page_without_script, word, assert_accessible):
    page = page_without_script
    page.goto("/resources/?q=huddle")
    page.get_by_role("link", name="E-mail me when something new fits").click()
    assert_accessible(page)
    page.get_by_label("Your e-mail address").fill(f"{word}@example.org")
    page.get_by_role("button", name="E-mail me what is new").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()


def test_an_issue_from_a_draft_to_the_archive(browser_of, word, assert_accessible):
    page = browser_of(make_curator(f"{word}@example.org"))
    page.goto("/admin/bulletin/issue/add/")
    page.get_by_label("Subject").fill(f"Issue {word}")
    page.get_by_label("Introduction").fill("Hello **you**")
    page.get_by_role("button", name="Save, and put in what is new").click()
    expect(page.get_by_text("came in of what was published since")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="See it as a mail", exact=True).click()
    expect(page.get_by_role("heading", name=f"Issue {word}")).to_be_visible()  # in a sandbox, where axe cannot run: see below
    page.go_back()
    page.get_by_role("link", name="See it as a page").click()
    expect(page.get_by_text("This is a preview")).to_be_visible()
    assert_accessible(page)
    page.go_back()
    page.get_by_role("link", name="Test, schedule or send it").click()
    assert_accessible(page)
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("It is on its way")).to_be_visible()
    do_what_waits()
    page.goto("/admin/bulletin/subscriber/")
    assert_accessible(page)
    page.goto("/bulletin/")
    assert_accessible(page)
    page.get_by_role("link", name=f"Issue {word}").click()
    expect(page.get_by_role("heading", name=f"Issue {word}")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("width", [600, 375])
def test_a_mail_fits_its_window_and_reads_well(width, new_page, assert_accessible):
    mould = IssueMail(make_issue(intro="## News\n\nWords with [a link](https://example.org/).")).mould({})
    page = new_page(viewport={"width": width, "height": 900})
    page.set_content(mould.html)
    assert fits(page)
    assert_accessible(page)
