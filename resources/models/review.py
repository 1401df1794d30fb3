"""Reminders that a resource is due for review: one row for each, claimed before it is sent, so that none goes twice."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ReviewReminder(models.Model):
    """One reminder about one review date of a resource, to one person."""

    class Kind(models.TextChoices):
        AHEAD = "ahead", "30 days before"
        DUE = "due", "On the day"
        DEPUTY = "deputy", "To the deputy, 14 days after"

    class State(models.TextChoices):
        SENDING = "sending", "Being sent"  # and for good where the run was killed: nobody knows whether it went
        ACCEPTED = "accepted", "Accepted by the mail server"
        REFUSED = "refused", "Refused by the mail server"

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="review_reminders")
    review_on = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.SENDING)
    at = models.DateTimeField(default=timezone.now)

    goes_with = "to"  # see accounts/personal_data.py

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "review_on", "kind"], name="one_review_reminder_a_kind")]

    def __str__(self):
        return f"{self.get_kind_display()}: resource {self.resource_id}, due on {self.review_on}"
