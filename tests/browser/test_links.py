"""Six links mended in a browser, and the notice that readers see."""

import re
import uuid

import pytest
from django.utils import timezone

from resources.models import Link, LinkRun, Resource
from tests.people import make_curator

KINDS = ("gone", "gone", "moved", "moved", "sign-in", "robots")


@pytest.fixture
def six(portal):
    """Six links of six verdicts, put back as they were afterwards."""
    resources = list(Resource.objects.order_by("slug")[:6])
    before = {r.pk: (r.url, r.sign_in, r.withdrawn_at, r.withdrawn_reason, r.successor_id) for r in resources}
    for number, (resource, verdict) in enumerate(zip(resources, KINDS, strict=True)):
        resource.url, resource.sign_in = f"https://old.example/{number}", ""
        resource.save()
        link = Link.objects.create(resource=resource, address=resource.url)
        moved_to = f"https://new.example/{number}" if verdict == "moved" else ""
        Link.objects.filter(pk=link.pk).update(verdict=verdict, verdict_at=timezone.now(), checked_at=timezone.now(), moved_to=moved_to)
        resource.link_checks.create(address=resource.url, outcome=verdict, note="404 Not Found" if verdict == "gone" else "")
    run = LinkRun.objects.create(total=137, done=41)
    yield resources
    run.delete()
    Link.objects.filter(resource__in=resources).delete()
    for pk, (url, sign_in, withdrawn_at, reason, successor) in before.items():
        resource = Resource.objects.get(pk=pk)
        resource.url, resource.sign_in, resource.withdrawn_at, resource.withdrawn_reason, resource.successor_id = url, sign_in, withdrawn_at, reason, successor
        resource.save()
        resource.link_checks.all().delete()


def test_a_curator_mends_six_links(browser_of, six, page, assert_accessible):
    curator = make_curator(f"curator-{uuid.uuid4().hex[:8]}@example.org")
    desk = browser_of(curator)
    one, two, *_ = six
    page.goto(f"/resources/{one.slug}/")
    assert page.get_by_role("heading", name="This link does not work").is_visible()
    assert_accessible(page)

    desk.goto("/admin/resources/link/")
    assert_accessible(desk)
    desk.get_by_label(f"New address of {one.title}").fill("https://found.example/one")
    desk.get_by_role("button", name=re.compile(f"Put it in.*{one.title}")).click()
    desk.get_by_role("link", name=re.compile(f"Withdraw it.*{two.title}")).click()
    assert_accessible(desk)
    desk.get_by_role("button", name="Withdraw it", exact=True).click()
    assert desk.get_by_text("Enter a reason or what to read instead").first.is_visible()
    desk.get_by_label("Reason").fill("The publisher closed the site.")
    desk.get_by_role("button", name="Withdraw it", exact=True).click()
    desk.get_by_role("link", name="Moved").click()
    assert_accessible(desk)
    desk.get_by_role("link", name="Take all 2 of old.example").click()
    assert_accessible(desk)
    desk.get_by_role("button", name="Take the new addresses").click()
    desk.get_by_role("link", name="Needs sign-in").click()
    assert_accessible(desk)
    desk.get_by_role("button", name="NHS sign-in needed").click()
    desk.get_by_role("link", name="Blocks robots").click()
    desk.get_by_role("button", name="I looked: it is there").click()
    desk.get_by_role("link", name="Checks and their progress").click()
    assert desk.get_by_text("Under way: 41 of 137").is_visible()
    assert_accessible(desk)

    assert not Link.objects.to_look_at().filter(resource__in=six).exists()
    page.goto(f"/resources/{one.slug}/")
    assert not page.get_by_role("heading", name="This link does not work").is_visible()
    curator.delete()
