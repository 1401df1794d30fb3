from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from resources.seed import FixtureError, load_catalogue


class Command(BaseCommand):
    help = "Load the catalogue's fixtures. What a curator has edited or deleted stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("directory", nargs="?", type=Path, default=settings.BASE_DIR / "fixtures")

    def handle(self, *args, directory, **options):
        try:
            counts = load_catalogue(directory)
        except FixtureError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        self.stdout.write(f"The catalogue: {counts.made} rows made, {counts.updated} brought up to date, {counts.kept} left as curators have them")
