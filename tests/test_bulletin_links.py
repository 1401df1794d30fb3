"""The private links of mails: one press ends it, for ever, and nothing tells whose link it is."""

import logging
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.personal_data import export, forget_addresses
from bulletin.addresses import hash_of
from bulletin.models import Alert, FormerKey, SignUp, Subscriber, Suppression
from bulletin.models.subscriber import MOST_ALERTS
from bulletin.tasks import send_issue
from impact_portal.logs import PrivateLinks
from tests.bulletin import make_issue, make_subscriber, send
from tests.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscriber(db):
    return make_subscriber()


def page(subscriber, name="preferences"):
    return f"/bulletin/{name}/{subscriber.key}/"


# Unsubscribing --------------------------------------------------------------------------------------------------------


def one_click(link, **headers):
    """As a mail program does it: no cookie, no token, no page seen."""
    return Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"}, headers={"origin": "null", **headers})


def test_a_mail_program_ends_it_with_one_press_as_rfc_8058_has_it(subscriber):
    send(make_issue())
    link = re.search(r"/bulletin/unsubscribe/[\w-]+/", mail.outbox[0].message()["List-Unsubscribe"])[0]
    assert one_click(link).status_code == 200
    assert not Subscriber.objects.exists()
    assert Suppression.objects.of("ann@example.org").exists()
    assert "ann@example.org" not in str(list(Suppression.objects.values()))
    assert mail.outbox[0].message()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    send(make_issue(subject="The next"))
    assert len(mail.outbox) == 1


def test_a_link_opened_changes_nothing(subscriber, text_of):
    assert "Press the button" in text_of(Client().get(page(subscriber, "unsubscribe")))
    Client().head(page(subscriber, "unsubscribe"))
    assert Subscriber.objects.exists()


def test_known_used_and_unknown_links_get_the_same_page(subscriber):
    link = page(subscriber, "unsubscribe")
    answers = [Client().get(link), Client().get("/bulletin/unsubscribe/" + "x" * 22 + "/")]
    assert answers[0].content == answers[1].content
    answers = [one_click(link), one_click(link), one_click("/bulletin/unsubscribe/" + "x" * 22 + "/")]
    assert len({(answer.status_code, answer.content, str(sorted(answer.headers.items()))) for answer in answers}) == 1
    assert Client().post("/bulletin/unsubscribe/short/").status_code == 404


def test_links_work_after_a_change_of_the_key_of_sessions(subscriber, settings):
    settings.SECRET_KEY = "another key altogether, of the length that a key must have"
    settings.SECRET_KEY_FALLBACKS = []
    assert Client().get(page(subscriber)).status_code == 200
    one_click(page(subscriber, "unsubscribe"))
    assert not Subscriber.objects.exists()


def test_the_link_in_an_old_mail_works_after_somebody_has_left_and_come_back(subscriber):
    old = page(subscriber, "unsubscribe")
    one_click(old)
    sign_up = SignUp.objects.ask("ann@example.org", client="a", once="b", frequency="weekly")
    Subscriber.objects.confirm(sign_up)
    one_click(old)
    assert not Subscriber.objects.exists()


def test_the_link_in_a_confirmation_works_after_it_was_tidied_away():
    first, second = (SignUp.objects.ask("ann@example.org", client=str(n), once=str(n), frequency="weekly") for n in range(2))
    Subscriber.objects.confirm(second)
    SignUp.objects.update(at=timezone.now() - timedelta(days=8))
    call_command("tidy")
    assert not SignUp.objects.exists()
    one_click(f"/bulletin/unsubscribe/{first.key}/")
    assert not Subscriber.objects.exists()


def test_nothing_of_a_link_is_kept_by_browsers_or_logs(subscriber):
    for name in ("preferences", "unsubscribe", "confirm"):
        response = Client().get(page(subscriber, name))
        assert (response["Cache-Control"], response["Referrer-Policy"], response["X-Robots-Tag"]) == ("private, no-store", "same-origin", "noindex")
        assert b"ann@" not in response.content
        record = logging.LogRecord("x", 30, "x", 1, "GET %s failed", (page(subscriber, name),), None)
        PrivateLinks().filter(record)
        assert subscriber.key not in record.getMessage()


# Preferences ----------------------------------------------------------------------------------------------------------


