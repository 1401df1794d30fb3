from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.curators import make_curator
from accounts.letters import link, send
from accounts.models import User


class Command(BaseCommand):
    help = "Make somebody a curator, who looks after the catalogue: a person who has an account, or a new one. Repeating it changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="as colleagues know them, for a new person")

    def handle(self, *args, email, name, **options):
        email = self.checked(email.strip())
        person, made = make_curator(email, name)
        set_password, desk = link("account_reset_password"), link("admin:index")
        taken = send("curator", person.email, "you look after the catalogue", person=person, made=made, set_password=set_password, desk=desk)
        self.stdout.write(f"{person.email} is a curator{', and new here' if made else ''}.")
        if made:
            self.stdout.write(f"They set a password at {set_password}, with the link that is mailed to them there.")
        self.stdout.write(f"At their first sign-in they must set up a second factor. Then their work queue is at {desk}")
        self.stdout.write("A mail tells them so." if taken else "The mail server did not take the mail that tells them so: tell them yourself.")

    def checked(self, email):
        """The address, if it is one and its person may sign in."""
        try:
            User._meta.get_field("email").run_validators(email)
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address: write one such as ann.ash@example.nhs.uk") from error
        person = User.objects.filter(email__iexact=email).first()
        if person and not person.is_active:
            raise CommandError(f"The account of {email} is closed: tick “active” for them in the admin first, if they are to come back")
        return email
