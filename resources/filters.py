"""The filter form of the list: what a reader may ask for, read leniently."""

import functools

import django_filters
from django import forms

from resources.facets import FACETS
from resources.models import Resource
from resources.search import MAX_CHARACTERS

MAX_VALUES = 50  # of one facet; more is nobody's question
SORTS = {"relevance": "Best match", "title": "Title, A to Z", "newest": "Newest first"}


class WordsField(forms.CharField):
    """Any text at all; what is too long or cannot be typed is left out rather than refused."""

    def to_python(self, value):
        return " ".join((value or "").replace("\x00", " ").split(" "))[:MAX_CHARACTERS].strip()


class ValuesField(forms.Field):
    """Several values of a facet. A value the catalogue does not have is ignored later: an old link still works."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value):
        return list(dict.fromkeys(value or []))[:MAX_VALUES]


class SortField(forms.Field):
    """How to order the list; anything else means the usual order."""

    def to_python(self, value):
        return value if value in SORTS else ""


class WordsFilter(django_filters.Filter):
    field_class = WordsField


class ValuesFilter(django_filters.Filter):
    field_class = ValuesField


class SortFilter(django_filters.Filter):
    field_class = SortField


class ResourceFilter(django_filters.FilterSet):
    """Words, facets and a sort, read from the address. The engine does the filtering: see resources/search.py."""

    q = WordsFilter()
    sort = SortFilter()

    class Meta:
        model = Resource
        fields: list[str] = []

    def __init__(self, data, catalogue):
        # Not by way of super(): it copies every filter and makes a form class anew for each request, which nothing here changes.
        self.is_bound, self.data, self.form_prefix, self.filters = True, data, None, self.base_filters
        self.form.full_clean()  # nothing in it can be wrong
        asked = self.form.cleaned_data
        self.text = asked["q"]
        self.sort = asked["sort"]
        labels = catalogue.labels
        self.chosen = {f.name: values for f in FACETS if (values := [v for v in asked[f.name] if v in labels[f.name]])}

    def get_form_class(self):
        return _form_class()


@functools.cache
def _form_class():
    """The form of every request, made once."""
    fields = {name: filter_.field for name, filter_ in ResourceFilter.base_filters.items()}
    return type("ResourceFilterForm", (forms.Form,), fields)


ResourceFilter.base_filters.update({facet.name: ValuesFilter(label=facet.label) for facet in FACETS})
