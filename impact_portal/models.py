"""The portal's own pages: privacy, cookies, accessibility and the like."""

from django.db import models
from django.urls import reverse
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
