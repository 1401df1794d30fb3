"""Issues: made of the catalogue in the admin, looked at, tested, scheduled, sent; and read on the site."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.curators import curators
from bulletin.models import Issue, SignUp, Subscriber
from resources.models import Resource
from tests.background import do_what_waits
from tests.bulletin import make_issue, make_subscriber, send
from tests.people import browser_of, give_app, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(db):
    person = give_app(make_person("curator@example.org", is_staff=True))
    person.groups.add(curators())
    return browser_of(person)


@pytest.fixture
def administrator(db):
    return browser_of(give_app(make_person("administrator@example.org", is_staff=True, is_superuser=True)))


def publish(slug, days_ago):
    Resource.objects.filter(slug=slug).update(published_at=timezone.now() - timedelta(days=days_ago))


@pytest.fixture
def quiet(db):
    """A catalogue in which nothing is new."""
    Resource.objects.update(published_at=timezone.now() - timedelta(days=400))


def here(issue, page="send/"):
    return f"/admin/bulletin/issue/{issue.pk}/{page}"


def form_of(issue, **more):
    """What the page of a draft sends."""
    items = list(issue.items.order_by("position"))
    sent = {"edition": issue.edition, "subject": issue.subject, "intro": issue.intro, "more": ""}
    sent |= {"items-TOTAL_FORMS": len(items), "items-INITIAL_FORMS": len(items), "items-MIN_NUM_FORMS": 0, "items-MAX_NUM_FORMS": 0}
    for n, item in enumerate(items):
        sent |= {f"items-{n}-id": item.pk, f"items-{n}-issue": issue.pk, f"items-{n}-position": item.position, f"items-{n}-words": item.words}
    return sent | more


# Making one -----------------------------------------------------------------------------------------------------------


def test_an_issue_is_filled_with_what_was_published_since_the_last_of_its_edition(quiet):
    publish("team-huddles", 10)
    publish("driver-diagram", 40)
    first = Issue.objects.create(subject="First")
    assert first.fill() == 1  # of the last 30 days
    assert first.fill() == 0
    make_subscriber()
    send(first)
    publish("training-and-events", 0)
    weekly, monthly = Issue.objects.create(subject="Weekly"), Issue.objects.create(subject="Monthly", edition="monthly")
    assert (weekly.fill(), monthly.fill()) == (1, 2)
    assert weekly.since() == first.started_at
    assert [item.slug for item in monthly.items.all()] == ["training-and-events", "team-huddles"]  # by kind, then title


def test_a_curator_writes_fills_orders_rewords_and_drops(curator, quiet, text_of):
    publish("team-huddles", 3)
    publish("driver-diagram", 3)
    curator.post("/admin/bulletin/issue/add/", {"edition": "weekly", "subject": "New  this\tweek", "intro": "Hello", "more": "", "_fill": "1"})
    issue = Issue.objects.get()
    assert (issue.subject, issue.items.count()) == ("New this week", 2)
    first, second = issue.items.all()
    page = f"/admin/bulletin/issue/{issue.pk}/change/"
    assert first.title in text_of(curator.get(page))
    curator.post(page, form_of(issue, more="http://127.0.0.1:8000/resources/training-and-events/", _save="1"))
    assert issue.items.count() == 3
    third = issue.items.get(slug="training-and-events")
    sent = form_of(issue, **{"items-0-position": 9, "items-0-words": "In other words", "items-1-DELETE": "on", "_save": "1"})
    assert curator.post(page, sent).status_code == 302
    assert [item.pk for item in issue.with_items()] == [third.pk, first.pk]
    shown = curator.get(here(issue, "mail.txt")).content.decode()
    assert "In other words" in shown and second.title not in shown
    assert "can see" in text_of(curator.post(page, form_of(issue, more="no-such-thing", _save="1")))


def test_a_subject_is_one_line_and_odd_words_are_refused_or_harmless(curator):
    for odd in ("a\nBcc: all@example.org", "\x00", "x" * 500, "<script>alert(1)</script>"):
        assert curator.post("/admin/bulletin/issue/add/", {"edition": "weekly", "subject": odd, "intro": odd, "more": odd}).status_code in (200, 302)
    assert not any("\n" in issue.subject for issue in Issue.objects.all())


# Looking at it --------------------------------------------------------------------------------------------------------


def test_it_is_looked_at_as_a_mail_that_can_run_and_fetch_nothing(curator):
    issue = make_issue(intro="<script>alert(1)</script> **bold** [a](javascript:alert(1))")
    response = curator.get(here(issue, "mail/"))
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    )
    html = response.content.decode()
    assert "<strong>bold</strong>" in html and "<script" not in html and 'href="javascript' not in html
    assert 'href="http://127.0.0.1:8000/resources/team-huddles/"' in html  # links as they are
    assert b"This is a preview" in curator.get(here(issue, "preview/")).content


def test_a_test_goes_to_the_curator_alone_and_its_link_ends_nothing(curator):
    make_subscriber("curator@example.org")
    issue = make_issue()
    curator.post(here(issue), {"do": "test"})
    do_what_waits()
    (message,) = mail.outbox
    assert message.to == ["curator@example.org"]
    issue.refresh_from_db()
    assert issue.is_draft
    Client().post(re.search(r"/bulletin/unsubscribe/[\w-]+/", message.body)[0])
    assert Subscriber.objects.exists()


# Sending it -----------------------------------------------------------------------------------------------------------


def test_it_is_sent_once_and_says_what_became_of_it(curator, text_of):
    make_subscriber()
    issue = make_issue()
    assert "1 subscriber now" in text_of(curator.get(here(issue)))
    for _ in range(2):
        curator.post(here(issue), {"do": "now"})
    do_what_waits()
    assert len(mail.outbox) == 1
    assert "Accepted by the mail server 1" in text_of(curator.get(here(issue)))
    assert "ann@example.org" not in text_of(curator.get(here(issue)))
    page = f"/admin/bulletin/issue/{issue.pk}/change/"
    assert "stays as it was sent" in text_of(curator.get(page))
    assert curator.post(page, form_of(issue, subject="Another")).status_code == 403
    assert curator.post(here(issue, "delete/"), {"post": "yes"}).status_code == 403


def test_it_is_scheduled_for_a_moment_to_come_and_that_can_be_cancelled(curator, text_of):
    issue = make_issue()
    for odd in ("", "yesterday", "\x00", "2020-01-01T09:00", "99999-01-01T09:00"):
        assert "It was not scheduled" in text_of(curator.post(here(issue), {"do": "schedule", "moment": odd}, follow=True))
    page = text_of(curator.post(here(issue), {"do": "schedule", "moment": "2030-07-01T09:00"}, follow=True))
    assert "scheduled for 1 July 2030 at 9:00am" in page
    assert "a draft again" in text_of(curator.post(here(issue), {"do": "cancel"}, follow=True))
    assert "too late" in text_of(curator.post(here(issue), {"do": "cancel"}, follow=True))


def test_an_empty_issue_is_refused_in_words(curator, text_of):
    issue = Issue.objects.create(subject="Empty")
    assert "There is nothing in this issue" in text_of(curator.get(here(issue)))
    assert "There is nothing in this issue" in text_of(curator.post(here(issue), {"do": "now"}, follow=True))
    with pytest.raises(ValidationError, match="nothing in this issue"):
        issue.start()
    assert b"There is nothing" in curator.get(here(issue, "mail/")).content


def test_uncertain_mails_are_sent_again_when_a_curator_says_so(curator, text_of):
    make_subscriber()
    issue = make_issue()
    send(issue)
    issue.deliveries.update(state="sending", claimed_at=timezone.now() - timedelta(hours=1))  # and here the sender was killed
    assert "1 is uncertain" in text_of(curator.get(here(issue)))
    curator.post(here(issue), {"do": "again"})
    do_what_waits()
    assert len(mail.outbox) == 2


def test_the_list_of_issues_asks_as_much_for_one_as_for_ten(curator, django_assert_max_num_queries):
    for number in range(10):
        make_issue(subject=f"Issue {number}")
    with django_assert_max_num_queries(14):
        curator.get("/admin/bulletin/issue/")


# Subscribers ----------------------------------------------------------------------------------------------------------


def test_curators_see_how_many_there_are_and_no_address(curator, text_of):
    make_subscriber()
    page = text_of(curator.get("/admin/bulletin/subscriber/"))
    assert "Get the bulletin weekly 1" in page
    assert "ann@example.org" not in page and "Look it up" not in page
    assert curator.post("/admin/bulletin/subscriber/", {"email": "ann@example.org"}).status_code == 403


def test_an_administrator_looks_one_whole_address_up(administrator, text_of):
    sign_up = SignUp.objects.ask("ann@example.org", client="a", once="b", frequency="weekly", topics={"component": ["1"]})
    Subscriber.objects.confirm(sign_up)
    page = text_of(administrator.post("/admin/bulletin/subscriber/", {"email": "ANN@example.org"}))
    assert "Subscribed since" in page and "Agreed on" in page
    assert sign_up.key not in page
    assert "Nothing is held" in text_of(administrator.post("/admin/bulletin/subscriber/", {"email": "an@example.org"}))
    assert "Enter an e-mail address" in text_of(administrator.post("/admin/bulletin/subscriber/", {"email": "ann"}))


# The archive ----------------------------------------------------------------------------------------------------------


def test_issues_that_were_sent_are_on_the_site_and_drafts_are_not(client, text_of):
    sent, draft = make_issue(subject="Read me", intro="Some *words*"), make_issue(subject="Not yet")
    assert client.get("/bulletin/").status_code == 200
    send(sent)
    archive = client.get("/bulletin/")
    assert "Read me" in text_of(archive) and "Not yet" not in text_of(archive)
    page = client.get(f"/bulletin/{sent.number}/")
    assert "Team Huddles" in text_of(page) and b"<em>words</em>" in page.content
    assert not (archive.cookies or page.cookies)
    assert client.get(f"/bulletin/{sent.number + 1}/").status_code == 404
    assert draft.number is None
    for odd in ("0", "9" * 30, "x", "%00"):
        assert client.get(f"/bulletin/{odd}/").status_code == 404


def test_the_feed_has_each_issue(client):
    issue = make_issue(subject="Read & see", intro="[words](https://example.org)")
    send(issue)
    feed = client.get("/bulletin/feed.xml")
    assert feed["Content-Type"].startswith("application/atom+xml")
    body = feed.content.decode()
    assert "Read &amp; see" in body and "words (https://example.org)" in body and "Team Huddles" in body
    assert f"/bulletin/{issue.number}/" in body


def test_archive_and_feed_ask_as_much_for_one_issue_as_for_twenty(client, django_assert_max_num_queries):
    for number in range(20):
        send(make_issue(subject=f"Issue {number}"))
    for address, most in (("/bulletin/", 2), ("/bulletin/feed.xml", 2), (f"/bulletin/{Issue.objects.first().number}/", 6)):
        with django_assert_max_num_queries(most):
            client.get(address)
