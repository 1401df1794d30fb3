"""Sending an issue over a real mail server that refuses, drops and is slow, by senders that are killed: nobody gets it twice."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from bulletin.mails import LARGEST, Mould, TooLarge
from bulletin.models import Delivery, Issue, Subscriber
from bulletin.tasks import send_due, send_issue
from tests.background import do_what_waits
from tests.bulletin import SMTP, DroppingServer, assert_once_or_uncertain, make_issue, make_subscriber, make_subscribers, send, send_while_killed
from tests.committed import at_once, own_database
from tests.smtp import Conversation, MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    """Point the portal at a mail server of ours."""

    def use(server):
        settings.EMAIL_BACKEND = SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        return server

    return use


@pytest.fixture
def committed(tmp_path, django_db_setup, django_db_blocker):
    """Instead of a transaction: a database of the test's own, in which what one process commits another sees."""
    with django_db_blocker.unblock(), own_database(tmp_path):
        yield


# What goes to whom ----------------------------------------------------------------------------------------------------


def test_each_subscriber_gets_the_items_of_their_topics_and_whoever_has_none_is_counted():
    make_subscriber("all@example.org")
    make_subscriber("tools@example.org", topics={"category": ["free-tools-and-guides"]})
    make_subscriber("nothing@example.org", topics={"category": ["case-studies"]})
    make_subscriber("monthly@example.org", frequency="monthly")
    make_subscriber("alerts@example.org", frequency="")
    make_subscriber("stopped@example.org", stopped_at=timezone.now())
    issue = make_issue("team-huddles", "training-and-events")
    send(issue)
    texts = {message.to[0]: message.body for message in mail.outbox}
    assert sorted(texts) == ["all@example.org", "tools@example.org"]
    assert "Team Huddles" in texts["tools@example.org"] and "Training and Events" not in texts["tools@example.org"]
    assert "1 more resource on other topics" in texts["tools@example.org"]
    assert "Training and Events" in texts["all@example.org"]
    assert (issue.state, issue.deliveries.counts()["accepted"], issue.deliveries.counts()["nothing"]) == ("sent", 2, 1)


@pytest.mark.parametrize(("edition", "who"), [("weekly", ["w@example.org"]), ("monthly", ["m@example.org"]), ("both", ["m@example.org", "w@example.org"])])
def test_an_edition_goes_to_those_who_want_it_so_often(edition, who):
    make_subscriber("w@example.org")
    make_subscriber("m@example.org", frequency="monthly")
    send(make_issue(edition=edition))
    assert sorted(message.to[0] for message in mail.outbox) == who


def test_an_issue_keeps_titles_and_addresses_as_they_were_when_it_was_sent(client):
    issue = make_issue()
    resource = issue.items.first().resource
    type(resource).objects.filter(pk=resource.pk).update(title="The title of that day")
    send(issue)
    type(resource).objects.filter(pk=resource.pk).update(title="Another title")
    assert "The title of that day" in client.get(issue.get_absolute_url()).content.decode()


def test_whoever_unsubscribes_while_it_is_being_sent_gets_nothing():
    leaver = make_subscriber()
    issue = make_issue()
    issue.start()
    leaver.delete()
    send_issue.func(issue.pk)
    assert mail.outbox == []
    assert issue.deliveries.counts()["left"] == 1


def test_a_scheduled_issue_goes_when_its_moment_has_come_and_a_cancelled_one_does_not(time_machine):
    time_machine.move_to("2027-03-01 08:00 +00:00", tick=False)
    make_subscriber()
    goes, stays = make_issue(subject="Goes"), make_issue(subject="Stays")
    for issue in (goes, stays):
        issue.schedule(timezone.now() + timedelta(hours=1))
    assert stays.cancel()
    send_due.func()
    do_what_waits()
    assert mail.outbox == []
    time_machine.move_to("2027-03-01 09:01 +00:00", tick=False)
    send_due.func()
    do_what_waits()
    assert [message.subject for message in mail.outbox] == ["Goes"]
    send_due.func()
    do_what_waits()
    assert len(mail.outbox) == 1


