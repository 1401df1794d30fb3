"""The catalogue's addresses."""

from django.urls import path

from resources import api, collection_views, reader_views, views

app_name = "resources"


def with_thanks(address, view):
    """A form for readers, and the page that thanks them."""
    yield path(address, view.as_view(), name=view.name)
    yield path(f"{address}thank-you/", reader_views.ThanksView.as_view(name=view.name), name=f"{view.name}_thanks")


def about_resource(address, view):
    """The same, about one resource."""
    return with_thanks(f"resources/<slug:slug>/{address}", view)


urlpatterns = [
    path("resources/", views.ResourceListView.as_view(), name="list"),
    path("resources.json", views.ResourceJsonView.as_view(), name="json"),
    path("resources.csv", views.ResourceCsvView.as_view(), name="csv"),
    path("resources.ris", views.ResourceRisView.as_view(), name="ris"),
    path("resources.ics", views.ResourceCalendarView.as_view(), name="calendar"),
    path("resources/suggest", views.SuggestView.as_view(), name="suggest"),
    path("resources/<slug:slug>/", views.ResourceView.as_view(), name="resource"),
    *about_resource("report/", reader_views.ReportView),
    *about_resource("useful/", reader_views.UsefulView),
    *about_resource("tell-me/", reader_views.TellMeView),
    *with_thanks("suggest-a-resource/", reader_views.SuggestionView),
    path("components/<slug:slug>/", views.ComponentView.as_view(), name="component"),
    path("categories/<slug:slug>/", views.CategoryView.as_view(), name="category"),
    path("collections/", collection_views.CollectionListView.as_view(), name="collections"),
    path("collections/<slug:slug>/", collection_views.CollectionView.as_view(), name="collection"),
    path("reading-list/", views.ReadingListView.as_view(), name="reading_list"),
    path("api/", views.ApiGuideView.as_view(), name="api_guide"),
    path("api/v1/openapi.json", api.OpenApiView.as_view(), name="openapi"),
    path("api/v1/resources", api.ResourcesApi.as_view(), name="api_list"),
    path("api/v1/resources/<slug:slug>", api.ResourceApi.as_view(), name="api_resource"),
    path("providers/<slug:slug>/", views.ProviderView.as_view(), name="provider"),
]
