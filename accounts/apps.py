from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Who is asking."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from allauth.mfa.signals import authenticator_added

        from accounts.curators import give_new_models
        from accounts.mfa import end_other_sessions
        from accounts.triggers import make_triggers

        authenticator_added.connect(end_other_sessions, dispatch_uid="accounts.end_other_sessions")
        post_migrate.connect(make_triggers, sender=self, dispatch_uid="accounts.make_triggers")
        post_migrate.connect(give_new_models, dispatch_uid="accounts.give_new_models")  # of every app, after Django has made its permissions
