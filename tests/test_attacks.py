"""What an outsider found: each of these once went wrong."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bulletin.issue_admin import IssueForm
from bulletin.issue_mail import IssueMail
from bulletin.models import Issue
from bulletin.tasks import send_issue
from impact_portal.tasks import tidy
from resources.models import Resource
from tests.bulletin import make_issue, make_subscriber, send
from tests.people import browser_of, give_app, make_person
from tests.test_bulletin_issues import form_of, here

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return browser_of(give_app(make_person("administrator@example.org", is_staff=True, is_superuser=True)))


@pytest.fixture
def failed():
    tidy.enqueue()
    DBTaskResult.objects.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    return DBTaskResult.objects.get()


def test_trying_again_says_that_it_is_on_the_queue(administrator, failed, text_of):
    said = text_of(administrator.post(f"/admin/impact_portal/worker/{failed.pk}/again/", follow=True))
    assert "It is on the queue again" in said


def test_whoever_may_only_look_at_background_work_does_not_start_any(failed):
    person = give_app(make_person("looks@example.org", is_staff=True))
    person.user_permissions.add(Permission.objects.get(codename="view_worker"))
    assert browser_of(person).post(f"/admin/impact_portal/worker/{failed.pk}/again/").status_code == 403
    failed.refresh_from_db()
    assert failed.status == TaskResultStatus.FAILED


def test_a_host_is_replaced_beside_an_address_whose_port_cannot_be(administrator):
    Resource.objects.filter(slug="team-huddles").update(url="https://old.example.org:99999/page")
    sent = {"step": "show", "old": "old.example.org", "new": "new.example.org"}
    assert administrator.post("/admin/resources/resource/host/", sent).status_code == 200


def test_a_long_paragraph_does_not_break_the_private_links_of_a_mail():
    issue = make_issue(intro="word " * 500)
    person = make_subscriber()
    message = IssueMail(issue).for_subscriber(person).message()
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert f"/bulletin/unsubscribe/{person.key}/" in body
        assert "PRIVATE-KEY" not in body


def test_characters_that_xml_cannot_say_do_not_break_the_bulletins_feed(client):
    send(make_issue(intro="One\x0btwo", subject="What\x01is new"))
    assert client.get("/bulletin/feed.xml").status_code == 200


def test_characters_that_xml_cannot_say_do_not_break_the_feed_of_resources(client):
    Resource.objects.filter(slug="team-huddles").update(summary="One\x0btwo", published_at=timezone.now())
    assert client.get("/feed.xml").status_code == 200


def test_an_issue_put_off_after_its_sender_was_called_waits_for_its_new_moment():
    make_subscriber()
    issue = make_issue()
    issue.schedule(timezone.now() + timedelta(days=7))
    send_issue.func(issue.pk)
    issue.refresh_from_db()
    assert issue.state == "scheduled"


def test_a_draft_saved_at_the_moment_it_begins_to_go_is_no_draft_again(administrator, monkeypatch, text_of):
    make_subscriber()
    issue = make_issue()
    clean = IssueForm.clean_more

    def slow(form):
        Issue.objects.get(pk=issue.pk).start()
        return clean(form)

    monkeypatch.setattr(IssueForm, "clean_more", slow)
    said = text_of(administrator.post(here(issue, "change/"), {**form_of(issue), "subject": "Typed late", "_save": "Save"}, follow=True))
    issue.refresh_from_db()
    assert (issue.state, issue.subject) == ("sending", "What is new")
    assert "nothing was saved. You wrote: Typed late" in said
