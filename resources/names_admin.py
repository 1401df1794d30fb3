"""Components, categories and providers in the admin."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from resources.bulk_admin import SHOWN, read_keys
from resources.curator_admin import CuratorAdmin
from resources.models import Category, Component, Practice, Provider, Resource
from resources.plan import Plan, held


class PracticeInline(admin.StackedInline):
    """The bullets of "what this looks like in practice"."""

    model = Practice
    extra = 1


@admin.register(Component)
class ComponentAdmin(CuratorAdmin):
    """The five components and their practices."""

    list_display = ("number", "name")
    list_display_links = ("name",)
    inlines = (PracticeInline,)


@admin.register(Category)
class CategoryAdmin(CuratorAdmin):
    """The kinds of resource, in the order readers see them."""

    list_display = ("name", "position", "slug")
    prepopulated_fields = {"slug": ("name",)}


class MergeForm(forms.Form):
    """Which of some providers stays; the others' resources move to it."""

    stays = forms.ModelChoiceField(Provider.objects.none(), empty_label=None, widget=forms.RadioSelect, label="Which one stays?")

    def __init__(self, *args, providers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stays"].queryset = providers
        self.fields["stays"].error_messages["required"] = "Select the one that stays"

    def plan(self, hold=False):
        """What becomes of the resources of the others."""
        stays = self.cleaned_data["stays"].pk
        gone = {provider.pk for provider in self.fields["stays"].queryset} - {stays}
        resources = Resource.objects.filter(providers__in=gone).distinct()
        resources = held(resources) if hold else resources.order_by("title", "pk")
        return Plan(resources, lambda resource, now: {"providers": tuple(sorted(set(now["providers"]) - gone | {stays}))})


@admin.register(Provider)
class ProviderAdmin(CuratorAdmin):
    """Who publishes."""

    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    actions = ("merge",)

    @admin.action(description="Merge into one", permissions=["change", "delete"])
    def merge(self, request, queryset):
        return self.show_merge(request, sorted(queryset.values_list("pk", flat=True)))

    def get_urls(self):
        return [path("merge/", self.admin_site.admin_view(self.merge_view), name="resources_provider_merge"), *super().get_urls()]

    def merge_view(self, request):
        """Choose which stays, see what would move, press."""
        moves = request.user.has_perm("resources.change_resource")  # their resources are changed too
        if not (moves and self.has_change_permission(request) and self.has_delete_permission(request)):
            raise PermissionDenied
        keys = read_keys(request.POST.get("ids", ""))
        step = request.POST.get("step")
        if step not in ("show", "do"):
            return self.show_merge(request, keys)
        form = MergeForm(request.POST, providers=Provider.objects.filter(pk__in=keys))
        if len(form.fields["stays"].queryset) < 2 or not form.is_valid():
            return self.show_merge(request, keys, form)
        with transaction.atomic():
            plan = form.plan(hold=step == "do")
            if step == "do" and plan.fingerprint == request.POST.get("shown"):
                return self.do_merge(request, form, plan)
        if step == "do":
            messages.warning(request, "Somebody has changed these resources since you looked. Nothing was done: look again at what would change now.")
        return self.show_merge(request, keys, form, plan)

    def do_merge(self, request, form, plan):
        """Move the resources, then let the others go; their addresses lead to the one that stays."""
        stays = form.cleaned_data["stays"]
        moved = plan.apply(by=request.user, reason="Providers merged")
        for provider in form.fields["stays"].queryset.exclude(pk=stays.pk):
            provider.merge_into(stays, by=request.user)
        messages.success(request, f"Merged into {stays}: {moved} resource{'' if moved == 1 else 's'} moved. Old addresses lead to {stays}.")
        return HttpResponseRedirect(reverse("admin:resources_provider_change", args=[stays.pk]))

    def show_merge(self, request, keys, form=None, plan=None):
        """The question, or what the answer would change."""
        providers = Provider.objects.filter(pk__in=keys)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Merge providers",
            "providers": providers,
            "form": form or MergeForm(providers=providers),
            "ids": ",".join(map(str, keys)),
            "plan": plan,
            "rows": plan.rows(SHOWN) if plan else [],
        }
        return TemplateResponse(request, "admin/resources/provider/merge.html", context)
