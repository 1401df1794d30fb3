"""What waits in the background, done here and now by the worker's own lanes."""

from django_tasks_db.models import DBTaskResult

from impact_portal.management.commands.worker import lane


def do_what_waits():
    """Do every task on the queue, those that they put there too. A task that failed fails the test."""
    for queue in ("default", "slow", "default"):
        lane(f"test-{queue}", queue, once=True).run()
    failed = list(DBTaskResult.objects.failed())
    assert not failed, "\n".join(row.traceback for row in failed)
