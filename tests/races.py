"""One signs a result while another saves an answer, again and again: what either may meet, and what must never be."""

import random
import time
from collections import Counter

from django.core.exceptions import ValidationError

from assessments.models import Answer, Assessment, Conflict, Submission
from assessments.snapshot import fingerprint
from tests.committed import at_once
from tests.rounds import make_framework, make_lead, make_rated_round

HEAD_START = 0.004  # seconds by which either may be first
TYPED = {"level": 3, "does_not_apply": False, "evidence": "", "would_change": "", "dissent": ""}


def make_agreed_round():
    """A round of two questions with an answer each, ready to be signed. Returns it and its lead."""
    lead = make_lead()
    assessment = make_rated_round(lead, make_framework(numbers=("1.1", "5.4")), {"Staff": [["3", "3"]] * 5})
    assessment.begin_agreeing(by=lead)
    assessment.answers.accept_where_close(by=lead)
    return assessment, lead


def race(number, assessment, lead, rng):
    """One race. Returns who was first: "the signer" or "the editor". Raises AssertionError where a save was lost or a result is not what was signed."""
    seen = fingerprint(assessment.submissions.draft()[1])
    text = f"Race {number}"
    version = Answer.objects.get(assessment=assessment, question__number="1.1").version
    waits = [rng.random() * HEAD_START for _ in range(2)]
    signed, saved = at_once(lambda: sign(assessment.pk, lead, seen, waits[0]), lambda: save(assessment.pk, lead, version, text, waits[1]))
    stored = Answer.objects.get(assessment=assessment, question__number="1.1").reason
    assert signed != saved, f"race {number}: signed {signed}, saved {saved}"
    if signed:
        assert stored != text, f"race {number}: an answer was written after the result was signed"
        check(Submission.objects.first(), seen, without=text)
    else:
        assert stored == text, f"race {number}: the answer was said to be saved, and is not"
        again = fingerprint(assessment.submissions.draft()[1])
        check(assessment.submissions.submit(by=lead, sha256=again), again, with_text=text)
    assessment.submissions.reopen(by=lead, reason="The next race")
    return "the signer" if signed else "the editor"


def sign(key, lead, seen, wait):
    """Submit what was seen. Was it?"""
    time.sleep(wait)
    try:
        Assessment.objects.get(pk=key).submissions.submit(by=lead, sha256=seen)
    except ValidationError as refusal:
        assert "changed an answer" in refusal.messages[0], refusal
        return False
    return True


def save(key, lead, version, text, wait):
    """Save an answer. Was it? Where it was not, the text is still the caller's."""
    time.sleep(wait)
    try:
        Answer.objects.get(assessment=key, question__number="1.1").agree(by=lead, version=version, reason=text, **TYPED)
    except ValidationError as refusal:
        assert "submitted" in refusal.messages[0], refusal
        return False
    except Conflict as conflict:  # nobody else edits
        raise AssertionError(conflict) from conflict
    return True


def check(submission, seen, with_text="", without=""):
    """The result is the one that its signer saw."""
    assert submission.sha256 == seen == fingerprint(submission.snapshot)
    assert with_text in submission.snapshot
    assert not without or f'"{without}"' not in submission.snapshot


def run(races, seed=2026):
    """So many races on one round. Returns how often each was first."""
    assessment, lead = make_agreed_round()
    rng = random.Random(seed)
    return Counter(race(number, Assessment.objects.get(pk=assessment.pk), lead, rng) for number in range(races))
