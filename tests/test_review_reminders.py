"""Reminders of reviews: to whom they go and when, once each, whatever happens to the mail server or to the run."""

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.personal_data import export
from resources.models import Resource, ReviewReminder
from resources.review_mails import whom_to_remind
from resources.review_tasks import send_review_reminders
from tests.people import make_person
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db


def make_staff(name, **fields):
    return make_person(f"{name}@example.org", name=name.title(), is_staff=True, **fields)


@pytest.fixture
def owner(db):
    return make_staff("olu")


@pytest.fixture
def deputy(db):
    return make_staff("dee")


def give(owner, *days, deputy=None):
    """Resources of an owner, due for review in so many days."""
    resources = list(Resource.objects.published().filter(owner=None).order_by("pk")[: len(days)])
    for resource, day in zip(resources, days, strict=True):
        Resource.objects.filter(pk=resource.pk).update(owner=owner, deputy=deputy, review_on=timezone.localdate() + timedelta(days=day))
        resource.refresh_from_db()
    return resources


def run():
    call_command("send_review_reminders", stdout=io.StringIO())
    return [(message.to[0], message) for message in mail.outbox]


@pytest.mark.parametrize(("days", "whose"), [(31, None), (30, "olu"), (1, "olu"), (0, "olu"), (-13, "olu"), (-14, "dee"), (-400, "dee")])
def test_the_owner_is_reminded_30_days_before_and_on_the_day_and_the_deputy_14_days_after(days, whose, owner, deputy):
    give(owner, days, deputy=deputy)
    sent = run()
    assert [to for to, _ in sent] == ([f"{whose}@example.org"] if whose else [])


def test_each_of_the_three_goes_once_over_the_weeks(owner, deputy, time_machine):
    time_machine.move_to("2026-11-01 08:00 +00:00")
    (resource,) = give(owner, 30, deputy=deputy)
    for day in range(60):
        time_machine.move_to(f"{timezone.localdate().replace(month=11, day=1) + timedelta(days=day)} 08:00 +00:00")
        run()
        run()
    assert [message.to for message in mail.outbox] == [["olu@example.org"], ["olu@example.org"], ["dee@example.org"]]
    assert list(resource.review_reminders.order_by("at").values_list("kind", flat=True)) == ["ahead", "due", "deputy"]
    assert "You are the deputy: Olu has not reviewed it in two weeks." in mail.outbox[2].body


def test_a_review_or_a_withdrawal_ends_the_reminders(owner, deputy):
    one, two = give(owner, 0, 0, deputy=deputy)
    one.review(by=owner)
    Resource.objects.filter(pk=two.pk).update(withdrawn_at=timezone.now(), withdrawn_reason="Gone")
    assert run() == []


def test_a_mail_holds_ten_at_most_each_with_its_link_and_what_to_do_and_the_rest_comes_the_next_day(owner, time_machine):
    time_machine.move_to("2026-11-24 08:00 +00:00")
    resources = give(owner, *range(-12, 0))
    ((_, message),) = run()
    assert message.subject == "NHS IMPACT portal: 10 resources to review, 10 overdue"
    assert message.body.count("/admin/resources/resource/") == 10
    assert f"http://127.0.0.1:8000/admin/resources/resource/{resources[0].pk}/change/" in message.body
    assert "Proposed: add " in message.body
    assert "2 more wait." in message.body
    assert len(run()) == 1  # one mail a day
    time_machine.move_to("2026-11-25 08:00 +00:00")
    assert run()[1][1].subject.endswith("2 resources to review, 2 overdue")


@pytest.mark.parametrize("change", [{"is_staff": False}, {"is_active": False}])
def test_whoever_has_left_the_desk_is_passed_over_for_the_deputy(change, owner, deputy):
    give(owner, 5, deputy=deputy)
    for name, value in change.items():
        setattr(owner, name, value)
    owner.save()
    ((to, message),) = run()
    assert to == "dee@example.org" and "You are the deputy: Olu cannot be reached." in message.body


def test_an_address_that_nobody_has_confirmed_is_not_written_to(deputy):
    give(make_staff("uma", verified=False), 5)
    assert run() == []


def test_two_runs_at_once_claim_each_reminder_once(owner):
    (resource,) = give(owner, 0)
    assert ReviewReminder.objects.claim(resource, "due", owner)
    assert ReviewReminder.objects.claim(resource, "due", owner) is None


def test_a_reminder_of_a_killed_run_is_told_and_never_sent_again(owner, capsys, time_machine):
    (resource,) = give(owner, 0)
    ReviewReminder.objects.claim(resource, "due", owner)  # and here the run was killed
    time_machine.move_to(timezone.now() + timedelta(days=1))
    call_command("send_review_reminders")
    assert "1 reminders begun by a run that did not end" in capsys.readouterr().out
    assert mail.outbox == []


def test_whom_to_remind_costs_the_same_for_one_and_for_a_hundred(owner, django_assert_num_queries):
    for count in (1, 99):
        give(owner, *[3] * count)
        with django_assert_num_queries(4):
            assert len(whom_to_remind()[owner]) in (1, 100)


def test_over_a_real_mail_server_a_refused_address_keeps_nobody_else_and_is_tried_again(owner, settings, capsys):
    other = make_staff("ann")
    give(owner, 3)
    give(other, 3)
    with MailServer(refuse=["olu@example.org"]) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        call_command("send_review_reminders")
        assert "1 accepted by the mail server, 1 refused" in capsys.readouterr().out
        assert [message.to for message in server.messages] == [["ann@example.org"]]
        server.refuse.clear()
        send_review_reminders.call()
        assert server.messages[1].to == ["olu@example.org"]
        assert server.messages[1].message["Auto-Submitted"] == "auto-generated"
    with pytest.raises(CommandError, match="cannot be reached: 1 not sent yet"):
        give(make_staff("bea"), 3)
        call_command("send_review_reminders")


def test_what_is_held_about_a_reminder_is_handed_out_and_goes_with_the_person(owner):
    give(owner, 0)
    run()
    assert any("review reminder" in name for name in export(owner))
    call_command("erase_person", owner.email, yes=True)
    assert not ReviewReminder.objects.exists()
