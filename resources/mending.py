"""Links that were broken and are mended: whose they are, and that everybody who asked is told."""

from resources.models import Link, Report
from resources.reader_tasks import tell_of_mended


def is_broken(resource):
    """Is its link, as far as we know, broken? The checker says so of the address it has now, or a reader does and no curator has looked yet."""
    return Link.objects.broken().filter(resource=resource).exists() or resource.reports.waiting().filter(kind=Report.Kind.BROKEN).exists()


def mended(resource):
    """Call it when a link works again or a curator has given a new address: whoever asked is told, in the background, once."""
    if resource.mend_notices.exists():
        tell_of_mended.enqueue(resource.pk)
