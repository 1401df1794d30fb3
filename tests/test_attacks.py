"""What an outsider found: each of these once went wrong."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from bulletin.issue_admin import IssueForm
from bulletin.issue_mail import IssueMail
from bulletin.models import Issue, SignUp
from bulletin.models.subscriber import MOST_ALERTS
from bulletin.tasks import send_issue
from impact_portal.tasks import tidy
from resources.link_visit import PASSWORD_FIELD
from resources.models import MendNotice, Provider, Report, Resource, Synonym
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


def somebody_who_may(*codenames):
    """Staff with these permissions and no other."""
    person = give_app(make_person("may@example.org", is_staff=True))
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return browser_of(person)


def test_whoever_may_not_add_does_not_bring_back_what_was_deleted():
    synonym = Synonym.objects.create(term="ZZZ", means="sleep")
    line, pk = synonym.history.first(), synonym.pk
    synonym.delete()
    path = f"/admin/resources/synonym/{pk}/history/{line.history_id}/"
    assert somebody_who_may("change_synonym", "view_synonym").post(path).status_code == 403
    assert not Synonym.objects.filter(pk=pk).exists()


def test_whoever_may_not_change_resources_merges_no_publishers():
    keys = ",".join(str(pk) for pk in Provider.objects.values_list("pk", flat=True)[:2])
    browser = somebody_who_may("change_provider", "view_provider", "delete_provider")
    assert browser.post("/admin/resources/provider/merge/", {"ids": keys}).status_code == 403


@pytest.mark.parametrize("name", ["wanted", "dismissed", "deleted", "taken_back"])
def test_a_nul_in_a_decision_about_a_search_is_no_fault(name, administrator):
    assert administrator.post("/admin/resources/failedsearch/decide/", {name: "x\0y"}).status_code == 302


def test_a_report_dealt_with_already_tells_nobody_again_that_the_link_works(administrator):
    report = Report.objects.create(resource=Resource.objects.get(slug="team-huddles"), kind="broken")
    MendNotice.objects.create(resource=report.resource, email="waits@example.org")
    for told in (1, 1):
        administrator.post(f"/admin/resources/report/{report.pk}/works/")
        assert DBTaskResult.objects.filter(task_path="resources.reader_tasks.tell_of_mended").count() == told


def test_whoever_watches_as_many_searches_as_there_can_be_is_told_so_when_they_confirm_one_more(client, text_of):
    person = make_subscriber()
    for n in range(MOST_ALERTS):
        person.alerts.watch(f"q=word{n}")
    sign_up = SignUp.objects.create(
        email=person.email, address_hash=person.address_hash, search="q=more", words="Yes", words_version="1", page="/", once="once"
    )
    said = text_of(client.post(f"/bulletin/confirm/{sign_up.key}/"))
    assert "This one is not watched" in said and "We will tell you" not in said
    assert not person.consents.filter(search="q=more").exists()


def test_a_hostile_page_costs_the_checker_no_time():
    started = time.process_time()
    assert not PASSWORD_FIELD.search(b"<input type " * 6000)
    assert time.process_time() - started < 1
