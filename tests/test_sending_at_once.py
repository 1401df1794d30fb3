"""Two presses of one button at the same moment mail nobody twice."""

import pytest

from assessments import sending
from assessments.models import Assessment
from tests.committed import at_once, own_database
from tests.rounds import add_rater, make_framework, make_lead, start_round
from tests.smtp import MailServer


@pytest.fixture
def assessment(django_db_setup, django_db_blocker, tmp_path):
    """A round with twelve people to send a link to, in a database of this test's own."""
    with django_db_blocker.unblock(), own_database(tmp_path):
        assessment = start_round(make_lead(), make_framework())
        for n in range(12):
            add_rater(assessment, n)
        yield assessment


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        yield server


def in_the_same_moment(assessment, act):
    return at_once(*[lambda: act(Assessment.objects.get(pk=assessment.pk))] * 4)


def everybody_once(server):
    return sorted(message.to[0] for message in server.messages) == sorted(f"rater-{n}@example.org" for n in range(12))


def test_presses_of_send_at_once_send_each_link_once(assessment, mail_server):
    sent = in_the_same_moment(assessment, sending.send_invitations)
    assert sum(one.accepted for one in sent) == 12
    assert everybody_once(mail_server)
    assert set(assessment.raters.values_list("delivery", flat=True)) == {"accepted"}


def test_presses_of_remind_at_once_remind_each_once(assessment, mail_server):
    assessment.raters.update(delivery="accepted")
    in_the_same_moment(assessment, sending.send_reminders)
    assert everybody_once(mail_server)


def test_presses_of_send_again_at_once_send_one_link(assessment, mail_server):
    first = assessment.raters.first()
    sent = in_the_same_moment(assessment, lambda round: sending.send_again(round.raters.get(pk=first.pk)))
    assert sent.count(True) == len(mail_server.messages)
    assert set(sent) <= {True, None}
