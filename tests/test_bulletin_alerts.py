"""Searches that people watch: signed up for like the bulletin, mailed once a week if something is new, and ended one by one or all at once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.tokens import new_token
from bulletin import watching
from bulletin.models import Alert, Consent, Delivery, Subscriber
from bulletin.tasks import send_alerts
from resources.models import Resource
from tests.background import do_what_waits
from tests.bulletin import SMTP, make_subscriber
from tests.smtp import MailServer
from tests.test_bulletin_sending import assert_whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet(db):
    """A catalogue in which nothing is new."""
    Resource.objects.update(published_at=timezone.now() - timedelta(days=400))


def publish(slug):
    Resource.objects.filter(slug=slug).update(published_at=timezone.now())


@pytest.fixture
def watcher(quiet):
    """Somebody who watches huddles."""
    subscriber = make_subscriber(frequency="")
    subscriber.alerts.watch("q=huddle")
    return subscriber


def test_from_the_list_to_the_button_in_the_mail_to_what_is_new(quiet, text_of):
    page = Client().get("/resources/?q=huddle&component=2").content.decode()
    address = re.search(r'href="(/bulletin/watch/\?[^"]+)"', page)[1].replace("&amp;", "&")
    assert "“huddle”" in text_of(Client().get(address))
    asked = Client().post(address, {"email": "ann@example.org", "once": new_token()})
    assert (asked.status_code, asked["Location"]) == (302, "/bulletin/asked/")
    do_what_waits()
    Client().post(re.search(r"/bulletin/confirm/[\w-]+/", mail.outbox[0].body)[0])
    subscriber = Subscriber.objects.get()
    assert (subscriber.frequency, subscriber.alerts.get().search) == ("", "q=huddle&component=2")
    assert Consent.objects.get().search == "q=huddle&component=2"
    publish("team-huddles")
    send_alerts.func()
    message = mail.outbox[1]
    assert message.subject == "NHS IMPACT portal: 1 new resource in the searches you watch"
    assert "Team Huddles" in message.body
    assert "http://127.0.0.1:8000/resources/?q=huddle&component=2" in message.body


def test_whoever_subscribes_already_adds_a_search_by_the_link_and_keeps_the_rest():
    subscriber = make_subscriber(topics={"component": ["1"]})
    Client().post("/bulletin/watch/?q=huddle", {"email": "ann@example.org", "once": new_token()})
    do_what_waits()
    Client().post(re.search(r"/bulletin/confirm/[\w-]+/", mail.outbox[0].body)[0])
    subscriber.refresh_from_db()
    assert (subscriber.frequency, subscriber.topics, subscriber.alerts.count()) == ("weekly", {"component": ["1"]}, 1)


def a_week_passes():
    for delivery in Delivery.objects.order_by("week"):
        Delivery.objects.filter(pk=delivery.pk).update(week=delivery.week - timedelta(days=7))


def test_it_is_mailed_once_a_week_and_each_resource_once(watcher):
    publish("team-huddles")
    send_alerts.func()
    send_alerts.func()
    assert len(mail.outbox) == 1
    a_week_passes()
    send_alerts.func()
    assert len(mail.outbox) == 1  # nothing is new
    assert Delivery.objects.counts()["nothing"] == 1
    a_week_passes()
    publish("huddle-sheets-and-supporting-guidance")
    send_alerts.func()
    assert "Huddle sheets" in mail.outbox[1].body and "Team Huddles" not in mail.outbox[1].body


def test_its_mail_is_whole_and_one_press_ends_it_all(watcher, settings):
    watcher.alerts.watch("q=huddle&category=free-tools-and-guides")
    publish("team-huddles")
    with MailServer() as server:
        settings.EMAIL_BACKEND, (settings.EMAIL_HOST, settings.EMAIL_PORT) = SMTP, server.address
        send_alerts.func()
        (received,) = server.messages
    assert_whole(received)
    Client().post(re.search(r"/bulletin/unsubscribe/[\w-]+/", received.message["List-Unsubscribe"])[0])
    assert not (Subscriber.objects.exists() or Alert.objects.exists())


def test_many_who_watch_the_same_ask_the_catalogue_once(quiet, monkeypatch):
    since = timezone.now()
    for number in range(5):
        make_subscriber(f"reader-{number}@example.org").alerts.create(search="q=huddle", seen_until=since)
    publish("team-huddles")
    asked, real = [], watching.new_in
    monkeypatch.setattr(watching, "new_in", lambda *args: asked.append(args) or real(*args))
    send_alerts.func()
    assert (len(mail.outbox), len(asked)) == (5, 1)


@pytest.mark.parametrize("query", ["", "q=", "q=%00", "component=99", "list=1", "page=3", "sort=newest", "q=" + "%F0%9F%99%82" * 300])
def test_an_address_without_a_search_says_so(query, text_of):
    page = Client().get(f"/bulletin/watch/?{query}")
    assert page.status_code == 200
    assert "names no search" in text_of(page) or "resources fit now" in text_of(page)
    assert Client().post(f"/bulletin/watch/?{query}", {"email": "ann@example.org"}).status_code == 302


def test_a_search_that_the_catalogue_has_no_more_is_no_fault(watcher):
    Alert.objects.update(search="provider=closed-down")
    send_alerts.func()
    assert mail.outbox == []
    assert Client().get(f"/bulletin/preferences/{watcher.key}/").status_code == 200