def test_a_scheduled_issue_whose_resources_were_withdrawn_is_a_draft_again():
    issue = make_issue()
    issue.schedule(timezone.now() + timedelta(hours=1))
    for item in issue.items.all():
        type(item.resource).objects.filter(pk=item.resource_id).update(withdrawn_at=timezone.now(), withdrawn_reason="Gone")
    Issue.objects.update(scheduled_for=timezone.now() - timedelta(minutes=1))
    send_due.func()
    do_what_waits()
    issue.refresh_from_db()
    assert (issue.state, issue.number) == ("draft", None)


# A real mail server ---------------------------------------------------------------------------------------------------


def test_one_line_carries_them_all_and_every_mail_is_whole(smtp):
    make_subscribers(30)
    with MailServer() as server:
        smtp(server)
        send(make_issue(intro="Hello **you**, see [our page](https://example.org/a)."))
    assert server.conversations == 1
    seen = set()
    for received in server.messages:
        assert_whole(received)
        seen.add(received.message["Message-ID"])
    assert len(seen) == 30


KNOWN = {
    "subject",
    "from",
    "to",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-id",
    "auto-submitted",
}


def assert_whole(received):
    """One recipient, who sees nobody else; both ways out; text and HTML; nothing that is fetched, and no header that is not ours."""
    message = received.message
    names = [name.lower() for name in message]
    assert sorted(names) == sorted(KNOWN), "a header is missing, unknown or there twice"
    assert [a.addr_spec for a in message["To"].addresses] == received.to and len(received.to) == 1
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(r"<(http://127\.0\.0\.1:8000/bulletin/unsubscribe/[\w-]{22}/)>", message["List-Unsubscribe"].strip())[1]
    assert "\n" not in message["Subject"]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    html = message.get_body(("html",)).get_content()
    assert not re.search(r"<img|<script|<link|@import|url\(|<table(?! role=.presentation)", html)
    assert '<html lang="en-GB">' in html and html.count("<h1") == 1
    assert len(message.as_bytes()) < LARGEST
    key = link.rsplit("/", 2)[1]
    assert set(re.findall(r"/bulletin/(?:unsubscribe|preferences|confirm)/([\w-]+)/", html + received.text)) == {key}


def test_the_refused_are_counted_others_get_theirs_and_an_address_refused_three_times_is_stopped(smtp):
    make_subscribers(3)
    with MailServer(refuse=["reader-1@example.org"]) as server:
        smtp(server)
        for number in range(3):
            issue = make_issue(subject=f"Issue {number}")
            send(issue)
            assert {k: v for k, v in issue.deliveries.counts().items() if v} == {"accepted": 2, "refused": 1}
        send(make_issue(subject="The fourth"))
    assert Subscriber.objects.get(email="reader-1@example.org").stopped_at
    assert Issue.objects.get(subject="The fourth").deliveries.count() == 2


class Busy(Conversation):
    """Has no time for one address, the first time it is asked."""

    def on_rcpt(self, line):
        if "reader-1@" in line and not self.server.asked:
            self.server.asked = True
            return self.say(451, "come back later")
        return super().on_rcpt(line)


def test_what_a_busy_server_puts_off_is_sent_later_by_itself(smtp):
    make_subscribers(3)
    issue = make_issue()
    with MailServer() as server:
        server.asked, server.RequestHandlerClass = False, Busy
        smtp(server)
        send(issue)
        assert (issue.state, issue.deliveries.counts()["waiting"]) == ("sending", 1)
        issue.deliveries.waiting().update(retry_at=timezone.now())
        Issue.objects.update(worked_at=timezone.now() - timedelta(minutes=10))
        send_due.func()
        do_what_waits()
    issue.refresh_from_db()
    assert (issue.state, len(server.messages)) == ("sent", 3)
    assert Subscriber.objects.filter(refusals=0).count() == 3


