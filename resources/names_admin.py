"""Components, categories and providers in the admin."""

from django.contrib import admin

from resources.curator_admin import CuratorAdmin
from resources.models import Category, Component, Practice, Provider


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


@admin.register(Provider)
class ProviderAdmin(CuratorAdmin):
    """Who publishes."""

    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}
