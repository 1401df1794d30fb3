"""Who must sign in with a code from an app as well as a password: leads, and whoever uses the admin."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect
from django.urls import reverse

WITHOUT = ("account_", "mfa_", "usersessions_")  # how the names begin of the pages of one's own account, usable before


def apps_of(user):
    """The authenticator apps that a person has set up."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)


def lacks_second_factor(user):
    """Must they have an app, and have not? One query, whoever asks."""
    if user.is_staff or user.is_superuser:
        return not apps_of(user).exists()
    return user.memberships.current().filter(~Exists(apps_of(OuterRef("user"))), role="lead").exists()


def end_other_sessions(user, request=None, **kwargs):
    """Once somebody has an app, only this session has seen it: those begun with a password alone, by whomever, end."""
    user.end_sessions(but=request.session.session_key if request is not None else None)


class SecondFactorMiddleware:
    """Before the first act of a lead, curator or administrator stands the setting up of their second factor."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        name = request.resolver_match.view_name or ""
        if name == "account" or name.startswith(WITHOUT):
            return None
        return HttpResponseRedirect(reverse("account_second_factor")) if lacks_second_factor(request.user) else None
