"""Importing organisations in a browser: choose, look, confirm. Each page accessible and quiet under the strict policy."""

import uuid

import pytest
from playwright.sync_api import expect

from accounts.models import Organisation
from tests.people import make_curator
from tests.test_ods import listed


@pytest.fixture
def desk(browser_of):
    """The page of an administrator who has signed in."""
    return browser_of(make_curator(f"{uuid.uuid4().hex[:8]}@example.org"))


@pytest.mark.parametrize("address", ["organisation/", "organisation/import/", "organisation/add/", "merger/", "merger/add/"])
def test_a_page_about_organisations_is_accessible(address, desk, assert_accessible):
    assert desk.goto(f"/admin/accounts/{address}").status == 200
    assert_accessible(desk)


def test_an_organisation_s_own_page_is_accessible(desk, assert_accessible):
    desk.goto(f"/admin/accounts/organisation/{Organisation.objects.get(code='RJ1').pk}/change/")
    assert_accessible(desk)


def test_an_import_is_looked_at_before_it_is_made(desk, assert_accessible):
    code = "R" + uuid.uuid4().hex[:4].upper()
    content = listed({"code": code, "name": "A NEW NHS TRUST", "region": "Y56", "icb": "QKK"}, {"code": "RJ1", "opened": "soon"}, start=b"")
    desk.goto("/admin/accounts/organisation/")
    desk.get_by_role("link", name="Import from ODS").click()
    desk.get_by_label("The list of NHS trusts (etr)").set_input_files({"name": "etr.csv", "mimeType": "text/csv", "buffer": content})
    desk.get_by_role("button", name="Show what would change").click()
    expect(desk.get_by_role("heading", name="Refused: 1")).to_be_visible()
    assert_accessible(desk)
    assert not Organisation.objects.filter(code=code).exists()
    desk.get_by_role("button", name="Import").click()
    expect(desk.get_by_text("Rows refused: 1")).to_be_visible()
    assert Organisation.objects.get(code=code).name == "A New NHS Trust"


def test_a_wrong_file_is_said_beside_its_field(desk, assert_accessible):
    desk.goto("/admin/accounts/organisation/import/")
    desk.get_by_label("The list of NHS trusts (etr)").set_input_files({"name": "etr.csv", "mimeType": "text/csv", "buffer": b"a,b\n"})
    desk.get_by_role("button", name="Show what would change").click()
    expect(desk.get_by_text("none of its rows has 27 columns")).to_be_visible()
    assert_accessible(desk)
