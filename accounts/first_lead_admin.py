"""The first lead of an organisation, which an administrator approves. The admin shows nothing else of who belongs where."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError

from accounts import letters
from accounts.lookups import OnlyItsFilters
from accounts.models import FirstLeadRequest


@admin.register(FirstLeadRequest)
class FirstLeadRequestAdmin(OnlyItsFilters, admin.ModelAdmin):
    """Requests to join organisations that nobody leads yet. Approving one makes the person its lead."""

    list_display = ("person", "organisation", "code", "created_at", "note")
    search_fields = ("organisation__name", "organisation__code", "user__email")
    actions = ("approve", "decline")

    def get_queryset(self, request):
        return super().get_queryset(request).for_first_lead().select_related("user", "organisation")

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    has_module_permission = has_view_permission

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser and obj is None  # the list, for its actions; a row has nothing to change

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="person", ordering="user__email")
    def person(self, asked):
        return f"{asked.user} ({asked.user.email})"

    @admin.display(description="ODS code", ordering="organisation__code")
    def code(self, asked):
        return asked.organisation.code

    @admin.action(description="Approve as the first lead")
    def approve(self, request, queryset):
        self._decide(request, queryset, grant=True)

    @admin.action(description="Decline")
    def decline(self, request, queryset):
        self._decide(request, queryset, grant=False)

    def _decide(self, request, queryset, *, grant):
        for asked in queryset:
            try:
                asked.decide(grant, by=request.user)
            except ValidationError as error:
                self.message_user(request, f"{asked}: {error.messages[0]}", messages.ERROR)
                continue
            letters.tell_of_decision(asked)
            self.message_user(request, f"{asked.user} {'leads' if grant else 'does not lead'} {asked.organisation}.", messages.SUCCESS)
