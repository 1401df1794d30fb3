"""What readers tell the curators without an account, and what comes back to them."""

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from resources.mending import is_broken, mended
from resources.models import Link, MendNotice, Report, Resource
from resources.reader_tasks import tell_of_mended
from tests.smtp import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def resource():
    return Resource.objects.get(slug="team-huddles")


@pytest.fixture
def mail_server():
    """Real mail, to a server on this machine."""
    with MailServer(refuse=["refused@example.org"]) as server:
        host, port = server.address
        with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST=host, EMAIL_PORT=port):
            yield server


def run_tasks():
    """Do what waits to be done in the background, as a worker does."""
    for row in DBTaskResult.objects.ready():
        row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        row.delete()


def break_link(resource, address=None):
    return Link.objects.update_or_create(resource=resource, defaults={"address": address or resource.url, "verdict": Link.Verdict.GONE})[0]


# Told when a link is mended ---------------------------------------------------------------------------------------------


def test_whoever_asked_is_told_once_by_a_message_of_their_own_and_forgotten(resource, mail_server):
    for name in ("ann", "ben", "refused"):
        resource.mend_notices.create(email=f"{name}@example.org")
    other = Resource.objects.exclude(pk=resource.pk).first()
    other.mend_notices.create(email="elsewhere@example.org")
    mended(resource)
    mended(resource)
    run_tasks()
    assert [message.to for message in mail_server.messages] == [["ann@example.org"], ["ben@example.org"]]
    assert mail_server.conversations == 2  # one line a run
    assert "send nothing more" in mail_server.messages[0].text
    assert f"{settings.BASE_URL}/resources/team-huddles/" in mail_server.messages[0].text
    assert sorted(MendNotice.objects.values_list("email", flat=True)) == ["elsewhere@example.org", "refused@example.org"]


def test_the_daily_run_tells_those_whom_the_mail_server_refused_before_where_the_link_still_works(resource, mail_server):
    resource.mend_notices.create(email="ann@example.org")
    resource.mend_notices.create(email="lost@example.org", claimed_at=timezone.now())  # its sender was killed
    link = break_link(resource)
    tell_of_mended.call()
    link.delete()
    report = Report.objects.create(resource=resource, kind=Report.Kind.BROKEN)
    assert is_broken(resource)
    tell_of_mended.call()
    assert mail_server.messages == []
    report.delete()
    break_link(resource, "https://where-it-was.example/")
    assert not is_broken(resource)
    tell_of_mended.call()
    tell_of_mended.call()
    assert [message.to for message in mail_server.messages] == [["ann@example.org"]]
    assert MendNotice.objects.get().email == "lost@example.org"
