"""What one rater says to one question."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from assessments.models.assessment import Assessment
from assessments.models.framework import Question
from assessments.models.rater import Rater

LONGEST_COMMENT = 5000


class RoundClosed(ValidationError):
    """A rating came after the close."""


@dataclass
class Said:
    """What came from a form about one question: a choice, a comment, and which version of it the page had shown."""

    choice: str
    comment: str
    version: int


@dataclass
class Overwritten:
    """What the same rater had saved elsewhere meanwhile, and a later save has replaced."""

    question: Question
    choice: str
    comment: str


class RatingManager(models.Manager):
    @transaction.atomic
    def save_all(self, said):
        """`rater.ratings.save_all({question: Said})`: save them in one step, the later save of a question winning.

        Returns what another page had saved meanwhile and this save replaced. Raises RoundClosed where nobody may rate any more;
        the round is locked while we save, so that a rating is either in before the close or refused.
        """
        assessment = Assessment.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=self.instance.assessment_id)
        return self.write(said, assessment)

    def write(self, said, assessment):
        """`save_all` for who holds the round's lock already. Each Said then has the version that is kept."""
        if not assessment.is_rating:
            raise RoundClosed("This round is closed")
        here = {rating.question_id: rating for rating in self.filter(question__in=said)}
        rows, overwritten = [], []
        for question, what in said.items():
            old = here.get(question.pk)
            shown, what.version = what.version, old.version if old else 0
            if (what.choice, what.comment) == ((old.choice, old.comment) if old else ("", "")):
                continue
            if old is not None and old.version != shown:
                overwritten.append(Overwritten(question, old.choice, old.comment))
            what.version += 1
            rows.append(self.model(rater=self.instance, question=question, choice=what.choice, comment=what.comment, version=what.version))
        if rows:
            self.bulk_create(rows, update_conflicts=True, unique_fields=["rater", "question"], update_fields=["choice", "comment", "version"])
        return overwritten


class Rating(models.Model):
    """One rater's answer to one question. It has no time: that could tell who said what."""

    class Choice(models.TextChoices):
        """A level from 1 to 5, or why there is none; blank while there is only a comment."""

        ONE = "1", "1"
        TWO = "2", "2"
        THREE = "3", "3"
        FOUR = "4", "4"
        FIVE = "5", "5"
        DO_NOT_KNOW = "unknown", "I do not know"
        DOES_NOT_APPLY = "none", "It does not apply to us"

    rater = models.ForeignKey(Rater, models.CASCADE, related_name="ratings")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    choice = models.CharField(max_length=7, choices=Choice, blank=True)
    comment = models.TextField(blank=True, max_length=LONGEST_COMMENT)
    version = models.PositiveIntegerField(default=1, help_text="How often it was saved: two pages of one rater are told apart by it")

    objects = RatingManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "question"], name="one_rating_each"),
            models.CheckConstraint(condition=Q(choice__in=["", "1", "2", "3", "4", "5", "unknown", "none"]), name="a_choice_there_is"),
        ]

    def __str__(self):
        return f"A rating of {self.question_id}"

    @property
    def level(self):
        """1 to 5, or none: not knowing and not applying are no levels."""
        return int(self.choice) if self.choice.isdigit() else None
