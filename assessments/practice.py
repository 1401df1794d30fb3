"""A practice round: fictional people have rated already, so that a lead can try every page before anybody real is asked."""

import random
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessments.models import Framework, Rater, Rating

NAME = "Practice round"
DAYS = 14
SEED = 2026
PEOPLE = {  # by group: how much higher or lower than others they tend to rate, how often they do not know, and who they are
    "Board and executive": (0.6, 0.08, "Amara Bello, Ben Carter, Chloe Davies, Dev Evans, Ela Fox, Finn Gray"),
    "Leaders and managers": (0.2, 0.04, "Grace Hill, Hari Iyer, Isla Jones, Jomo Kamau, Keira Lloyd, Liam Moss"),
    "Staff": (-0.5, 0.06, "Maya Nair, Noor Osman, Owen Price, Priya Quinn, Rhys Roberts, Sana Shah, Tom Udall, Uma Vyas"),
    "People with lived experience and partners": (-0.3, 0.25, "Vera White, Will Xavier, Yusuf Young, Zoë Adams"),
}
COMMENTS = (
    "We talk about this often, but on nights nobody has seen it.",
    "Much better than two years ago.",
    "It depends on the ward: some do it every day, others have not heard of it.",
    "I would like to see what came of our last suggestions.",
    "The plan is good. What we lack is time to do it.",
    "Patients were asked at the start, and not again.",
)


@transaction.atomic
def start(organisation, *, by, seed=SEED):
    """Start the practice round of an organisation, its 24 fictional raters finished and its lead still to rate. Raises ValidationError."""
    framework = Framework.objects.published().first()
    if framework is None:
        raise ValidationError("There are no questions to answer yet: no framework is published")
    closes_on = timezone.localdate() + timedelta(days=DAYS)
    assessment = organisation.assessments.start(by=by, name=NAME, framework=framework, closes_on=closes_on, anonymous=True, practice=True)
    people_rate(assessment, seed=seed)
    assessment.raters.create(group=assessment.groups.get(name="Leaders and managers"), name=by.name, email=by.email)
    return assessment


def people_rate(assessment, *, seed, higher=0.0):
    """Let 24 fictional people rate and finish; always the same for a seed. `higher`: by how much of a level all see things better."""
    groups = {group.name: group for group in assessment.groups.all()}
    chance, questions = random.Random(seed), list(assessment.framework.questions.all())
    usual = {question: chance.uniform(1.6, 4.2) + higher for question in questions}
    for name, (tendency, not_knowing, people) in PEOPLE.items():
        raters = Rater.objects.bulk_create(_rater(assessment, groups[name], person) for person in people.split(", "))
        for rater in raters:
            leaning = tendency + chance.gauss(0, 0.4)
            Rating.objects.bulk_create(_rating(rater, question, usual[question] + leaning, not_knowing, chance) for question in questions)


def _rater(assessment, group, name):
    email = f"{name.lower().replace(' ', '.').replace('ë', 'e')}@example.org"
    return Rater(assessment=assessment, group=group, name=name, email=email, finished_on=timezone.localdate())


def _rating(rater, question, expected, not_knowing, chance):
    """What one person says to one question: about the level expected of them, or that they do not know; now and then with a comment."""
    level = min(5, max(1, round(chance.gauss(expected, 0.7))))
    choice = Rating.Choice.DO_NOT_KNOW if chance.random() < not_knowing else str(level)
    comment = chance.choice(COMMENTS) if chance.random() < 0.04 else ""
    return Rating(rater=rater, question=question, choice=choice, comment=comment)
