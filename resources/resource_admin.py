"""Resources in the admin, with history, a preview, and what can be done to many at once."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from resources import catalogue
from resources.bulk_admin import BulkActions
from resources.bulk_forms import curators
from resources.curator_admin import CuratorAdmin, back, by_post
from resources.import_admin import export_csv, export_xlsx
from resources.models import Resource
from resources.plan import given_new_addresses
from resources.views import about
from resources.wording import in_words, join_words


class StateFilter(admin.SimpleListFilter):
    """Draft, scheduled, published or withdrawn."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [(state, state.capitalize()) for state in ("draft", "scheduled", "published", "withdrawn")]

    def queryset(self, request, queryset):
        states = {"draft": queryset.drafts, "scheduled": queryset.scheduled, "published": queryset.published, "withdrawn": queryset.withdrawn}
        chosen = states.get(self.value() or "")
        return chosen() if chosen else queryset


class NeedsFilter(admin.SimpleListFilter):
    """What the work queue sends a curator to look at."""

    title = "what it needs"
    parameter_name = "needs"

    def lookups(self, request, model_admin):
        return [
            ("owner", "Owner or review date"),
            ("review", "Review within 30 days"),
            ("overdue", "Review, overdue"),
            ("words", "Cost, sign-in or summary"),
        ]

    def queryset(self, request, queryset):
        needs = {"owner": queryset.unowned, "review": queryset.due_for_review, "overdue": queryset.overdue, "words": queryset.thin}
        chosen = needs.get(self.value() or "")
        return chosen() if chosen else queryset


class ResourceForm(forms.ModelForm):
    """One resource. It goes to readers only when somebody looks after it and says whether they must sign in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("owner", "deputy"):
            held = getattr(self.instance, f"{name}_id")
            if name in self.fields and held:  # whoever is there already may be chosen, even if they have left the desk
                self.fields[name].queryset = get_user_model().objects.filter(Q(pk=held) | Q(pk__in=curators()))

    def clean(self):
        said = super().clean()
        if said.get("published_at") and not self.initial.get("published_at"):
            lacks = Resource(**{name: said.get(name) for name in ("owner", "review_on", "sign_in")}).lacks_to_publish()
            if lacks:
                self.add_error("published_at", f"It cannot be published without {join_words(lacks)}. Add that, or leave this blank to keep it a draft")
        if said.get("owner") and said.get("owner") == said.get("deputy"):
            self.add_error("deputy", "Select somebody other than the owner")
        return said


@admin.register(Resource)
class ResourceAdmin(BulkActions, CuratorAdmin):
    """One row a resource; what is not known stays blank."""

    form = ResourceForm
    list_display = ("title", "category", "provider_names", "state", "owner", "review_on", "look")
    list_filter = (
        NeedsFilter,
        StateFilter,
        "category",
        "components",
        "url_confidence",
        "cost",
        ("owner", admin.RelatedOnlyFieldListFilter),
        ("providers", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("title", "summary", "url", "credit", "providers__name")
    date_hierarchy = "published_at"
    list_select_related = ("category", "owner")
    list_per_page = 50
    prepopulated_fields = {"slug": ("title",)}
    raw_id_fields = ("related", "successor")
    readonly_fields = ("created_at", "updated_at")
    actions = (*BulkActions.actions, export_csv, export_xlsx)
    fieldsets = (
        (None, {"fields": ("title", "slug", "providers", "credit", "category", "components", "summary")}),
        ("Where it is", {"fields": ("url", "url_confidence")}),
        (
            "Known before the click",
            {
                "fields": ("audience", "cost", "sign_in", "format", "minutes", "source_published_on", "starts_on", "ends_on"),
                "description": "Leave blank what you do not know: readers see “not stated”.",
            },
        ),
        ("In lists", {"fields": ("featured", "related")}),
        ("Looking after it", {"fields": ("owner", "deputy", "review_on")}),
        (
            "Shown to readers",
            {
                "fields": ("published_at", "withdrawn_at", "withdrawn_reason", "successor", "created_at", "updated_at"),
                "description": "A draft is published only with an owner, a review date and a sign-in label.",
            },
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("providers")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in ("owner", "deputy"):
            kwargs["queryset"] = curators()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="providers")
    def provider_names(self, resource):
        return ", ".join(provider.name for provider in resource.providers.all())

    @admin.display(description="state", ordering="published_at")
    def state(self, resource):
        return resource.state

    @admin.display(description="as a reader")
    def look(self, resource):
        return format_html('<a href="{}" aria-label="See {} as a reader does">See</a>', self.view_on_site(resource), resource.title)

    def view_on_site(self, resource):
        """The page itself where readers have one, else a preview of it."""
        if resource.state in ("published", "withdrawn"):
            return resource.get_absolute_url()
        return reverse("admin:resources_resource_preview", args=[resource.pk])

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "url" in form.changed_data:
            given_new_addresses([obj])

    def get_urls(self):
        return [
            path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="resources_resource_preview"),
            path("<int:pk>/reviewed/", by_post(self, self.reviewed), name="resources_resource_reviewed"),
            *super().get_urls(),
        ]

    def preview(self, request, pk):
        """The resource's page as readers will see it, whatever its state."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        resource = get_object_or_404(self.get_queryset(request), pk=pk)
        held = catalogue.current()
        context = about(held.complete(resource), held)
        return TemplateResponse(request, "resources/resource_detail.jinja", {**context, "catalogue": held, "preview": resource.state})

    def reviewed(self, request, pk):
        """One press: somebody has looked it over."""
        with transaction.atomic():
            resource = get_object_or_404(Resource.objects.select_for_update(), pk=pk)
            resource.review(by=request.user)
        messages.success(request, f"“{resource}” is reviewed. The next review is due on {in_words(resource.review_on)}.")
        return back(request, reverse("admin:resources_resource_change", args=[pk]))

    def after_restore(self, line, before):
        """Nothing comes to readers by the back door, either."""
        now = Resource.objects.get(pk=line.id)
        before = before or Resource.history.filter(id=line.id, history_type="-").first()
        shown_before = before.published_at and not before.withdrawn_at
        if now.published_at and not now.withdrawn_at and not shown_before and now.lacks_to_publish():
            raise ValidationError(f"Then it was published without {join_words(now.lacks_to_publish())}: add that first")
