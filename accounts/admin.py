"""The people who can sign in, as administrators see them.

An administrator has no way into an organisation's pages, so none into another person's account either: no password and no
address of somebody else can be set here, and nobody is deleted. A new person sets a password by the reset mail.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin

from accounts import first_lead_admin, organisation_admin  # noqa: F401  they register themselves
from accounts.lookups import OnlyItsFilters
from accounts.models import User

for theirs in (EmailAddress, Authenticator, UserSession):  # a person's own, behind their own sign-in
    admin.site.unregister(theirs)


@admin.register(User)
class PersonAdmin(OnlyItsFilters, admin.ModelAdmin):
    """Who may sign in, and who may use the admin."""

    ordering = ("email",)
    list_display = ("email", "name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "name"), "description": "A new person sets their password by “Forgotten your password?” on the sign-in page."}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def get_readonly_fields(self, request, obj=None):
        return ("last_login", "date_joined", *(["email"] if obj else []))

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)
