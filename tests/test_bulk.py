"""Many resources at once: what would change is shown first, row by row; then it changes as a whole, with a line of history each."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources.models import Component, Link, Provider, Resource
from resources.review_dates import in_months
from tests.people import browser_of, make_curator

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(db):
    return make_curator(name="Cara Curator")


@pytest.fixture
def desk(curator):
    return browser_of(curator)


@pytest.fixture
def three(db):
    return list(Resource.objects.filter(slug__in=["team-huddles", "step-7-embed", "bitesize-learning"]).order_by("title")[:3]) or list(
        Resource.objects.all()[:3]
    )


def send(desk, kind, resources, **typed):
    """Fill a bulk page in, look at what would change, and press. Returns (what was shown, where it led)."""
    page, ids = f"/admin/resources/resource/{kind}/", ",".join(str(r.pk) for r in resources)
    shown = desk.post(page, {**typed, "ids": ids, "step": "show"})
    if shown.context.get("plan") is None:
        return shown, None
    return shown, desk.post(page, {**typed, "ids": ids, "step": "do", "shown": shown.context["plan"].fingerprint}, follow=True)


def test_an_action_of_the_list_asks_shows_and_changes_nothing_before_the_press(desk, curator, three, text_of):
    asked = desk.post("/admin/resources/resource/", {"action": "tag", "_selected_action": [r.pk for r in three]})
    assert "3 resources chosen" in text_of(asked)
    ids = ",".join(str(r.pk) for r in three)
    typed = {"add": Component.objects.get(number=5).pk, "cost": "paid", "ids": ids}
    shown = desk.post("/admin/resources/resource/tag/", {**typed, "step": "show"})
    assert "Nothing has changed yet. 3 resources would change." in text_of(shown)
    assert "Cost Free Paid" in text_of(shown) or "Cost nothing Paid" in text_of(shown)
    assert not Resource.objects.filter(pk__in=[r.pk for r in three], cost="paid").exists()
    lines = Resource.history.count()
    done = desk.post("/admin/resources/resource/tag/", {**typed, "step": "do", "shown": shown.context["plan"].fingerprint}, follow=True)
    assert "Tag: 3 resources changed." in text_of(done)
    assert Resource.history.count() == lines + 3
    for resource in three:
        resource.refresh_from_db()
        line = resource.history.first()
        assert resource.cost == line.cost == "paid"
        assert 5 in resource.components.values_list("number", flat=True)
        assert line.components.count() == resource.components.count() and line.providers.count() == resource.providers.count()
        assert (line.history_user, line.history_change_reason) == (curator, "Tagged with others")


def test_what_somebody_saved_since_it_was_shown_is_looked_at_again(desk, three, text_of):
    shown, _ = send(desk, "tag", three, cost="paid")
    fingerprint = shown.context["plan"].fingerprint
    Resource.objects.filter(pk__in=[r.pk for r in three]).update(cost="")
    for resource in three:
        resource.refresh_from_db()
        resource.save()
    again = desk.post("/admin/resources/resource/tag/", {"cost": "paid", "ids": ",".join(str(r.pk) for r in three), "step": "do", "shown": fingerprint})
    assert "Somebody has changed these resources since you looked" in text_of(again)
    assert not Resource.objects.filter(pk__in=[r.pk for r in three], cost="paid").exists()


def test_none_is_left_in_no_component(desk, three, text_of):
    for resource in three:
        resource.components.set([Component.objects.get(number=1)])
    shown, _ = send(desk, "tag", three, remove=Component.objects.get(number=1).pk)
    assert "No resource would change, 3 cannot" in text_of(shown)


def test_many_are_given_over_and_reviewed_and_their_dates_spread(desk, curator, three):
    deputy = make_curator("deputy@example.org")
    send(desk, "reassign", three, owner=curator.pk, deputy=deputy.pk)
    assert Resource.objects.filter(owner=curator, deputy=deputy).count() == 3
    send(desk, "review", three, how="reviewed", months=12)
    assert Resource.objects.filter(review_on=in_months(timezone.localdate(), 12)).count() == 3
    first = timezone.localdate() + timedelta(days=10)
    send(desk, "review", three, how="spread", first=first.isoformat(), months=6)
    days = Resource.objects.exclude(review_on=None).order_by("review_on").values_list("review_on", flat=True)
    assert len(set(days)) == 3 and days[2] <= in_months(first, 6)


def test_publishing_says_of_each_what_it_lacks_and_publishes_the_others(desk, curator, three, text_of):
    Resource.objects.filter(pk__in=[r.pk for r in three]).update(published_at=None)
    Resource.objects.filter(pk=three[0].pk).update(owner=curator, review_on=timezone.localdate(), sign_in="none")
    shown, done = send(desk, "publish", three)
    assert "It lacks an owner, a review date, a sign-in label" in text_of(shown)
    assert "Publish: 1 resource changed. 2 left as they were." in text_of(done)
    assert [r.state for r in Resource.objects.filter(pk__in=[r.pk for r in three]).order_by("title")].count("published") == 1


def test_withdrawing_asks_for_a_reason_or_what_to_read_instead(desk, client, three, text_of):
    asked, _ = send(desk, "withdraw", three[:1])
    assert "Enter a reason or what to read instead" in text_of(asked)
    asked, _ = send(desk, "withdraw", three[:1], successor="/resources/no-such-thing/")
    assert "Enter the address of a published resource on this site" in text_of(asked)
    send(desk, "withdraw", three[:2], successor=f"https://portal.example{three[1].get_absolute_url()}")
    assert three[1].title in text_of(client.get(three[0].get_absolute_url()))
    three[1].refresh_from_db()
    assert three[1].withdrawn_at is None  # it cannot replace itself


def test_a_host_is_replaced_in_every_address_old_beside_new_first(desk, client, text_of):
    old = Resource.objects.filter(url__startswith="https://www.england.nhs.uk/").count()
    one = Resource.objects.filter(url__startswith="https://www.england.nhs.uk/").first()
    Link.objects.update_or_create(resource=one, defaults={"address": one.url, "verdict": "gone", "doubted_days": 3})
    other = Resource.objects.exclude(url__contains="england.nhs.uk").first()
    Resource.objects.filter(pk=other.pk).update(url="https://example.org/?from=www.england.nhs.uk")
    page, typed = "/admin/resources/resource/host/", {"old": "https://WWW.england.nhs.uk/some/page", "new": "impact.nhs.uk"}
    shown = desk.post(page, {**typed, "step": "show"})
    assert f"{one.url} {one.url.replace('www.england.nhs.uk', 'impact.nhs.uk')}" in text_of(shown)
    desk.post(page, {**typed, "step": "do", "shown": shown.context["plan"].fingerprint})
    assert Resource.objects.filter(url__startswith="https://impact.nhs.uk/").count() == old
    one.refresh_from_db()
    assert (one.link.address, one.link.verdict, one.link.doubted_days, one.url_confidence) == (one.url, "unchecked", 0, "inferred")
    assert Resource.objects.get(pk=other.pk).url.endswith("www.england.nhs.uk")


@pytest.mark.parametrize("host", ["javascript:alert(1)", "a b", "user@", "", "..", "[::1", "ftp://example.org", "\x00", "x" * 300, "new.example.org/\r\nx"])
def test_what_is_no_host_is_refused_in_words(host, desk):
    page = desk.post("/admin/resources/resource/host/", {"old": "www.england.nhs.uk", "new": host, "step": "show"})
    assert page.status_code == 200
    if page.context["plan"] is not None:
        assert all(url.startswith(("https://new.example.org/", "http://new.example.org/")) for new in page.context["plan"].new.values() for url in [new["url"]])


@pytest.mark.parametrize("ids", ["", "x", "9" * 40, "-1", "1,,2,\x00", "1" * 100_000])
def test_odd_choices_of_resources_are_no_error(ids, desk):
    for kind in ("tag", "reassign", "review", "withdraw", "publish"):
        for step in ("ask", "show", "do"):
            assert (
                desk.post(f"/admin/resources/resource/{kind}/", {"ids": ids, "step": step, "cost": "paid", "how": "reviewed", "months": "9" * 30}).status_code
                < 400
            )


@pytest.mark.parametrize("odd", ["9" * 30, "\x00", "-1", "२", "10000-01-01", "0000-00-00"])
def test_odd_values_are_refused_and_no_error(odd, desk):
    fields = {
        "tag": "add remove category cost",
        "reassign": "owner",
        "review": "how first months",
        "withdraw": "why successor",
        "share": "provider first months",
    }
    for kind, names in fields.items():
        for name in names.split():
            typed = {"ids": "1", "step": "show", "how": "spread", "first": "2027-01-01", "months": "3", "owner": "1", name: odd}
            assert desk.post(f"/admin/resources/resource/{kind}/", typed).status_code < 400
    assert desk.post("/admin/resources/provider/merge/", {"ids": "1,2", "step": "show", "stays": odd}).status_code < 400
    change = {"providers": odd, "components": odd, "related": odd, "successor": odd, "owner": odd, "_version": "0"}
    assert desk.post(f"/admin/resources/resource/{Resource.objects.first().pk}/change/", change).status_code == 409


def test_a_bulk_change_costs_the_same_queries_for_two_and_for_a_hundred(desk):
    counts = []
    for number in (2, 100):
        resources = Resource.objects.order_by("pk")[:number]
        with CaptureQueriesContext(connection) as queries:
            send(desk, "tag", resources, format="video" if number == 2 else "podcast", add=Component.objects.get(number=number % 5 + 1).pk)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 8, counts  # rows are written some hundred at a time


# Providers ------------------------------------------------------------------------------------------------------------


def test_two_providers_become_one_and_the_old_address_leads_on(desk, client, curator, text_of):
    stays, goes = Provider.objects.get(slug="nhs-england"), Provider.objects.exclude(slug="nhs-england").exclude(resources=None).first()
    moving, old, lines = list(goes.resources.all()), goes.get_absolute_url(), Resource.history.count()
    asked = desk.post("/admin/resources/provider/", {"action": "merge", "_selected_action": [stays.pk, goes.pk]})
    assert "Which one stays?" in text_of(asked)
    typed = {"ids": f"{stays.pk},{goes.pk}", "stays": stays.pk}
    shown = desk.post("/admin/resources/provider/merge/", {**typed, "step": "show"})
    assert moving[0].title in text_of(shown) and Provider.objects.filter(pk=goes.pk).exists()
    done = desk.post("/admin/resources/provider/merge/", {**typed, "step": "do", "shown": shown.context["plan"].fingerprint}, follow=True)
    assert f"Merged into NHS England: {len(moving)} resource" in text_of(done)
    assert all(set(resource.providers.all()) >= {stays} for resource in moving)
    assert not Provider.objects.filter(pk=goes.pk).exists()
    assert Resource.history.count() == lines + len(moving)
    answer = client.get(old)
    assert (answer.status_code, answer["Location"]) == (301, "/providers/nhs-england/")
    assert Provider.history.get(id=goes.pk, history_type="-").history_user == curator
    last = Provider.objects.create(name="The one after", slug="the-one-after")
    stays.merge_into(last, by=curator)
    assert client.get(old)["Location"] == "/providers/the-one-after/"
    assert client.get("/providers/never-was/").status_code == 404


def test_one_provider_alone_is_not_merged(desk, text_of):
    assert "Choose two providers or more" in text_of(desk.post("/admin/resources/provider/merge/", {"ids": "1", "step": "do", "stays": "1"}))
