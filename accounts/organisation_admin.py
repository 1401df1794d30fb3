"""Organisations in the admin: looked up and corrected, imported from ODS, and merged by two administrators."""

import hashlib
from datetime import date
from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from simple_history.admin import SimpleHistoryAdmin

from accounts import ods
from accounts.etr import LARGEST
from accounts.kinds import REGION
from accounts.lookups import OnlyItsFilters
from accounts.models import AuditEntry, FormerName, Merger, Organisation, Placement

SALT = "accounts.organisation_admin.import"
LASTS = 3600  # seconds from a dry run to its confirmation
HELD_AT_MOST = 2_000_000  # characters: below what Django takes in a form
DATES: dict = {models.DateField: {"form_class": forms.DateField, "widget": forms.DateInput({"type": "date"}, "%Y-%m-%d")}}  # the browser's own picker


class OpenFilter(admin.SimpleListFilter):
    """Open or closed, as of today."""

    title = "open or closed"
    parameter_name = "open"

    def lookups(self, request, model_admin):
        return [("yes", "Open"), ("no", "Closed")]

    def queryset(self, request, queryset):
        is_open = Organisation.objects.open().values("pk")
        chosen = {"yes": queryset.filter(pk__in=is_open), "no": queryset.exclude(pk__in=is_open)}
        return chosen.get(self.value() or "", queryset)


class RegionFilter(admin.SimpleListFilter):
    """The region it belongs to today."""

    title = "region"
    parameter_name = "region"

    def lookups(self, request, model_admin):
        return Organisation.objects.filter(kind=REGION).values_list("code", "name")

    def queryset(self, request, queryset):
        is_known = self.value() in {code for code, _ in self.lookup_choices}
        return queryset.filter(region_code=self.value()) if is_known else queryset


class PlacementInline(admin.StackedInline):
    """Where it belonged, and since when: a move is a new line, so that old pages keep the old place."""

    model = Placement
    fk_name = "organisation"
    extra = 0
    can_delete = False
    formfield_overrides: ClassVar[dict] = DATES


class FormerNameInline(admin.StackedInline):
    """What it was called: people still search for it."""

    model = FormerName
    extra = 0
    formfield_overrides: ClassVar[dict] = DATES


