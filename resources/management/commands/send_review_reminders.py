from django.core.management.base import BaseCommand, CommandError

from resources.review_mails import send_all


class Command(BaseCommand):
    help = "Remind owners 30 days before a review and on the day, and deputies 14 days after: one mail a person a day, however often this is run."

    def handle(self, *args, **options):
        sent = send_all()
        self.stdout.write(f"{sent.accepted} accepted by the mail server, {sent.refused} refused")
        if sent.unknown:
            self.stdout.write(f"{sent.unknown} reminders begun by a run that did not end: nobody knows whether they went, and they are not sent again")
        if sent.waiting:
            raise CommandError(f"The mail server cannot be reached: {sent.waiting} not sent yet. Run this again")
