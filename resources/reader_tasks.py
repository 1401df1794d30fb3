"""Mail to readers, in the background. Each may run twice, and may be killed half-way: no mail goes twice."""

from django_tasks import task

from resources.models import MendNotice, Report, Suggestion
from resources.reader_mails import answer, tell


@task()
def tell_of_mended(resource=None):
    """Tell readers who asked that a link works again. Those of one resource; without one, daily: whoever the mail server refused before."""
    tell(MendNotice.objects.filter(resource=resource) if resource else MendNotice.objects.mended())


@task()
def send_answers():
    """Send readers the answers that curators wrote. When one is written, and daily what the mail server has not taken yet."""
    for model in (Suggestion, Report):
        answer(model.objects.to_answer())
