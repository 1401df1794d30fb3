"""The admin's header, and the portal's own pages in it."""

from django.conf import settings
from django.contrib import admin

from impact_portal.models import Page
from resources.admin import CuratorAdmin

admin.site.site_header = f"{settings.SERVICE_NAME}: curators"
admin.site.site_title = settings.SERVICE_NAME
admin.site.index_title = "Look after the catalogue"


@admin.register(Page)
class PageAdmin(CuratorAdmin):
    """Policies and the like, in Markdown."""

    list_display = ("title", "slug", "updated_at")
    prepopulated_fields = {"slug": ("title",)}
