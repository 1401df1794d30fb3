"""Reminders that a resource is due for review: one row for each, claimed before it is sent, so that none goes twice."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone


class ReviewReminderManager(models.Manager):
    def claim(self, resource, kind, to):
        """Be the only one to send this reminder: it, or none where another run has done so. A refused one can be claimed again."""
        of = {"resource": resource, "review_on": resource.review_on, "kind": kind}
        try:
            with transaction.atomic():
                return self.create(**of, to=to)
        except IntegrityError:
            State = ReviewReminder.State
            claimed = self.filter(**of, state=State.REFUSED).update(state=State.SENDING, to=to, at=timezone.now())
        return self.get(**of) if claimed else None

    def mark(self, reminders, taken):
        """Keep whether the mail server took the mail that these were in."""
        states = ReviewReminder.State
        self.filter(pk__in=[reminder.pk for reminder in reminders]).update(state=states.ACCEPTED if taken else states.REFUSED)

    def of_today(self):
        """(whose, when) of the reminders of the last day that were not refused."""
        recent = self.filter(at__gt=timezone.now() - timedelta(days=1)).exclude(state=ReviewReminder.State.REFUSED)
        return recent.values_list("to", "at")


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

    objects = ReviewReminderManager()

    goes_with = "to"  # see accounts/personal_data.py

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "review_on", "kind"], name="one_review_reminder_a_kind")]

    def __str__(self):
        return f"{self.get_kind_display()}: resource {self.resource_id}, due on {self.review_on}"
