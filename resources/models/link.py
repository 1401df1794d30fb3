"""Where resources are: what is known of each address, every check of it, and runs of the checker."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Link(models.Model):
    """What is known of the address of one resource. A bad verdict is given only after failures on different days."""

    class Verdict(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        FINE = "fine", "Fine"
        MOVED = "moved", "Moved"
        GONE = "gone", "Gone"
        SIGN_IN = "sign-in", "Needs sign-in"
        ROBOTS = "robots", "Blocks robots"
        SLOW = "slow", "Slow"

    resource = models.OneToOneField("Resource", models.CASCADE, related_name="link")
    address = models.URLField(max_length=500, help_text="The address that was checked: a resource given another starts afresh")
    verdict = models.CharField(max_length=9, choices=Verdict, default=Verdict.UNCHECKED)
    verdict_at = models.DateTimeField(null=True, blank=True, help_text="Since when it stands")
    checked_at = models.DateTimeField(null=True, blank=True, help_text="The last check, whatever it found")
    doubt = models.CharField(max_length=9, choices=Verdict, blank=True, help_text="What the last checks found that is not yet a verdict")
    doubted_days = models.PositiveSmallIntegerField(default=0, help_text="On how many different days in a row")
    doubted_on = models.DateField(null=True, blank=True, help_text="The last of those days")
    due_at = models.DateTimeField(default=timezone.now, db_index=True, help_text="When to check it next")
    moved_to = models.URLField(max_length=500, blank=True, help_text="Where it now is, as its old address says")
    by_hand_on = models.DateField(null=True, blank=True, help_text="When a curator looked for themselves")
    by_hand_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self):
        return f"{self.address}: {self.get_verdict_display().lower()}"


class LinkCheck(models.Model):
    """One look at one address. Kept, so that a verdict can be explained."""

    class Outcome(models.TextChoices):
        FINE = "fine", "Answered"
        MOVED = "moved", "Says it has moved for good"
        GONE = "gone", "Says there is nothing"
        FAILED = "failed", "Did not answer, or answered with an error"
        SIGN_IN = "sign-in", "Asks for a sign-in"
        ROBOTS = "robots", "Does not let robots look"
        SLOW = "slow", "Took too long"
        REFUSED = "refused", "Not an address that we go to"

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="link_checks")
    address = models.URLField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=9, choices=Outcome)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The HTTP status of the last answer")
    final_address = models.URLField(max_length=2000, blank=True, help_text="Where redirects led")
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="What happened, in words")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["resource", "-at"], name="link_check_resource_at")]

    def __str__(self):
        return f"{self.address} at {self.at:%Y-%m-%d %H:%M}: {self.get_outcome_display().lower()}"


class LinkRun(models.Model):
    """One run of the checker, for the page that shows how far it is."""

    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When it last said that it is alive")
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    batch = models.ForeignKey("ImportBatch", models.SET_NULL, null=True, blank=True, related_name="link_runs", help_text="Only the addresses of this import")

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return f"Link check of {self.started_at:%Y-%m-%d %H:%M}"
