import json

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from accounts.personal_data import export


class Command(BaseCommand):
    help = "Write everything the portal holds about a person, as JSON, to hand to them."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *args, email, **options):
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}")
        self.stdout.write(json.dumps(export(person), cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))
