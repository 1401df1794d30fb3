"""The curators' admin in a browser: signed in to, accessible, quiet under the strict policy, and a save that readers see."""

import uuid

import pytest

from resources.models import Resource
from tests import totp
from tests.people import PASSWORD, make_curator

PAGES = [
    "/admin/",
    "/admin/resources/resource/",
    "/admin/resources/resource/add/",
    "/admin/resources/component/1/change/",
    "/admin/resources/synonym/",
    "/admin/impact_portal/page/",
]


@pytest.fixture(scope="module")
def curator(portal, django_db_blocker):
    with django_db_blocker.unblock():
        person = make_curator(f"curator-{uuid.uuid4().hex[:8]}@example.org")
        yield person
        person.delete()


@pytest.fixture(scope="module")
def signed_in(chromium, portal, curator, django_db_blocker):
    """What the browser of a curator keeps who has signed in by the one door, with a code: used by every test, since a code is taken once."""
    with django_db_blocker.unblock():
        context = chromium.new_context(base_url=portal.url)
        page = context.new_page()
        page.goto("/admin/")
        page.get_by_label("E-mail address").fill(curator.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code", exact=True).fill(totp.code(curator.totp_secret))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/admin/")
        yield context.storage_state()
        context.close()


@pytest.fixture
def desk(new_page, signed_in):
    """The page of a curator who has signed in."""
    return new_page(storage_state=signed_in)


@pytest.mark.parametrize("address", PAGES)
def test_an_admin_page_is_accessible_and_its_console_is_clean(address, desk, assert_accessible):
    assert desk.goto(address).status == 200
    assert_accessible(desk)


def test_what_a_curator_saves_is_what_readers_see_next(desk, page_without_script):
    resource = Resource.objects.get(slug="step-7-embed")
    desk.goto(f"/admin/resources/resource/{resource.pk}/change/")
    before = desk.get_by_label("Summary").input_value()
    desk.get_by_label("Summary").fill("Changed by a curator just now.")
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_text("was changed successfully").wait_for()
    page_without_script.goto("/resources/step-7-embed/")
    assert page_without_script.get_by_text("Changed by a curator just now.").is_visible()
    resource.refresh_from_db()
    resource.summary = before
    resource.save()
