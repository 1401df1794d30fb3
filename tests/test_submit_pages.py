"""From the agreed answers to a result that cannot shift: what matters most, the preview, submitting it, opening it again."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.models import AuditEntry, Membership
from assessments.models import Submission
from assessments.pack_tasks import check_pack
from resources.models import Resource
from tests.page_form import PageForm
from tests.people import make_person
from tests.rounds import make_rated_round, start_round, submit

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

HERE = "/organisations/AB1/assessments/1/"
PRIORITIES, SUBMIT, REOPEN = HERE + "priorities/", HERE + "submit/", HERE + "reopen-result/"
LEVELS = {"1.1": 4, "1.2": 1, "2.1": None, "5.4": 5}  # 2.1 does not apply


@pytest.fixture
def client(lead):
    """The lead's browser."""
    client = Client()
    client.force_login(lead)
    return client


@pytest.fixture
def contributor(lead):
    person = make_person("contributor@example.org", name="Con Tributor")
    Membership.objects.create(user=person, organisation=lead.organisation, role="contributor")
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def agreeing(lead, framework):
    assessment = make_rated_round(lead, framework, {"Staff": [["3"] * 4] * 6})
    assessment.begin_agreeing(by=lead)
    return assessment


@pytest.fixture
def agreed(agreeing, lead):
    for number, level in LEVELS.items():
        agree(agreeing, number, lead, level=level, does_not_apply=level is None)
    return agreeing


def agree(assessment, number, by, **typed):
    answer = assessment.answers.get(question__number=number)
    blank = {"level": None, "does_not_apply": False, "reason": "", "evidence": "", "would_change": "", "dissent": ""}
    answer.agree(by=by, version=answer.version, **{**blank, **typed})


# What matters most ----------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_gaps_stand_by_size_with_the_next_level_in_words_and_what_does_not_apply_has_none(agreed, client, text_of):
    words = text_of(client.get(PRIORITIES))
    gaps = words[words.index("Gaps, the widest first") :]
    assert "1.2 Title 1.2 Starting, 4 levels above it Next, Developing: 1.2 at level 2 1.1 Title 1.1 Spreading, 1 level above it" in gaps
    assert "2.1" not in gaps and "5.4" not in gaps


def test_a_lead_chooses_up_to_three_in_an_order_and_meets_what_to_read(agreed, client, text_of):
    assert "What matters most is saved" in text_of(client.post(PRIORITIES, {"place_1": "1.1", "place_3": "1.2"}, follow=True))
    assert agreed.answers.priorities() == ["1.1", "1.2"]
    page = client.get(PRIORITIES)
    assert "Now: Spreading . The next level, Improving and sustaining: 1.1 at level 5" in text_of(page)
    slugs = re.findall(r'<li><a href="/resources/([\w-]+)/">', page.content.decode())
    assert len(slugs) == 10 and Resource.objects.published().filter(slug__in=slugs).count() == len(set(slugs))
    assert text_of(page).count("serves component 1") + text_of(page).count("Serves component 1") == 10
    assert PageForm(page, "place_1").sent == {**PageForm(page, "place_1").sent, "place_1": "1.1", "place_2": "1.2", "place_3": "", "before": "1.1 1.2"}
    client.post(PRIORITIES, PageForm(page, "place_1").sent | {"place_1": "", "place_2": ""})
    assert agreed.answers.priorities() == []
    assert AuditEntry.objects.filter(verb="chose_priorities").count() == 2


@pytest.mark.parametrize("number", ["2.1", "5.4", "9.9", "1.1 ", "\x00", "1e3"])
def test_only_a_question_with_a_gap_can_be_chosen(number, agreed, client, text_of):
    response = client.post(PRIORITIES, {"place_1": number})
    assert response.status_code == 200
    assert "Select a question from the list for “First”" in text_of(response)
    assert agreed.answers.priorities() == []


