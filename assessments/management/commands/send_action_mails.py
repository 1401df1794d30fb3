from django.core.management.base import BaseCommand, CommandError

from assessments.action_mails import send_all


class Command(BaseCommand):
    help = "Mail their actions to whoever sees to something overdue or due within 14 days: once a week each, however often this is run."

    def handle(self, *args, **options):
        sent = send_all()
        self.stdout.write(f"{sent.accepted} accepted by the mail server, {sent.refused} refused")
        if sent.unknown:
            self.stdout.write(f"{sent.unknown} begun by a run that did not end: nobody knows whether they went, and they are not sent again")
        if sent.waiting:
            raise CommandError(f"The mail server cannot be reached: {sent.waiting} not sent yet. Run this again")
