from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AssessmentsConfig(AppConfig):
    """The self-assessment: a framework as data, many people's ratings, one agreed answer."""

    name = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from assessments.triggers import make_triggers

        post_migrate.connect(make_triggers, sender=self, dispatch_uid="assessments.make_triggers")