def test_a_mail_server_that_cannot_be_reached_loses_nobody(smtp, monkeypatch):
    monkeypatch.setattr("bulletin.sender.PAUSES", ())
    make_subscribers(2)
    issue = make_issue()
    with MailServer() as server:
        smtp(server)
    send(issue)
    assert (issue.state, issue.deliveries.counts()["waiting"]) == ("sending", 2)
    with MailServer() as server:
        smtp(server)
        send_issue.func(issue.pk)
        assert len(server.messages) == 2


class Mute(Conversation):
    """Takes the first message and hangs up without a word."""

    def say(self, code, text):
        if (code, text) == (250, "kept") and len(self.server.messages) == 1:
            raise ConnectionAbortedError
        super().say(code, text)


def test_a_mail_of_which_nobody_knows_is_uncertain_and_sent_again_only_if_a_curator_says_so(smtp):
    make_subscribers(3)
    issue = make_issue()
    with MailServer() as server:
        server.RequestHandlerClass, server.handle_error = Mute, lambda *_: None
        smtp(server)
        send(issue)
        assert {k: v for k, v in issue.deliveries.counts().items() if v} == {"accepted": 2, "uncertain": 1}
        send_issue.func(issue.pk)
        assert len(server.messages) == 3
        assert issue.send_uncertain_again() == 1
        send_issue.func(issue.pk)
        assert len(server.messages) == 4
    issue.refresh_from_db()
    assert (issue.state, issue.deliveries.counts()["accepted"]) == ("sent", 3)


# Killed, dropped, two at once -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("committed")
class TestCommitted:
    @pytest.fixture
    def _django_db_helper(self):
        """No transaction: `committed` is its own."""

    def test_a_sender_that_is_killed_again_and_again_mails_nobody_twice(self, smtp):
        make_subscribers(200)
        issue = make_issue()
        with DroppingServer(one_in=10) as server:
            smtp(server)
            send_while_killed(issue, server, kills=5)
            counts = assert_once_or_uncertain(issue, server)
        assert server.dropped > 5
        assert counts["accepted"] + counts["uncertain"] == 200
        assert counts["accepted"] > 150

    def test_four_senders_at_once_share_the_work(self, smtp):
        make_subscribers(60)
        issue = make_issue()
        issue.start()
        with MailServer() as server:
            smtp(server)
            at_once(*[lambda: send_issue.func(issue.pk)] * 4)
            assert sorted(message.to[0] for message in server.messages) == sorted(Subscriber.objects.values_list("email", flat=True))
        assert Delivery.objects.counts()["accepted"] == 60

    def test_an_issue_started_by_four_at_once_is_started_once(self):
        make_subscribers(5)
        issue = make_issue()
        at_once(*[lambda: Issue.objects.get(pk=issue.pk).start()] * 4)
        assert issue.deliveries.count() == 5


# What may not be in a mail --------------------------------------------------------------------------------------------


@pytest.mark.one_database
@profile(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80), st.text(max_size=200), st.text(max_size=60))
def test_nothing_that_anybody_types_becomes_a_header(subject, intro, address):
    mould = Mould(
        "bulletin_issue", subject, whole=False, items=[{"title": intro, "publisher": subject, "words": intro, "address": "http://127.0.0.1:8000/"}],
        intro_html="", intro_text=intro.encode("utf-8", "replace").decode(), left_out=0, number=None,
    )  # fmt: skip
    message = mould.for_one("ann@example.org", "k" * 22).message()
    assert sorted(name.lower() for name in message.parsed) == sorted(KNOWN)
    assert "\n" not in str(message["Subject"])
    try:
        mould.for_one(f"{address}@example.org", "k" * 22)
    except ValueError:
        pass
    else:
        assert not re.search(r"[\s<>,:;\"]", address)


def test_a_mail_of_more_than_100_kb_is_refused():
    with pytest.raises(TooLarge):
        Mould("bulletin_known", "x" * 200_000)


def test_sending_asks_the_database_two_things_a_recipient(django_assert_max_num_queries):
    make_subscribers(50)
    issue = make_issue()
    issue.start()
    with django_assert_max_num_queries(50 * 2 + 30):
        send_issue.func(issue.pk)
