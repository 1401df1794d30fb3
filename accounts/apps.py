from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Who is asking."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from accounts.triggers import make_triggers

        post_migrate.connect(make_triggers, sender=self, dispatch_uid="accounts.make_triggers")
