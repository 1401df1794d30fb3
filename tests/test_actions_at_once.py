"""Actions when many do the same thing at the same moment: nothing is lost, and nothing is done twice."""

import uuid
from datetime import date

import pytest

from accounts.models import AuditEntry, Membership
from assessments.action_mails import send_all
from assessments.models import Action, ActionMail, Conflict
from assessments.models.action import TYPED
from tests.committed import at_once, own_database
from tests.people import make_person
from tests.rounds import make_lead
from tests.smtp import MailServer


@pytest.fixture
def lead(django_db_setup, django_db_blocker, tmp_path):
    """A lead, in a database of this test's own."""
    with django_db_blocker.unblock(), own_database(tmp_path):
        yield make_lead()


def test_of_eight_who_change_an_action_at_once_one_saves_and_seven_are_shown_what_was_saved(lead):
    action = lead.organisation.actions.make(by=lead, title="As it was")
    stood = {name: getattr(action, name) for name in TYPED}

    def change(n):
        def job():
            try:
                Action.objects.get(pk=action.pk).change(by=lead, version=1, **{**stood, "title": f"By {n}"})
            except Conflict as conflict:
                return conflict.saved.title
            return "saved"

        return job

    outcomes = at_once(*map(change, range(8)))
    saved = Action.objects.get()
    assert sorted(outcomes) == sorted(["saved", *[saved.title] * 7])
    assert saved.version == 2


def test_a_form_sent_eight_times_at_once_makes_one_action_and_one_note(lead):
    key = uuid.uuid4()
    made = at_once(*[lambda: lead.organisation.actions.make(by=lead, title="Once", key=key).pk] * 8)
    assert len(set(made)) == Action.objects.count() == 1
    at_once(*[lambda: Action.objects.get().note("Once", by=lead).pk] * 8)
    assert Action.objects.get().notes.count() == 1
    assert AuditEntry.objects.filter(verb__in=("added_action", "noted_action")).count() == 2


def test_six_runs_side_by_side_send_each_mail_once(lead, settings):
    for n in range(4):
        person = make_person(f"owner-{n}@example.org")
        Membership.objects.create(user=person, organisation=lead.organisation, role="contributor")
        lead.organisation.actions.make(by=lead, title="Coach", owner=person, due_on=date(2026, 3, 1))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        at_once(*[send_all] * 6)
        assert sorted(message.to[0] for message in server.messages) == [f"owner-{n}@example.org" for n in range(4)]
    assert set(ActionMail.objects.values_list("state", flat=True)) == {"accepted"}


def test_eight_presses_for_a_calendar_link_leave_one_that_works(lead):
    membership = lead.memberships.get()
    tokens = at_once(*[lambda: membership.action_feeds.make(mine=False)] * 8)
    opened = [token for token in tokens if membership.action_feeds.model.objects.opened_by(token)]
    assert len(opened) == membership.action_feeds.count() == 1
