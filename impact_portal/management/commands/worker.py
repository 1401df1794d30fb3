import logging
import threading
import time
from contextlib import contextmanager

from django.core.management.base import BaseCommand
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker

from accounts.mail import bump
from impact_portal import background
from impact_portal.models import Worker

logger = logging.getLogger(__name__)

BEAT = 10  # seconds between two signs of life
MINUTE = 60


class Command(BaseCommand):
    help = "Do what waits in the background: mail, reminders, link checks, the bulletin. Safe to kill, safe to run more than once. Ctrl-C ends it."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="do what waits now, and end")

    def handle(self, *args, once, **options):
        background.refuse_a_restored_copy()
        name = get_random_string(32)
        Worker.objects.create(name=name)
        try:
            self.look_round(name)
            with clock(self, name, stopped=once):
                self.work(name, once)
        finally:
            Worker.objects.filter(name=name).delete()

    def work(self, name, once):
        """Two lanes: what takes long (an issue of the bulletin, a run of link checks) does not keep somebody from the mail they wait for."""
        quick, slow = lane(name, "default", once), lane(f"{name}-slow", "slow", once)
        if once:
            quick.run()
            slow.run()
            return
        self.stdout.write("Working. Ctrl-C ends it.")
        quick.configure_signals()
        threading.Thread(target=run_and_close, args=[slow], name="slow", daemon=True).start()
        quick.run()

    def look_round(self, name):
        """Say that one is there; take back what others left; see what the timetable says."""
        Worker.objects.filter(name=name).update(seen_at=timezone.now())
        if taken := background.take_back():
            self.stdout.write(f"{taken} taken over from a worker that is gone")
        background.put_on_the_queue(timezone.now())
        bump()


def lane(name, queue, once):
    """The library's worker, for one queue."""
    return db_worker.Worker(
        queue_names=[queue], interval=1, batch=once, backend_name="default", startup_delay=False, max_tasks=None, worker_id=name, excluded_queue_names=[]
    )


def run_and_close(worker):
    try:
        worker.run()
    finally:
        connection.close()


@contextmanager
def clock(command, name, *, stopped):
    """Beside the work, every ten seconds a sign of life, and every minute a look round."""
    ended = threading.Event()

    def beat():
        looked = time.monotonic()
        while not ended.wait(BEAT):
            close_old_connections()
            try:
                Worker.objects.filter(name=name).update(seen_at=timezone.now())
                if time.monotonic() - looked >= MINUTE:
                    command.look_round(name)
                    looked = time.monotonic()
            except Exception:  # the database or the disk is away: the next beat may find it back
                logger.exception("The worker could not say that it is there")
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name="clock", daemon=True)
    if not stopped:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if not stopped:
            thread.join(timeout=BEAT)
