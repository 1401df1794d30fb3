"""Words that readers search with, in the admin."""

from django.contrib import admin

from accounts.lookups import OnlyItsFilters
from resources.curator_admin import CuratorAdmin
from resources.models import FailedSearch, Synonym


@admin.register(Synonym)
class SynonymAdmin(CuratorAdmin):
    """Acronyms and everyday words: search looks for each in place of the other."""

    list_display = ("term", "means", "note")
    search_fields = ("term", "means")


@admin.register(FailedSearch)
class FailedSearchAdmin(OnlyItsFilters, admin.ModelAdmin):
    """What readers looked for and did not find. Only read: a synonym or a resource is the answer."""

    list_display = ("words", "day", "times")
    search_fields = ("words",)
    date_hierarchy = "day"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
