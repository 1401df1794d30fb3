"""What readers wrote, in the admin: the curators' lists of it, and what one press does with each."""

from typing import ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify

from accounts.lookups import OnlyItsFilters
from accounts.only_read import OnlyRead
from resources.mending import mended
from resources.models import Link, Report, Resource, Suggestion, UsefulCount
from resources.reader_tasks import send_answers


class WaitingFilter(admin.SimpleListFilter):
    """What waits, unless somebody asks for the rest."""

    title = "what to show"
    parameter_name = "show"

    def lookups(self, request, model_admin):
        return [("done", "Dealt with"), ("all", "All")]

    def choices(self, changelist):
        yield {"selected": self.value() is None, "query_string": changelist.get_query_string(remove=[self.parameter_name]), "display": "Waiting"}
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request, queryset):
        kinds = {None: queryset.waiting(), "done": queryset.exclude(handled_at=None)}
        return kinds.get(self.value(), queryset)


class AnswerForm(forms.ModelForm):
    """What a curator answers, or nothing."""

    def clean(self):
        text, done = self.cleaned_data.get("answer", ""), "_done" in self.data
        if done and text:
            raise ValidationError("You have written an answer: send it, or empty the box to close this without one")
        if not done and "answer" in self.fields and not text and "answer" not in self.errors:
            raise ValidationError({"answer": "Enter an answer, or press “Done, without an answer”"})
        return self.cleaned_data


class FromReadersAdmin(OnlyItsFilters, admin.ModelAdmin):
    """Rows that readers wrote: read, answered, closed. Nobody adds one here or changes a word of it."""

    form = AnswerForm
    change_form_template = "admin/resources/from_readers.html"
    actions = ("mark_done",)
    list_per_page = 50
    ordering = ("made_at", "pk")
    said: ClassVar[tuple] = ()  # what the reader wrote

    def has_add_permission(self, request):
        return False

    def get_fields(self, request, obj=None):
        return (*self.said, "made_at", "reader", *(("answer",) if self.may_answer(obj) else ("what_became", "handled_at", "handled_by")))

    def get_readonly_fields(self, request, obj=None):
        return [field for field in self.get_fields(request, obj) if field != "answer"]

    def may_answer(self, obj):
        return obj is not None and obj.is_waiting and bool(obj.email)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("resource", "handled_by")

    def save_model(self, request, obj, form, change):
        """Close it, with the answer that was typed."""
        self.close(request, obj, form.cleaned_data.get("answer", ""), typed=request.POST.get("answer", ""))

    def close(self, request, row, answer="", typed=""):
        """Deal with it once, and send the answer in the background. Where another curator was first, what was typed comes back. Was this the first?"""
        first = row.done(by=request.user, answer=answer)
        if not first:
            unsent = f" Your answer was not sent. You wrote: {typed[:2000]}" if typed else ""
            self.message_user(request, f"Somebody had dealt with this already: {row}.{unsent}", messages.WARNING)
        elif answer:
            send_answers.enqueue()
        return first

    @admin.action(description="Done, without an answer", permissions=["change"])
    def mark_done(self, request, queryset):
        for row in queryset.waiting():
            self.close(request, row)
            self.log_change(request, row, "Dealt with, without an answer")
        self.message_user(request, "Done.")

    @admin.display(description="sent", ordering="made_at")
    def sent(self, row):
        return timezone.localtime(row.made_at).strftime("%-d %B %Y")

    @admin.display(description="address for an answer")
    def reader(self, row):
        return row.email or "None, or deleted"

    @admin.display(description="answer")
    def what_became(self, row):
        return f"{row.answer_in_words()}. {row.answer}".strip()

    @admin.display(description="what to do")
    def presses(self, row):
        return self.buttons(row, "", row) if row.is_waiting else "Dealt with"

    def buttons(self, row, after, name):
        """A button for each thing to do with it; they send the form around them elsewhere."""
        rows = ((self.address(verb, row), words, name) for verb, words in self.verbs(row))
        button = '<button type="submit" class="button" formaction="{}" formnovalidate>{}<span class="visually-hidden"> ({})</span></button> '
        return format_html("{}{}", format_html_join("", button, rows), after)

    def address(self, verb, row):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{verb}", args=[row.pk])

    def verbs(self, row):
        """(the name of a route, the words on its button)."""
        return [("done", "Done")]

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [path("<int:pk>/done/", self.admin_site.admin_view(self.on_press), {"act": self.press_done}, name=f"{name}_done"), *super().get_urls()]

    def on_press(self, request, pk, act):
        """One press on a button, by POST alone; then back to the list."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        words = act(request, row)
        self.log_change(request, row, words)
        self.message_user(request, f"{words}: {row}")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def press_done(self, request, row):
        self.close(request, row)
        return "Dealt with, without an answer"

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        waits = obj is not None and obj.is_waiting and self.has_change_permission(request, obj)
        context |= {"waits": waits, "may_answer": waits and self.may_answer(obj), "presses": waits and self.presses_on_page(obj)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def presses_on_page(self, row):
        return [(self.address(verb, row), words) for verb, words in self.verbs(row) if verb != "done"]


@admin.register(Suggestion)
class SuggestionAdmin(FromReadersAdmin):
    """Resources that readers miss."""

    list_display = ("title", "url", "sent", "row", "presses")
    list_filter = (WaitingFilter,)
    search_fields = ("title", "url", "why")
    said = ("title", "url", "why", "row")

    @admin.display(description="row made of it")
    def row(self, suggestion):
        made = suggestion.resource
        return format_html('<a href="{}">{}</a>', reverse("admin:resources_resource_change", args=[made.pk]), made) if made else "None yet"

    def verbs(self, suggestion):
        return [*([] if suggestion.resource_id else [("draft", "Make a draft of it")]), *super().verbs(suggestion)]

    def get_urls(self):
        return [path("<int:pk>/draft/", self.admin_site.admin_view(self.draft), name="resources_suggestion_draft"), *super().get_urls()]

    def draft(self, request, pk):
        """The form for a new resource, with the title and address that the reader gave and nothing else. Saved, it is linked with the suggestion."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        suggestion = get_object_or_404(Suggestion, pk=pk)
        if suggestion.resource_id:
            return redirect("admin:resources_resource_change", suggestion.resource_id)
        if request.method == "POST" and "title" not in request.POST:  # from a button of the list
            return redirect(request.path)
        return draft_admin(self.admin_site, suggestion).add_view(request)


