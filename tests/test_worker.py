"""What waits in the background is done by whoever is there, once, though workers are killed; and a restored copy mails nobody."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from accounts.mail import MailHeld, bump, is_held, settle
from accounts.models import MailHome
from impact_portal import background, timetable
from impact_portal.models import Worker
from impact_portal.tasks import tidy
from tests.background import do_what_waits
from tests.people import make_curator, signed_in
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


@task()
def fail():
    """Fail."""
    raise ValueError("canary of what it was given")


@pytest.fixture(autouse=True)
def at_home(settings, tmp_path):
    settings.MAIL_HOME, settings.MAIL_IS_LOCAL = tmp_path / "mail-home", False


# The timetable --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2027, 3, 28, 7, 59, tzinfo=LONDON), datetime(2027, 3, 27, 8, tzinfo=LONDON)),  # the night the clocks go forward
        (datetime(2027, 3, 28, 8, 0, tzinfo=LONDON), datetime(2027, 3, 28, 8, tzinfo=LONDON)),
        (datetime(2027, 10, 31, 23, 59, tzinfo=LONDON), datetime(2027, 10, 31, 8, tzinfo=LONDON)),  # and back
        (datetime(2028, 2, 29, 9, 0, tzinfo=LONDON), datetime(2028, 2, 29, 8, tzinfo=LONDON)),
    ],
)
def test_what_is_done_daily_is_due_at_its_hour_in_england(now, due):
    assert timetable.daily(8)(now) == due


def test_each_line_of_the_timetable_is_put_on_the_queue_once_a_moment_by_whoever_comes_first():
    now = timezone.now()
    for _ in range(3):
        background.put_on_the_queue(now)
    assert DBTaskResult.objects.filter(task_path=tidy.module_path).count() == 1
    do_what_waits()
    background.put_on_the_queue(now + timedelta(days=1))
    assert DBTaskResult.objects.filter(task_path=tidy.module_path).count() == 2


def test_a_worker_does_what_waits_and_what_the_timetable_says_and_ends_where_it_is_told_to():
    call_command("worker", once=True)
    assert DBTaskResult.objects.successful().filter(task_path=tidy.module_path).exists()
    assert not Worker.objects.exists()


# Workers that are killed ----------------------------------------------------------------------------------------------


def test_a_task_at_which_every_worker_ends_is_given_up_and_said_so():
    fail.enqueue()
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["gone"] * background.MOST_TRIES, started_at=timezone.now())
    assert background.take_back() == 0
    assert DBTaskResult.objects.get().status == "FAILED"
    assert "1 piece of work failed" in " ".join(background.state().sentences())


# What people see of it ------------------------------------------------------------------------------------------------


def test_without_a_worker_whoever_starts_the_portal_is_told_what_waits_and_how_it_is_done(capsys):
    tidy.enqueue()
    call_command("prepare")
    assert "1 piece of work wait in the background, and no worker is there to do them: run python manage.py worker" in capsys.readouterr().out


def test_a_curator_sees_what_failed_without_what_it_was_given_and_tries_again(text_of):
    curator = signed_in(make_curator(is_superuser=True))
    fail.enqueue()
    call_command("worker", once=True)
    page = curator.get("/admin/impact_portal/worker/")
    assert "ValueError" in text_of(page) and "canary" not in text_of(page)
    assert "Delete what is past its time" in text_of(page)
    failed = DBTaskResult.objects.failed().get()
    curator.post(f"/admin/impact_portal/worker/{failed.pk}/again/")
    failed.refresh_from_db()
    assert failed.status == "READY"
    assert "no longer among those" in text_of(curator.post(f"/admin/impact_portal/worker/{failed.pk}/again/", follow=True))


# A restored copy ------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "accounts.mail.ServerBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        yield server


def send_one():
    return EmailMessage("Hello", "Text", to=["ann@example.org"], connection=get_connection()).send()


def test_a_fresh_database_is_at_home_where_it_is_first_used(server):
    assert send_one() == 1
    assert not is_held()


@pytest.mark.parametrize(
    "how", ["on another machine", "at another address", "from an old backup", "from a backup older than the first mail", "beside another portal's file"]
)
def test_a_restored_copy_mails_nobody_and_starts_no_worker_until_it_is_told_to(how, server, settings, tmp_path):
    send_one()
    old = MailHome.objects.get()
    bump()
    if how == "on another machine":
        settings.MAIL_HOME.unlink()
    elif how == "at another address":
        settings.LOCAL, settings.BASE_URL = False, "https://rehearsal.example.nhs.uk"
    elif how == "from an old backup":
        MailHome.objects.update(serial=old.serial)
    elif how == "from a backup older than the first mail":
        old.delete()
    else:
        settings.MAIL_HOME.write_text('{"key": "theirs", "serial": 1}')
    with pytest.raises(MailHeld, match="allow_mail"):
        send_one()
    with pytest.raises(CommandError, match="restored copy"):
        call_command("worker", once=True)
    assert "restored copy" in " ".join(background.state().sentences())
    assert len(server.messages) == 1
    call_command("allow_mail")
    assert send_one() == 1
    call_command("worker", once=True)


def test_a_portal_that_works_on_stays_at_home(server, settings):
    send_one()
    settings.BASE_URL = "http://127.0.0.1:8001"  # another port of one's own machine
    for _ in range(3):
        bump()
    assert send_one() == 1


def test_a_file_that_says_nothing_holds_mail_and_breaks_nothing(settings):
    assert not is_held()
    settle()
    for odd in ("", "{}", "[]", '{"key": 1}', "\x00"):
        settings.MAIL_HOME.write_text(odd)
        assert is_held(), odd