def test_a_subscriber_changes_what_they_get(subscriber, text_of):
    saved = Client().post(page(subscriber), {"frequency": "monthly", "component": ["1", "2"]}, follow=True)
    assert "What you get is changed" in text_of(saved)
    subscriber.refresh_from_db()
    assert (subscriber.frequency, subscriber.topics) == ("monthly", {"component": ["1", "2"]})
    Client().post(page(subscriber), {"frequency": ""})
    subscriber.refresh_from_db()
    assert (subscriber.frequency, subscriber.topics) == ("", {})


def test_a_refused_change_keeps_what_was_chosen(subscriber):
    response = Client().post(page(subscriber), {"frequency": "hourly", "component": ["2"]})
    assert b"Select how often" in response.content
    assert re.search(rb'name="component" type="checkbox" value="2" checked', response.content)


def test_searches_are_watched_and_watched_no_more(subscriber, text_of):
    Client().post(page(subscriber), {"do": "watch", "search": "http://127.0.0.1:8000/resources/?q=huddle&component=2&page=3&list=1"})
    Client().post(page(subscriber), {"do": "watch", "search": "what is culture?"})
    assert list(Alert.objects.values_list("search", flat=True)) == ["q=huddle&component=2", "q=what+is+culture%3F"]
    assert "Huddle" in text_of(Client().get(page(subscriber))) or "huddle" in text_of(Client().get(page(subscriber)))
    Client().post(page(subscriber), {"do": "unwatch", "alert": Alert.objects.first().pk})
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("odd", ["", "\x00", "http://[", "?list=3", "x" * 3000, "?" + "&".join(f"a{n}=1" for n in range(1200))])
def test_what_is_no_search_is_refused_in_words(odd, subscriber):
    response = Client().post(page(subscriber), {"do": "watch", "search": odd})
    assert response.status_code in (200, 302)
    assert response.status_code == 302 or b"nhsuk-error-summary" in response.content


def test_nobody_removes_the_search_of_somebody_else(subscriber):
    theirs = make_subscriber("ben@example.org").alerts.create(search="q=huddle")
    for odd in (str(theirs.pk), "x", "9" * 30, ""):
        assert Client().post(page(subscriber), {"do": "unwatch", "alert": odd}).status_code == 302
    assert Alert.objects.filter(pk=theirs.pk).exists()


def test_so_many_searches_are_watched_and_no_more(subscriber, text_of):
    for number in range(MOST_ALERTS):
        subscriber.alerts.watch(f"q=word{number}")
    refused = Client().post(page(subscriber), {"do": "watch", "search": "one more"})
    assert "Remove one first" in text_of(refused)


def test_everything_is_deleted_for_whoever_asks_for_that(subscriber, text_of):
    subscriber.alerts.watch("q=huddle")
    send(make_issue())
    assert "Everything is deleted" in text_of(Client().post(page(subscriber), {"do": "erase"}))
    assert not Subscriber.objects.exists()
    assert not Suppression.objects.exists()
    assert not FormerKey.objects.exists()
    assert Client().get(page(subscriber)).status_code == 404


def test_preferences_ask_as_much_for_one_search_as_for_twenty(subscriber):
    asked = set()
    for number in (1, 20):
        for n in range(number):
            subscriber.alerts.watch(f"q=word{n}")
        with CaptureQueriesContext(connection) as queries:
            Client().get(page(subscriber))
        asked.add(len([query for query in queries if "cataloguestamp" not in query["sql"]]))
    assert asked == {3}  # the subscriber, whether there are searches, the searches


# A person asks --------------------------------------------------------------------------------------------------------


def test_what_is_held_about_an_address_is_handed_out_without_its_keys_and_can_be_forgotten():
    person = make_person("ann@example.org")
    Subscriber.objects.confirm(SignUp.objects.ask("ann@example.org", client="a", once="b", frequency="weekly", search="q=huddle"))
    send_issue.func(0)
    held = export(person)
    assert {"sign-ups by their address", "subscribers by their address", "alerts by their address", "consents by their address"} <= set(held)
    assert Subscriber.objects.get().key not in str(held)
    forget_addresses(["ann@example.org"])
    assert not Subscriber.objects.exists()
    assert not SignUp.objects.exclude(email="").exists()
    assert Suppression.objects.filter(address_hash=hash_of("ann@example.org")).exists()  # so that no list revives it
