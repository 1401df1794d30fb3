"""The catalogue as a reader without an account meets it."""

import datetime
import json
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from model_bakery import baker

from resources import catalogue
from resources.models import Category, Component, Provider, Resource

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_resource():
    """A published resource of which only what must be known is known."""

    def make(title, **fields):
        relations = {"components": [Component.objects.get(number=fields.pop("component", 2))], "providers": fields.pop("providers", None)}
        fields = {"slug": title.lower().replace(" ", "-"), "category": Category.objects.get(slug="case-studies"), "published_at": timezone.now(), **fields}
        resource = Resource.objects.create(title=title, url="https://example.org/it", summary=fields.pop("summary", f"About {title}."), **fields)
        resource.components.set(relations["components"])
        resource.providers.set(relations["providers"] or [Provider.objects.get(name="NHS England")])
        return resource

    return make


# Everything is there --------------------------------------------------------------------------------------------------


def test_the_catalogue_holds_the_137_rows_by_category_and_component():
    held = catalogue.current()
    assert held.total == 137
    assert [held.counts["component"][str(n)] for n in range(1, 6)] == [41, 76, 57, 67, 49]
    assert sum(held.counts["category"].values()) == 137


def test_every_category_component_and_provider_has_a_page_that_counts_its_resources(client, text_of):
    held = catalogue.current()
    for slug, category in held.categories.items():
        assert f"{held.counts['category'][slug]} resources" in text_of(client.get(category.get_absolute_url()))
    for component in held.components.values():
        assert component.name in text_of(client.get(component.get_absolute_url()))
    for provider in held.providers.values():
        page = client.get(provider.get_absolute_url())
        assert page.status_code == 200, provider
        assert provider.name in text_of(page)


def test_every_resource_has_a_page_with_all_that_is_known_before_the_click(client, text_of):
    held = catalogue.current()
    for record in held.index.everything():
        page = client.get(f"/resources/{record.slug}/")
        words = text_of(page)
        assert record.summary in words
        assert record.url in words
        assert ("we have confirmed" in words) == (record.url_confidence == "confirmed")
        for slug in record.providers:
            assert held.labels["provider"][slug] in words


def test_a_page_of_a_category_shows_twenty_and_leads_to_the_next(client):
    first = client.get("/categories/free-tools-and-guides/").content.decode()
    assert first.count('class="app-resource"') == 20
    assert "/categories/free-tools-and-guides/?page=2" in first
    last = client.get("/categories/free-tools-and-guides/?page=3").content.decode()
    assert last.count('class="app-resource"') == 7


# Unknown stays unknown ------------------------------------------------------------------------------------------------


def test_what_is_not_known_is_not_stated(client, make_resource, text_of):
    make_resource("Bare facts")
    words = text_of(client.get("/resources/bare-facts/"))
    for what in ("Written for", "Cost", "Sign-in", "Format", "Time needed", "Published on"):
        assert f"{what} Not stated" in words


def test_a_facet_that_one_row_can_fill_is_not_shown_and_one_that_two_can_fill_is(client, make_resource, text_of):
    make_resource("Short film", minutes=45, format="video")
    words = text_of(client.get("/resources/?q=film"))
    assert "Time needed" not in words
    assert "45 minutes" not in words
    make_resource("Shorter film", minutes=5, format="video")
    words = text_of(client.get("/resources/?q=film"))
    assert "Time needed Under 1 hour 2" in words
    assert "Format Video 2" in words
    assert "45 minutes" in words
    assert "Shorter film" in text_of(client.get("/resources/?time=under-1-hour&format=video"))


def test_newest_first_is_offered_once_two_rows_have_a_date_and_orders_by_it(client, make_resource):
    make_resource("Old report", source_published_on=datetime.date(2019, 1, 1))
    assert b"Newest first" not in client.get("/resources/").content
    make_resource("New report", source_published_on=datetime.date(2024, 5, 1))
    page = client.get("/resources/?sort=newest").content.decode()
    assert "Newest first" in page
    assert page.index("New report") < page.index("Old report") < page.index("A guide to good governance")


def test_new_this_month_and_coming_up_stand_on_home_once_two_rows_fill_them(client, make_resource, text_of):
    today = timezone.localdate()
    make_resource("Fresh one", source_published_on=today - datetime.timedelta(days=3))
    make_resource("Workshop one", starts_on=today + datetime.timedelta(days=9))
    words = text_of(client.get("/"))
    assert "New this month" not in words
    assert "Coming up" not in words
    assert b"/resources.ics" not in client.get("/resources/").content
    make_resource("Fresh two", source_published_on=today - datetime.timedelta(days=1))
    make_resource("Workshop two", starts_on=today + datetime.timedelta(days=2))
    make_resource("Long gone", starts_on=today - datetime.timedelta(days=2))
    words = text_of(client.get("/"))
    new, coming = words.index("New this month"), words.index("Coming up")
    assert new < words.index("Fresh two") < words.index("Fresh one") < coming < words.index("Workshop two") < words.index("Workshop one")
    assert "Long gone" not in words
    assert b'href="/resources.ics"' in client.get("/resources/").content


# Draft, scheduled, published, withdrawn -------------------------------------------------------------------------------


