"""The portal's own work in the background."""

from django.core.management import call_command
from django_tasks import task


@task()
def tidy():
    """Delete what is past its time."""
    call_command("tidy")
