"""The catalogue's addresses."""

from django.urls import path

from resources import views

app_name = "resources"

urlpatterns = [
    path("resources/", views.ResourceListView.as_view(), name="list"),
    path("resources.json", views.ResourceJsonView.as_view(), name="json"),
    path("resources.csv", views.ResourceCsvView.as_view(), name="csv"),
    path("resources/<slug:slug>/", views.ResourceView.as_view(), name="resource"),
    path("components/<slug:slug>/", views.ComponentView.as_view(), name="component"),
    path("categories/<slug:slug>/", views.CategoryView.as_view(), name="category"),
    path("providers/<slug:slug>/", views.ProviderView.as_view(), name="provider"),
]
