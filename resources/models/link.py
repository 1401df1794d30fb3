"""Where resources are: what is known of each address, every check of it, and runs of the checker."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

BY_HAND_HOLDS = timedelta(days=180)  # how long a curator's own look stands for what the checker may not see


class LinkQuerySet(models.QuerySet):
    def standing(self):
        """Of resources that are not withdrawn, and about the address that each has now."""
        return self.filter(resource__withdrawn_at=None, address=F("resource__url"))

    def with_resource(self):
        """With what a page of links says of each: no further query."""
        return self.select_related("resource__category", "resource__owner", "by_hand_by")

    def found(self, verdict):
        """Of one verdict, the oldest first."""
        return self.standing().filter(verdict=verdict).with_resource().order_by("verdict_at", "pk")

    def broken(self):
        """Known not to work."""
        return self.found(Link.Verdict.GONE)

    def moved(self):
        """Known to have another address."""
        return self.found(Link.Verdict.MOVED)

    def to_look_at(self):
        """What a curator can do something about: gone, moved, a sign-in that the page does not name, unseen by us and by nobody for half a year."""
        seen_since = timezone.localdate() - BY_HAND_HOLDS
        asks = Q(verdict__in=[Link.Verdict.GONE, Link.Verdict.MOVED])
        asks |= Q(verdict=Link.Verdict.SIGN_IN, resource__sign_in__in=["", "none"])
        asks |= Q(verdict=Link.Verdict.ROBOTS) & (Q(by_hand_on=None) | Q(by_hand_on__lt=seen_since))
        return self.standing().filter(asks).with_resource().order_by("verdict_at", "pk")


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

    objects = LinkQuerySet.as_manager()

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
