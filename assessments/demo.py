"""What the fictional organisations of a demonstration have done: a round submitted in spring, one that has just closed, one in which people rate."""

from datetime import timedelta
from itertools import cycle

from django.db import transaction
from django.utils import timezone

from assessments.models import Framework
from assessments.models.assessment import end_of
from assessments.practice import people_rate
from assessments.snapshot import fingerprint

FRAMEWORK = "working-edition"
REASONS = (
    "The board and the wards described the same thing in different words; we took the level that most could give an example of.",
    "It happens in four of our seven divisions. We could not say that of the others.",
    "Agreed quickly: last year's work with two pilot teams is known, and has not spread yet.",
    "Staff gave recent examples, leaders gave plans. We took what has happened over what is planned.",
    "The survey and the huddle boards both point this way.",
)
EVIDENCE = ("https://www.england.nhs.uk/nhsimpact/\nMinutes of the improvement board, February", "Two of five divisions sent their huddle sheets", "", "")
WOULD_CHANGE = ("", "A second quarter of data from all divisions", "", "Hearing from community teams, who were not in the room")
PRIORITIES = ("2.3", "3.3", "4.3")
ACTIONS = (
    ("2.3", "Offer coaching skills to every ward manager", 60),
    ("3.3", "Each executive visits one team a week, to learn", 30),
    ("4.3", "Teach two people in each division to draw a run chart", 90),
)


@transaction.atomic
def fill(organisation, *, lead, other):
    """A round of half a year ago, submitted with priorities and actions, and one whose raters have just finished."""
    framework, today = Framework.objects.published().get(slug=FRAMEWORK), timezone.localdate()
    then = today - timedelta(days=180)
    spring = _rated(organisation, lead, framework, f"Round of {then:%B %Y}", then - timedelta(days=14), seed=1)
    _agree(spring, lead)
    for number, title, days in ACTIONS:
        question = framework.questions.get(number=number)
        organisation.actions.make(by=lead, assessment=spring, question=question, title=title, owner=other, due_on=then + timedelta(days=2 * days + 80))
    text = spring.submissions.draft(then)[1]
    spring.submissions.submit(by=lead, sha256=fingerprint(text), day=then)
    autumn = _rated(organisation, lead, framework, f"Round of {today:%B %Y}", today - timedelta(days=1), seed=1, higher=0.4)
    return spring, autumn


@transaction.atomic
def begin(organisation, *, lead):
    """A round in which people rate just now, and most have."""
    framework, today = Framework.objects.published().get(slug=FRAMEWORK), timezone.localdate()
    assessment = organisation.assessments.start(
        by=lead, name=f"Round of {today:%B %Y}", framework=framework, closes_on=today + timedelta(days=14), anonymous=True
    )
    people_rate(assessment, seed=2)
    late = assessment.raters.order_by("name")[:7]
    for rater in late:
        rater.ratings.all().delete()
    assessment.raters.filter(pk__in=[rater.pk for rater in late]).update(finished_on=None)
    return assessment


def _rated(organisation, lead, framework, name, closed_on, **how):
    """A round that closed on a day, in which 24 people have rated."""
    assessment = organisation.assessments.start(by=lead, name=name, framework=framework, closes_on=closed_on, anonymous=True)
    people_rate(assessment, **how)
    organisation.assessments.filter(pk=assessment.pk).update(started_at=end_of(closed_on) - timedelta(days=22))
    assessment.refresh_from_db()
    return assessment


def _agree(assessment, lead):
    """Agree the middle of what was rated, for reasons; then say what matters most."""
    assessment.begin_agreeing(by=lead)
    reasons, evidence, would_change, answers = cycle(REASONS), cycle(EVIDENCE), cycle(WOULD_CHANGE), list(assessment.answers.all())
    for answer in answers:
        answer.level = answer.spread_of_all.median[0]
        answer.reason, answer.evidence, answer.would_change = next(reasons), next(evidence), next(would_change)
        answer.dissent = "One of us sees this higher: in theatres it has been routine for two years." if answer.spread_of_all.highest == 5 else ""
        answer.changed_by, answer.changed_at = lead, timezone.now()
    assessment.answers.bulk_update(answers, ["level", "reason", "evidence", "would_change", "dissent", "changed_by", "changed_at"])
    assessment.answers.set_priorities(PRIORITIES, by=lead)
