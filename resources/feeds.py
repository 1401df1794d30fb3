"""The Atom feed of new resources."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.feedgenerator import Atom1Feed

from resources import catalogue
from resources.filters import ResourceFilter
from resources.wording import sayable_in_xml

NEWEST = 50


class ResourceFeed(Feed):
    """What was added to the catalogue, newest first; the list's filters in the address narrow it."""

    feed_type = Atom1Feed

    def get_object(self, request):
        held = catalogue.current()
        asked = ResourceFilter(request.GET, held)
        return held, asked

    def title(self, obj):
        return f"{settings.SERVICE_NAME}: new resources"

    def link(self, obj):
        return reverse("resources:list")

    def subtitle(self, obj):
        return "Guides, courses, articles, tools and case studies on improvement in the NHS, as they are added."

    def items(self, obj):
        held, asked = obj
        self.held = held
        found = held.index.everything(asked.text, asked.chosen)
        return sorted(found, key=lambda r: (r.published_at, r.id), reverse=True)[:NEWEST]

    def item_title(self, record):
        return sayable_in_xml(record.title)

    def item_description(self, record):
        return sayable_in_xml(record.summary)

    def item_link(self, record):
        return reverse("resources:resource", args=[record.slug])

    def item_pubdate(self, record):
        return parse_datetime(record.published_at)

    def item_updateddate(self, record):
        return parse_datetime(record.updated_at)

    def item_categories(self, record):
        return [sayable_in_xml(self.held.labels["category"][record.category])]

    def item_author_name(self, record):
        return sayable_in_xml(", ".join(self.held.labels["provider"][slug] for slug in record.providers))