def test_the_same_question_is_chosen_once(agreed, client, text_of):
    assert "Select each question once" in text_of(client.post(PRIORITIES, {"place_1": "1.2", "place_2": "1.2"}))
    assert agreed.answers.priorities() == []


def test_a_contributor_reads_and_does_not_choose(agreed, lead, contributor, text_of):
    agreed.answers.set_priorities(["1.2"], by=lead)
    page = contributor.get(PRIORITIES)
    assert "A lead chooses" in text_of(page)
    assert "1.2 Title 1.2 Now: Starting" in text_of(page)
    assert b'name="place_1"' not in page.content
    assert contributor.post(PRIORITIES, {"place_1": "1.1"}).status_code == 403
    assert agreed.answers.priorities() == ["1.2"]


@pytest.mark.both_databases
def test_two_leads_who_choose_at_once_do_not_overwrite_each_other_unseen(agreed, lead, client, text_of):
    sent = PageForm(client.get(PRIORITIES), "place_1").sent | {"place_1": "1.1"}
    agreed.answers.set_priorities(["1.2"], by=lead)
    response = client.post(PRIORITIES, sent)
    assert "Somebody has chosen 1.2 since you opened this page" in text_of(response)
    again = PageForm(response, "place_1").sent
    assert (again["place_1"], again["before"]) == ("1.1", "1.2")
    client.post(PRIORITIES, again)
    assert agreed.answers.priorities() == ["1.1"]


def test_a_question_chosen_before_its_answer_was_taken_back_stays_chosen_until_somebody_changes_it(agreed, lead, client, text_of):
    agreed.answers.set_priorities(["1.2"], by=lead)
    agree(agreed, "1.2", lead, reason="Not so sure")
    page = client.get(PRIORITIES)
    assert "1.2 Title 1.2 Now: not agreed yet" in text_of(page)
    assert PageForm(page, "place_1").sent["place_1"] == "1.2"


# Submitting -----------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_is_still_blank_is_named_with_a_link_and_nothing_can_be_submitted(agreeing, lead, client, text_of):
    agree(agreeing, "1.1", lead, level=3)
    page = client.get(SUBMIT)
    assert "3 questions have no answer yet" in text_of(page)
    assert f'<a href="{HERE}agree/2.1/">2.1 Title 2.1</a>' in page.content.decode()
    assert b'name="sha256"' not in page.content
    response = client.post(SUBMIT, {"sha256": "0" * 64})
    assert "Agree an answer to 1.2, 2.1, 5.4 first" in text_of(response)
    assert not Submission.objects.exists()


def test_the_lead_sees_exactly_what_is_fixed_and_gets_its_reference(agreed, client, text_of):
    page = client.get(SUBMIT)
    sha256 = PageForm(page, "sha256").sent["sha256"]
    assert sha256 in text_of(page)
    assert "1.2 Title 1.2" in text_of(page) and "oes not apply" in text_of(page)
    response = client.post(SUBMIT, {"sha256": sha256}, follow=True)
    submission = Submission.objects.get()
    assert submission.sha256 == sha256
    assert response.redirect_chain[0][0] == HERE + "result/"
    assert f"The result is submitted. Its reference is {submission.reference}." in text_of(response)
    assert AuditEntry.objects.filter(verb="submitted_result").count() == 1


@pytest.mark.both_databases
def test_the_same_form_sent_twice_is_submitted_once_and_nobody_is_scolded(agreed, client, text_of):
    sent = PageForm(client.get(SUBMIT), "sha256").sent
    assert [client.post(SUBMIT, sent)["Location"] for _ in range(3)] == [HERE + "result/"] * 3
    assert Submission.objects.count() == 1
    assert DBTaskResult.objects.filter(task_path=check_pack.module_path).count() == 1
    assert "A lead can reopen it" not in text_of(client.get(HERE + "result/"))


