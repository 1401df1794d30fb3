"""Signing up: the same page for everybody, so many mails and no more, and nobody subscribed but by the owner of the address."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import example, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from bulletin.addresses import as_kept, hash_of
from bulletin.models import Consent, SignUp, Subscriber, Suppression
from bulletin.models.subscriber import leave
from bulletin.tasks import send_due
from tests.background import do_what_waits
from tests.bulletin import ask, make_subscriber
from tests.committed import at_once, own_database

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def any_client(settings):
    """Where a request says it comes from is believed."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


clients = iter(range(1, 10_000_000))


def visitor():
    """Somebody who has not been here."""
    number = next(clients)
    return Client(headers={"x-forwarded-for": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"})


def link_in(message, page):
    return re.search(rf"/bulletin/{page}/[\w-]{{22}}/", message.body)[0]


# Double opt-in --------------------------------------------------------------------------------------------------------


def test_nobody_is_subscribed_until_they_press_the_button_behind_the_link(text_of):
    asked = ask(visitor(), "Ann@Example.ORG", frequency="monthly", component=["2"], category=["case-studies"])
    assert (asked.status_code, asked["Location"]) == (302, "/bulletin/asked/")
    assert mail.outbox == []  # the mail goes in the background
    do_what_waits()
    (message,) = mail.outbox
    assert message.to == ["ann@example.org"]
    page = link_in(message, "confirm")
    shown = text_of(Client().get(page))
    assert "Once a month" in shown and "Case studies" in shown
    assert not Subscriber.objects.exists()  # mail scanners open links
    assert "You are subscribed" in text_of(Client().post(page))
    assert "You are subscribed" in text_of(Client().post(page))  # twice is once
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.frequency) == ("ann@example.org", "monthly")
    assert subscriber.topics == {"component": ["2"], "category": ["case-studies"]}
    consent = Consent.objects.get()
    assert consent.words in text_of(Client().get("/bulletin/subscribe/"))
    assert (consent.page, consent.words_version) == ("/bulletin/subscribe/", "1, 24 November 2026")
    assert consent.asked_at < consent.confirmed_at


def test_a_link_works_for_seven_days_and_then_the_address_is_gone(time_machine):
    time_machine.move_to("2027-03-01 08:00 +00:00", tick=False)
    ask(visitor())
    do_what_waits()
    page = link_in(mail.outbox[0], "confirm")
    time_machine.move_to("2027-03-08 07:59 +00:00", tick=False)
    call_command("tidy")
    assert Client().get(page).status_code == 200
    time_machine.move_to("2027-03-08 08:01 +00:00", tick=False)
    assert Client().post(page).status_code == 404
    assert not Subscriber.objects.exists()
    call_command("tidy")
    assert not SignUp.objects.exists()


def test_whoever_did_not_ask_can_say_never_again_and_no_mail_goes_there_any_more(text_of):
    ask(visitor())
    do_what_waits()
    page = link_in(mail.outbox[0], "confirm")
    assert "We will not write to you again" in text_of(Client().post(page, {"do": "never"}))
    SignUp.objects.all().delete()
    ask(visitor(), "ann+again@example.org")
    do_what_waits()
    assert len(mail.outbox) == 1
    assert "ann@example.org" not in str(list(SignUp.objects.values()) + list(Suppression.objects.values()))


def test_whoever_unsubscribed_can_come_back_by_asking_and_confirming():
    subscriber = make_subscriber()
    leave(subscriber.key)
    assert Suppression.objects.of("ann@example.org").exists()
    ask(visitor())
    do_what_waits()
    Client().post(link_in(mail.outbox[0], "confirm"))
    assert Subscriber.objects.filter(email="ann@example.org").exists()
    assert not Suppression.objects.of("ann@example.org").exists()


def test_whoever_subscribes_already_is_told_so_with_the_way_to_their_preferences():
    subscriber = make_subscriber(topics={"component": ["1"]})
    ask(visitor(), component=["2"])
    do_what_waits()
    (message,) = mail.outbox
    assert "you already subscribe" in message.subject
    assert link_in(message, "preferences") == f"/bulletin/preferences/{subscriber.key}/"
    subscriber.refresh_from_db()
    assert subscriber.topics == {"component": ["1"]}


# The same for everybody -----------------------------------------------------------------------------------------------


def test_page_status_and_work_are_the_same_for_new_known_pending_unsubscribed_and_suppressed_addresses():
    make_subscriber("known@example.org")
    ask(visitor(), "pending@example.org")
    Suppression.objects.add(hash_of("left@example.org"))
    Suppression.objects.add(hash_of("never@example.org"), never=True)
    met = set()
    for name in ("new", "known", "pending", "left", "never"):
        client = visitor()
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, f"{name}@example.org")
        kinds = tuple(query["sql"].split()[0] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE")))
        met.add((response.status_code, response["Location"], response.content, tuple(sorted(response.headers)), kinds))
    assert len(met) == 1
    assert Client().get("/bulletin/asked/").content == Client().get("/bulletin/asked/").content


# The caps -------------------------------------------------------------------------------------------------------------


def test_an_address_is_asked_once_a_day_however_it_is_written(time_machine):
    time_machine.move_to("2027-03-01 08:00 +00:00", tick=False)
    for address in ("ann@example.org", "ANN@example.org", "ann+1@example.org", "Ann+2@EXAMPLE.org"):
        assert ask(visitor(), address).status_code == 302
    do_what_waits()
    assert len(mail.outbox) == 1
    time_machine.move_to("2027-03-02 07:59 +00:00", tick=False)
    ask(visitor(), "ann@example.org")
    do_what_waits()
    assert len(mail.outbox) == 1
    time_machine.move_to("2027-03-02 08:01 +00:00", tick=False)
    ask(visitor(), "ann@example.org")
    do_what_waits()
    assert len(mail.outbox) == 2


def test_a_client_asks_five_times_an_hour_and_is_then_told_when_to_come_back(time_machine, text_of):
    time_machine.move_to("2027-03-01 08:00 +00:00", tick=False)
    client = visitor()
    for number in range(5):
        assert ask(client, f"reader-{number}@example.org").status_code == 302
    time_machine.move_to("2027-03-01 08:20 +00:00", tick=False)
    refused = ask(client, "reader-6@example.org", component=["3"])
    assert (refused.status_code, refused["Retry-After"]) == (429, "2400")
    assert "try again after 9:01am" in text_of(refused)
    assert b'value="reader-6@example.org"' in refused.content  # nothing typed is lost
    assert ask(visitor(), "reader-7@example.org").status_code == 302
    time_machine.move_to("2027-03-01 09:01 +00:00", tick=False)
    assert ask(client, "reader-6@example.org").status_code == 302


def test_two_hundred_are_asked_in_an_hour_and_no_more(time_machine):
    time_machine.move_to("2027-03-01 08:00 +00:00", tick=False)
    SignUp.objects.bulk_create(SignUp(address_hash=str(n), once=str(n), at=timezone.now()) for n in range(199))
    assert ask(visitor(), "a@example.org").status_code == 302
    assert ask(visitor(), "b@example.org").status_code == 429


def test_one_form_sent_again_and_again_is_one_request():
    client = visitor()
    for _ in range(8):
        assert ask(client, once="x" * 22).status_code == 302
    assert SignUp.objects.count() == 1


class TestCommitted:
    @pytest.fixture
    def _django_db_helper(self, tmp_path, django_db_setup, django_db_blocker):
        """Instead of a transaction: a database of the test's own, in which what one thread commits another sees."""
        with django_db_blocker.unblock(), own_database(tmp_path):
            yield

    def test_fifty_at_once_stay_under_the_caps(self):
        SignUp.objects.bulk_create(SignUp(address_hash=str(n), once=str(n), at=timezone.now()) for n in range(180))
        same = visitor()
        jobs = [lambda: ask(same, f"{next(clients)}@example.org")] * 10 + [lambda: ask(visitor(), "victim@example.org")] * 10
        jobs += [lambda: ask(visitor(), f"{next(clients)}@example.org")] * 30
        statuses = [response.status_code for response in at_once(*jobs)]
        assert set(statuses) == {302, 429}
        assert SignUp.objects.filter(address_hash=hash_of("victim@example.org"), state="waiting").count() <= 1
        assert SignUp.objects.count() == 200
        assert statuses[:10].count(302) <= 5


# What people type -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["", "ann", "ann@", "@example.org", "ann@example", "ann@@example.org", '"a b"@example.org', '"a\n"@example.org', "ann@exa mple.org", "a,b@example.org",
     "ann@example.org\nBcc: all@example.org", "ann\x00@example.org", "ann@example.org, ben@example.org", "Ann <ann@example.org>", "x" * 320 + "@example.org",
     "ann@" + "x" * 250 + ".org", "ann@\ufffd.org", "änn@example.org", "a" * 1_000_000],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words_and_kept_to_be_corrected(typed, text_of):
    response = ask(visitor(), typed)
    assert response.status_code == 200
    words = "Enter your e-mail address" if not typed else "Enter an e-mail address in the form name@example.org"
    assert words in text_of(response)
    assert not SignUp.objects.exists()


