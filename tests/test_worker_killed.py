"""A worker that is killed leaves nothing undone: a real process, a real kill."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from impact_portal import background
from impact_portal.models import Worker
from tests.committed import own_database

ROOT = Path(__file__).resolve().parent.parent


@task()
def wait_long():
    """What a worker is killed at."""
    Path(os.environ["BEGUN"]).touch()
    time.sleep(60 if os.environ.get("STAY") else 0)


def test_what_a_killed_worker_had_begun_is_done_by_the_next_one(tmp_path, settings, django_db_setup, django_db_blocker):
    settings.MAIL_HOME = tmp_path / "mail-home"
    with django_db_blocker.unblock(), own_database(tmp_path):
        wait_long.enqueue()
        begun = tmp_path / "begun"
        worker = start_worker(tmp_path, BEGUN=str(begun), STAY="1")
        wait_for(begun.exists)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert DBTaskResult.objects.running().count() == 1, "nobody else may think that it is done"

        assert background.take_back() == 0, "a worker is gone only when it has said nothing for a minute"
        Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
        second = start_worker(tmp_path, "--once", BEGUN=str(begun))
        assert second.wait(60) == 0
        row = DBTaskResult.objects.get(task_path=wait_long.module_path)
        assert row.status == "SUCCESSFUL" and len(row.worker_ids) == 2


def start_worker(folder, *options, **environment):
    details = connection.settings_dict
    url = f"sqlite:///{details['NAME']}"
    if connection.vendor == "postgresql":
        url = f"postgres://{details['USER']}:{details['PASSWORD']}@{details['HOST']}:{details['PORT']}/{details['NAME']}"
    environment = {**os.environ, "DATABASE_URL": url, "MAIL_HOME": str(folder / "mail-home"), **environment}
    return subprocess.Popen([sys.executable, "manage.py", "worker", *options], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def wait_for(true, seconds=30):
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds
        time.sleep(0.05)
