"""Mail to readers, in the background. Each may run twice, and may be killed half-way: no mail goes twice."""

from django_tasks import task

from resources.models import MendNotice, Report, Suggestion
from resources.reader_mails import answer, tell


@task()
def tell_of_mended(resource=None):
    """Tell everybody who asked that the link of a resource works again. Without one, daily: whoever the mail server refused before."""
    tell(MendNotice.objects.filter(resource=resource) if resource else MendNotice.objects.mended())


@task()
def send_answers():
    """Send what curators have answered and the mail server has not taken yet: when one is written, and daily."""
    for model in (Suggestion, Report):
        answer(model.objects.to_answer())
