"""The weekly mail about actions: to whom it goes, that it goes once, and that one press stops it."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Membership
from accounts.personal_data import export
from assessments import action_mails
from assessments.models import Action, ActionMail, ActionMailStop
from tests.people import make_person
from tests.rounds import make_framework, make_lead
from tests.smtp import Conversation, MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(lead):
    """Somebody with something due."""
    return make_owner(lead, "owner@example.org", "Olu Owner")


def make_owner(lead, email, name="", days=5, **fields):
    person = make_person(email, name=name)
    person.membership = Membership.objects.create(user=person, organisation=lead.organisation, role="contributor", **fields)
    person.action = give(lead, person, days)
    return person


def give(lead, person, days, title="Coach every ward manager", **fields):
    day = None if days is None else timezone.localdate() + timedelta(days=days)
    return lead.organisation.actions.make(by=lead, title=title, owner=person, due_on=day, **fields)


def run(capsys=None):
    call_command("send_action_mails")
    return capsys.readouterr().out if capsys else ""


def stop_link(message):
    return re.search(r"(/actions/stop/[\w-]{22}/)", message.body)[1]


# To whom --------------------------------------------------------------------------------------------------------------


def test_an_owner_is_mailed_their_actions_overdue_first_with_links(lead, owner):
    give(lead, owner, None, "No day")
    late = give(lead, owner, -3, "Late & lost", question=make_framework().questions.get(number="2.1"))
    run()
    (message,) = mail.outbox
    assert message.to == ["owner@example.org"]
    assert message.subject == "NHS IMPACT portal: your actions, 1 overdue"
    body = message.body
    assert body.index("OVERDUE, was due on") < body.index("Late & lost") < body.index("Coach every ward manager") < body.index("No day")
    assert "Question 2.1 Title 2.1. To do." in body
    assert f"http://127.0.0.1:8000/organisations/AB1/actions/{late.public_id}/" in body
    assert "Hello Olu Owner," in body


def test_one_message_holds_the_actions_of_all_organisations_and_no_one_else_s(lead, owner):
    other = make_lead("CD1", "Their Trust", "other@example.org")
    Membership.objects.create(user=owner, organisation=other.organisation, role="lead")
    give(other, owner, 60, "Elsewhere")
    give(other, other, 300, "Not theirs")
    run()
    (message,) = mail.outbox
    assert message.body.index("Our Trust") < message.body.index("Coach every") < message.body.index("Their Trust") < message.body.index("Elsewhere")
    assert "Not theirs" not in message.body


@pytest.mark.parametrize(("days", "is_mailed"), [(-400, True), (0, True), (14, True), (15, False), (None, False)])
def test_only_what_is_overdue_or_due_within_14_days_is_a_reason_to_mail(days, is_mailed, lead):
    make_owner(lead, "owner@example.org", days=days)
    run()
    assert bool(mail.outbox) == is_mailed


def test_nobody_is_mailed_who_has_left_or_cannot_sign_in_or_cannot_open_it(lead):
    make_owner(lead, "left@example.org", ends_on=timezone.localdate() - timedelta(days=1))
    make_owner(lead, "gone@example.org").membership.delete()
    disabled = make_owner(lead, "disabled@example.org")
    disabled.is_active = False
    disabled.save()
    viewer = make_owner(lead, "viewer@example.org").membership
    viewer.role = "viewer"
    viewer.save()
    ended = make_owner(lead, "ended@example.org").action
    Action.objects.filter(pk=ended.pk).update(state="done")
    make_owner(lead, "last-day@example.org", ends_on=timezone.localdate())
    run()
    assert [message.to for message in mail.outbox] == [["last-day@example.org"]]


def test_nobody_is_mailed_about_an_organisation_that_has_closed(lead, owner):
    lead.organisation.closed = timezone.localdate()
    lead.organisation.save()
    run()
    assert mail.outbox == []


# Once a week ----------------------------------------------------------------------------------------------------------


def test_run_twice_it_is_sent_once_and_again_the_next_week(lead, owner, time_machine, capsys):
    time_machine.move_to("2026-11-24 08:00 +00:00")
    assert "1 accepted" in run(capsys)
    assert "0 accepted" in run(capsys)
    time_machine.move_to("2026-11-29 22:00 +00:00")  # the Sunday
    run()
    assert len(mail.outbox) == 1
    time_machine.move_to("2026-11-30 08:00 +00:00")
    run()
    assert len(mail.outbox) == 2


def test_two_runs_at_once_claim_each_person_once(owner):
    week = action_mails.week_of(timezone.localdate())
    assert ActionMail.objects.claim(owner, week)
    assert ActionMail.objects.claim(owner, week) is None
    ActionMail.objects.update(state="refused")
    assert ActionMail.objects.claim(owner, week)
    assert ActionMail.objects.claim(owner, week) is None


def test_a_mail_of_which_nobody_knows_is_reported_and_never_sent_again(owner, capsys):
    ActionMail.objects.claim(owner, action_mails.week_of(timezone.localdate()))  # and here the run was killed
    assert "1 begun by a run that did not end" in run(capsys)
    assert mail.outbox == []


def test_who_is_to_be_mailed_costs_the_same_for_one_person_and_for_fifty(lead, owner, django_assert_num_queries):
    week = action_mails.week_of(timezone.localdate())
    for number in (0, 49):
        for n in range(number):
            make_owner(lead, f"owner-{n}@example.org")
        with django_assert_num_queries(1):
            assert len(action_mails.whom_to_mail(week)) == number + 1


# A real mail server ---------------------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings):
    """Point the portal at a mail server of ours."""

    def use(server):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        return server

    return use


def test_a_refused_address_keeps_nobody_else_from_their_mail_and_is_tried_again(lead, smtp, capsys):
    for name in ("ann", "ben", "cat"):
        make_owner(lead, f"{name}@example.org")
    with MailServer(refuse=["ben@example.org"]) as server:
        smtp(server)
        assert "2 accepted by the mail server, 1 refused" in run(capsys)
        assert [message.to for message in server.messages] == [["ann@example.org"], ["cat@example.org"]]
        server.refuse.clear()
        assert "1 accepted by the mail server, 0 refused" in run(capsys)
        assert [message.to for message in server.messages[2:]] == [["ben@example.org"]]


class HangsUp(Conversation):
    """Hangs up in the middle of the first conversation about one address."""

    def on_rcpt(self, line):
        if "ben@" in line and not self.server.hung_up:
            self.server.hung_up = True
            raise ConnectionAbortedError
        super().on_rcpt(line)

    def handle(self):
        try:
            super().handle()
        except ConnectionAbortedError:
            self.connection.close()


def test_a_dropped_connection_keeps_nobody_else_from_their_mail(lead, smtp, capsys):
    for name in ("ann", "ben", "cat"):
        make_owner(lead, f"{name}@example.org")
    with MailServer() as server:
        server.hung_up, server.RequestHandlerClass = False, HangsUp
        smtp(server)
        assert "2 accepted by the mail server, 1 refused" in run(capsys)
        assert [message.to for message in server.messages] == [["ann@example.org"], ["cat@example.org"]]
        assert "1 accepted" in run(capsys)
        assert server.messages[2].to == ["ben@example.org"]


def test_a_mail_server_that_cannot_be_reached_is_said_so_and_nobody_is_forgotten(owner, smtp):
    with MailServer() as server:
        smtp(server)
    with pytest.raises(CommandError, match="1 not sent yet"):
        run()
    assert not ActionMail.objects.exists()
    with MailServer() as server:
        smtp(server)
        run()
        assert len(server.messages) == 1


def test_each_mail_says_to_mail_programs_how_to_stop_it(owner, smtp):
    with MailServer() as server:
        smtp(server)
        run()
        (received,) = server.messages
    message = received.message
    link = message["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://127.0.0.1:8000/actions/stop/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["To"] == "owner@example.org"
    assert link in received.text


# Stopping it ----------------------------------------------------------------------------------------------------------


def test_the_stop_link_asks_and_one_press_stops_it_without_signing_in(owner, text_of):
    run()
    path, visitor = stop_link(mail.outbox[0]), Client()
    asked = visitor.get(path)
    assert asked.content.count(b"<form") == asked.content.count(b'type="submit"') == 1
    assert not ActionMailStop.objects.exists()  # mail scanners open links
    assert "is stopped" in text_of(visitor.post(path))
    assert "is stopped" in text_of(visitor.post(path))  # twice is once
    assert AuditEntry.objects.filter(verb="stopped_action_mail", actor=owner.public_id).count() == 1
    ActionMail.objects.update(week="2026-01-05")
    run()
    assert len(mail.outbox) == 1


def test_a_mail_program_stops_it_as_rfc_8058_has_it(owner):
    run()
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(stop_link(mail.outbox[0]), {"List-Unsubscribe": "One-Click"}, headers={"origin": "null"})
    assert response.status_code == 200
    assert ActionMailStop.objects.get().user == owner


def test_the_link_of_an_old_mail_works_and_so_it_does_after_a_change_of_the_key(owner, settings):
    run()
    ActionMail.objects.update(week="2026-01-05")
    run()
    settings.SECRET_KEY = "another key altogether, of the length that a key must have"
    assert Client().post(stop_link(mail.outbox[0])).status_code == 200
    assert ActionMailStop.objects.exists()


def test_a_stop_link_says_nothing_of_whose_it_is_and_an_unknown_one_is_no_page(owner):
    run()
    path = stop_link(mail.outbox[0])
    for response in (Client().get(path), Client().post(path)):
        assert b"Olu" not in response.content
        assert b"owner@" not in response.content
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    unknown = Client().get("/actions/stop/" + "x" * 22 + "/")
    assert unknown.status_code == 404
    assert b"This link does not work" in unknown.content
    assert Client().post("/actions/stop/" + "x" * 22 + "/").status_code == 404
    assert Client().get("/actions/stop/short/").status_code == 404


def test_it_is_stopped_and_started_again_from_the_list_of_actions(owner, text_of):
    client = Client()
    client.force_login(owner)
    page = client.post("/organisations/AB1/actions/mail/", {"mail": "stop"}, follow=True)
    assert "Start the weekly mail again" in text_of(page)
    run()
    assert mail.outbox == []
    page = client.post("/organisations/AB1/actions/mail/", {"mail": "start"}, follow=True)
    assert "Stop the weekly mail" in text_of(page)
    run()
    assert len(mail.outbox) == 1
    verbs = AuditEntry.objects.filter(verb__endswith="action_mail").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["stopped_action_mail", "started_action_mail"]


def test_the_rows_of_the_mail_are_handed_out_without_secrets_and_die_when_a_person_is_erased(owner):
    run()
    owner.action_mail_stops.stop()
    path, held = stop_link(mail.outbox[0]), export(owner)
    assert any("action mail" in name for name in held)
    assert "token_hash" not in str(held)
    call_command("erase_person", owner.email, yes=True)
    assert not ActionMail.objects.exists()
    assert not ActionMailStop.objects.exists()
    assert Client().post(path).status_code == 404