@pytest.mark.one_database
@profile(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.emails()))
@example("ann@bücher.example")
@example("o'neill@example.org")
def test_an_address_is_refused_or_kept_as_one_that_no_header_can_break(typed):
    try:
        address = as_kept(typed)
    except ValidationError:
        return
    assert address.isascii() and len(address) <= 254 and address == as_kept(address)
    assert not re.search(r"[\s<>,;:\"()\\]", address)


@pytest.mark.parametrize("field", ["frequency", "component", "category"])
@pytest.mark.parametrize("odd", ["\x00", "nothing of the kind", "9" * 400, "\ud800".encode("utf-8", "surrogatepass")])
def test_odd_choices_are_refused_in_words(field, odd):
    response = ask(visitor(), **{field: odd})
    assert response.status_code == 200
    assert b"Select" in response.content


# Lists ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(tmp_path):
    """A list with everybody in it."""
    make_subscriber("known@example.org")
    leave(make_subscriber("left@example.org").key)
    file = tmp_path / "list.csv"
    file.write_text("name,email\nA,new@example.org\nB,KNOWN@example.org\nC,left@example.org\nC,left+x@example.org\nD,no address\nA,new@example.org\n")
    return file


def test_a_list_is_looked_at_first_and_whoever_unsubscribed_is_left_out(addresses, capsys):
    call_command("import_subscribers", addresses)
    out = capsys.readouterr().out
    assert "1 to be asked, 1 subscribed already, 2 want no mail, 0 asked already, 1 twice in the list, 1 refused" in out
    assert "Nothing was done" in out
    assert not SignUp.objects.exists()


def test_those_of_a_list_are_asked_in_their_turn_and_subscribed_by_nobody_but_themselves(addresses):
    call_command("import_subscribers", addresses, apply=True)
    call_command("import_subscribers", addresses, apply=True)
    send_due.func()
    do_what_waits()
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    assert Subscriber.objects.count() == 1
    Client().post(link_in(mail.outbox[0], "confirm"))
    assert Consent.objects.get(subscriber__email="new@example.org").page == "a list, list.csv"


def test_a_long_list_leaves_half_of_the_mails_to_people_who_ask(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("\n".join(f"reader-{n}@example.org" for n in range(150)))
    call_command("import_subscribers", file, apply=True)
    assert len(SignUp.objects.release()) == 100
    assert SignUp.objects.release() == []
    SignUp.objects.exclude(state="queued").update(at=timezone.now() - timedelta(hours=2))
    assert len(SignUp.objects.release()) == 50


def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_subscribers", tmp_path / "none.csv")
