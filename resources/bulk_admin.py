"""Many resources at once in the admin: choose, see old beside new, then press."""

from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from resources.bulk_forms import FORMS, WHOLE
from resources.models import Resource
from resources.plan import Plan, held

MOST = 10_000  # resources at once
SHOWN = 500  # of them on a page


class BulkActions(admin.ModelAdmin):
    """The actions beside the list of resources, and the pages they lead to."""

    actions: tuple = ("tag", "reassign", "review", "withdraw", "publish")

    @admin.action(description="Tag: components, category, cost, sign-in, format", permissions=["change"])
    def tag(self, request, queryset):
        return self.begin(request, queryset, "tag")

    @admin.action(description="Give to an owner or deputy", permissions=["change"])
    def reassign(self, request, queryset):
        return self.begin(request, queryset, "reassign")

    @admin.action(description="Mark as reviewed, or set review dates", permissions=["change"])
    def review(self, request, queryset):
        return self.begin(request, queryset, "review")

    @admin.action(description="Withdraw", permissions=["change"])
    def withdraw(self, request, queryset):
        return self.begin(request, queryset, "withdraw")

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request, queryset):
        return self.begin(request, queryset, "publish")

    def get_urls(self):
        own = [
            path(f"{kind}/", self.admin_site.admin_view(partial(self.bulk_view, kind=kind)), name=f"resources_resource_{kind}") for kind in {**FORMS, **WHOLE}
        ]
        return [*own, *super().get_urls()]

    def begin(self, request, queryset, kind):
        """The page of an action, of what was chosen in the list."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[:MOST])
        return self.show_bulk(request, kind, FORMS[kind](), keys)

    def bulk_view(self, request, kind):
        """Ask what to do, show what it would change, do it: one address, one step a press."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        sent, form_class = request.POST if request.method == "POST" else request.GET, {**FORMS, **WHOLE}[kind]
        keys = read_keys(sent.get("ids", ""))
        step = sent.get("step") if request.method == "POST" else None
        form = form_class(request.POST) if step else form_class(initial=request.GET.dict())
        if step not in ("show", "do") or not form.is_valid():
            return self.show_bulk(request, kind, form, keys)
        with transaction.atomic():
            plan = self.plan(kind, form, keys, hold=step == "do")
            if step == "do" and plan.fingerprint == sent.get("shown"):
                return self.do_bulk(request, kind, form, plan)
        if step == "do":
            messages.warning(request, "Somebody has changed these resources since you looked. Nothing was done: look again at what would change now.")
        return self.show_bulk(request, kind, form, keys, plan)

    def plan(self, kind, form, keys, *, hold):
        """What the form would make of each of them."""
        resources = form.selected() if kind in WHOLE else Resource.objects.filter(pk__in=keys).order_by("title", "pk")
        resources = list(held(resources) if hold else resources)
        form.prepare(resources)
        return Plan(resources, form.new_values)

    def do_bulk(self, request, kind, form, plan):
        """Make the change, and go where there is more to do."""
        done, left = plan.apply(by=request.user, reason=form.reason), len(plan.refusals)
        told = f"{form.verb}: {done} resource{'' if done == 1 else 's'} changed."
        messages.success(request, f"{told} {left} left as they were." if left else told)
        return HttpResponseRedirect(reverse("admin:resources_resource_share" if kind == "share" else "admin:resources_resource_changelist"))

    def show_bulk(self, request, kind, form, keys, plan=None):
        """The form, or what it would change."""
        chosen = [] if kind in WHOLE or plan else list(Resource.objects.filter(pk__in=keys).order_by("title", "pk"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": form.title,
            "kind": kind,
            "form": form,
            "whole": kind in WHOLE,
            "chosen": chosen,
            "ids": ",".join(map(str, keys)),
            "plan": plan,
            "rows": plan.rows(SHOWN) if plan else [],
            "address": reverse(f"admin:resources_resource_{kind}"),
            "unowned": Resource.objects.unowned().count() if kind == "share" else None,
        }
        return TemplateResponse(request, "admin/resources/resource/bulk.html", context)


def read_keys(text):
    """The keys of resources, of a list in an address or a form; nonsense is left out."""
    keys = [int(part) for part in text.split(",") if part.isascii() and part.isdecimal() and len(part) < 19]
    return list(dict.fromkeys(keys))[:MOST]
