"""Submitted rounds of 22 questions for the pack's tests and its benchmark: of usual words, of hostile ones, and of as many raters as asked."""

import random
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from assessments.models import Framework
from tests.rounds import add_rater, make_lead, rate, start_round, submit

CROWD = {"Board and executive": 6, "Leaders and managers": 7, "Staff": 9}
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "-2+3",
    'Ann "Quote" O\'Neill & Søn <b>bold</b> </w:t> ]]>',
    '#set page(fill: red) #panic("typst") $x$ *not bold* _x0041_ {{ 7 * 7 }} {% raw %}',
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "\u0642\u0627\u0644 \u0639\u0631\u0628\u064a 123",
    "\u65e5\u672c\u8a9e \u09ac\u09be\u0982\u09b2\u09be \U0001f600 \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "left \u202eright-to-left override",
    "controls \x01\x1b\x7f and a tab\tkept",
)


@contextmanager
def undone():
    """What is made inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def choice(rng, low):
    return rng.choices([str(min(5, low + step)) for step in (0, 1, 2, 3)] + ["unknown", "none", ""], weights=(5, 4, 2, 1, 1, 0.3, 0.5))[0]


def rated(lead, crowd, *, name="Autumn 2026", seed=7, **rest):
    """A round whose raters have finished and in which people agree."""
    rng = random.Random(seed)
    assessment = start_round(lead, Framework.objects.get(slug="working-edition"), name=name, **rest)
    lows = [rng.choice((1, 1, 2, 2, 3)) for _ in range(22)]
    number = 0
    for place, (group, size) in enumerate(crowd.items()):
        if not assessment.groups.filter(name=group).exists():
            assessment.groups.create(name=group, position=assessment.groups.count() + 1)
        for _ in range(size):
            number += 1
            comments = [f"=comment of {(number * 7) % 23}", "", f"More, {number}"] if number % 3 == 0 else []
            rate(add_rater(assessment, number, group), [choice(rng, max(1, low - place)) for low in lows], comments)
    assessment.close(by=lead, reason="All have rated")
    assessment.begin_agreeing(by=lead)
    return assessment


def agree(assessment, lead, words, seed=7):
    """Agree on every question; `words(number, field)` is what is written. The last question does not apply."""
    rng = random.Random(seed)
    for answer in assessment.answers.select_related("question"):
        number = answer.question.number
        texts = {field: words(number, field) for field in ("reason", "evidence", "would_change", "dissent")}
        spread = answer.spread_of_all
        level = min(5, max(1, (spread.median[0] if spread else 2) + rng.choice((0, 0, 1))))
        outside = number == "5.4"
        answer.agree(by=lead, version=answer.version, level=None if outside else level, does_not_apply=outside, **texts)


def usual(number, field):
    """What people write, of usual length."""
    return {
        "reason": f"For {number} we looked at what teams do on an ordinary day. Most wards do it; two sites do not yet.",
        "evidence": f"Board paper, June 2026: https://example.org/papers/{number}\nStaff survey, question 3f",
        "would_change": "A visit to the two sites that shows it happening there.",
        "dissent": "Two of the staff see it a level lower." if number in ("1.2", "3.1") else "",
    }[field]


def hostile(number, field):
    """What somebody might write to break a file: each of HOSTILE somewhere, and 5,000 characters of it somewhere else."""
    place = sum(map(ord, number + field))
    if number == "2.1":
        return (" ".join(HOSTILE) + " word" * 1000)[:5000]
    return HOSTILE[place % len(HOSTILE)]


def add_actions(assessment, lead, title="Coach every ward manager"):
    """Five actions: of a member and of a name, late and without a day, stopped and done, for questions and for none."""
    today = timezone.localdate()
    numbers = {answer.question.number: answer.question for answer in assessment.answers.select_related("question")}
    make = lead.organisation.actions.make
    make(by=lead, assessment=assessment, title=title, question=numbers["1.2"], owner=lead, due_on=today + timedelta(days=90))
    make(
        by=lead,
        assessment=assessment,
        title=f"{title} again",
        question=numbers["1.2"],
        owner_name="Sam O'Neill & co",
        due_on=today - timedelta(days=3),
        state="doing",
    )
    make(by=lead, assessment=assessment, title="Publish the purpose", question=numbers["3.1"], owner_name="", due_on=None)
    make(by=lead, assessment=assessment, title="Stop the newsletter", question=numbers["1.2"], state="stopped", stopped_reason="Nobody read it")
    make(by=lead, assessment=assessment, title="Thank the partners", owner_name="The chair", due_on=today, state="done")


def make_submission(
    *, crowd=CROWD, words=usual, before=True, title="Coach every ward manager", organisation="Our Trust", code="AB1", email="lead@example.org", **rest
):
    """A lead, and the submitted result of their round; by default one earlier round has been submitted too."""
    lead = make_lead(code, organisation, email)
    if before:
        earlier = rated(lead, {"Staff": 5}, name="Autumn 2025", seed=3)
        agree(earlier, lead, usual, seed=3)
        submit(earlier, lead)
    assessment = rated(lead, crowd, **rest)
    agree(assessment, lead, words)
    assessment.answers.set_priorities(["1.2", "3.1", "4.2"], by=lead)
    add_actions(assessment, lead, title)
    return lead, submit(assessment, lead)
