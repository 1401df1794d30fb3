"""Pages of the admin on which nothing is added, changed or deleted."""


class OnlyRead:
    """A ModelAdmin that shows and writes nothing, whatever somebody may do elsewhere."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
