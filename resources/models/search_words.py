"""What readers search with: other words for words, and the searches that found nothing."""

import re
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Sum
from django.db.models.functions import Lower
from django.utils import timezone
from simple_history.models import HistoricalRecords


class Synonym(models.Model):
    """Words that readers use for other words: an acronym, an everyday word. Search looks for each in place of the other."""

    term = models.CharField(max_length=100, unique=True, help_text="As people type it, such as PDSA")
    means = models.TextField(help_text="What it also means, one a line")
    note = models.CharField(max_length=200, blank=True, help_text="For other curators: where it comes from")
    history = HistoricalRecords()

    class Meta:
        ordering = ["term"]

    def __str__(self):
        return self.term

    def meanings(self):
        """The lines of `means`."""
        return [line.strip() for line in self.means.splitlines() if line.strip()]


class FailedSearchQuerySet(models.QuerySet):
    def grouped(self, days=90):
        """Each search of these days once: its words, how many `times`, and the `last_day`. The most often first."""
        since = timezone.localdate() - timedelta(days=days)
        return self.filter(day__gt=since).values("words").annotate(all_times=Sum("times"), last_day=Max("day")).order_by("-all_times", "words")

    def waiting(self, days=90):
        """The grouped searches of which no curator has decided anything, and that are no synonym yet."""
        known = Synonym.objects.annotate(lower_term=Lower("term")).values("lower_term")
        return self.exclude(words__in=SearchDecision.objects.values("words")).exclude(words__in=known).grouped(days)


class FailedSearchManager(models.Manager.from_queryset(FailedSearchQuerySet)):
    MOST_A_DAY = 1000  # rows, so that nobody can fill the table with nonsense
    KEPT_FOR = timedelta(days=365)

    def note(self, text):
        """Count a search that found nothing. Words and day only; what looks like a person's address or number is not kept."""
        words = " ".join(text.lower().split())
        if not words or "@" in words or re.search(r"\d[\d\s]{5,}", words):
            return
        today = timezone.localdate()
        if not self.filter(words=words, day=today).update(times=F("times") + 1) and self.filter(day=today).count() < self.MOST_A_DAY:
            self.bulk_create([self.model(words=words, day=today)], ignore_conflicts=True)
            self.filter(day__lt=today - self.KEPT_FOR).delete()


class FailedSearch(models.Model):
    """Words that found nothing on a day, and how often: what the catalogue may lack, or call by another name."""

    words = models.CharField(max_length=200)
    day = models.DateField()
    times = models.PositiveIntegerField(default=1)

    objects = FailedSearchManager()

    class Meta:
        ordering = ["-day", "-times", "words"]
        verbose_name_plural = "failed searches"
        constraints = [models.UniqueConstraint("words", "day", name="one_row_a_day")]

    def __str__(self):
        return self.words


class SearchDecisionManager(models.Manager):
    def decide(self, words, kind, *, by):
        """Keep what a curator made of a search, in place of what was decided before."""
        return self.update_or_create(words=words, defaults={"kind": kind, "by": by, "at": timezone.now()})[0]

    def wanted(self):
        """What we should have, and have not."""
        return self.filter(kind=SearchDecision.Kind.WANTED)


class SearchDecision(models.Model):
    """What a curator made of a search that found nothing, however often it is made: no concern of ours, or something we should have."""

    class Kind(models.TextChoices):
        DISMISSED = "dismissed", "Dismissed"
        WANTED = "wanted", "Asked for"

    words = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=9, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SearchDecisionManager()

    class Meta:
        ordering = ["words"]

    def __str__(self):
        return f"{self.words}: {self.get_kind_display().lower()}"
