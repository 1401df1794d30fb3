"""Rounds for tests: a small framework, people who rate, and a round at any stage."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership
from assessments.models import Framework, Level, Question
from assessments.models.rating import Said
from resources.models import Component
from tests.people import give_app, make_organisation, make_person


def make_framework(slug="small", numbers=("1.1", "1.2", "2.1", "5.4")):
    """A published framework of a few questions."""
    framework = Framework.objects.create(slug=slug, title="A small framework", edition=f"{slug} edition", source="These tests", note="Ours, for tests")
    for place, number in enumerate(numbers, 1):
        component = Component.objects.get(number=number[0])
        question = Question.objects.create(
            framework=framework, component=component, number=number, position=place, title=f"Title {number}", asks=f"Asks {number}?"
        )
        Level.objects.bulk_create(Level(question=question, level=level, text=f"{number} at level {level}") for level in range(1, 6))
    framework.publish()
    return framework


def make_lead(code="AB1", name="Our Trust", email="lead@example.org"):
    """A lead with a second factor, and the organisation they lead: `lead.organisation`."""
    organisation = make_organisation(code, name)
    lead = give_app(make_person(email, name="Lee Lead"))
    Membership.objects.create(user=lead, organisation=organisation, role="lead")
    lead.organisation = organisation
    return lead


def start_round(lead, framework, *, anonymous=True, name="Autumn 2026", days=14, **rest):
    return lead.organisation.assessments.start(
        by=lead, name=name, framework=framework, closes_on=timezone.localdate() + timedelta(days=days), anonymous=anonymous, **rest
    )


def add_rater(assessment, number, group="Staff", **fields):
    return assessment.raters.create(group=assessment.groups.get(name=group), email=f"rater-{number}@example.org", name=f"Rater {number}", **fields)


def rate(rater, choices, comments=()):
    """Say something to each question in order, and finish."""
    questions = list(rater.assessment.framework.questions.all())
    comments = [*comments, *[""] * len(questions)]
    rater.ratings.save_all({question: Said(choice, comments[i], 0) for i, (question, choice) in enumerate(zip(questions, choices, strict=True))})
    rater.finish()


def make_rated_round(lead, framework, ratings, **rest):
    """A round whose raters have finished and which is closed. `ratings`: {group: [choices of one rater, ...]}."""
    assessment = start_round(lead, framework, **rest)
    number = 0
    for group, rows in ratings.items():
        for choices in rows:
            number += 1
            rate(add_rater(assessment, number, group), choices)
    assessment.close(by=lead, reason="All have rated")
    return assessment


def submit(assessment, by):
    """Submit what the draft says now."""
    from assessments.snapshot import fingerprint

    return assessment.submissions.submit(by=by, sha256=fingerprint(assessment.submissions.draft()[1]))