def draft_admin(site, suggestion):
    """The admin's page of resources, for one that is made of a suggestion."""

    class DraftAdmin(type(site.get_model_admin(Resource))):
        def get_changeform_initial_data(self, request):
            return {"title": suggestion.title, "url": suggestion.url, "slug": slugify(suggestion.title)[:100]}

        def save_model(self, request, obj, form, change):
            super().save_model(request, obj, form, change)
            Suggestion.objects.filter(pk=suggestion.pk).update(resource=obj)
            if not suggestion.email:  # nobody waits for an answer
                suggestion.done(by=request.user)

    return DraftAdmin(Resource, site)


@admin.register(Report)
class ReportAdmin(FromReadersAdmin):
    """Problems that readers saw."""

    list_display = ("name", "about_resource", "short", "sent", "presses")
    list_filter = (WaitingFilter, "kind")
    search_fields = ("text", "resource__title")
    said = ("name", "text", "about_resource", "its_link", "waiting_for_it")

    @admin.display(description="what is wrong", ordering="kind")
    def name(self, report):
        return report.get_kind_display()

    @admin.display(description="in their words")
    def short(self, report):
        return report.text if len(report.text) < 120 else f"{report.text[:117]}..."

    @admin.display(description="resource")
    def about_resource(self, report):
        return format_html('<a href="{}">{}</a>', reverse("admin:resources_resource_change", args=[report.resource_id]), report.resource)

    @admin.display(description="its address")
    def its_link(self, report):
        return format_html('<a href="{0}">{0}</a>', report.resource.url)

    @admin.display(description="who wait to be told that it is mended")
    def waiting_for_it(self, report):
        return report.resource.mend_notices.count()

    def verbs(self, report):
        broken = [("works", "The link works")] if report.kind == Report.Kind.BROKEN else []
        return [("check", "Check its link"), *broken, *super().verbs(report)]

    def get_urls(self):
        press = self.admin_site.admin_view(self.on_press)
        return [
            path("<int:pk>/check/", press, {"act": self.press_check}, name="resources_report_check"),
            path("<int:pk>/works/", press, {"act": self.press_works}, name="resources_report_works"),
            *super().get_urls(),
        ]

    def press_check(self, request, report):
        """Have the checker look at its link next."""
        now = timezone.now()
        Link.objects.update_or_create(resource=report.resource, defaults={"due_at": now}, create_defaults={"address": report.resource.url, "due_at": now})
        return "Its link is checked next"

    def press_works(self, request, report):
        """A curator has looked: the link works. Whoever waits for it is told."""
        if not self.close(request, report):
            return "Nothing was changed"
        mended(report.resource)
        return "The link works, and whoever asked is told"


@admin.register(UsefulCount)
class UsefulCountAdmin(OnlyRead, OnlyItsFilters, admin.ModelAdmin):
    """What readers say of each resource, once five have: those that help least come first. Only read."""

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Was it useful?", "rows": UsefulCount.objects.by_resource()[:500]}
        return TemplateResponse(request, "admin/resources/useful.html", {**context, **(extra_context or {})})
