"""Reading paths in the admin."""

from typing import ClassVar
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from resources import catalogue
from resources.curator_admin import CuratorAdmin
from resources.models import Collection, CollectionStep, Resource
from resources.reading_paths import ReadingPath, readable

LAST = 30_000  # a place beyond any other: a step without a number comes last


class ResourceField(forms.CharField):
    """A resource, by its title or by the address of its page here: a list of all to choose from would be thousands long."""

    default_error_messages = {"required": "Enter the title of a resource, or the address of its page here"}

    def clean(self, value):
        typed = super().clean(value)
        found = list(Resource.objects.filter(slug=self.slug_of(typed))) or list(Resource.objects.filter(title__iexact=typed)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise forms.ValidationError("More than one resource has this title: enter the address of its page here")
        raise forms.ValidationError("There is no such resource: enter its title, or the address of its page here")

    def slug_of(self, typed):
        """The last part of an address, or what was typed."""
        try:
            return urlsplit(typed).path.strip("/").rpartition("/")[2][:100]
        except ValueError:
            return typed[:100]


class StepForm(forms.ModelForm):
    """A step: its place, the resource, and why it comes there."""

    position = forms.IntegerField(label="Place", required=False, min_value=0, max_value=LAST, help_text="Blank comes last")
    resource = ResourceField(label="Resource", max_length=500, widget=forms.TextInput({"class": "vTextField"}))

    class Meta:
        model = CollectionStep
        fields = ("position", "resource", "sentence")
        widgets: ClassVar[dict] = {"sentence": forms.Textarea({"rows": 2, "cols": 80})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["resource"] = self.instance.resource.slug
        else:
            self.initial["position"] = None

    def clean_position(self):
        place = self.cleaned_data["position"]
        return LAST if place is None else place


class StepInline(admin.StackedInline):
    """The steps of a path, in the order of their places."""

    model = CollectionStep
    form = StepForm
    extra = 3
    fields = ("position", "resource", "sentence", "seen")
    readonly_fields = ("seen",)
    ordering = ("position", "pk")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("resource", "collection")

    @admin.display(description="readers see")
    def seen(self, step):
        if not step.pk:
            return ""
        resource = step.resource
        link = format_html('<a href="{}">{}</a>', reverse("admin:resources_resource_change", args=[resource.pk]), resource)
        return link if resource.state == "published" else format_html("<strong>Nothing: it is {}.</strong> {}", resource.state, link)


@admin.register(Collection)
class CollectionAdmin(CuratorAdmin):
    """Ordered reading paths. One may say where to start with a component or a category."""

    list_display = ("title", "starts", "state", "step_count", "left_out", "look")
    list_select_related = ("component", "category")
    search_fields = ("title", "intro")
    prepopulated_fields = {"slug": ("title",)}
    fields = ("title", "slug", "intro", "component", "category", "position", "published_at")
    inlines = (StepInline,)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("steps__resource")

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        form.instance.renumber()

    @admin.display(description="where to start with")
    def starts(self, collection):
        return ", ".join(str(row) for row in (collection.component, collection.category) if row)

    @admin.display(description="state", ordering="published_at")
    def state(self, collection):
        return collection.state.capitalize()

    @admin.display(description="steps")
    def step_count(self, collection):
        return len(collection.steps.all())

    @admin.display(description="steps that readers do not see")
    def left_out(self, collection):
        return ", ".join(f"{resource} ({state})" for resource, state in collection.unseen())

    @admin.display(description="as a reader")
    def look(self, collection):
        return format_html('<a href="{}" aria-label="See {} as a reader does">See</a>', self.view_on_site(collection), collection.title)

    def view_on_site(self, collection):
        """A preview, which also names the steps that readers do not see."""
        return reverse("admin:resources_collection_preview", args=[collection.pk])

    def get_urls(self):
        return [path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="resources_collection_preview"), *super().get_urls()]

    def preview(self, request, pk):
        """The path as readers see it or will, whatever its state."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        collection, held = get_object_or_404(self.get_queryset(request), pk=pk), catalogue.current()
        steps = list(collection.steps.order_by("position", "pk").values_list("resource_id", "sentence"))
        records = {record.id: record for record in held.index.by_id([resource for resource, _ in steps])}
        context = {"path": ReadingPath(collection, readable(steps, records)), "preview": collection.state, "unseen": collection.unseen()}
        return TemplateResponse(request, "resources/collection_detail.jinja", {**context, "catalogue": held})
