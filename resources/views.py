"""The catalogue's pages. Each is drawn from the catalogue this process holds; see resources/catalogue.py."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from resources import catalogue
from resources.facets import FACET_BY_NAME
from resources.files import as_calendar, as_ris
from resources.filters import ResourceFilter
from resources.listing import Listing
from resources.models import FailedSearch, Link, Provider, Resource
from resources.open_data import LICENCE, as_csv, as_open_data
from resources.reading_list import ReadingList

logger = logging.getLogger(__name__)


@method_decorator(login_not_required, name="dispatch")
class CatalogueView(TemplateView):
    """A public page about the catalogue."""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.catalogue = catalogue.current()

    def get_context_data(self, **kwargs):
        return super().get_context_data(catalogue=self.catalogue, **kwargs)


class ResourceListView(CatalogueView):
    """Find resources: search, filters, sort and pages, all in the address."""

    template_name = "resources/resource_list.jinja"

    def get_context_data(self, **kwargs):
        listing = Listing(self.catalogue, self.request.GET, reverse("resources:list"))
        if listing.results.unknown and listing.page == 1:
            note_failed_search(listing.text)
        return super().get_context_data(listing=listing, **kwargs)


def note_failed_search(text):
    """Count it for curators. A reader's page never depends on it."""
    try:
        FailedSearch.objects.note(text)
    except DatabaseError:
        logger.warning("A search that found nothing could not be counted", exc_info=True)


class SuggestView(CatalogueView):
    """Titles that fit what is being typed, for the search box."""

    def get(self, request):
        records = self.catalogue.index.suggest(request.GET.get("q", ""))
        kinds = self.catalogue.categories
        found = [{"title": r.title, "address": reverse("resources:resource", args=[r.slug]), "kind": kinds[r.category].name} for r in records]
        return JsonResponse({"suggestions": found}, json_dumps_params={"ensure_ascii": False})


class ReadingListView(CatalogueView):
    """The reader's own list, kept in the address."""

    template_name = "resources/reading_list.jinja"

    def get_context_data(self, **kwargs):
        kept = ReadingList.read(self.request.GET)
        records = self.catalogue.index.by_id(kept.ids)
        return super().get_context_data(kept=kept, records=records, missing=len(kept) - len(records), **kwargs)


class ApiGuideView(CatalogueView):
    """How to use the API, for people."""

    template_name = "resources/api_guide.jinja"

    def get_context_data(self, **kwargs):
        return super().get_context_data(facets=self.catalogue.facets(), **kwargs)


class ComponentView(CatalogueView):
    """One of the five components: its practices, then what helps with them, by category."""

    template_name = "resources/component_detail.jinja"

    def get_context_data(self, slug, **kwargs):
        component = self.catalogue.component_by_slug.get(slug)
        if component is None:
            raise Http404
        shelves = self.catalogue.shelves[component.number]
        starts = self.catalogue.starts(component)
        return super().get_context_data(component=component, shelves=shelves, starts=starts, total=sum(total for _, total, _ in shelves), **kwargs)


class NarrowedListView(CatalogueView):
    """Every resource that has one value of a facet, in pages."""

    facet: str
    template_name = "resources/narrowed_list.jinja"

    def get_object(self, slug):
        """The row that the page is about, or none."""
        raise NotImplementedError

    def get_context_data(self, slug, **kwargs):
        row = self.get_object(slug)
        if row is None:
            raise Http404
        address = reverse(f"resources:{self.facet}", args=[slug])
        listing = Listing(self.catalogue, self.request.GET, address, fixed={self.facet: [slug]})
        starts = self.catalogue.starts(row) if self.facet == "category" and listing.page == 1 else []
        return super().get_context_data(row=row, facet=FACET_BY_NAME[self.facet], listing=listing, starts=starts, **kwargs)


class CategoryView(NarrowedListView):
    """A kind of resource: all courses, all tools."""

    facet = "category"

    def get_object(self, slug):
        return self.catalogue.categories.get(slug)


class ProviderView(NarrowedListView):
    """Everything of one publisher."""

    facet = "provider"

    def get(self, request, *args, slug, **kwargs):
        """The page; of one that was merged into another, the way to that."""
        if slug not in self.catalogue.providers and (successor := Provider.objects.successor_of(slug)):
            return HttpResponsePermanentRedirect(successor.get_absolute_url())
        return super().get(request, *args, slug=slug, **kwargs)

    def get_object(self, slug):
        return self.catalogue.providers.get(slug) if self.catalogue.counts["provider"].get(slug) else None


class ResourceView(CatalogueView):
    """Everything known about one resource before the click. A withdrawn one says so and points on."""

    def get_template_names(self):
        return ["resources/resource_withdrawn.jinja" if self.withdrawn else "resources/resource_detail.jinja"]

    def get_context_data(self, slug, **kwargs):
        record = self.catalogue.index.get(slug)
        self.withdrawn = None
        if record is None:
            self.withdrawn = get_object_or_404(Resource.objects.withdrawn().select_related("successor", "category"), slug=slug)
            return super().get_context_data(resource=self.withdrawn, **kwargs)
        return super().get_context_data(kept=ReadingList.read(self.request.GET), **about(record, self.catalogue), **kwargs)


def about(record, held):
    """What the page of one resource shows."""
    return {
        "record": record,
        "providers": [held.labels["provider"][slug] for slug in record.providers],
        "related": held.index.related(record),
        "link": Link.objects.filter(resource=record.id, address=record.url).first(),
        "alternatives": held.index.alternatives(record) if record.broken else [],
        "today": timezone.localdate(),
    }


@method_decorator(login_not_required, name="dispatch")
class FileView(View):
    """Resources as a file: those of a reading list where the address has one, else what the list's filters leave."""

    http_method_names = ["get", "head", "options"]

    def get(self, request):
        held = catalogue.current()
        kept = ReadingList.read(request.GET)
        asked = ResourceFilter(request.GET, held)
        records = held.index.by_id(kept.ids) if kept.ids else held.index.everything(asked.text, asked.chosen)
        return self.file(records, held)


def attachment(body, content_type, name, response=HttpResponse):
    return response(body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


class ResourceCsvView(FileView):
    """CSV, for a spreadsheet."""

    def file(self, records, held):
        return attachment(as_csv(records, held), "text/csv; charset=utf-8", "nhs-impact-resources.csv", StreamingHttpResponse)


class ResourceRisView(FileView):
    """RIS, for a reference manager."""

    def file(self, records, held):
        return attachment("\r\n".join(as_ris(records, held)), "application/x-research-info-systems; charset=utf-8", "nhs-impact-resources.ris")


class ResourceCalendarView(FileView):
    """iCalendar, of those that have dates."""

    def file(self, records, held):
        return attachment(as_calendar(records), "text/calendar; charset=utf-8", "nhs-impact-events.ics")


class ResourceJsonView(FileView):
    """JSON, for a program."""

    def file(self, records, held):
        found = [as_open_data(record, held) for record in records]
        return JsonResponse(
            {"licence": LICENCE, "source": settings.BASE_URL, "count": len(found), "resources": found}, json_dumps_params={"ensure_ascii": False}
        )
