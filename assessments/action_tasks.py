"""The weekly mail about actions, in the background."""

from django_tasks import task

from assessments.action_mails import send_all


@task()
def send_action_mails():
    """Mail people about their actions. Whoever has had this week's gets none; what the mail server did not take is tried again the next day."""
    send_all()
