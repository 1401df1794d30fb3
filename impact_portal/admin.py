"""The admin's header, and the portal's own pages in it."""

from allauth.account import views as account_views
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.contrib.contenttypes import views as content_types
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from impact_portal import background, background_admin  # noqa: F401  it registers itself
from impact_portal.models import Page
from resources import desk
from resources.curator_admin import CuratorAdmin

admin.site.site_header = f"{settings.SERVICE_NAME}: curators"
admin.site.site_title = settings.SERVICE_NAME
admin.site.index_title = "Work queue"

# One door: the admin has no sign-in, sign-out or password page of its own, whose guesses nobody would count
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.logout = account_views.logout  # type: ignore[method-assign]
admin.site.password_change = account_views.password_change  # type: ignore[method-assign]

admin.site.unregister(DBTaskResult)  # what waits is told in words, and a curator has no business with its arguments


def view_on_site(request, content_type_id, object_id, shortcut=content_types.shortcut):
    """Django's own way from a row to its page, which falls over an odd identifier where a model's are UUIDs."""
    try:
        return shortcut(request, content_type_id, object_id)
    except ValidationError as error:
        raise Http404 from error


content_types.shortcut = view_on_site  # type: ignore[assignment]


def catalogue_first(request, app_label=None):
    """The admin's index: what curators come for stands first."""
    apps = admin.AdminSite.get_app_list(admin.site, request, app_label)
    return sorted(apps, key=lambda app: app["app_label"] != "resources")


admin.site.get_app_list = catalogue_first  # type: ignore[method-assign]


def background_section(user):
    """What is amiss with the work in the background, where anything is: nothing else on the desk moves without it."""
    told = list(background.state().sentences()) if user.has_perm("impact_portal.view_worker") else []
    if told:
        yield desk.Section(
            "background", "Background work", len(told), [], reverse("admin:impact_portal_worker_changelist"), ". ".join(told) + ".", "Look at it"
        )


def queue_first(request, extra_context=None):
    """The admin's home: the work queue, put together from every room that has work for this person, then the lists of everything."""
    sections = [*background_section(request.user), *desk.sections(request.user)]
    waiting = [section for section in sections if section.count]
    at_rest = [section for section in sections if not section.count]
    return admin.AdminSite.index(admin.site, request, {"sections": sections, "waiting": waiting, "at_rest": at_rest, **(extra_context or {})})


admin.site.index = queue_first  # type: ignore[method-assign]


@admin.register(Page)
class PageAdmin(CuratorAdmin):
    """Policies and the like, in Markdown."""

    list_display = ("title", "slug", "updated_at")
    prepopulated_fields = {"slug": ("title",)}
