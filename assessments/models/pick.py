"""Which resources curators put to a question, whatever an organisation answered."""

from django.db import models

from assessments.models.framework import Question
from resources.models import Resource


class Pick(models.Model):
    """A resource that a curator chose for one question of a framework."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="picks")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="+")
    why = models.CharField(max_length=200, blank=True, help_text="Shown beside it: what it gives somebody who works on this question")

    class Meta:
        ordering = ["question__position", "resource__title"]
        constraints = [models.UniqueConstraint(fields=["question", "resource"], name="each_pick_once")]

    def __str__(self):
        return f"{self.resource} for {self.question.number}"
