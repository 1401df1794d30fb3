"""What readers see of links, and the pages on which curators mend them."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from assessments.models import Question
from assessments.recommendations import recommend
from resources import catalogue, link_mending, link_run
from resources.models import Link, LinkRun, Resource
from tests.people import browser_of, make_curator

pytestmark = pytest.mark.django_db

Verdict = Link.Verdict
LINKS = "/admin/resources/link/"


@pytest.fixture
def desk():
    return browser_of(make_curator())


@pytest.fixture
def told(monkeypatch):
    """The resources whose readers were told that they are mended."""
    told = []
    monkeypatch.setattr(link_mending, "mended", told.append)
    return told


def make_link(slug="step-7-embed", verdict=Verdict.GONE, **fields):
    """The link of a resource of the catalogue, with a verdict since 3 November 2026."""
    resource = Resource.objects.get(slug=slug)
    link = Link.objects.create(resource=resource, address=resource.url)
    since = timezone.make_aware(datetime(2026, 11, 3, 4))
    Link.objects.filter(pk=link.pk).update(verdict=verdict, verdict_at=since, checked_at=since, **fields)
    link.refresh_from_db()
    return link


def some(count):
    return Resource.objects.order_by("slug")[:count]


# Readers --------------------------------------------------------------------------------------------------------------


def test_a_reader_sees_when_a_link_was_last_checked_and_by_whom(client, text_of, django_assert_max_num_queries):
    make_link(verdict=Verdict.FINE)
    catalogue.current()
    with django_assert_max_num_queries(3):
        words = text_of(client.get("/resources/step-7-embed/"))
    assert "Link last checked on 3 November 2026." in words
    Link.objects.update(by_hand_on=date(2026, 11, 20))
    assert "Link last checked by hand on 20 November 2026." in text_of(client.get("/resources/step-7-embed/"))
    Resource.objects.filter(slug="step-7-embed").update(url="https://example.org/other")
    assert "last checked" not in text_of(client.get("/resources/step-7-embed/"))


def test_a_reader_of_a_broken_link_is_told_before_the_button_and_given_two_that_work(client, text_of, django_assert_max_num_queries):
    link = make_link()
    catalogue.current()
    with django_assert_max_num_queries(3):
        page = client.get("/resources/step-7-embed/")
    words = text_of(page)
    assert words.index("This link does not work") < words.index("all the same")
    assert "confirmed" not in words
    assert "has not opened since 3 November 2026" in words
    record = catalogue.current().index.get(link.resource.slug)
    one, two = catalogue.current().index.alternatives(record)
    for other in (one, two):
        assert other.category == record.category
        assert set(other.components) & set(record.components)
        assert f"/resources/{other.slug}/" in page.content.decode().split("Before you go")[0]
    make_link(one.slug)
    assert one.slug not in [other.slug for other in catalogue.current().index.alternatives(record)]


def test_only_a_verdict_of_gone_is_a_broken_link(client, text_of):
    link = make_link(verdict=Verdict.SLOW, doubt=Verdict.GONE, doubted_days=2)
    for verdict in set(Verdict) - {Verdict.GONE}:
        Link.objects.filter(pk=link.pk).update(verdict=verdict)
        assert "does not work" not in text_of(client.get("/resources/step-7-embed/"))


def test_what_is_broken_is_listed_as_such_and_recommended_nowhere(client, text_of):
    question = Question.objects.order_by("pk").first()
    record = catalogue.current().index.get("step-7-embed")
    neighbour = catalogue.current().index.related(record)[0]
    Resource.objects.get(slug=record.slug).related.add(neighbour.id)
    question.picks.create(resource_id=neighbour.id, why="Chosen by hand")
    chosen = [fit.slug for fit in recommend(question, 2)]
    assert neighbour.slug in chosen
    for slug in chosen:
        make_link(slug)
    record = catalogue.current().index.get("step-7-embed")
    assert record.related == [neighbour.id]
    assert neighbour.slug not in [other.slug for other in catalogue.current().index.related(record)]
    again = [fit.slug for fit in recommend(question, 2)]
    assert len(again) == 5
    assert not set(again) & set(chosen)
    title = Resource.objects.get(slug=chosen[0]).title
    assert "Link broken" in text_of(client.get("/resources/", {"q": f'"{title}"'}))


# The desk -------------------------------------------------------------------------------------------------------------


def test_resources_that_no_check_has_seen_are_counted(desk, text_of):
    words = text_of(desk.get("/admin/resources/link/"))
    assert f"{Resource.objects.filter(link=None).count()} resources have never been looked at: the next check takes them in." in words


def test_the_links_page_has_each_verdict_with_its_count_and_what_there_is_to_do(desk, text_of):
    for resource, verdict in zip(some(6), [v for v in Verdict if v != Verdict.UNCHECKED], strict=True):
        make_link(resource.slug, verdict, moved_to="https://example.org/new" if verdict == Verdict.MOVED else "")
    expected = {
        "gone": "I looked: it works", "moved": "Take the new address", "sign-in": "NHS sign-in needed", "robots": "I looked: it is there",
        "slow": "There is nothing to do", "fine": "These answer",
    }  # fmt: skip
    for verdict, words in expected.items():
        page = text_of(desk.get(LINKS, {"verdict": verdict}))
        assert words in page
        assert "1 Gone 1 Moved 1 Needs sign-in 1 Blocks robots 1 Slow" in page
        assert "3 November 2026" in page
    assert "I looked: it works" in text_of(desk.get(LINKS))  # what hurts readers most comes first
    assert desk.get(LINKS, {"verdict": "\x00", "page": "9" * 99}).status_code == 200


def test_the_links_page_asks_as_much_of_the_database_for_many_as_for_few(desk, django_assert_num_queries, django_assert_max_num_queries):
    for resource in some(2):
        make_link(resource.slug).resource.link_checks.create(address=resource.url, outcome="gone")
    desk.get(LINKS)
    with django_assert_max_num_queries(15) as few:
        desk.get(LINKS)
    for resource in Resource.objects.order_by("slug")[2:40]:
        link = make_link(resource.slug)
        for _ in range(5):
            link.resource.link_checks.create(address=resource.url, outcome="gone", note="404 Not Found")
    catalogue.current()
    with django_assert_num_queries(len(few)):
        page = desk.get(LINKS)
    assert page.content.count(b"404 Not Found") == 18 * 3


def test_taking_a_new_address_is_one_press_and_a_line_in_the_history(desk, told):
    link = make_link(verdict=Verdict.MOVED, moved_to="https://example.org/new")
    response = desk.post(f"{LINKS}{link.resource_id}/", {"take": "https://example.org/new"})
    assert response["Location"] == f"{LINKS}?verdict=moved"
    link.refresh_from_db()
    assert (link.resource.url, link.address, link.verdict, link.moved_to) == ("https://example.org/new", "https://example.org/new", Verdict.UNCHECKED, "")
    line = link.resource.history.first()
    assert (line.url, line.history_change_reason) == ("https://example.org/new", "Its old address says that it has moved here for good")
    assert line.history_user.email == "curator@example.org"
    assert told == [link.resource]


def test_each_press_of_the_work_queue_does_what_it_says(desk):
    for resource, verdict in zip(some(3), (Verdict.MOVED, Verdict.SIGN_IN, Verdict.ROBOTS), strict=True):
        Resource.objects.filter(pk=resource.pk).update(sign_in="")
        make_link(resource.slug, verdict, moved_to="https://example.org/new" if verdict == Verdict.MOVED else "")
    left = 3
    while buttons := re.findall(rf'<button formaction="({LINKS}\d+/)" name="(\w+)" value="([^"]*)"', desk.get("/admin/").content.decode()):
        address, name, value = buttons[0]
        assert desk.post(address, {name: value, "next": "/admin/"})["Location"] == "/admin/"
        left -= 1
        assert Link.objects.to_look_at().count() == left
    assert left == 0


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(desk, text_of, told):
    link = make_link(verdict=Verdict.MOVED, moved_to="https://example.org/newer")
    was = link.address
    assert "changed meanwhile" in text_of(desk.post(f"{LINKS}{link.resource_id}/", {"take": "https://example.org/new"}))
    Resource.objects.filter(pk=link.resource_id).update(url="https://example.org/theirs")
    for press in ({"take": "https://example.org/newer"}, {"put": was, "url": "https://example.org/mine"}, {"looked": was}):
        page = desk.post(f"{LINKS}{link.resource_id}/", press)
        assert "meanwhile" in text_of(page)
    assert b"https://example.org/mine" in desk.post(f"{LINKS}{link.resource_id}/", {"put": was, "url": "https://example.org/mine"}).content
    assert Resource.objects.get(pk=link.resource_id).url == "https://example.org/theirs"
    assert told == []


def test_another_address_may_be_put_in_and_one_that_is_none_comes_back(desk, text_of, told):
    link = make_link()
    for typed in ("", "javascript:alert(1)", "ftp://example.org/", "x" * 600, "https://example.org/\x00", link.address):
        page = desk.post(f"{LINKS}{link.resource_id}/", {"put": link.address, "url": typed})
        assert "Nothing has changed." in text_of(page)
    assert told == []
    desk.post(f"{LINKS}{link.resource_id}/", {"put": link.address, "url": "https://example.org/found"})
    link.refresh_from_db()
    assert (link.resource.url, link.verdict) == ("https://example.org/found", Verdict.UNCHECKED)
    assert told == [link.resource]


def test_a_resource_is_withdrawn_with_a_reason_or_a_successor_and_not_without(desk, text_of, client):
    link = make_link()
    page = desk.post(f"{LINKS}{link.resource_id}/", {"withdraw": "", "why": "", "successor": ""})
    assert "Enter a reason or what to read instead" in text_of(page)
    page = desk.post(f"{LINKS}{link.resource_id}/", {"withdraw": "", "why": "It is gone", "successor": "/resources/nowhere/"})
    assert "Enter the address of another published resource" in text_of(page)
    assert b"It is gone" in page.content
    other = page.context["alternatives"][0]
    desk.post(f"{LINKS}{link.resource_id}/", {"withdraw": other.slug})
    link.resource.refresh_from_db()
    assert link.resource.state == "withdrawn"
    assert other.title in text_of(client.get("/resources/step-7-embed/"))
    assert link.resource.history.first().history_change_reason == "Withdrawn: its link does not work"
    assert not Link.objects.to_look_at().exists()


def test_a_sign_in_is_named_and_a_look_by_hand_is_dated(desk, text_of, client, told):
    asks, shy, gone = (make_link(r.slug, verdict) for r, verdict in zip(some(3), (Verdict.SIGN_IN, Verdict.ROBOTS, Verdict.GONE), strict=True))
    Resource.objects.filter(pk=asks.resource_id).update(sign_in="")
    assert Link.objects.to_look_at().count() == 3
    desk.post(f"{LINKS}{asks.resource_id}/", {"sign_in": "nonsense"})
    desk.post(f"{LINKS}{asks.resource_id}/", {"sign_in": "nhs"})
    for link in (shy, gone):
        desk.post(f"{LINKS}{link.resource_id}/", {"looked": link.address})
    asks.resource.refresh_from_db()
    assert asks.resource.sign_in == "nhs"
    assert not Link.objects.to_look_at().exists()
    assert {link.verdict for link in Link.objects.filter(pk__in=[shy.pk, gone.pk], by_hand_by__email="curator@example.org")} == {Verdict.ROBOTS}
    assert "Checked by hand" in text_of(desk.get(LINKS, {"verdict": "robots"}))
    assert "does not work" not in text_of(client.get(f"/resources/{gone.resource.slug}/"))
    assert told == [gone.resource]


def test_all_new_addresses_of_a_host_are_taken_together_but_those_unticked_or_changed(desk, text_of):
    links = []
    for number, resource in enumerate(some(4)):
        Resource.objects.filter(pk=resource.pk).update(url=f"https://old.example/{number}")
        links.append(make_link(resource.slug, Verdict.MOVED, moved_to=f"https://new.example/{number if number != 2 else ''}"))
    assert "Take all 4 of old.example" in text_of(desk.get(LINKS, {"verdict": "moved"}))
    page = desk.get(f"{LINKS}host/", {"host": "old.example"}).content.decode()
    assert page.count(" checked>") == 3  # one leads to the front page only
    assert "look before you take it" in page
    ticked = {"host": "old.example", "link": [link.pk for link in links[:2]], **{f"to-{link.pk}": link.moved_to for link in links}}
    Link.objects.filter(pk=links[0].pk).update(moved_to="https://new.example/changed")
    assert desk.post(f"{LINKS}host/", ticked).status_code == 302
    assert list(Resource.objects.filter(url__startswith="https://new.example/").values_list("url", flat=True)) == ["https://new.example/1"]
    assert desk.post(f"{LINKS}host/", {"host": "\x00", "link": ["x", "9" * 40]}).status_code == 302


def test_a_check_is_asked_for_once_and_its_progress_seen(desk, text_of, settings):
    runs = f"{LINKS}runs/"
    settings.LINK_CHECKS = False
    assert "sets LINK_CHECKS=1" in text_of(desk.get(runs))
    desk.post(runs)
    assert not LinkRun.objects.exists()
    settings.LINK_CHECKS = True
    for _ in range(2):
        desk.post(runs)
    run = LinkRun.objects.get()
    assert DBTaskResult.objects.get(task_path="resources.link_tasks.check_links_due").args_kwargs["args"] == [run.pk]
    assert "Waiting for a worker" in text_of(desk.get(runs))
    link = make_link(verdict=Verdict.FINE, due_at=timezone.now() + timedelta(days=5))
    desk.post(f"{LINKS}{link.resource_id}/", {"check": "now"})
    assert link in Link.objects.due()
    LinkRun.objects.update(total=137, done=41)
    assert "Under way: 41 of 137" in text_of(desk.get(runs))
    assert "A check is under way: 41 of 137" in text_of(desk.get(LINKS))
    LinkRun.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    assert "Stopped at 41 of 137" in text_of(desk.get(runs))
    run.refresh_from_db()
    run.finish(link_run.NO_WAY_OUT)
    assert "no way out to the internet" in text_of(desk.get(runs))


def test_a_link_s_page_has_its_whole_history_and_works_before_the_first_check(desk, text_of):
    resource = Resource.objects.get(slug="step-7-embed")
    assert "Not checked yet" in text_of(desk.get(f"{LINKS}{resource.pk}/"))
    desk.post(f"{LINKS}{resource.pk}/", {"looked": resource.url})
    resource.link_checks.create(address="https://example.org/before", outcome="failed", note="It refused the connection")
    words = text_of(desk.get(f"{LINKS}{resource.pk}/"))
    assert "It refused the connection Of an earlier address: https://example.org/before" in words
    assert desk.get(f"{LINKS}{10**30}/").status_code == 404
