"""From the close to a result that cannot shift: agreement, its reasons, submission and the next version."""

import hashlib
import json
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.models import AuditEntry
from assessments.models import Conflict, Framework
from assessments.models.assessment import Sealed
from assessments.recommendations import recommend
from resources.models import Resource
from tests.rounds import add_rater, make_rated_round, rate, start_round, submit

pytestmark = pytest.mark.django_db

TYPED = {"level": 3, "does_not_apply": False, "reason": "We talked", "evidence": "", "would_change": "", "dissent": ""}


@pytest.fixture
def closed(lead, framework):
    """Six of the staff and two of the board have rated."""
    staff = [["3", "2", "unknown", "5"]] * 3 + [["3", "3", "none", "1"]] * 3
    return make_rated_round(lead, framework, {"Staff": staff, "Board and executive": [["4", "2", "", "1"]] * 2})


@pytest.fixture
def agreeing(closed, lead):
    closed.begin_agreeing(by=lead)
    return closed


def agree_all(assessment, by, level=3):
    for answer in assessment.answers.all():
        answer.agree(by=by, version=answer.version, **{**TYPED, "level": level})


def test_nothing_of_the_ratings_is_to_be_had_while_people_rate(lead, framework):
    assessment = start_round(lead, framework)
    rate(add_rater(assessment, 1), ["1"] * 4)
    with pytest.raises(Sealed):
        assessment.finished_raters()
    with pytest.raises(ValidationError, match="close the round first"):
        assessment.begin_agreeing(by=lead)
    assert all(answer.published == {} for answer in assessment.answers.all())


def test_an_abandoned_round_stays_sealed_for_good(closed, lead):
    closed.abandon(by=lead, reason="The wrong framework")
    with pytest.raises(Sealed):
        closed.finished_raters()
    with pytest.raises(ValidationError):
        closed.begin_agreeing(by=lead)


def test_agreement_opens_the_ratings_once_and_ends_rating(agreeing, lead):
    first = agreeing.answers.get(question__number="1.1")
    assert first.spread_of_all.row == [0, 0, 6, 2, 0, 0, 0, 0]
    assert first.spread_by_group == []  # the board's two cannot stand alone, and the staff would give them away
    assert agreeing.rated == {"finished": 8, "groups": [["Board and executive, with Staff", 8]]}
    with pytest.raises(ValidationError, match="begun"):
        agreeing.begin_agreeing(by=lead)
    with pytest.raises(ValidationError):
        agreeing.reopen(by=lead, reason="One more", closes_on=agreeing.closes_on)
    with pytest.raises(ValidationError):
        rate(agreeing.raters.first(), ["1"] * 4)


def test_a_question_to_which_fewer_than_five_gave_a_level_shows_none(agreeing):
    assert agreeing.answers.get(question__number="2.1").spread_of_all is None


def test_whoever_has_not_finished_does_not_count(lead, framework):
    assessment = make_rated_round(lead, framework, {"Staff": [["3"] * 4] * 5})
    assessment.reopen(by=lead, reason="One more", closes_on=assessment.closes_on)
    add_rater(assessment, 99)
    assessment.close(by=lead, reason="Enough")
    assessment.begin_agreeing(by=lead)
    assert assessment.rated["finished"] == 5


def test_an_open_round_shows_who_said_what(lead, framework):
    assessment = make_rated_round(lead, framework, {"Staff": [["3"] * 4], "Board and executive": [["5"] * 4]}, anonymous=False)
    assessment.begin_agreeing(by=lead)
    answer = assessment.answers.first()
    assert answer.spread_by_group[0][1].count == 1
    assert sorted(choice for _, choice in answer.published["people"]) == ["3", "5"]


def test_where_all_are_within_one_level_the_lower_middle_is_accepted_in_one_press(agreeing, lead):
    assert agreeing.answers.accept_where_close(by=lead) == 2
    levels = dict(agreeing.answers.values_list("question__number", "level"))
    assert levels == {"1.1": 3, "1.2": 2, "2.1": None, "5.4": None}
    assert agreeing.answers.accept_where_close(by=lead) == 0


