"""Mail to readers, in the background. Each may run twice, and may be killed half-way: no mail goes twice."""

from django_tasks import task

from resources.models import MendNotice
from resources.reader_mails import tell


@task()
def tell_of_mended(resource=None):
    """Tell everybody who asked that the link of a resource works again. Without one, daily: whoever the mail server refused before."""
    tell(MendNotice.objects.filter(resource=resource) if resource else MendNotice.objects.mended())
