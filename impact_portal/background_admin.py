"""Background work in the admin: what waits, who does it, what failed."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.http import require_POST
from django_tasks_db.models import DBTaskResult

from accounts.only_read import OnlyRead
from impact_portal import background
from impact_portal.models import TimetableLine, Worker
from impact_portal.timetable import TIMETABLE

MOST = 50  # of each kind on the page


@admin.register(Worker)
class BackgroundAdmin(OnlyRead, admin.ModelAdmin):
    """One page, in place of a list of workers. Nothing of what a task was given is shown."""

    def get_model_perms(self, request):
        return super().get_model_perms(request) if self.has_view_permission(request) else {}

    def get_urls(self):
        """The page, and trying again what failed; no page for one worker."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="impact_portal_worker_changelist"),
            path("<uuid:row>/again/", wrap(require_POST(self.again)), name="impact_portal_worker_again"),
        ]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = DBTaskResult.objects.order_by("-enqueued_at")
        context = {
            **self.admin_site.each_context(request),
            "title": "Background work",
            "state": background.state(),
            "start": background.START,
            "may_try_again": self.may_try_again(request),
            "waiting": named(rows.ready()[:MOST]),
            "running": named(rows.running()[:MOST]),
            "failed": named(rows.failed()[:MOST]),
            "lines": timetable(),
        }
        return TemplateResponse(request, "admin/background.html", context)

    def may_try_again(self, request):
        """Whoever may only look starts nothing."""
        return request.user.has_perm("impact_portal.change_worker")

    def again(self, request, row):
        """Put one that failed on the queue again."""
        if not self.may_try_again(request):
            raise PermissionDenied
        if background.try_again(row):
            messages.success(request, "It is on the queue again.")
        else:
            messages.warning(request, "Nothing was changed: it is no longer among those that failed.")
        return redirect("admin:impact_portal_worker_changelist")


def named(rows):
    """[(the row, what it does in words)], without what it was given."""
    return [(row, in_words(row.task_path)) for row in rows]


def timetable():
    """[(what it does, when it last began)] of each line."""
    last = dict(TimetableLine.objects.values_list("name", "slot"))
    return [(in_words(line.task.module_path), last.get(line.task.module_path)) for line in TIMETABLE]


def in_words(task_path):
    """What a task does, in the first sentence that its author wrote of it; by its name where it is no more."""
    try:
        return import_string(task_path).func.__doc__.partition(".")[0]
    except (ImportError, AttributeError):
        return task_path.rpartition(".")[2].replace("_", " ").capitalize()
