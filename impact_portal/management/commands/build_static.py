import hashlib

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Build the hashed and compressed static files, unless those there are of the same sources."

    def handle(self, *args, **options):
        stamp = settings.STATIC_ROOT / ".made-from"
        sources = sorted(p for d in (*settings.STATICFILES_DIRS, settings.BASE_DIR / "requirements") for p in d.rglob("*") if p.is_file())
        sources += [settings.BASE_DIR / "package-lock.json", settings.BASE_DIR / "impact_portal" / "nhsuk.py"]
        made_from = hashlib.sha256(b"".join(p.read_bytes() for p in sources) + bytes(settings.NHS_IDENTITY)).hexdigest()
        if not (stamp.exists() and stamp.read_text() == made_from):
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(made_from)
