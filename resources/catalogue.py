"""The published catalogue as one process holds it: names, practices and an index, all of one stamp.

`current()` never waits: a thread looks at the stamp, makes the next catalogue beside the old one and swaps them.
"""

import logging
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.text import slugify
from markupsafe import escape

from resources.facets import FACETS, FEWEST
from resources.models import CatalogueStamp, Category, Component, Provider, Resource, Synonym
from resources.search import Index

logger = logging.getLogger(__name__)


class Catalogue:
    """Everything readers see, of one moment. Read it, never change it."""

    def __init__(self, stamp, now):
        self.stamp = stamp
        self.today = timezone.localtime(now).date()
        self.stale_at = _next_change(now)
        # Rows before names: whatever a row names was there when it was read.
        records = Resource.objects.published().records()
        self.categories = {c.slug: c for c in Category.objects.all()}
        self.components = {c.number: c for c in Component.objects.prefetch_related(Prefetch("practices", to_attr="practice_list"))}
        self.component_by_slug = {c.slug: c for c in self.components.values()}
        self.providers = {p.slug: p for p in Provider.objects.order_by("name")}
        self.labels = self._labels(records)
        self.labels_as_html = {name: {value: escape(label) for value, label in labels.items()} for name, labels in self.labels.items()}
        codes = {name: {value: code for code, value in enumerate(labels)} for name, labels in self.labels.items()}
        self.index = Index(records, self._texts, codes, [(s.term, s.meanings()) for s in Synonym.objects.all()], self.today)
        self.counts = self.index.known
        self.total = len(records)
        self.shown = {facet.name for facet in self.facets()}

    def _labels(self, records):
        """Every value of every facet and its label, in the order to show them."""
        labels = {facet.name: dict(facet.labels or {}) for facet in FACETS}
        labels["category"] = {slug: category.name for slug, category in self.categories.items()}
        labels["component"] = {str(number): component.name for number, component in self.components.items()}
        labels["provider"] = {slug: provider.name for slug, provider in self.providers.items()}
        audiences = {slugify(r.audience)[:80]: r.audience for r in records if r.audience}
        labels["audience"] = dict(sorted(audiences.items(), key=lambda item: item[1].casefold()))
        return labels

    def _texts(self, record):
        """The words of each text field of the index."""
        return {
            "in_title": record.title,
            "in_provider": " ".join([*(self.providers[slug].name for slug in record.providers), record.credit]),
            "in_summary": record.summary,
            "in_about": " ".join([self.categories[record.category].name, *(self.components[n].name for n in record.components), record.audience]),
        }

    def complete(self, resource):
        """The record of a resource that is not in the catalogue, its names added so that its page can be drawn."""
        for provider in resource.providers.all():
            self.labels["provider"].setdefault(provider.slug, provider.name)
        return type(resource).objects.filter(pk=resource.pk).records()[0]

    def facets(self):
        """The facets that at least two published rows can fill."""
        return [facet for facet in FACETS if sum(self.counts[facet.name].values()) >= FEWEST]

    def can_sort_by_date(self):
        """Do at least two rows say when their source published them?"""
        return self.index.dated >= FEWEST


def _next_change(now):
    """When this catalogue is out of date with nobody changing a row: a scheduled resource comes due, or a day ends."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due = Resource.objects.scheduled().order_by("published_at").values_list("published_at", flat=True).first()
    return min(midnight, due) if due else midnight


def read_stamp():
    """What the database says the catalogue's stamp is now."""
    return CatalogueStamp.objects.values_list("stamp", flat=True).first() or ""


class _Holder:
    """The catalogue of this process, and the thread that keeps it current."""

    def __init__(self):
        self.catalogue = None
        self.making = threading.Lock()
        self.watching = None

    def current(self):
        if self.catalogue is None or not settings.CATALOGUE_POLL_SECONDS:
            self.refresh()
        if settings.CATALOGUE_POLL_SECONDS and self.watching is None:
            self.watch()
        return self.catalogue

    def refresh(self):
        """Make the catalogue again if the one held is not of the database's stamp and moment."""
        stamp, now = read_stamp(), timezone.now()
        held = self.catalogue
        if held is not None and held.stamp == stamp and now < held.stale_at:
            return
        with self.making:
            if self.catalogue is held:
                self.catalogue = Catalogue(stamp, now)

    def watch(self):
        """Start the thread that looks at the stamp."""
        with self.making:
            if self.watching is None:
                self.watching = threading.Thread(target=self._watch, name="catalogue", daemon=True)
                self.watching.start()

    def _watch(self):
        while True:
            time.sleep(settings.CATALOGUE_POLL_SECONDS)
            try:
                close_old_connections()
                self.refresh()
            except Exception:  # the database is away: readers keep what there is, and the next look may find it back
                logger.exception("The catalogue could not be read; readers keep the last one")
                connection.close()


_holder = _Holder()
current = _holder.current
