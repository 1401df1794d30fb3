"""Imports of resources: what a file holds, row by row, before and after it is taken over."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ImportBatch(models.Model):
    """One file of resources: first a dry run, then, where a curator says so, taken over as a whole; it can be undone as a whole."""

    file_name = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = "import"

    def __str__(self):
        return f"Import {self.pk}: {self.file_name}"


class ImportRow(models.Model):
    """One row of an import: what it said, what it would change, and what became of it."""

    class Kind(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        DUPLICATE = "duplicate", "Possible duplicate"
        ERROR = "error", "With errors"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="The row of the file, its heading being row 1")
    kind = models.CharField(max_length=9, choices=Kind)
    cells = models.JSONField(default=dict, help_text="What was typed, by column")
    changes = models.JSONField(default=list, help_text="[column, old, new] of what would change")
    problems = models.JSONField(default=list, help_text="[column, value, what to do]")
    resource = models.ForeignKey("Resource", models.SET_NULL, null=True, related_name="+", help_text="The one it makes, changes, or is like")
    before = models.BigIntegerField(null=True, help_text="The line of the resource's history before it was taken over")
    after = models.BigIntegerField(null=True, help_text="The line that taking it over wrote")

    class Meta:
        ordering = ["batch", "number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_import_row_a_number")]

    def __str__(self):
        return f"Row {self.number} of import {self.batch_id}"
