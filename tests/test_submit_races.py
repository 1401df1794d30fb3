"""A save that meets a submission is in the signed result or handed back: by threads, on the database the tests run on.

`python -m benchmarks.races` does the same 2,000 times on both databases.
"""

import pytest
from django.test import Client

from accounts.models import AuditEntry
from assessments.models import Answer, Submission
from assessments.snapshot import fingerprint
from tests.committed import at_once, own_database
from tests.races import make_agreed_round, run

HERE = "/organisations/AB1/assessments/1/"


pytestmark = pytest.mark.django_db


@pytest.fixture
def _django_db_helper(tmp_path, django_db_setup, django_db_blocker):
    """Instead of a transaction: a database of each test's own, in which what one thread commits another sees."""
    with django_db_blocker.unblock(), own_database(tmp_path):
        yield


def browsers(person, number):
    clients = [Client() for _ in range(number)]
    for client in clients:
        client.force_login(person)
    return clients


def test_of_60_races_each_save_is_in_the_result_or_refused_and_the_result_is_the_one_its_signer_saw():
    first = run(60)
    assert sum(first.values()) == 60
    assert min(first["the signer"], first["the editor"]) > 3, f"too one-sided to tell anything: {first}"


def test_through_the_pages_a_save_that_comes_too_late_hands_its_text_back():
    assessment, lead = make_agreed_round()
    signer, editor = browsers(lead, 2)
    for number in range(10):
        seen = fingerprint(assessment.submissions.draft()[1])
        version = Answer.objects.get(assessment=assessment, question__number="1.1").version
        typed = {"level": "4", "reason": f"Race {number}", "version": version}
        signed, saved = at_once(lambda seen=seen: signer.post(HERE + "submit/", {"sha256": seen}), lambda typed=typed: editor.post(HERE + "agree/1.1/", typed))
        stored = Answer.objects.get(assessment=assessment, question__number="1.1").reason
        if saved.status_code == 302:
            assert (signed.status_code, stored) == (200, f"Race {number}")
            assert b"changed an answer" in signed.content
        else:
            assert (saved.status_code, signed.status_code) == (409, 302)
            assert f"Race {number}".encode() in saved.content and stored != f"Race {number}"
            assessment.refresh_from_db()
            assessment.submissions.reopen(by=lead, reason="The next race")


def test_one_form_sent_by_eight_browsers_at_once_is_saved_once():
    assessment, lead = make_agreed_round()
    version = Answer.objects.get(assessment=assessment, question__number="1.1").version
    typed = {"level": "4", "reason": "One press,\r\neight requests", "version": version}
    answers = at_once(*(lambda client=client: client.post(HERE + "agree/1.1/", typed) for client in browsers(lead, 8)))
    assert [answer.status_code for answer in answers] == [302] * 8
    assert Answer.objects.get(assessment=assessment, question__number="1.1").version == version + 1
    assert AuditEntry.objects.filter(verb="agreed_answer").count() == 1


def test_one_submission_sent_by_eight_browsers_at_once_is_made_once():
    assessment, lead = make_agreed_round()
    sent = {"sha256": fingerprint(assessment.submissions.draft()[1])}
    answers = at_once(*(lambda client=client: client.post(HERE + "submit/", sent) for client in browsers(lead, 8)))
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, HERE + "result/")] * 8
    assert Submission.objects.count() == 1
    assert AuditEntry.objects.filter(verb="submitted_result").count() == 1


def test_different_answers_saved_at_once_are_all_saved():
    assessment, lead = make_agreed_round()
    numbers = ("1.1", "5.4")
    version = Answer.objects.get(assessment=assessment, question__number="1.1").version
    both = at_once(
        *(
            lambda client=client, number=number: client.post(f"{HERE}agree/{number}/", {"level": "5", "reason": number, "version": version})
            for client, number in zip(browsers(lead, 2), numbers, strict=True)
        )
    )
    assert [answer.status_code for answer in both] == [302, 302]
    assert set(assessment.answers.values_list("reason", flat=True)) == set(numbers)
