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
from resources.models import CatalogueStamp, Category, Collection, Component, Provider, Resource, Synonym
from resources.reading_paths import published_paths
from resources.search import Index
from resources.wording import duration, in_words

logger = logging.getLogger(__name__)

FIRST_OF_EACH = 6  # resources of each category on a component's page


class Catalogue:
    """Everything readers see, of one moment. Read it, never change it."""

    def __init__(self, stamp, now):
        self.stamp = stamp
        self.today = timezone.localtime(now).date()
        self.stale_at = _next_change(now)
        self.categories = {c.slug: c for c in Category.objects.all()}
        self.components = {c.number: c for c in Component.objects.prefetch_related(Prefetch("practices", to_attr="practice_list"))}
        self.component_by_slug = {c.slug: c for c in self.components.values()}
        self.providers = {p.slug: p for p in sorted(Provider.objects.all(), key=lambda p: p.name.casefold())}
        published = Resource.objects.published()
        self.labels = self._labels(published.exclude(audience="").order_by().values_list("audience", flat=True).distinct())
        self.labels_as_html = {name: {value: escape(label) for value, label in labels.items()} for name, labels in self.labels.items()}
        codes = {name: {value: code for code, value in enumerate(labels)} for name, labels in self.labels.items()}
        titles = sorted((title.casefold(), pk) for pk, title in published.order_by().values_list("pk", "title"))
        synonyms = [(s.term, s.meanings()) for s in Synonym.objects.all()]
        self.index = Index(self._readable(published.records()), [pk for _, pk in titles], self._texts, codes, synonyms, self.today)
        self.counts, self.total = self.index.known, self.index.total
        self.shown = {facet.name for facet in self.facets()}
        self.paths = published_paths(self.index)
        self.shelves = {number: self._shelves(str(number)) for number in self.components}

    def _readable(self, records):
        """The records, without what somebody added since the names were read: the stamp has changed then, and the next catalogue has it."""
        for record in records:
            record.providers = [slug for slug in record.providers if slug in self.providers]
            record.components = [number for number in record.components if number in self.components]
            if record.category in self.categories:
                yield record

    def _shelves(self, component):
        """For a component's page: each category that has something for it, how many, and the first few."""
        counts = self.index.count_values("category", {"component": [component]})
        return [
            (category, counts[slug], self.index.first(FIRST_OF_EACH, {"component": [component], "category": [slug]}))
            for slug, category in self.categories.items()
            if counts.get(slug)
        ]

    def _labels(self, audiences):
        """Every value of every facet and its label, in the order to show them."""
        labels = {facet.name: dict(facet.labels or {}) for facet in FACETS}
        labels["category"] = {slug: category.name for slug, category in self.categories.items()}
        labels["component"] = {str(number): component.name for number, component in self.components.items()}
        labels["provider"] = {slug: provider.name for slug, provider in self.providers.items()}
        labels["audience"] = {slugify(audience)[:80]: audience for audience in sorted(audiences, key=str.casefold)}
        return labels

    def _texts(self, record):
        """The words of each text field of the index."""
        return {
            "in_title": record.title,
            "in_provider": " ".join([*(self.providers[slug].name for slug in record.providers), record.credit]),
            "in_summary": record.summary,
            "in_about": " ".join([self.categories[record.category].name, *(self.components[n].name for n in record.components), record.audience]),
        }

    def facts(self, record):
        """What is known of it that helps to choose, in a few words each; only what at least two rows can say."""
        shown, labels = self.shown, self.labels
        if record.broken:
            yield "Link broken"
        if record.cost and "cost" in shown:
            yield "Free" if record.cost == "free" else "Paid"
        if record.minutes and "time" in shown:
            yield duration(record.minutes)
        if record.format and "format" in shown:
            yield labels["format"][record.format]
        if record.sign_in and "sign_in" in shown:
            yield labels["sign_in"][record.sign_in]
        if record.starts_on and "when" in shown:
            yield f"Starts {in_words(record.starts_on)}"

    def starts(self, row):
        """The reading paths that say that they are where to start with this component or category."""
        kind = row._meta.model_name
        return [path for path in self.paths.values() if getattr(path, kind) == row.pk]

    def complete(self, resource):
        """The record of a resource that is not in the catalogue, its names added so that its page can be drawn."""
        for provider in resource.providers.all():
            self.labels["provider"].setdefault(provider.slug, provider.name)
        return next(type(resource).objects.filter(pk=resource.pk).records())

    def facets(self):
        """The facets that at least two published rows can fill."""
        return [facet for facet in FACETS if sum(self.counts[facet.name].values()) >= FEWEST]

    def can_sort_by_date(self):
        """Do at least two rows say when their source published them?"""
        return self.index.dated >= FEWEST


def _next_change(now):
    """When this catalogue is out of date with nobody changing a row: a scheduled resource or reading path comes due, or a day ends."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    scheduled = (Resource.objects.scheduled(), Collection.objects.scheduled())
    dues = [rows.order_by("published_at").values_list("published_at", flat=True).first() for rows in scheduled]
    return min([midnight, *(due for due in dues if due)])


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
