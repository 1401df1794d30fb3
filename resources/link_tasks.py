"""Checking links in the background. Each may run twice, and may be killed half-way: what it had not done yet is still due."""

from django.conf import settings
from django_tasks import task

from resources import link_run
from resources.models import Link, LinkRun


@task(queue_name="slow")
def check_links_due(run_id=None):
    """Check the links that are due. Daily, or as a curator asked: `run_id` is the row that shows how far it is."""
    _check(Link.objects.all(), run_id)


@task(queue_name="slow")
def check_batch(batch_id, run_id=None):
    """Check the links that came with an import. Now, due or not."""
    links = Link.objects.filter(resource__batch=batch_id)
    _check(links, run_id, batch_id, everything=True)


def _check(links, run_id, batch_id=None, everything=False):
    run = LinkRun.objects.filter(pk=run_id).first() or LinkRun.objects.create(batch_id=batch_id)
    if not settings.LINK_CHECKS:
        run.finish(link_run.OFF)
        return
    Link.objects.make_missing()
    if everything:
        links.make_due()
    link_run.check(run, links, limit=10_000 if everything else link_run.MOST)
