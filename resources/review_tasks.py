"""Reminders of reviews, in the background."""

from django_tasks import task

from resources.review_mails import send_all


@task()
def send_review_reminders():
    """Daily: remind owners, and in the end deputies. May run twice, and may be killed half-way: no reminder goes twice."""
    send_all()
