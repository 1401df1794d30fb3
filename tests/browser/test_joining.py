"""Ask, approve, set up a second factor, invite, accept, change a role, hand over, remove: in browsers, from mail to mail."""

import re
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import expect

from accounts.models import Organisation
from tests import totp
from tests.people import PASSWORD, give_app, make_organisation, make_person


@pytest.fixture
def word():
    """A word of this test's own, since all browser tests share a database."""
    return uuid.uuid4().hex[:6]


@pytest.fixture
def trust(word):
    return make_organisation(word[:5].upper(), f"Trust {word}")


def set_up_app(page, assert_accessible):
    """Follow the way to a second factor, as the pages lead."""
    assert_accessible(page)
    page.get_by_role("button", name="Set up an app").click()
    page.wait_for_url("**/accounts/**")
    if page.get_by_label("Password", exact=True).count():
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name=re.compile("Continue|Confirm")).click()
    secret = page.locator("[data-key]").get_attribute("data-key")
    assert_accessible(page)
    page.locator("[name=code]").fill(totp.code(secret))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", level=1, name=re.compile("recovery|Recovery")).wait_for()
    assert_accessible(page)


def link_in(message, portal):
    return re.search(r"http://127\.0\.0\.1:8000(/\S+)", message.body).group(1)


def test_from_asking_to_leading_to_handing_over_to_being_removed(word, trust, browser_of, portal, assert_accessible, allow_problems):
    administrator = give_app(make_person(f"administrator-{word}@example.org", name="Adi", is_staff=True, is_superuser=True))
    ann, ben = make_person(f"ann-{word}@example.org", name=f"Ann {word}"), make_person(f"ben-{word}@example.org", name=f"Ben {word}")

    asking = browser_of(ann)
    asking.goto("/your-work/")
    asking.get_by_role("link", name="Find your organisation and ask to join").click()
    asking.get_by_label("Its name, an old name or its ODS code").fill(f"trust {word}")
    asking.get_by_role("button", name="Find").click()
    assert_accessible(asking)
    asking.get_by_role("link", name=f"Trust {word}").click()
    asking.get_by_label("A few words").fill("I lead improvement here")
    asking.get_by_role("button", name="Ask to join").click()
    expect(asking.get_by_text(f"We will e-mail you at {ann.email}")).to_be_visible()

    office = browser_of(administrator)
    office.goto("/admin/accounts/firstleadrequest/")
    office.get_by_role("row", name=re.compile(word)).get_by_role("checkbox").check()
    office.get_by_label("Action:").select_option("approve")
    office.get_by_role("button", name="Run").or_(office.get_by_role("button", name="Go")).first.click()
    expect(office.get_by_text(f"Ann {word} leads Trust {word}.")).to_be_visible()

    asking.goto("/your-work/")
    set_up_app(asking, assert_accessible)
    assert Authenticator.objects.filter(user=ann, type="totp").exists()
    asking.goto("/your-work/")
    expect(asking.get_by_role("heading", level=1)).to_contain_text(f"Trust {word}")
    assert_accessible(asking)

    asking.get_by_role("link", name="Invite somebody").click()
    asking.get_by_role("button", name="Send the invitation").click()
    expect(asking.get_by_role("alert")).to_contain_text("Select what they may do")
    assert_accessible(asking)
    asking.get_by_label("E-mail address").fill(ben.email)
    asking.get_by_label("Contributor").check()
    asking.get_by_role("button", name="Send the invitation").click()
    expect(asking.get_by_text(f"The invitation to {ben.email} is on its way")).to_be_visible()
    assert_accessible(asking)

    invited = browser_of(ben)
    invited.goto(link_in(next(m for m in reversed(mail.outbox) if m.to == [ben.email]), portal))
    assert_accessible(invited)
    invited.get_by_role("button", name="Accept and join").click()
    expect(invited.get_by_text(f"You belong to Trust {word} now.")).to_be_visible()
    expect(invited.get_by_role("heading", level=1)).to_contain_text("You are a contributor of")

    asking.goto(f"/organisations/{trust.code}/people/")
    asking.get_by_role("link", name=f"Change the role of Ben {word}").click()
    asking.get_by_label("Viewer").check()
    asking.get_by_role("button", name="Save").click()
    invited.reload()
    expect(invited.get_by_role("heading", level=1)).to_contain_text("You are a viewer of")

    asking.goto(f"/organisations/{trust.code}/people/hand-over/")
    assert_accessible(asking)
    asking.get_by_label(f"Ben {word}").check()
    asking.get_by_role("button", name="Hand over").click()
    expect(asking.get_by_text(f"Ben {word} leads Trust {word} now.")).to_be_visible()

    invited.goto(f"/organisations/{trust.code}/")
    set_up_app(invited, assert_accessible)
    invited.goto(f"/organisations/{trust.code}/people/")
    invited.get_by_role("link", name=f"Change the role of Ann {word}").click()
    invited.get_by_role("link", name=f"Remove Ann {word}").click()
    assert_accessible(invited)
    invited.get_by_role("button", name="Remove").click()
    with allow_problems("404"):
        assert asking.goto(f"/organisations/{trust.code}/").status == 404

    invited.goto(f"/organisations/{trust.code}/log/")
    assert_accessible(invited)
    expect(invited.get_by_role("main")).to_contain_text(f"removed Ann {word}")
    assert Organisation.objects.get(pk=trust.pk).leads().get().user == ben


def test_each_page_of_an_organisation_is_accessible_and_fits(word, trust, browser_of, assert_accessible, assert_fits):
    lead = give_app(make_person(f"lead-{word}@example.org", name=f"Lead {word}"))
    trust.memberships.create(user=lead, role="lead")
    trust.memberships.create(user=make_person(f"viewer-{word}@example.org"), role="viewer")
    trust.join_domains.create(domain=f"{word}.example.org")
    trust.invitations.invite(f"invited-{word}@example.org", "viewer", by=lead)
    page = browser_of(lead)
    for path in ("", "people/", "people/invite/", "people/leave/", "people/hand-over/", f"people/{trust.memberships.last().public_id}/", "domains/", "log/"):
        assert page.goto(f"/organisations/{trust.code}/{path}").status == 200
        assert_accessible(page)
        assert_fits(page, 320, 1280)
