"""What the portal does by itself, and when. A worker puts each line on the queue once for each of its moments, however many workers there are.

Every task here is safe to run twice and safe to kill: what is done is marked as done, row by row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django_tasks.base import Task

from assessments.action_tasks import send_action_mails
from bulletin.tasks import send_alerts, send_due
from impact_portal.tasks import tidy
from resources.link_tasks import check_links_due
from resources.reader_tasks import send_answers, tell_of_mended
from resources.review_tasks import send_review_reminders


@dataclass(frozen=True)
class Line:
    """A task, and the latest moment at or before `now` at which it is due."""

    task: Task
    slot: Callable[[datetime], datetime]


def every(minutes):
    """Each so many minutes, from midnight on."""

    def slot(now):
        midnight = _at(now, 0)
        return midnight + (now - midnight) // timedelta(minutes=minutes) * timedelta(minutes=minutes)

    return slot


def daily(hour):
    """Each day at this hour, in England."""

    def slot(now):
        today = _at(now, hour)
        return today if today <= now else _at(now - timedelta(days=1), hour)

    return slot


def _at(now, hour):
    return timezone.localtime(now).replace(hour=hour, minute=0, second=0, microsecond=0)


TIMETABLE = [
    Line(tidy, daily(3)),
    Line(check_links_due, daily(4)),
    Line(send_action_mails, daily(8)),
    Line(send_due, every(5)),
    Line(send_alerts, daily(7)),  # a mail a week, however often; what could not be sent is tried again
    Line(send_review_reminders, daily(8)),
    Line(tell_of_mended, daily(9)),
    Line(send_answers, daily(9)),
]
