"""What every page of the curators' admin has in common."""

from typing import ClassVar

from django import forms
from django.db import models
from simple_history.admin import SimpleHistoryAdmin

from accounts.lookups import OnlyItsFilters


class CuratorAdmin(OnlyItsFilters, SimpleHistoryAdmin):
    """A page of the admin with history, whose fields are the browser's own: Django's pickers are neither labelled nor allowed by our policy."""

    formfield_overrides: ClassVar[dict] = {
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")},
        models.URLField: {"form_class": forms.URLField, "assume_scheme": "https"},
        models.DateField: {"form_class": forms.DateField, "widget": forms.DateInput({"type": "date"}, "%Y-%m-%d")},
    }

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "components":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)
