from django.apps import AppConfig


class BulletinConfig(AppConfig):
    """The NHS IMPACT bulletin."""

    name = "bulletin"
    default_auto_field = "django.db.models.BigAutoField"
