"""The read-only API: the same search and filters as the list, and its own description (OpenAPI 3.1)."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import View

from resources import catalogue
from resources.facets import FACETS
from resources.filters import SORTS, ResourceFilter
from resources.listing import read_page
from resources.open_data import LICENCE, as_open_data

PAGE_SIZE, LARGEST_PAGE = 20, 100


def answer(data, status=200):
    return JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})


@method_decorator(login_not_required, name="dispatch")
class ResourcesApi(View):
    """Resources under a search and filters, a page at a time, with every facet's counts."""

    http_method_names = ["get", "head", "options"]

    def get(self, request):
        held = catalogue.current()
        asked = ResourceFilter(request.GET, held)
        page, size = read_page(request.GET.get("page")), min(read_page(request.GET.get("page_size"), PAGE_SIZE), LARGEST_PAGE)
        counted = [facet.name for facet in held.facets()]
        found = held.index.search(asked.text, asked.chosen, order=asked.sort if asked.sort != "relevance" else "", page=page, size=size, counted=counted)
        pages = max(-(-found.total // size), 1)
        return answer(
            {
                "count": found.total,
                "page": page,
                "pages": pages,
                "next": self._link(asked, page + 1, size) if page < pages else None,
                "previous": self._link(asked, min(page - 1, pages), size) if page > 1 else None,
                "searched_for": found.corrected or asked.text,
                "results": [as_open_data(record, held) for record in found.records],
                "facets": {
                    name: [
                        {"value": v, "label": label, "count": found.counts[name].get(v, 0)} for v, label in held.labels[name].items() if v in held.counts[name]
                    ]
                    for name in counted
                },
            }
        )

    def _link(self, asked, page, size):
        pairs = [("q", asked.text)] if asked.text else []
        pairs += [(name, value) for name, values in asked.chosen.items() for value in values]
        pairs += [("sort", asked.sort)] if asked.sort else []
        pairs += [("page", page), ("page_size", size)]
        return f"{settings.BASE_URL}{reverse('resources:api_list')}?{urlencode(pairs)}"


@method_decorator(login_not_required, name="dispatch")
class ResourceApi(View):
    """One resource."""

    http_method_names = ["get", "head", "options"]

    def get(self, request, slug):
        held = catalogue.current()
        record = held.index.get(slug)
        if record is None:
            return answer({"error": "There is no published resource of this id. See the list for those there are."}, status=404)
        return answer(as_open_data(record, held))


@method_decorator(login_not_required, name="dispatch")
class OpenApiView(View):
    """What the API takes and gives, for programs."""

    http_method_names = ["get", "head", "options"]

    def get(self, request):
        return answer(description())


def _text(nullable=False, **more):
    return {"type": ["string", "null"] if nullable else "string", **more}


def description():
    """The OpenAPI document."""
    optional = {"credit", "audience", "format", "cost", "sign_in", "source_published_on", "starts_on", "ends_on"}
    plain = ("id", "address", "title", "category", "url", "url_confidence", "summary", "published_at", "updated_at")
    resource = {
        "type": "object",
        "properties": {
            **{name: _text() for name in plain},
            **{name: _text(nullable=True) for name in sorted(optional)},
            "minutes": {"type": ["integer", "null"]},
            "providers": {"type": "array", "items": _text()},
            "components": {"type": "array", "items": {"type": "object", "properties": {"number": {"type": "integer"}, "name": _text()}}},
        },
    }
    resource["required"] = sorted(resource["properties"])
    facet = {"type": "array", "items": {"type": "object", "properties": {"value": _text(), "label": _text(), "count": {"type": "integer"}}}}
    listed = {
        "type": "object",
        "properties": {
            **{name: {"type": "integer"} for name in ("count", "page", "pages")},
            **{name: _text(nullable=True) for name in ("next", "previous")},
            "searched_for": _text(),
            "results": {"type": "array", "items": {"$ref": "#/components/schemas/Resource"}},
            "facets": {"type": "object", "additionalProperties": facet},
        },
    }
    listed["required"] = sorted(listed["properties"])
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{settings.SERVICE_NAME} API", "version": "1", "description": f"Read only, no key. {LICENCE}"},
        "servers": [{"url": f"{settings.BASE_URL}/api/v1"}],
        "paths": {
            "/resources": {
                "get": {"summary": "Search and filter resources", "parameters": _parameters(), "responses": {"200": _json("Resources", "ResourceList")}}
            },
            "/resources/{id}": {
                "get": {
                    "summary": "One resource",
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": _text()}],
                    "responses": {"200": _json("The resource", "Resource"), "404": {"description": "No published resource of this id"}},
                }
            },
        },
        "components": {"schemas": {"Resource": resource, "ResourceList": listed}},
    }


def _json(what, schema):
    return {"description": what, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _parameters():
    words = {"name": "q", "in": "query", "description": "Words to search for", "schema": _text()}
    several = [
        {"name": f.name, "in": "query", "description": f"{f.label}; several widen", "explode": True, "schema": {"type": "array", "items": _text()}}
        for f in FACETS
    ]
    sort = {"name": "sort", "in": "query", "schema": _text(enum=list(SORTS))}
    pages = [{"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}]
    size = {"name": "page_size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}}
    return [words, *several, sort, *pages, size]