def test_a_draft_and_a_scheduled_resource_do_not_exist_for_readers(client, make_resource):
    make_resource("Draft thing", published_at=None)
    make_resource("Later thing", published_at=timezone.now() + datetime.timedelta(hours=1))
    for slug in ("draft-thing", "later-thing"):
        assert client.get(f"/resources/{slug}/").status_code == 404
    assert catalogue.current().total == 137


def test_a_scheduled_resource_appears_when_its_moment_comes_with_nobody_saving_anything(client, make_resource):
    make_resource("Later thing", published_at=timezone.now() + datetime.timedelta(seconds=1))
    assert catalogue.current().total == 137
    time.sleep(1.1)
    assert catalogue.current().total == 138
    assert client.get("/resources/later-thing/").status_code == 200


def test_a_withdrawn_resource_keeps_its_address_and_points_on(client, make_resource, text_of):
    old, new = make_resource("Old guide"), make_resource("New guide")
    old.withdrawn_at, old.successor, old.withdrawn_reason = timezone.now(), new, "The publisher replaced it."
    old.save()
    page = client.get("/resources/old-guide/")
    assert page.status_code == 200
    assert "The publisher replaced it." in text_of(page)
    assert b'href="/resources/new-guide/"' in page.content
    assert b"noindex" in page.content
    assert "Old guide" not in text_of(client.get("/resources/?q=guide"))


def test_withdrawing_without_a_reason_or_a_successor_is_refused(make_resource):
    resource = make_resource("Old guide")
    resource.withdrawn_at = timezone.now()
    with pytest.raises(ValidationError, match="Give a reason or a successor"):
        resource.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        resource.save()


def test_a_resource_cannot_replace_itself_nor_end_before_it_starts(make_resource):
    resource = make_resource("Loop")
    resource.successor = resource
    with pytest.raises(ValidationError, match="cannot replace itself"):
        resource.full_clean()
    resource.successor, resource.starts_on, resource.ends_on = None, datetime.date(2027, 2, 1), datetime.date(2027, 1, 1)
    with pytest.raises(ValidationError, match="must not be before"):
        resource.full_clean()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org/a", "data:text/html,hi", "not an address"])
def test_only_web_addresses_are_taken(make_resource, address):
    resource = make_resource("Somewhere")
    resource.url = address
    with pytest.raises(ValidationError):
        resource.full_clean()


# Metadata and files ---------------------------------------------------------------------------------------------------


def test_a_link_pasted_into_a_chat_shows_title_and_summary(client):
    page = client.get("/resources/improving-nhs-culture/").content.decode()
    assert '<meta property="og:title" content="Improving NHS culture">' in page
    assert '<meta property="og:description" content="Explains six marks of a healthy NHS culture' in page
    assert 'itemtype="https://schema.org/CreativeWork"' in page
    assert 'itemprop="publisher"' in page


def test_the_catalogue_is_open_as_json_csv_and_atom(client):
    data = json.loads(client.get("/resources.json").content)
    assert data["count"] == 137
    assert "Open Government Licence" in data["licence"]
    culture = next(r for r in data["resources"] if r["id"] == "improving-nhs-culture")
    assert culture["providers"] == ["The King’s Fund"]
    assert culture["minutes"] is None
    lines = b"".join(client.get("/resources.csv")).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("id,address,title,providers")
    assert len(lines) == 138
    feed = client.get("/feed.xml")
    assert feed["Content-Type"].startswith("application/atom+xml")
    assert feed.content.count(b"<entry>") == 50


def test_the_sitemap_names_every_published_page(client):
    index = client.get("/sitemap.xml").content.decode()
    assert "sitemap-resources.xml" in index
    assert client.get("/sitemap-resources.xml").content.count(b"<url>") == 137


def test_public_pages_set_no_cookie_and_carry_a_strict_policy(client):
    for address in ("/", "/resources/", "/resources/improving-nhs-culture/", "/about/", "/nowhere/"):
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert not response.cookies, address
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "nonce" not in policy
        assert b"<style" not in response.content
        assert b" style=" not in response.content
        assert b"onclick" not in response.content


def test_hostile_words_in_any_field_reach_the_page_as_words(client, make_resource):
    hostile = "\"'><script>alert(1)</script>"
    provider = baker.make(Provider, name=f"P{hostile}", slug="hostile")
    make_resource("Hostile", summary=hostile, audience=hostile, credit=hostile, providers=[provider])
    for address in ("/resources/hostile/", "/resources/?q=hostile", "/providers/hostile/", "/feed.xml"):
        assert b"<script>alert" not in client.get(address).content, address


# As many queries for ten thousand rows as for ten ---------------------------------------------------------------------

PAGES = [
    "/",
    "/components/investing-in-people-and-culture/",
    "/categories/case-studies/",
    "/resources/improving-nhs-culture/",
    "/resources/?q=culture&component=2",
]


@pytest.mark.one_database
@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_the_database_as_little_with_many_rows_as_with_few(
    address, client, make_resource, django_assert_max_num_queries, django_assert_num_queries
):
    client.get(address)
    with django_assert_max_num_queries(3) as queries:
        client.get(address)
    few = len(queries)
    for number in range(60):
        make_resource(f"Culture row {number}")
    client.get(address)  # makes the catalogue again
    with django_assert_num_queries(few):
        client.get(address)
