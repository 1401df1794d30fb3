from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.personal_data import LastLead, erase, forget_addresses


class Command(BaseCommand):
    help = "Erase who a person was. What they did stays in the log under a pseudonym. Cannot be undone."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="do it without asking")

    def handle(self, *args, email, yes, **options):
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            if not forget_addresses([email]):
                raise CommandError(f"Nobody here has the address {email}")
            self.stdout.write("They had no account. The address is gone from what was sent to it")
            return
        if not yes and input(f"Erase {person} ({person.email}) for good? Type yes: ") != "yes":
            raise CommandError("Nothing was erased")
        try:
            erase(person)
        except LastLead as error:
            raise CommandError(f"Nothing was erased: they alone lead {error}. Somebody else must lead there first") from error
        self.stdout.write(f"Erased. The log knows them as {person}")
