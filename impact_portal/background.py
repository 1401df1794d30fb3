"""What waits in the background: who does it, what came of it, and what to do where nobody does.

The queue is the database's (django_tasks_db). A worker that is killed leaves its task as running for good; here others take it back.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts.mail import MAIL_HELD, is_held
from impact_portal.models import TimetableLine, Worker
from impact_portal.timetable import TIMETABLE

MOST_TRIES = 5  # of a task whose worker ends each time: the task may be what ends it
KEPT_FOR = timedelta(days=14)
START = "python manage.py worker"


@dataclass(frozen=True)
class State:
    """How the background stands, for the desk and for whoever starts the portal."""

    waiting: int
    failed: int
    since: object  # the moment at which the oldest of those that wait was put on the queue, or none
    workers: int
    held: bool  # mail is held: this is a restored copy

    def sentences(self):
        """In words, the most pressing first; none where there is nothing to say."""
        if self.held:
            yield MAIL_HELD
        if self.waiting and not self.workers:
            yield f"{self.waiting} {'piece' if self.waiting == 1 else 'pieces'} of work wait in the background, and no worker is there to do them: run {START}"
        if self.failed:
            yield f"{self.failed} {'piece' if self.failed == 1 else 'pieces'} of work failed: look at them under “Background work” in the admin"


def state():
    """Three queries."""
    ready = DBTaskResult.objects.ready()
    oldest = ready.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    return State(ready.count() if oldest else 0, DBTaskResult.objects.failed().count(), oldest, Worker.objects.alive().count(), is_held())


def put_on_the_queue(now):
    """Enqueue what the timetable says is due, once for each moment."""
    for line in TIMETABLE:
        name = line.task.module_path
        with transaction.atomic():
            if TimetableLine.objects.take(name, line.slot(now)) and not DBTaskResult.objects.ready().filter(task_path=name).exists():
                line.task.enqueue()


def take_back():
    """Put on the queue again what workers that are gone had begun. Returns how many."""
    alive = set(Worker.objects.alive().values_list("name", flat=True))
    taken = 0
    for row in DBTaskResult.objects.running():
        if row.worker_ids and row.worker_ids[-1].removesuffix("-slow") in alive:
            continue
        theirs = DBTaskResult.objects.running().filter(pk=row.pk, started_at=row.started_at)
        if len(row.worker_ids) < MOST_TRIES:
            taken += theirs.update(status=TaskResultStatus.READY)
        else:
            theirs.update(status=TaskResultStatus.FAILED, finished_at=timezone.now(), exception_class_path=f"{MOST_TRIES} workers ended while they were at it")
    return taken


def try_again(row_id):
    """Put a task that failed on the queue again. Returns whether it was there."""
    theirs = DBTaskResult.objects.failed().filter(pk=row_id)
    return theirs.update(status=TaskResultStatus.READY, worker_ids=[], finished_at=None, exception_class_path="", traceback="") == 1


def tidy():
    """Forget what was done two weeks ago, failed or not."""
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT_FOR).delete()
    Worker.objects.tidy()


def refuse_a_restored_copy():
    """Raise CommandError where mail is held: its tasks would be taken off the queue for nothing."""
    if is_held():
        raise CommandError(MAIL_HELD)
