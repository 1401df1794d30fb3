"""Actions: who does what until when, what became of it, and what of it a submitted result remembers."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditEntry
from assessments.models import Action, Conflict
from tests.rounds import make_framework, make_rated_round, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(lead):
    return lead.organisation.actions.make(by=lead, title="Coach every ward manager", owner=lead, due_on=date(2027, 3, 31))


def typed(action, **changes):
    fields = ("title", "question", "owner", "owner_name", "due_on", "state", "stopped_reason")
    return {**{name: getattr(action, name) for name in fields}, **changes}


def test_an_action_that_is_done_knows_the_day_and_forgets_it_when_it_is_taken_up_again(action, lead):
    action.change(by=lead, version=1, **typed(action, state="done"))
    assert action.finished_on == timezone.localdate()
    action.change(by=lead, version=2, **typed(action, state="doing"))
    assert action.finished_on is None


def test_an_action_is_stopped_for_a_reason(action, lead):
    with pytest.raises(ValidationError, match="Say why"):
        action.change(by=lead, version=1, **typed(action, state="stopped"))
    assert Action.objects.get().state == "todo"


def test_an_action_has_a_member_or_a_name_not_both(action, lead):
    with pytest.raises(ValidationError, match="not both"):
        action.change(by=lead, version=1, **typed(action, owner_name="Somebody else"))


def test_two_editors_of_an_action_never_overwrite_each_other(action, lead):
    mine = Action.objects.get()
    action.change(by=lead, version=1, **typed(action, title="Theirs"))
    with pytest.raises(Conflict) as conflict:
        mine.change(by=lead, version=1, **typed(mine, title="Mine"))
    assert conflict.value.saved.title == "Theirs"
    mine.change(by=lead, version=1, **typed(mine, title="Theirs"))  # the same text sent twice
    assert Action.objects.get().version == 2


def test_overdue_is_live_and_past_its_day(action, lead):
    Action.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    assert Action.objects.overdue().get() == action
    Action.objects.update(state="done")
    assert not Action.objects.overdue().exists()


def test_each_act_is_in_the_log_without_a_word_of_what_was_typed(action, lead):
    action.note("It goes well", by=lead)
    action.change(by=lead, version=1, **typed(action, state="doing"))
    entries = list(AuditEntry.objects.filter(organisation=lead.organisation))
    assert {"added_action", "noted_action", "changed_action"} <= {entry.verb for entry in entries}
    assert not any("Coach" in str(entry.detail) or "well" in str(entry.detail) for entry in entries)


def test_a_submitted_result_remembers_its_actions_as_they_stood_and_an_erased_owner_by_no_name(lead):
    assessment = make_rated_round(lead, make_framework(), {"Staff": [["3"] * 4] * 5})
    assessment.begin_agreeing(by=lead)
    assessment.answers.accept_where_close(by=lead)
    question = assessment.answers.first().question
    action = lead.organisation.actions.make(by=lead, assessment=assessment, question=question, title="Go and see", owner=lead)
    submission = submit(assessment, lead)
    action.change(by=lead, version=1, **typed(action, state="done"))
    remembered = submission.data["actions"]
    assert remembered == [{"title": "Go and see", "question": "1.1", "owner": "Lee Lead", "due_on": None, "state": "todo", "stopped_reason": ""}]
    assert "Lee Lead" not in submission.snapshot
    lead.organisation.memberships.update(role="viewer")
    call_command("erase_person", lead.email, yes=True)
    again = assessment.submissions.get()
    assert again.snapshot == submission.snapshot
    assert "Lee" not in again.data["actions"][0]["owner"]
