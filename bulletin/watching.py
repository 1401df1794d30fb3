"""A search that somebody watches: what it is, in words and as an address, and what is new in it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from resources import catalogue
from resources.facets import FACET_BY_NAME
from resources.listing import Listing, join_labels

LONGEST = 2000  # characters of an address
SHOWN = 10  # resources of a search in one mail


@dataclass(frozen=True)
class Watched:
    """A search as the catalogue understands it now."""

    search: str  # as in an address: words and filters in their order, and nothing else
    words: str
    total: int

    @property
    def address(self):
        return f"{reverse('resources:list')}?{self.search}"


def read(query):
    """The search of a list's address, or none where it asks for nothing that the catalogue knows."""
    listing = _listing(query)
    if not (listing.text or listing.narrowed):
        return None
    labels = catalogue.current().labels
    parts = [f"“{listing.text}”"] if listing.text else []
    parts += [f"{FACET_BY_NAME[name].label.lower()}: {join_labels(labels[name][v] for v in values)}" for name, values in listing.narrowed.items()]
    search = listing.query(sort=listing.usual_sort, page=1, reading_list=None)
    return Watched(search, "; ".join(parts)[:1].upper() + "; ".join(parts)[1:], listing.total) if len(search) <= LONGEST else None


def _listing(query):
    """The list of an address, without what is only for the reader's eyes."""
    data = QueryDict(query, mutable=True) if isinstance(query, str) else query.copy()
    for name in ("list", "page", "sort"):
        data.pop(name, None)
    data["exact"] = "1"  # what they typed, and not what we would have
    return Listing(catalogue.current(), data, reverse("resources:list"))


def new_in(search, since):
    """What was published after a moment and fits a search, newest first."""
    held, listing = catalogue.current(), _listing(search)
    found = [r for r in held.index.everything(listing.text, listing.chosen) if datetime.fromisoformat(r.published_at) > since]
    return sorted(found, key=lambda r: (r.published_at, r.id), reverse=True)


def as_item(record):
    """A resource of the catalogue as a mail shows it."""
    providers = catalogue.current().labels["provider"]
    return {
        "title": record.title,
        "address": settings.BASE_URL + reverse("resources:resource", args=[record.slug]),
        "publisher": ", ".join(providers[slug] for slug in record.providers),
        "summary": record.summary,
    }
