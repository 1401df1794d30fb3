"""Reading paths: resources in an order, each with a sentence on why it comes there."""

from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from resources.models.catalogue import Resource


class CollectionQuerySet(models.QuerySet):
    def published(self):
        """What readers see."""
        return self.filter(published_at__lte=Now())

    def scheduled(self):
        """To be published at a moment that has not come."""
        return self.filter(published_at__gt=Now())

    def readable(self):
        """Published, with a step that readers can open: those that have a page."""
        return self.published().filter(steps__resource__in=Resource.objects.published()).distinct()


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

    @property
    def state(self):
        """Draft, scheduled or published."""
        if self.published_at is None:
            return "draft"
        return "published" if self.published_at <= timezone.now() else "scheduled"

    def unseen(self):
        """[(resource, its state)] of the steps that readers do not see."""
        return [(step.resource, step.resource.state) for step in self.steps.all() if step.resource.state != "published"]

    def renumber(self):
        """Give its steps the places 1, 2, 3 in the order that their numbers say."""
        for place, step in enumerate(self.steps.order_by("position", "pk"), 1):
            if step.position != place:
                step.position = place
                step.save()


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
