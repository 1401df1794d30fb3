"""Resources in the admin, with history and a preview."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from resources import catalogue
from resources.curator_admin import CuratorAdmin
from resources.import_admin import export_csv, export_xlsx
from resources.models import Resource
from resources.views import about


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


@admin.register(Resource)
class ResourceAdmin(CuratorAdmin):
    """One row a resource; what is not known stays blank."""

    list_display = ("title", "category", "provider_names", "url_confidence", "state", "owner", "review_on", "look")
    list_filter = (
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
    actions = (export_csv, export_xlsx)
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
        ("Looking after it", {"fields": ("owner", "review_on", "published_at", "withdrawn_at", "withdrawn_reason", "successor", "created_at", "updated_at")}),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("providers")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "owner":  # curators alone: who else has an account here is nobody's business
            kwargs["queryset"] = get_user_model().objects.filter(is_staff=True, is_active=True)
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

    def get_urls(self):
        return [path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="resources_resource_preview"), *super().get_urls()]

    def preview(self, request, pk):
        """The resource's page as readers will see it, whatever its state."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        resource = get_object_or_404(self.get_queryset(request), pk=pk)
        held = catalogue.current()
        context = about(held.complete(resource), held)
        return TemplateResponse(request, "resources/resource_detail.jinja", {**context, "catalogue": held, "preview": resource.state})
