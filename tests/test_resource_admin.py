"""A resource in the admin: published only when somebody looks after it, never overwritten unseen, put back from its history."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from resources.models import Component, Link, Provider, Resource
from tests.people import browser_of, make_curator

pytestmark = pytest.mark.django_db
AHEAD = (timezone.localdate() + timedelta(days=200)).isoformat()


@pytest.fixture
def curator(db):
    return make_curator(name="Cara Curator")


@pytest.fixture
def desk(curator):
    return browser_of(curator)


@pytest.fixture
def resource(db):
    return Resource.objects.get(slug="team-huddles")


def form_of(desk, address):
    """What a browser would send of an admin form that nobody has touched."""
    return fields_of(desk.get(address).context)


def fields_of(context):
    """The fields of a form, its inlines and its version, as they stand."""
    from resources.conflicts import as_sent

    sent = {"_version": context["version"]}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            values = as_sent(bound.field, bound.value())
            if values:
                sent[bound.html_name] = values if len(values) > 1 else values[0]
    return sent


def address(row):
    return f"/admin/resources/{row._meta.model_name}/{row.pk}/change/"


# Publishing -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_not_published_without_an_owner_a_review_date_and_a_sign_in_label(desk, curator, resource, text_of):
    Resource.objects.filter(pk=resource.pk).update(published_at=None, owner=None, sign_in="")
    typed = {**form_of(desk, address(resource)), "published_at": "2026-11-01T09:00", "review_on": ""}
    page = text_of(desk.post(address(resource), typed))
    assert "It cannot be published without an owner, a review date and a sign-in label" in page
    resource.refresh_from_db()
    assert resource.published_at is None
    typed |= {"owner": curator.pk, "review_on": AHEAD}
    assert "It cannot be published without a sign-in label." in text_of(desk.post(address(resource), typed))
    assert desk.post(address(resource), {**typed, "sign_in": "none"}).status_code == 302
    resource.refresh_from_db()
    assert resource.state == "published"


def test_what_is_published_already_stays_editable_and_one_save_is_one_line_of_history(desk, resource):
    lines = resource.history.count()
    typed = {**form_of(desk, address(resource)), "summary": "Said in other words.", "components": [c.pk for c in Component.objects.all()]}
    assert desk.post(address(resource), typed).status_code == 302
    assert resource.history.count() == lines + 1
    assert resource.history.first().components.count() == 5


def test_readers_are_told_that_a_review_is_overdue_and_nothing_before(client, resource, text_of):
    Resource.objects.filter(pk=resource.pk).update(review_on="2026-03-03")
    assert "we meant to look this over by 3 March 2026 and have not yet" in text_of(client.get(resource.get_absolute_url()))
    Resource.objects.filter(pk=resource.pk).update(review_on=timezone.localdate())
    assert "we meant to look" not in text_of(client.get(resource.get_absolute_url()))


# Two editors ----------------------------------------------------------------------------------------------------------


def test_a_second_editor_sees_both_texts_and_saves_on_purpose(desk, resource, text_of):
    mine = form_of(desk, address(resource))
    other = browser_of(make_curator("other@example.org", name="Olu Other"))
    theirs = {**mine, "summary": "Theirs, saved first.", "minutes": "30"}
    assert other.post(address(resource), theirs).status_code == 302
    refused = desk.post(address(resource), {**mine, "summary": "Mine, typed meanwhile.", "audience": "Ward managers"})
    assert refused.status_code == 409
    page = text_of(refused)
    assert "Olu Other saved this" in page
    assert "Summary Theirs, saved first. Mine, typed meanwhile." in page
    assert "Time needed, in minutes 30 nothing" in page  # what only they changed
    resource.refresh_from_db()
    assert (resource.summary, resource.minutes) == ("Theirs, saved first.", 30)
    again = fields_of(refused.context)
    assert (again["summary"], again["minutes"], again["audience"]) == ("Mine, typed meanwhile.", "30", "Ward managers")
    assert desk.post(address(resource), again).status_code == 302
    resource.refresh_from_db()
    assert (resource.summary, resource.minutes, resource.audience) == ("Mine, typed meanwhile.", 30, "Ward managers")
    assert resource.history.filter(summary="Theirs, saved first.").exists()


def test_the_words_of_a_part_are_not_overwritten_either(desk, text_of):
    component = Component.objects.get(number=2)
    mine = form_of(desk, address(component))
    browser_of(make_curator("other@example.org")).post(address(component), {**mine, "practices-0-text": "Theirs.", "practices-1-text": "Also theirs."})
    refused = desk.post(address(component), {**mine, "practices-0-text": "Mine."})
    assert refused.status_code == 409
    assert "Practice 1: Text Theirs. Mine." in text_of(refused)
    assert desk.post(address(component), fields_of(refused.context)).status_code == 302
    assert list(component.practices.values_list("text", flat=True)[:2]) == ["Mine.", "Also theirs."]


@pytest.mark.parametrize("version", ["0", "", "-1", "x", "1" * 40, "\x00"])
def test_a_version_that_is_none_is_a_conflict_and_no_error(version, desk, resource):
    typed = {**form_of(desk, address(resource)), "_version": version, "summary": "Mine."}
    assert desk.post(address(resource), typed).status_code == 409


# History --------------------------------------------------------------------------------------------------------------


def test_an_earlier_version_comes_back_with_its_relations_as_a_line_of_its_own(desk, curator, resource, text_of):
    before = resource.history.first()
    providers, components = set(resource.providers.all()), set(resource.components.all())
    other = Resource.objects.exclude(pk=resource.pk).first()
    typed = {**form_of(desk, address(resource)), "summary": "Spoilt.", "components": ["5"], "related": str(other.pk), "providers": [Provider.objects.last().pk]}
    desk.post(address(resource), typed)
    assert resource.related.count() == 1
    lines, page = resource.history.count(), f"/admin/resources/resource/{resource.pk}/history/{before.pk}/"
    shown = text_of(desk.get(page))
    assert "What putting it back would change" in shown and "Spoilt." in shown
    assert desk.post(page)["Location"] == address(resource)
    resource.refresh_from_db()
    assert resource.summary == before.summary
    assert (set(resource.providers.all()), set(resource.components.all()), resource.related.count()) == (providers, components, 0)
    assert resource.history.count() == lines + 1
    line = resource.history.first()
    assert line.history_change_reason.startswith("Put back as it was on ") and line.history_user == curator
    assert line.providers.count() == len(providers)


def test_a_deleted_resource_comes_back_at_its_old_address(desk, client, resource):
    line, url, pk = resource.history.first(), resource.get_absolute_url(), resource.pk
    resource.delete()
    assert client.get(url).status_code == 404
    assert desk.post(f"/admin/resources/resource/{pk}/history/{line.pk}/").status_code == 302
    assert client.get(url).status_code == 200


def test_a_version_that_no_longer_fits_is_refused_in_words(desk, resource, text_of):
    line = resource.history.first()
    Resource.objects.filter(pk=resource.pk).update(slug="elsewhere")
    Resource.objects.exclude(pk=resource.pk).filter(pk=Resource.objects.exclude(pk=resource.pk).first().pk).update(slug="team-huddles")
    page = desk.post(f"/admin/resources/resource/{resource.pk}/history/{line.pk}/", follow=True)
    assert "It was not put back. Resource with this Slug already exists." in text_of(page)


def test_no_draft_comes_to_readers_by_way_of_its_history(desk, resource, text_of):
    line = resource.history.first()
    resource.published_at = None
    resource.save()
    page = desk.post(f"/admin/resources/resource/{resource.pk}/history/{line.pk}/", follow=True)
    assert "Then it was published without an owner, a review date and a sign-in label" in text_of(page)
    resource.refresh_from_db()
    assert resource.state == "draft"


def test_the_history_says_in_words_what_changed_at_the_same_cost_for_any_number_of_lines(desk, curator, resource, text_of):
    page = f"/admin/resources/resource/{resource.pk}/history/"
    counts = []
    desk.get(page)
    for number in (2, 15):
        for n in range(number):
            resource.cost, resource.owner, resource.minutes = "paid", curator, number * 100 + n
            resource.save()
        with CaptureQueriesContext(connection) as queries:
            words = text_of(desk.get(page))
        counts.append(len(queries))
    assert counts[0] == counts[1], counts
    assert re.search(r"Cost \w+ Paid", words) and "Owner nothing Cara Curator" in words


@pytest.mark.parametrize("line", ["0", "x", "9" * 30, "-1"])
def test_a_line_of_history_that_is_none_is_no_page(line, desk, resource):
    assert desk.get(f"/admin/resources/resource/{resource.pk}/history/{line}/").status_code == 404


def test_a_new_address_forgets_what_was_known_of_the_old_link(desk, resource):
    Link.objects.update_or_create(resource=resource, defaults={"address": resource.url, "verdict": "gone"})
    assert desk.post(address(resource), {**form_of(desk, address(resource)), "url": "https://new.example.org/"}).status_code == 302
    resource.link.refresh_from_db()
    assert (resource.link.address, resource.link.verdict) == ("https://new.example.org/", "unchecked")


def test_withdrawing_in_the_form_asks_for_a_reason_or_a_successor(desk, resource, text_of):
    typed = {**form_of(desk, address(resource)), "withdrawn_at": "2026-11-01T09:00"}
    assert "Give a reason or a successor: whoever follows an old link must be told where to go" in text_of(desk.post(address(resource), typed))
    assert desk.post(address(resource), {**typed, "withdrawn_reason": "The course has ended"}).status_code == 302
