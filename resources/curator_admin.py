"""What every page of the curators' admin has in common: history with a way back, and two people who never overwrite each other."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms.models import _get_foreign_key
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from simple_history.admin import SimpleHistoryAdmin

from accounts.lookups import OnlyItsFilters
from resources.choices import SeveralRows
from resources.conflicts import clash_of, version_of
from resources.history import Words, restore, values_of, values_of_lines, write_lines

SAVED_MEANWHILE = "Somebody else saved this after you had opened it. Nothing of yours has been saved yet: compare above, then save again"


class CuratorAdmin(OnlyItsFilters, SimpleHistoryAdmin):
    """A page of the admin with history, whose fields are the browser's own: Django's pickers are neither labelled nor allowed by our policy."""

    history_list_per_page = 25
    formfield_overrides: ClassVar[dict] = {
        models.DateTimeField: {"form_class": forms.DateTimeField, "widget": forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")},
        models.URLField: {"form_class": forms.URLField, "assume_scheme": "https"},
        models.DateField: {"form_class": forms.DateField, "widget": forms.DateInput({"type": "date"}, "%Y-%m-%d")},
    }

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["form_class"] = SeveralRows
        if db_field.name == "components":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # One line of history a save -------------------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        obj.skip_history_when_saving = True  # until what it is related to is saved, too
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        del form.instance.skip_history_when_saving
        write_lines([form.instance], by=request.user, made=not change)

    # Two people at one row ------------------------------------------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Django's form, which knows the version it was opened at and does not save over a later one unseen."""
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method != "POST":
            row = self.get_object(request, unquote(object_id))
            return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "version": self.version(request, row) if row else None})
        with transaction.atomic():
            return self.save_over_what_was_seen(request, object_id, form_url, extra_context)

    def save_over_what_was_seen(self, request, object_id, form_url, extra_context):
        """Save, or where somebody saved meanwhile, show both. The row is held until it is decided, so that of two at once one comes second."""
        row = self.get_object(request, unquote(object_id))
        version = None
        if row and self.has_change_permission(request, row):
            type(row)._base_manager.select_for_update().filter(pk=row.pk).values_list("pk").first()
            version = self.version(request, row)
            if request.POST.get("_version", version) != version:
                return self.show_clash(request, row, version, object_id, form_url)
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "version": version})

    def version(self, request, row):
        """What the form of a row remembers of its history, and of that of its inlines."""
        parts = [(part, _get_foreign_key(self.model, part.model, inline.fk_name).attname) for part, inline in self.get_formsets_with_inlines(request, row)]
        return version_of(row, [(part.model, column) for part, column in parts])

    def show_clash(self, request, row, version, object_id, form_url):
        """The form with both texts: what only the others changed is in it already, what both changed is as it was typed."""
        row.refresh_from_db()
        data = request.POST.copy()
        form = self.get_form(request, row, change=True)(instance=row)
        parts = [part(instance=row, queryset=inline.get_queryset(request)) for part, inline in self.get_formsets_with_inlines(request, row)]
        request.clash = clash_of(row, data, data.get("_version", ""), form, parts)
        request.POST = data
        response = super().changeform_view(request, object_id, form_url, {"version": version, "clash": request.clash})
        response.status_code = 409
        return response

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        return unsaved(form) if getattr(request, "clash", None) else form

    # History, and the way back --------------------------------------------------------------------------------------------

    def set_history_delta_changes(self, request, historical_records, foreign_keys_are_objs=True):
        """What each line changed, in words; the related rows of all lines are read together."""
        lines = list(historical_records)
        if lines:
            before = lines[-1].prev_record
            values = values_of_lines([*lines, *([before] if before else [])])
            words = Words(self.model, *values.values())
            for line, earlier in zip(lines, [*lines[1:], before], strict=True):
                line.changes = words.differences(values[earlier.history_id], values[line.history_id]) if earlier else []

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """One earlier version beside what is there now, and one press to put it back."""
        line = self._line(object_id, version_id)
        row = self.model._base_manager.filter(pk=getattr(line, self.opts.pk.attname)).first()
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            return self._restore(request, line, row)
        then, now = values_of_lines([line])[line.history_id], values_of([row])[row.pk] if row else {}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"An earlier version: {line.history_object}",
            "line": line,
            "row": row,
            "differences": Words(self.model, then, now).differences(now, then),
            "text": Words(self.model, then).everything(then),
            "may_restore": self.may_restore(request, row),
            "history_url": self._address("history", line),
        }
        return TemplateResponse(request, "admin/earlier_version.html", context)

    def _line(self, object_id, version_id):
        try:
            return self.model.history.get(**{self.opts.pk.attname: unquote(object_id), "history_id": version_id})
        except (self.model.history.model.DoesNotExist, ValueError, OverflowError) as error:
            raise Http404 from error

    def _address(self, page, line):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=[quote(getattr(line, self.opts.pk.attname))])

    def may_restore(self, request, row):
        """Putting an earlier version back changes the row; where it has been deleted, it is one more."""
        return self.has_change_permission(request, row) if row else self.has_add_permission(request)

    def _restore(self, request, line, row):
        if not self.may_restore(request, row):
            raise PermissionDenied
        try:
            with transaction.atomic():
                lost = restore(line, by=request.user)
                self.after_restore(line, row)
        except ValidationError as error:
            messages.error(request, f"It was not put back. {' '.join(error.messages)}")
            return HttpResponseRedirect(request.path)
        messages.success(request, f"“{line.history_object}” is as it was then." + (f" Deleted since, and so not put back: {', '.join(lost)}." if lost else ""))
        return HttpResponseRedirect(self._address("change", line))

    def after_restore(self, line, before):
        """A place to refuse a version that must not come back: raise ValidationError."""


def unsaved(form_class):
    """The form, refusing to be saved since somebody else saved its row first."""

    class Unsaved(form_class):  # type: ignore[valid-type]
        def clean(self):
            cleaned = super().clean()
            self.add_error(None, SAVED_MEANWHILE)
            return cleaned

    return Unsaved


def back(request, otherwise):
    """Where a press on the desk leads back to: the page it was on, if that is one of the admin's."""
    page = request.POST.get("next", "")
    inside = page.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(page, None)
    return HttpResponseRedirect(page if inside else otherwise)


def by_post(model_admin, view, may=None):
    """An admin's view that takes a press and nothing else, of whoever `may`: change its rows, unless said otherwise."""

    def pressed(request, *args, **kwargs):
        if not (may or model_admin.has_change_permission)(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return view(request, *args, **kwargs)

    return admin.site.admin_view(pressed)
