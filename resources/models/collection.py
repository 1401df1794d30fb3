"""Reading paths: resources in an order, each with a sentence on why it comes there."""

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from simple_history.models import HistoricalRecords


class CollectionQuerySet(models.QuerySet):
    def published(self):
        """What readers see."""
        return self.filter(published_at__lte=Now())


class Collection(models.Model):
    """An ordered reading path. One may be where to start with a component or a category."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    intro = models.TextField(help_text="Who it is for and what they will know at the end, in a sentence or two")
    component = models.ForeignKey("Component", models.SET_NULL, null=True, blank=True, related_name="collections", help_text="Where to start with it")
    category = models.ForeignKey("Category", models.SET_NULL, null=True, blank=True, related_name="collections", help_text="Where to start with it")
    position = models.PositiveSmallIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True, help_text="Blank is a draft; a moment to come is scheduled")
    history = HistoricalRecords()

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "title"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("resources:collection", args=[self.slug])


class CollectionStep(models.Model):
    """One resource of a reading path, and why it comes here."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="steps")
    resource = models.ForeignKey("Resource", models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(default=0)
    sentence = models.CharField(max_length=300, help_text="What it gives at this point")
    history = HistoricalRecords()

    class Meta:
        ordering = ["collection", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["collection", "resource"], name="one_step_a_resource")]

    def __str__(self):
        return f"{self.collection}: {self.resource}"
