from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The wiring, and the portal's own pages."""

    name = "impact_portal"
    verbose_name = "Portal"
    default_auto_field = "django.db.models.BigAutoField"