def test_two_editors_never_overwrite_each_other(agreeing, lead):
    mine, theirs = agreeing.answers.first(), agreeing.answers.first()
    theirs.agree(by=lead, version=1, **{**TYPED, "reason": "Theirs"})
    with pytest.raises(Conflict) as conflict:
        mine.agree(by=lead, version=1, **{**TYPED, "reason": "Mine"})
    assert conflict.value.saved.reason == "Theirs"
    mine.agree(by=lead, version=2, **{**TYPED, "reason": "Mine and theirs"})
    assert agreeing.answers.first().reason == "Mine and theirs"


def test_the_same_form_sent_twice_is_saved_once(agreeing, lead):
    for _ in range(2):
        agreeing.answers.first().agree(by=lead, version=1, **TYPED)
    assert agreeing.answers.first().version == 2
    assert AuditEntry.objects.filter(verb="agreed_answer").count() == 1


def test_a_blank_answer_keeps_a_result_from_being_submitted_and_is_named(agreeing, lead):
    agreeing.answers.accept_where_close(by=lead)
    with pytest.raises(ValidationError, match=r"2\.1, 5\.4"):
        submit(agreeing, lead)


def test_a_submitted_result_has_a_reference_a_snapshot_and_its_hash(agreeing, lead):
    agree_all(agreeing, lead)
    submission = submit(agreeing, lead)
    assert submission.reference.startswith("AB1-") and submission.reference.endswith("-1")
    assert hashlib.sha256(submission.snapshot.encode()).hexdigest() == submission.sha256
    assert [q["level"] for q in submission.data["questions"]] == [3] * 4
    assert submission.snapshot == json.dumps(json.loads(submission.snapshot), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "rater-1@" not in submission.snapshot and "Rater 1" not in submission.snapshot


def test_what_changed_since_the_signer_looked_is_not_signed(agreeing, lead):
    from assessments.snapshot import fingerprint

    agree_all(agreeing, lead)
    seen = fingerprint(agreeing.submissions.draft()[1])
    answer = agreeing.answers.first()
    answer.agree(by=lead, version=answer.version, **{**TYPED, "level": 5})
    with pytest.raises(ValidationError, match="changed an answer"):
        agreeing.submissions.submit(by=lead, sha256=seen)


def test_after_submission_nobody_writes_an_answer(agreeing, lead):
    agree_all(agreeing, lead)
    submit(agreeing, lead)
    answer = agreeing.answers.first()
    with pytest.raises(ValidationError, match="submitted"):
        answer.agree(by=lead, version=answer.version, **TYPED)
    with pytest.raises(ValidationError):
        agreeing.answers.accept_where_close(by=lead)


@pytest.mark.parametrize("what", ["UPDATE assessments_submission SET snapshot = '{}'", "DELETE FROM assessments_submission"])
def test_the_database_itself_refuses_to_change_a_submission(agreeing, lead, what):
    agree_all(agreeing, lead)
    submit(agreeing, lead)
    with pytest.raises(IntegrityError, match="cannot change"), connection.cursor() as cursor:
        cursor.execute(what)


def test_reopening_makes_version_2_and_leaves_version_1_as_it_was(agreeing, lead):
    agree_all(agreeing, lead)
    first = submit(agreeing, lead)
    agreeing.submissions.reopen(by=lead, reason="A figure was wrong")
    answer = agreeing.answers.first()
    answer.agree(by=lead, version=answer.version, **{**TYPED, "level": 4})
    second = submit(agreeing, lead)
    assert (second.reference, second.version, second.reason) == (first.reference, 2, "A figure was wrong")
    first.refresh_from_db()
    assert first.data["questions"][0]["level"] == 3
    assert second.data["questions"][0]["level"] == 4


def test_a_result_is_not_reopened_while_another_round_is_open(agreeing, lead, framework):
    agree_all(agreeing, lead)
    submit(agreeing, lead)
    start_round(lead, framework, name="Spring 2027")
    with pytest.raises(ValidationError, match="Another round is open"):
        agreeing.submissions.reopen(by=lead, reason="Late")


def test_a_later_result_remembers_the_earlier_as_it_then_was(agreeing, lead, framework):
    agree_all(agreeing, lead)
    first = submit(agreeing, lead)
    later = make_rated_round(lead, framework, {"Staff": [["4"] * 4] * 5}, name="Spring 2027")
    later.begin_agreeing(by=lead)
    agree_all(later, lead, level=4)
    second = submit(later, lead)
    assert [past["reference"] for past in second.data["history"]] == [first.reference]
    agreeing.submissions.reopen(by=lead, reason="A figure was wrong")
    submit(agreeing, lead)
    second.refresh_from_db()
    assert second.data["history"][0]["version"] == 1


def test_three_questions_matter_most_each_with_resources_that_fit(agreeing, lead):
    agreeing.answers.set_priorities(["5.4", "1.1"], by=lead)
    agree_all(agreeing, lead)
    priorities = submit(agreeing, lead).data["priorities"]
    assert [priority["number"] for priority in priorities] == ["5.4", "1.1"]
    assert all(len(priority["resources"]) == 5 and all(fit["why"] for fit in priority["resources"]) for priority in priorities)
    with pytest.raises(ValidationError):
        agreeing.answers.set_priorities(["1.1", "1.2", "2.1", "5.4"], by=lead)


# A person's own data --------------------------------------------------------------------------------------------------


def test_somebody_is_forgotten_who_only_rated_and_what_they_rated_stays_of_nobody(closed):
    rater = closed.raters.get(email="rater-1@example.org")
    rater.renew_link()
    call_command("erase_person", "RATER-1@example.org", yes=True)
    rater.refresh_from_db()
    assert (rater.name, rater.token_hash) == ("", None)
    assert "rater-1@" not in rater.email
    assert rater.ratings.count() == 4


def test_what_is_handed_to_a_person_holds_their_place_on_a_list_and_none_of_the_organisation_s_words(agreeing, lead):
    agree_all(agreeing, lead)
    submit(agreeing, lead)
    agreeing.raters.filter(email="rater-1@example.org").update(email=lead.email)
    out = StringIO()
    call_command("export_person", lead.email, stdout=out)
    held = json.loads(out.getvalue())
    assert held["raters by their address"][0]["email"] == lead.email
    assert "token_hash" not in held["raters by their address"][0]
    assert "We talked" not in out.getvalue()


# What fits a question -------------------------------------------------------------------------------------------------


@pytest.fixture
def working_edition():
    return Framework.objects.get(slug="working-edition")


def test_what_curators_put_to_a_question_comes_first_with_their_reason(working_edition):
    fits = recommend(working_edition.questions.get(number="4.5"), 2)
    assert {(fit.slug, fit.why) for fit in fits[:2]} == {
        ("huddle-sheets-and-supporting-guidance", "Sheets to print and begin with"),
        ("team-huddles", "How to hold a short daily huddle"),
    }
    assert len(fits) == 5 and len({fit.slug for fit in fits}) == 5


def test_then_what_shares_its_words_which_are_named(working_edition):
    question = working_edition.questions.get(number="4.3")
    question.picks.all().delete()
    assert any("“data”" in fit.why for fit in recommend(question, 2))


def test_what_is_withdrawn_is_never_recommended(working_edition):
    question = working_edition.questions.get(number="4.5")
    Resource.objects.filter(slug="team-huddles").update(withdrawn_at=timezone.now(), withdrawn_reason="Gone")
    assert "team-huddles" not in [fit.slug for fit in recommend(question, 2)]


def test_every_question_has_five_that_fit_at_every_level_each_for_a_reason(working_edition):
    for question in working_edition.questions.select_related("component"):
        for level in (None, 1, 5):
            fits = recommend(question, level)
            assert len(fits) == 5 and all(fit.why for fit in fits), question
