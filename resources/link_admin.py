"""Links in the admin: what the checker found, and mending it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path

from resources.models import Link


@admin.register(Link)
class LinkAdmin(admin.ModelAdmin):
    """The links page: grouped by what the checker found, each with what to do about it."""

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("resources.change_resource")

    has_change_permission = has_view_permission

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        """Our own pages and none of Django's: rows are made by the checker."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.links), name="resources_links"),
            path("", view(self.links), name="resources_link_changelist"),  # what the admin's own menus call it
        ]

    def links(self, request):
        """Every link that needs somebody, by verdict."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Links", "opts": self.opts}
        return TemplateResponse(request, "admin/resources/link/links.html", context)
