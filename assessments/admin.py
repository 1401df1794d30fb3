"""Frameworks in the admin: looked at, brought in from a file in two steps, taken out, and published. For administrators alone.

No words are edited here: a file is, and comes in again. What is published is refused in words here, and by the database itself.
"""

from dataclasses import asdict
from hashlib import sha256

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.lookups import OnlyItsFilters
from assessments import framework_import, pick_admin  # noqa: F401  the second registers itself
from assessments.framework_file import TAKEN
from assessments.framework_import import Plan
from assessments.framework_text import FrameworkFileError, FrameworkText
from assessments.framework_views import by_component, file_response
from assessments.models import Framework
from resources.wording import in_words
from resources.workbook import LARGEST

SALT = "assessments.admin.import"
LASTS = 3600  # seconds from a dry run to its confirmation


class FrameworkFileForm(forms.Form):
    """A framework's file. Valid where it says a whole framework."""

    file = forms.FileField(label="The framework’s file", help_text="YAML or an Excel workbook (.xlsx) as an export gives it, 5 MB at most.")
    faults = ()

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError("Choose a file of 5 MB at most")
        try:
            self.plan = framework_import.plan(file.read(), file.name)
        except FrameworkFileError as error:
            self.faults = error.faults
            raise ValidationError("This file cannot come in: correct what is listed below, and choose it again") from error
        return file


def hold(plan):
    """A plan as text that the browser keeps for us, and cannot alter."""
    return signing.dumps({"text": asdict(plan.text), "before": _fingerprint(plan.before)}, salt=SALT, compress=True)


def let_go(held):
    """The plan as of now, and whether it replaces what it did when it was shown. Raises BadSignature for altered or old text."""
    found = signing.loads(held, salt=SALT, max_age=LASTS)
    text = FrameworkText.from_dict(found["text"])
    draft = Framework.objects.filter(slug=text.slug).first()
    plan = Plan(text, FrameworkText.of(draft) if draft else None)
    return plan, _fingerprint(plan.before) == found["before"]


def _fingerprint(text):
    return sha256(repr(text).encode("utf-8", "surrogatepass")).hexdigest()


@admin.register(Framework)
class FrameworkAdmin(OnlyItsFilters, admin.ModelAdmin):
    """The editions of the self-assessment."""

    list_display = ("title", "edition", "slug", "questions_here", "state")
    fields = readonly_fields = ("title", "edition", "slug", "state", "note", "source")
    actions = None
    view_on_site = False
    change_form_template = "admin/assessments/framework/change_form.html"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(total=Count("questions"))

    @admin.display(description="questions")
    def questions_here(self, framework):
        return framework.total

    @admin.display(description="state", ordering="published_at")
    def state(self, framework):
        return f"published {in_words(framework.published_at)}" if framework.is_published else "draft"

    # Who may ------------------------------------------------------------------------------------------------------

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        """A draft can go."""
        return self.has_module_permission(request) and not (obj and obj.is_published)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def _must_be_administrator(self, request):
        if not self.has_module_permission(request):
            raise PermissionDenied

    # Pages --------------------------------------------------------------------------------------------------------

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="assessments_framework_import"),
            path("<int:pk>/publish/", view(self.publish_view), name="assessments_framework_publish"),
            path("<int:pk>/export.yaml", view(self.export_view), {"suffix": ".yaml"}, name="assessments_framework_yaml"),
            path("<int:pk>/export.xlsx", view(self.export_view), {"suffix": ".xlsx"}, name="assessments_framework_xlsx"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """A framework whole, to read. Whatever is sent here is refused in words."""
        framework = self.get_object(request, object_id)
        if request.method == "POST" and framework and self.has_view_permission(request):
            messages.error(request, TAKEN if framework.is_published else "Nothing is edited here: change the file and import it again.")
            return HttpResponseRedirect(request.path)
        shown = {"components": by_component(framework.with_everything())} if framework else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **shown, "framework": framework})

    def delete_view(self, request, object_id, extra_context=None):
        """A draft goes; what is published stays, and the page says why."""
        framework = self.get_object(request, object_id)
        if framework and framework.is_published and self.has_view_permission(request):
            messages.error(request, "This framework is published: rounds use it and reports cite it, so it is never deleted.")
            return HttpResponseRedirect(reverse("admin:assessments_framework_change", args=[framework.pk]))
        return super().delete_view(request, object_id, extra_context)

    def export_view(self, request, pk, suffix):
        """A framework as a file, a draft too."""
        self._must_be_administrator(request)
        return file_response(get_object_or_404(Framework, pk=pk), suffix)

    def publish_view(self, request, pk):
        """Ask, then fix a draft for good."""
        self._must_be_administrator(request)
        framework = get_object_or_404(Framework, pk=pk)
        page = HttpResponseRedirect(reverse("admin:assessments_framework_change", args=[pk]))
        if framework.is_published:
            messages.error(request, TAKEN)
            return page
        if request.method != "POST":
            return self._page(request, "publish", f"Publish {framework}", framework=framework, total=framework.questions.count())
        try:
            framework_import.publish(framework.slug, by=request.user)
        except ValidationError as error:
            messages.error(request, f"It was not published. {' '.join(error.messages)}.")
        else:
            messages.success(request, f"Published: anybody can read it at {framework.get_absolute_url()}, and nothing of it can change.")
        return page

    # The import ---------------------------------------------------------------------------------------------------

    def import_view(self, request):
        """Upload, look at what would come, confirm."""
        self._must_be_administrator(request)
        if "held" in request.POST:
            return self._confirm(request)
        form = FrameworkFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            return self._show(request, plan=form.plan, held=hold(form.plan))
        return self._show(request, form=form)

    def _confirm(self, request):
        """Write exactly what was shown as a draft, if it still replaces what it did then."""
        try:
            plan, is_as_shown = let_go(request.POST["held"])
            if not is_as_shown:
                messages.warning(request, "The draft here has changed meanwhile. Nothing was imported: look at what would come now.")
                return self._show(request, plan=plan, held=hold(plan))
            framework = framework_import.apply(plan, by=request.user)
        except signing.BadSignature:
            messages.error(request, "This page was more than an hour old, or what it sent was altered. Nothing was imported: choose the file again.")
            return self._show(request, form=FrameworkFileForm(), status=400)
        except FrameworkFileError as error:
            messages.error(request, f"Nothing was imported. {error}")
            return self._show(request, form=FrameworkFileForm())
        messages.success(request, "Imported as a draft. Read it through, then publish it.")
        return HttpResponseRedirect(reverse("admin:assessments_framework_change", args=[framework.pk]))

    def _show(self, request, status=200, **context):
        return self._page(request, "import", "Import a framework", status, **context)

    def _page(self, request, name, title, status=200, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/assessments/framework/{name}.html", context, status=status)