class ImportForm(forms.Form):
    """The list of trusts, and the day it speaks of. Valid when there is a plan."""

    file = forms.FileField(
        label="The list of NHS trusts (etr)", help_text="The CSV file as the Organisation Data Service publishes it: 27 columns, no header, 5 MB at most."
    )
    as_of = forms.DateField(
        label="As of",
        help_text="The day of the edition: new names, regions and ICBs hold from then on.",
        initial=timezone.localdate,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def clean_file(self):
        if self.cleaned_data["file"].size > LARGEST:
            raise ValidationError("Choose a file of 5 MB at most")
        return self.cleaned_data["file"].read()

    def clean(self):
        if self.errors:
            return
        content, as_of = self.cleaned_data["file"], self.cleaned_data["as_of"]
        try:
            self.plan = ods.plan(content, as_of)
        except ods.OdsError as error:
            raise ValidationError(str(error)) from error
        self.held = hold(content, self.plan)
        if len(self.held) > HELD_AT_MOST:
            raise ValidationError("This file is too large for this page: use manage.py import_ods.")


def hold(content, plan):
    """A file's bytes and the dry run of them as text that the browser keeps for us, and cannot alter."""
    held = {"content": content.decode("latin-1"), "as_of": plan.as_of.isoformat(), "shown": fingerprint(plan)}
    return signing.dumps(held, salt=SALT, compress=True)


def let_go(held):
    """The bytes, their plan as of now, and whether it is still the one shown. Raises BadSignature for altered or old text."""
    found = signing.loads(held, salt=SALT, max_age=LASTS)
    content = found["content"].encode("latin-1")
    plan = ods.plan(content, date.fromisoformat(found["as_of"]))
    return content, plan, fingerprint(plan) == found["shown"]


def fingerprint(plan):
    return hashlib.sha256(repr(plan).encode()).hexdigest()


@admin.register(Organisation)
class OrganisationAdmin(OnlyItsFilters, SimpleHistoryAdmin):
    """Bodies of the NHS. None is ever deleted: it closes."""

    list_display = ("name", "code", "kind", "region", "icb", "opened", "closed")
    list_filter = (OpenFilter, "kind", RegionFilter)
    list_per_page = 50
    search_fields = ("code", "name", "former_names__name")
    search_help_text = "Code, name or former name"
    fields = ("code", "name", "kind", "opened", "closed", "fictional")
    inlines = (PlacementInline, FormerNameInline)
    formfield_overrides: ClassVar[dict] = DATES

    def get_queryset(self, request):
        placed = Placement.objects.filter(organisation=OuterRef("pk"), since__lte=timezone.localdate()).order_by("-since")
        annotations = {"region_name": "region__name", "region_code": "region__code", "icb_name": "icb__name"}
        return super().get_queryset(request).annotate(**{name: Subquery(placed.values(field)[:1]) for name, field in annotations.items()})

    @admin.display(description="region", ordering="region_name", empty_value="not known")
    def region(self, organisation):
        return organisation.region_name

    @admin.display(description="ICB", ordering="icb_name", empty_value="not known")
    def icb(self, organisation):
        return organisation.icb_name

    def has_delete_permission(self, request, obj=None):
        return False

    def save_related(self, request, form, formsets, change):
        """A name given up by hand stays as a former name, as with an import."""
        super().save_related(request, form, formsets, change)
        if change and "name" in form.changed_data:
            FormerName.objects.get_or_create(organisation=form.instance, name=form.initial["name"], defaults={"until": timezone.localdate()})

    # The import -------------------------------------------------------------------------------------------------------

    def get_urls(self):
        return [path("import/", self.admin_site.admin_view(self.import_view), name="accounts_organisation_import"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {**(extra_context or {}), "may_import": request.user.is_superuser})

    def import_view(self, request):
        """Upload, look at what would change, confirm: for administrators."""
        if not request.user.is_superuser:
            raise PermissionDenied
        if "held" in request.POST:
            return self._confirm(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._show(request, plan=form.plan, held=form.held)
        return self._show(request, form=form)

    def _confirm(self, request):
        """Apply exactly the bytes that were shown, if they still come to what was shown."""
        try:
            content, plan, is_as_shown = let_go(request.POST["held"])
            if not is_as_shown:
                messages.warning(request, "The organisations here have changed meanwhile. Nothing was imported: look at what would change now.")
                return self._show(request, plan=plan, held=hold(content, plan))
            ods.apply(plan, request.user, allow_closures="allow_closures" in request.POST)
        except signing.BadSignature:
            messages.error(request, "This page was more than an hour old, or what it sent was altered. Nothing was imported: choose the file again.")
            return self._show(request, form=ImportForm(), status=400)
        except ods.OdsError as error:
            messages.error(request, f"Nothing was imported. {error}")
            return self._show(request, plan=plan, held=request.POST["held"])
        messages.success(request, f"Imported. Organisations made or changed: {len(plan.changes)}. Rows refused: {len(plan.refused)}.")
        return HttpResponseRedirect(reverse("admin:accounts_organisation_changelist"))

    def _show(self, request, status=200, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Import from ODS", **context}
        return TemplateResponse(request, "admin/accounts/organisation/import.html", context, status=status)


class MergerForm(forms.ModelForm):
    """Proposing a merger, once. (Django leaves that constraint to the database, since its condition is no field of this form.)"""

    def clean_on(self):
        predecessor, on = self.cleaned_data.get("predecessor"), self.cleaned_data["on"]
        if predecessor and predecessor.opened and on < predecessor.opened:
            raise ValidationError("Enter a day after the predecessor opened")
        return on

    def clean(self):
        parties = {field: self.cleaned_data.get(field) for field in ("predecessor", "successor")}
        if all(parties.values()) and Merger.objects.filter(**parties, undone_at=None).exists():
            raise ValidationError("This merger has been proposed already")
        return super().clean()


@admin.register(Merger)
class MergerAdmin(OnlyItsFilters, admin.ModelAdmin):
    """Mergers: one administrator proposes, another approves; either step can be seen, and the whole undone."""

    form = MergerForm
    list_display = ("predecessor", "successor", "on", "state", "proposed_by", "approved_by", "undone_by", "shared_by")
    list_select_related = ("predecessor", "successor", "proposed_by", "approved_by", "undone_by", "shared_by")
    actions = ("approve", "share", "undo")
    formfield_overrides: ClassVar[dict] = DATES

    @admin.display(description="state")
    def state(self, merger):
        if merger.undone_at:
            return "undone"
        if merger.shared_at:
            return "agreed, work shared"
        return "agreed" if merger.approved_at else "waits for a second administrator"

    def get_fields(self, request, obj=None):
        proposed = ("predecessor", "successor", "on")
        return proposed if obj is None else (*proposed, "state", "proposed_by", "approved_by", "undone_by", "shared_by")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        return super().formfield_for_foreignkey(db_field, request, queryset=Organisation.objects.that_people_join(), **kwargs)

    def has_decide_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request):
        return self.has_decide_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.has_decide_permission(request)

    def has_add_permission(self, request):
        return self.has_decide_permission(request)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, merger, form, change):
        merger.proposed_by = request.user
        super().save_model(request, merger, form, change)
        note("proposed_merger", merger, request.user)

    @admin.action(description="Approve (a second administrator)", permissions=["decide"])
    def approve(self, request, queryset):
        self._each(request, queryset, Merger.approve, "approved_merger")

    @admin.action(description="Let the successor read the predecessor’s submitted work", permissions=["decide"])
    def share(self, request, queryset):
        self._each(request, queryset, Merger.share, "shared_after_merger")

    @admin.action(description="Undo", permissions=["decide"])
    def undo(self, request, queryset):
        self._each(request, queryset, Merger.undo, "undid_merger")

    def _each(self, request, queryset, step, verb):
        """Take a step with each merger chosen; one that refuses leaves the others alone, and says why."""
        for pk in queryset.values_list("pk", flat=True):
            try:
                with transaction.atomic():
                    merger = Merger.objects.select_for_update().get(pk=pk)
                    step(merger, by=request.user)
                    note(verb, merger, request.user)
            except ValidationError as error:
                messages.error(request, f"{merger}: {' '.join(error.messages)}")
            else:
                messages.success(request, f"{merger}: {AuditEntry.VERBS[verb]}")


def note(verb, merger, by):
    """A line in the predecessor's log."""
    AuditEntry.objects.note(verb, by=by, organisation=merger.predecessor, merger=merger.pk, successor=merger.successor.code)
