"""Whether the files of a pack can be made, found out in the background before somebody needs them."""

from django.db import models
from django.utils import timezone

from assessments.models.submission import Submission


class PackCheck(models.Model):
    """One time that every file of a submitted result was made, read back and held against the result. No file is kept."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="pack_checks")
    at = models.DateTimeField(default=timezone.now)
    places = models.PositiveIntegerField(default=0, help_text="How many cells and lines were compared")
    problems = models.JSONField(default=list, help_text="[the file's title, what is wrong with it]; nothing that people wrote")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"Pack of {self.submission_id}: {len(self.problems)} problems"
