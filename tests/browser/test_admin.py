"""The curators' admin in a browser: signed in to, accessible, quiet under the strict policy, and a save that readers see."""

import uuid

import pytest
from django.contrib.auth import get_user_model

from resources.models import Resource

PASSWORD = "a long enough password"
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
        person = get_user_model().objects.create_superuser(f"curator-{uuid.uuid4().hex[:8]}@example.org", PASSWORD)
        yield person
        person.delete()


@pytest.fixture
def desk(page, curator):
    """The page of a curator who has signed in."""
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill(curator.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    return page


def test_the_sign_in_page_is_accessible(page, assert_accessible):
    page.goto("/admin/login/")
    assert_accessible(page)


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
