"""Everything between a fresh clone and a running portal, in one process, quick when nothing changed."""

import hashlib

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from impact_portal.pages import load_pages
from resources.seed import FixtureError, load_catalogue


class Command(BaseCommand):
    help = "Migrate, load the catalogue and the portal's pages, and (with --static) build the static files."

    def add_arguments(self, parser):
        parser.add_argument("--static", action="store_true", help="also build hashed and compressed static files")

    def handle(self, *args, static, **options):
        call_command("migrate", verbosity=0, skip_checks=False)
        try:
            counts = load_everything()
        except FixtureError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        self.stdout.write(f"Content: {counts.made} rows made, {counts.updated} brought up to date, {counts.kept} left as curators have them")
        if static:
            build_static_files()


@transaction.atomic
def load_everything():
    """The catalogue and the portal's pages, from the fixtures."""
    counts = load_catalogue(settings.BASE_DIR / "fixtures")
    load_pages(settings.BASE_DIR / "fixtures" / "pages", counts)
    return counts


def build_static_files():
    """Collect static files, unless those collected are of the same sources."""
    stamp = settings.STATIC_ROOT / ".made-from"
    sources = sorted(p for d in (*settings.STATICFILES_DIRS, settings.BASE_DIR / "requirements") for p in d.rglob("*") if p.is_file())
    sources += [settings.BASE_DIR / "package-lock.json", settings.BASE_DIR / "impact_portal" / "nhsuk.py"]
    made_from = hashlib.sha256(b"".join(p.read_bytes() for p in sources) + bytes(settings.NHS_IDENTITY)).hexdigest()
    if not (stamp.exists() and stamp.read_text() == made_from):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(made_from)
