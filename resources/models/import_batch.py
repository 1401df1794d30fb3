"""Imports of resources: what a file holds, row by row, before and after it is taken over."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Cast
from django.utils import timezone


class ImportBatchQuerySet(models.QuerySet):
    DRY_RUNS_KEPT = timedelta(days=30)
    TEXTS_KEPT = timedelta(days=90)  # what rows said that were left out of an import, for mending them

    def tidy(self):
        """Let go of dry runs that nobody took over, and of what rows said that were not taken."""
        now = timezone.now()
        self.filter(applied_at=None, made_at__lt=now - self.DRY_RUNS_KEPT).delete()
        left = ImportRow.objects.filter(batch__in=self.filter(applied_at__lt=now - self.TEXTS_KEPT), after=None)
        left.exclude(cells={}).update(cells={}, problems=[])


class ImportBatch(models.Model):
    """One file of resources: first a dry run, then, where a curator says so, taken over as a whole; it can be undone as a whole."""

    file_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = "import"

    def __str__(self):
        return f"{self.reason}: {self.file_name}"

    @property
    def reason(self):
        """Its reference, and why history says that something changed."""
        return f"Import {self.pk}"

    @property
    def state(self):
        """Looked at only, made or undone."""
        if self.undone_at:
            return "undone"
        return "made" if self.applied_at else "dry run"

    def counts(self):
        """{kind: how many rows}, all kinds, in the order in which a curator looks at them."""
        found = dict(self.rows.order_by().values_list("kind").annotate(Count("pk")))
        return {kind.value: found.get(kind, 0) for kind in ImportRow.LOOKED_AT}

    def new_publishers(self):
        """[name, what is to be said of it], once each, of the publishers that the good rows would make."""
        noted = self.rows.good().exclude(problems=[]).values_list("problems", flat=True)
        return sorted({name: words for notes in noted for column, name, words in notes if column == "providers"}.items())

    def distinct_numbers(self):
        """The rows of which a curator said that they are no duplicates."""
        noted = self.rows.good().exclude(problems=[]).values_list("number", "problems")
        return [number for number, notes in noted if says_alike(notes)]

    def tick(self, numbers):
        """Take some rows for no duplicates. Returns how many."""
        rows = [row for row in self.rows.filter(kind=ImportRow.Kind.DUPLICATE) if row.number in numbers]
        for row in rows:
            row.kind = ImportRow.Kind.CHANGED if row.changes else ImportRow.Kind.NEW
        return ImportRow.objects.bulk_update(rows, ["kind"], batch_size=500)

    def untick(self, numbers):
        """Take some rows for duplicates after all."""
        distinct = [number for number in self.distinct_numbers() if number in numbers]
        self.rows.filter(number__in=distinct[:MOST_AT_ONCE]).update(kind=ImportRow.Kind.DUPLICATE)


MOST_AT_ONCE = 500  # rows of one press; a page shows fewer


def says_alike(notes):
    """Do a row's notes say what it may be the same as?"""
    return any(column in ("url", "title") for column, _, _ in notes)


class ImportRowQuerySet(models.QuerySet):
    def good(self):
        """What would be taken over, or was."""
        return self.filter(kind__in=[ImportRow.Kind.NEW, ImportRow.Kind.CHANGED])

    def left(self):
        """What is not: to be mended or decided."""
        return self.filter(kind__in=[ImportRow.Kind.DUPLICATE, ImportRow.Kind.ERROR])

    def taken(self):
        """What was taken over."""
        return self.good().exclude(after=None)

    def for_addresses(self, addresses):
        """Rows that name somebody by any of these e-mail addresses, as an owner or a deputy."""
        texts = {f"{name}_text": Cast(name, models.TextField()) for name in ("cells", "changes", "problems")}
        named = Q(pk=None)
        for address in addresses:
            for text in texts:
                named |= Q(**{f"{text}__icontains": address})
        return self.alias(**texts).filter(named)

    def forget(self):
        """Empty these rows; what they brought stays, with its history. Returns how many there were."""
        return self.update(cells={}, changes=[], problems=[])


class ImportRow(models.Model):
    """One row of an import: what it said, what it would change, and what became of it."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        DUPLICATE = "duplicate", "Possible duplicate"
        ERROR = "error", "With errors"

    LOOKED_AT = (Kind.ERROR, Kind.DUPLICATE, Kind.CHANGED, Kind.NEW, Kind.UNCHANGED)

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="The row of the file, its heading being row 1")
    kind = models.CharField(max_length=9, choices=Kind)
    cells = models.JSONField(default=dict, help_text="What was typed, by column")
    changes = models.JSONField(default=list, help_text="[column, old, new] of what would change")
    problems = models.JSONField(default=list, help_text="[column, value, what to do]")
    resource = models.ForeignKey("Resource", models.SET_NULL, null=True, related_name="+", help_text="The one it makes, changes, or is like")
    before = models.BigIntegerField(null=True, help_text="The line of the resource's history before it was taken over")
    after = models.BigIntegerField(null=True, help_text="The line that taking it over wrote")

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_import_row_a_number")]

    def __str__(self):
        return f"Row {self.number} of import {self.batch_id}"

    @property
    def texts(self):
        """What it says, by column: as typed, or as it was taken over."""
        return {column: new for column, _, new in self.changes} | self.cells

    @property
    def name(self):
        """The title that it gives, or what else it is known by."""
        known = self.resource.title if self.resource and self.kind != self.Kind.DUPLICATE else ""
        return self.texts.get("title", "").strip() or known or self.texts.get("slug", "").strip() or f"Row {self.number}"

    @property
    def is_said_distinct(self):
        """Did a curator say that it is no duplicate?"""
        return self.kind in (self.Kind.NEW, self.Kind.CHANGED) and says_alike(self.problems)
