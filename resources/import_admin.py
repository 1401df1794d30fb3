"""Imports of resources in the admin: the dry run, the batch, publishing and undoing it. And the files that come and go."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.lookups import OnlyItsFilters
from resources import spreadsheet
from resources.import_apply import apply
from resources.import_columns import LABELS
from resources.import_forms import CareForm, ImportForm
from resources.import_publish import lacking, look_after
from resources.import_undo import undo
from resources.models import ImportBatch, ImportRow

A_PAGE = 50
IN_WORDS = {
    "error": "With errors",
    "duplicate": "Possible duplicates",
    "changed": "Changed",
    "new": "New",
    "unchanged": "Unchanged",
}
SAID = {"dry run": "what would change", "made": "made", "undone": "undone"}
TO_MEND, DONE = ("error", "duplicate", "changed", "new", "unchanged"), ("new", "changed", "duplicate", "error", "unchanged")
FIRST = {"dry run": TO_MEND, "made": DONE, "undone": DONE}  # which kind is shown first, if there is any


def may_import(user):
    """Curators: whoever may both add resources and change them."""
    return user.is_active and user.has_perms(["resources.add_resource", "resources.change_resource"])


@admin.action(description="Export as CSV", permissions=["view"])
def export_csv(modeladmin, request, queryset):
    """The resources chosen, as a file that the import takes."""
    return spreadsheet.catalogue("csv", queryset)


@admin.action(description="Export as an Excel workbook", permissions=["view"])
def export_xlsx(modeladmin, request, queryset):
    """The resources chosen, as a workbook that the import takes."""
    return spreadsheet.catalogue("xlsx", queryset)


def in_words(rows):
    """The same rows, their columns called what curators call them: `changed` and `noted`, each of (column, a text, another)."""
    for row in rows:
        row.changed = [(LABELS.get(column, column), old, new) for column, old, new in row.changes]
        row.noted = [(LABELS.get(column, column), value, words) for column, value, words in row.problems]
    return rows


def curators(view):
    """A page for curators alone."""

    def guarded(self, request, *args, **kwargs):
        if not may_import(request.user):
            raise PermissionDenied
        return view(self, request, *args, **kwargs)

    return guarded


def by_post(view):
    """A page that only takes what is sent."""

    def guarded(self, request, *args, **kwargs):
        return view(self, request, *args, **kwargs) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    return guarded


@admin.register(ImportBatch)
class ImportBatchAdmin(OnlyItsFilters, admin.ModelAdmin):
    """Every import: who looked at which file when, and what became of it."""

    list_display = ("reference", "file_name", "by", "made_at", "state", "applied_at")
    list_display_links = None
    list_select_related = ("by",)
    list_per_page = A_PAGE
    actions = None

    def get_urls(self):
        def page(route, view, name, **kwargs):
            return path(route, self.admin_site.admin_view(view), kwargs, name=f"resources_{name}")

        files = [
            ("template", self.template_view, "import_template"),
            ("export", self.export_view, "import_export"),
            ("<int:pk>/to-mend", self.left_view, "batch_left"),
        ]
        return [
            page("", self.changelist_view, "importbatch_changelist"),
            page("import/", self.import_view, "import"),
            page("<int:pk>/", self.batch_view, "batch"),
            page("<int:pk>/apply/", self.apply_view, "batch_apply"),
            page("<int:pk>/discard/", self.discard_view, "batch_discard"),
            page("<int:pk>/distinct/", self.distinct_view, "batch_distinct"),
            page("<int:pk>/care/", self.care_view, "batch_care"),
            page("<int:pk>/undo/", self.undo_view, "batch_undo"),
            *(page(f"{route}.{kind}", view, f"{name}_{kind}", kind=kind) for route, view, name in files for kind in ("csv", "xlsx")),
        ]

    # Who, and the list ------------------------------------------------------------------------------------------------

    def has_module_permission(self, request):
        return may_import(request.user)

    def has_view_permission(self, request, obj=None):
        return may_import(request.user)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="import", ordering="pk")
    def reference(self, batch):
        return format_html('<a href="{}">{}</a>', reverse("admin:resources_batch", args=[batch.pk]), batch.reason)

    # A file comes -----------------------------------------------------------------------------------------------------

    @curators
    def import_view(self, request):
        """Choose a file; what it would do is shown next."""
        form = ImportForm(request.POST, request.FILES, by=request.user) if request.method == "POST" else ImportForm()
        if request.method == "POST" and form.is_valid():
            return self._to(form.batch)
        return self._page(request, "import", title="Import resources", form=form)

    @curators
    def template_view(self, request, kind):
        """The template to fill in."""
        return spreadsheet.template(kind)

    @curators
    def export_view(self, request, kind):
        """All resources, as a file that changes nothing when it is imported."""
        return spreadsheet.catalogue(kind)

    @curators
    def left_view(self, request, pk, kind):
        """The rows that were left, to be mended."""
        return spreadsheet.left_rows(self._batch(pk), kind)

    # A batch ----------------------------------------------------------------------------------------------------------

    @curators
    def batch_view(self, request, pk):
        """A dry run, or what became of an import: its rows, by kind."""
        return self._show(request, self._batch(pk))

    def _show(self, request, batch, form=None):
        counts = batch.counts()
        kind = request.GET.get("kind")
        kind = kind if kind in counts else next((kind for kind in FIRST[batch.state] if counts[kind]), "new")
        rows = batch.rows.filter(kind=kind).select_related("resource").order_by("number")
        context = {
            "counts": [(kind, IN_WORDS[kind], count) for kind, count in counts.items()],
            "good": counts["new"] + counts["changed"],
            "left": counts["duplicate"] + counts["error"],
            **{f"{kind}_count": count for kind, count in counts.items()},
            "kind": kind,
            "kind_in_words": IN_WORDS[kind],
            "page": in_words(Paginator(rows, A_PAGE).get_page(request.GET.get("page"))),
        }
        context |= self._of_a_dry_run(batch) if batch.state == "dry run" else self._of_an_import(request, batch, form)
        return self._page(request, "batch", title=f"{batch.reason}: {SAID[batch.state]}", batch=batch, **context)

    def _of_a_dry_run(self, batch):
        return {"publishers": batch.new_publishers()}

    def _of_an_import(self, request, batch, form):
        lacks = lacking(batch)
        kept = batch.rows.taken().exclude(problems=[]).select_related("resource").order_by("number") if batch.undone_at else ImportRow.objects.none()
        if lacks["drafts"] and form is None and not batch.undone_at:
            form = CareForm(batch=batch, by=request.user)
        return {"form": form, "lacks": lacks, "run": batch.link_runs.first(), "kept": in_words(kept), "published": batch.resources.published().count()}

    @curators
    @by_post
    def apply_view(self, request, pk):
        """Take the good rows over."""
        batch = self._batch(pk)
        try:
            apply(batch, request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            counts = batch.counts()
            messages.success(request, f"Imported. New drafts: {counts['new']}. Changed: {counts['changed']}. Left: {counts['duplicate'] + counts['error']}.")
        return self._to(batch)

    @curators
    @by_post
    def discard_view(self, request, pk):
        """Let go of a dry run that is not to be taken over."""
        batch = self._batch(pk)
        if ImportBatch.objects.filter(pk=pk, applied_at=None).delete()[0]:
            messages.success(request, f"{batch.reason} is deleted. Nothing was imported.")
            return HttpResponseRedirect(reverse("admin:resources_import"))
        messages.error(request, "This import has been made already: it can be undone")
        return self._to(batch)

    @curators
    @by_post
    def distinct_view(self, request, pk):
        """Say of rows that they are no duplicates, or that one is after all."""
        batch = self._batch(pk)
        numbers = {int(number) for number in request.POST.getlist("row") if number.isascii() and number.isdigit() and len(number) < 7}
        if batch.state != "dry run":
            messages.error(request, "This import has been made already: import the rows that were left again")
        elif "undo" in request.POST:
            batch.untick(numbers)
        elif numbers:
            messages.success(request, f"No duplicates, and to be imported with the others: {batch.tick(numbers)}")
        else:
            messages.error(request, "Select the rows that are no duplicates")
        return self._to(batch, "?kind=duplicate")

    @curators
    @by_post
    def care_view(self, request, pk):
        """Owner, deputy, review date and sign-in label for those that lack them; publishing."""
        batch = self._batch(pk)
        form = CareForm(request.POST, batch=batch, by=request.user)
        if batch.state != "made":
            messages.error(request, "There is nothing to publish in this import")
            return self._to(batch)
        if not form.is_valid():
            return self._show(request, batch, form)
        changed = look_after(batch, form.care, request.user)
        if "publish" in request.POST:
            messages.success(request, f"{changed} resource{'' if changed == 1 else 's'} {'scheduled' if form.cleaned_data['publish_at'] else 'published'}")
        else:
            messages.success(request, f"Saved. Resources changed: {changed}")
        return self._to(batch)

    @curators
    def undo_view(self, request, pk):
        """Ask, then undo the whole import."""
        batch = self._batch(pk)
        if request.method == "POST":
            try:
                kept = undo(batch, request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, f"{batch.reason} is undone. Edited since, and left as they are: {kept}.")
            return self._to(batch)
        published = batch.resources.published().count()
        return self._page(request, "undo", title=f"Undo {batch.reason}", batch=batch, above=batch, counts=batch.counts(), published=published)

    # Pages ------------------------------------------------------------------------------------------------------------

    def _batch(self, pk):
        return get_object_or_404(ImportBatch.objects.select_related("by", "undone_by"), pk=pk)

    def _to(self, batch, query=""):
        return HttpResponseRedirect(reverse("admin:resources_batch", args=[batch.pk]) + query)

    def _page(self, request, name, **context):
        return TemplateResponse(request, f"admin/resources/importbatch/{name}.html", {**self.admin_site.each_context(request), "opts": self.opts, **context})