@pytest.mark.both_databases
def test_what_changed_since_the_page_was_opened_is_not_signed_and_the_page_shows_it_anew(agreed, lead, client, text_of):
    sent = PageForm(client.get(SUBMIT), "sha256").sent
    agree(agreed, "1.2", lead, level=3, reason="We heard from theatres")
    response = client.post(SUBMIT, sent)
    assert response.status_code == 200
    assert "Somebody has changed an answer" in text_of(response)
    assert "We heard from theatres" in text_of(response)
    assert not Submission.objects.exists()
    again = PageForm(response, "sha256").sent
    assert again["sha256"] != sent["sha256"]
    assert client.post(SUBMIT, again).status_code == 302
    assert Submission.objects.get().sha256 == again["sha256"]


def test_nobody_but_a_lead_submits_or_reopens(agreed, contributor):
    for path in (SUBMIT, REOPEN):
        for method in ("get", "post"):
            assert getattr(contributor, method)(path).status_code == 403


def test_a_practice_round_is_looked_at_and_not_submitted(lead, framework, client, text_of):
    practice = make_rated_round(lead, framework, {"Staff": [["3"] * 4] * 6}, practice=True)
    practice.begin_agreeing(by=lead)
    practice.answers.accept_where_close(by=lead)
    page = client.get(SUBMIT)
    assert "This is a practice round" in text_of(page) and "1.2 Title 1.2" in text_of(page)
    assert b'name="sha256"' not in page.content
    response = client.post(SUBMIT, {"sha256": "0" * 64})
    assert "A practice round is not submitted" in text_of(response)
    assert not Submission.objects.exists()


# Opening a result again -----------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_reopened_result_needs_a_reason_and_becomes_version_2_while_version_1_stays(agreed, lead, client, text_of):
    first = submit(agreed, lead)
    assert f"Version 1 of {first.reference} stays readable" in text_of(client.get(REOPEN))
    assert "Enter why you reopen the result" in text_of(client.post(REOPEN, {"reason": " "}))
    response = client.post(REOPEN, {"reason": "A figure was wrong"}, follow=True)
    assert response.redirect_chain[-1][0] == HERE + "agree/"
    assert "The result is open again" in text_of(response)
    agree(agreed, "1.2", lead, level=2)
    page = client.get(SUBMIT)
    assert f"Submit the result as {first.reference}, version 2" in text_of(page)
    client.post(SUBMIT, PageForm(page, "sha256").sent)
    second = Submission.objects.get(version=2)
    assert (second.reference, second.reason) == (first.reference, "A figure was wrong")
    assert [q["level"] for q in Submission.objects.get(version=1).data["questions"]] == [4, 1, None, 5]
    assert client.get(HERE + "result/1/").status_code == 200


def test_it_is_refused_in_words_while_another_round_is_open_and_the_reason_stays_in_the_form(agreed, lead, framework, client, text_of):
    submit(agreed, lead)
    start_round(lead, framework, name="Spring 2027")
    response = client.post(REOPEN, {"reason": "A figure was wrong"})
    assert "Another round is open: finish or abandon it" in text_of(response)
    assert "A figure was wrong" in text_of(response)
    agreed.refresh_from_db()
    assert agreed.submitted_at is not None


def test_a_result_that_is_not_submitted_has_nothing_to_reopen(agreed, lead, client, text_of):
    for method in ("get", "post"):
        assert "not submitted" in text_of(getattr(client, method)(REOPEN, {"reason": "x"}, follow=True))
    with pytest.raises(ValidationError):
        agreed.submissions.reopen(by=lead, reason="x")


def test_after_it_is_submitted_the_pages_of_agreement_lead_to_the_result(agreed, lead, client, text_of):
    submit(agreed, lead)
    for path in ("agree/", "agree/1.1/", "priorities/", "submit/"):
        response = client.get(HERE + path, follow=True)
        assert response.redirect_chain[-1][0] == HERE + "result/", path
        assert "This result is submitted" in text_of(response)
    assert client.post(SUBMIT, {"sha256": "0" * 64})["Location"] == HERE + "result/"
    assert Submission.objects.count() == 1
