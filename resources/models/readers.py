"""What readers tell us, without an account: suggestions, reports, whether a resource was useful, and who waits for a link to be mended."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from resources.models.link import Link


class FromReadersQuerySet(models.QuerySet):
    def waiting(self):
        """Not yet dealt with by a curator."""
        return self.filter(handled_at=None)

    def for_addresses(self, addresses):
        """Rows that hold one of these e-mail addresses."""
        return self.filter(email__in=[address.lower() for address in addresses])

    def forget(self):
        """Take the addresses out. Returns how many rows."""
        return self.update(email="")


class FromReader(models.Model):
    """What a reader wrote. The address is there only for an answer, and goes when it is answered."""

    email = models.EmailField("e-mail address", blank=True, help_text="Only for an answer; deleted once answered")
    made_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True, max_length=2000, help_text="Sent to the address, where there is one")

    objects = FromReadersQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["made_at", "pk"]


class Suggestion(FromReader):
    """A resource that a reader misses."""

    title = models.CharField(max_length=300)
    url = models.URLField("address", max_length=500, blank=True)
    why = models.TextField(max_length=2000, blank=True)
    resource = models.ForeignKey("Resource", models.SET_NULL, null=True, blank=True, related_name="+", help_text="The row made of it")

    def __str__(self):
        return self.title


class Report(FromReader):
    """A problem that a reader saw with a resource."""

    class Kind(models.TextChoices):
        BROKEN = "broken", "The link does not work"
        WRONG = "wrong", "Something about it is wrong"
        OLD = "old", "It is out of date"
        OTHER = "other", "Something else"

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=6, choices=Kind)
    text = models.TextField(max_length=2000, blank=True)

    def __str__(self):
        return f"{self.get_kind_display()}: {self.resource}"


class UsefulCount(models.Model):
    """How many readers said on one day that a resource was useful to them, or was not. Nothing about who."""

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="useful_counts")
    day = models.DateField()
    yes = models.PositiveIntegerField(default=0)
    no = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["resource", "day"], name="one_useful_count_a_day")]

    def __str__(self):
        return f"{self.resource_id} on {self.day}: {self.yes} yes, {self.no} no"


class MendNoticeQuerySet(models.QuerySet):
    def mended(self):
        """Those whose link is, as far as we know, no longer broken."""
        gone = Link.objects.filter(resource=OuterRef("resource"), address=OuterRef("resource__url"), verdict=Link.Verdict.GONE)
        reported = Report.objects.waiting().filter(resource=OuterRef("resource"), kind=Report.Kind.BROKEN)
        return self.filter(~Exists(gone), ~Exists(reported))

    def for_addresses(self, addresses):
        """Rows of one of these e-mail addresses."""
        return self.filter(email__in=[address.lower() for address in addresses])

    def forget(self):
        """Delete them: without the address there is nothing to keep. Returns how many."""
        return self.delete()[0]


class MendNotice(models.Model):
    """Somebody who asked to be told when a broken link is mended. Deleted once told."""

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="mend_notices")
    email = models.EmailField("e-mail address")
    asked_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When a sender took it on; told twice is worse than told never")

    objects = MendNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["resource", "email"], name="one_mend_notice_each")]

    def __str__(self):
        return f"Tell somebody when {self.resource_id} is mended"

    def claim(self):
        """Be the only one to tell them. A sender that is killed has claimed it for good: nobody knows whether its mail went."""
        return MendNotice.objects.filter(pk=self.pk, claimed_at=None).update(claimed_at=timezone.now()) == 1

    def mark(self, taken):
        """Told: delete it. Refused by the mail server: it may be claimed again."""
        if taken:
            self.delete()
        else:
            MendNotice.objects.filter(pk=self.pk).update(claimed_at=None)
