"""The portal's own pages (privacy, cookies, accessibility and the like), and who does what waits in the background."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords


class Page(models.Model):
    """A page of the portal itself, written in Markdown."""

    slug = models.SlugField(unique=True, help_text="Its address: /<slug>/")
    title = models.CharField(max_length=100)
    body = models.TextField(
        help_text="Markdown. {{operator}}, {{controller}}, {{contact_email}}, {{service_name}} and {{base_url}} are filled in from the settings"
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in the footer")
    updated_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("page", args=[self.slug])


class WorkerQuerySet(models.QuerySet):
    STILL = timedelta(seconds=60)  # without a word for so long, a worker is taken to be gone

    def alive(self):
        """Those who said within the last minute that they are there."""
        return self.filter(seen_at__gt=timezone.now() - self.STILL)

    def tidy(self):
        """Forget those that have long been gone."""
        self.filter(seen_at__lt=timezone.now() - timedelta(days=7)).delete()


class Worker(models.Model):
    """A process that does what waits in the background, and when it last said so."""

    name = models.CharField(primary_key=True, max_length=64)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at"]
        verbose_name = verbose_name_plural = "background work"

    def __str__(self):
        return self.name


class TimetableManager(models.Manager):
    def take(self, name, slot):
        """Be the only one to do what the timetable says for this moment or an earlier one."""
        self.bulk_create([self.model(name=name)], ignore_conflicts=True)
        return self.filter(Q(slot=None) | Q(slot__lt=slot), name=name).update(slot=slot) == 1


class TimetableLine(models.Model):
    """The last moment for which a line of the timetable was put on the queue; see impact_portal/timetable.py."""

    name = models.CharField(max_length=200, unique=True)
    slot = models.DateTimeField(null=True)

    objects = TimetableManager()

    def __str__(self):
        return self.name
