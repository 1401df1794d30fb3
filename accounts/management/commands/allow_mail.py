from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.mail import allow, is_held


class Command(BaseCommand):
    help = "Let this copy of the database send mail: after a restore, or where the portal has moved. Only one copy may."

    def handle(self, *args, **options):
        if not is_held():
            self.stdout.write("Mail is sent already: nothing was changed")
            return
        allow()
        self.stdout.write(f"Mail is sent from here from now on ({settings.BASE_URL}). Make sure that no other copy of this database does")
