"""A reader on a phone, without JavaScript, tells the curators what they miss and what is wrong; a curator sees it; and reading paths."""

import uuid

import pytest

from resources.models import Collection, MendNotice, Report, Suggestion, UsefulCount
from tests.browser.conftest import PHONE
from tests.people import make_curator


@pytest.fixture
def no_trace():
    """Take away what the journey leaves, for the browser tests after it."""
    yield
    for model in (Suggestion, Report, MendNotice, UsefulCount):
        model.objects.all().delete()


def test_a_reader_suggests_reports_waits_and_says_yes_on_a_phone_without_script(new_page, assert_accessible, browser_of, no_trace):
    phone = new_page(**PHONE, java_script_enabled=False)

    def thanked():
        assert phone.get_by_role("heading", level=1).inner_text() == "Thank you"
        assert phone.get_by_role("heading", name="What happens next").is_visible()
        assert_accessible(phone)

    phone.goto("/resources/?q=zzqqx+wwvvk")
    assert phone.context.cookies() == []
    phone.get_by_role("link", name="suggest it to a curator").click()
    assert phone.get_by_label("What is it called?").input_value() == "zzqqx wwvvk"
    phone.get_by_label("Its web address").fill("not an address")
    phone.get_by_role("button", name="Send").click()
    assert phone.get_by_role("alert").is_visible()
    assert_accessible(phone)
    phone.get_by_label("Its web address").fill("www.example.nhs.uk/guide")
    phone.get_by_label("Your e-mail address").fill("ann@example.org")
    phone.get_by_role("button", name="Send").click()
    thanked()

    phone.goto("/resources/team-huddles/")
    phone.get_by_role("link", name="Was this useful?").click()
    assert_accessible(phone)
    phone.get_by_label("Yes").check()
    phone.get_by_role("button", name="Send").click()
    thanked()

    phone.get_by_role("link", name="report a problem").click()
    assert_accessible(phone)
    phone.get_by_label("The link does not work").check()
    phone.get_by_role("button", name="Send").click()
    thanked()
    phone.get_by_role("link", name="be told when it is mended").click()
    phone.get_by_label("Your e-mail address").fill("ann@example.org")
    assert_accessible(phone)
    phone.get_by_role("button", name="Tell me").click()
    thanked()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    assert [cookie["name"] for cookie in phone.context.cookies()] == ["__Host-csrftoken"]
    assert (Suggestion.objects.count(), Report.objects.count(), MendNotice.objects.count(), UsefulCount.objects.get().yes) == (1, 1, 1, 1)

    curator = make_curator(f"curator-{uuid.uuid4().hex[:8]}@example.org")
    desk = browser_of(curator)
    for name, row in (("suggestion", Suggestion.objects.get()), ("report", Report.objects.get())):
        desk.goto(f"/admin/resources/{name}/{row.pk}/change/")
        assert_accessible(desk)
        desk.goto(f"/admin/resources/{name}/")
        assert_accessible(desk)
        desk.get_by_role("button", name="Done (").click()
        desk.get_by_text("Dealt with, without an answer").first.wait_for()
    assert not Suggestion.objects.waiting().exists()
    assert not Report.objects.waiting().exists()
    curator.delete()


def test_reading_paths_are_accessible_for_readers_and_curators(page, browser_of, assert_accessible):
    for address in ("/collections/", "/collections/start-with-tools/", "/categories/free-tools-and-guides/"):
        page.goto(address)
        assert_accessible(page)
    curator = make_curator(f"curator-{uuid.uuid4().hex[:8]}@example.org")
    desk = browser_of(curator)
    for address in ("", f"{Collection.objects.get(slug='start-with-tools').pk}/change/"):
        desk.goto(f"/admin/resources/collection/{address}")
        assert_accessible(desk)
    curator.delete()
