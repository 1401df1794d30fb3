from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ResourcesConfig(AppConfig):
    """The public catalogue."""

    name = "resources"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from resources.triggers import make_triggers

        # After every migrate, since SQLite drops a table's triggers without a word when a migration rebuilds it.
        post_migrate.connect(make_triggers, sender=self, dispatch_uid="resources.make_triggers")
