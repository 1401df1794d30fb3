from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from assessments.models import Submission
from assessments.pack.verify import NoPack, verify

MOST = 30  # differences shown


class Command(BaseCommand):
    help = "Say whether a file of a pack (.pdf, .pptx, .xlsx) shows what was submitted, and where it does not."

    def create_parser(self, *names, **options):
        """With a --version of our own, in place of Django's."""
        return super().create_parser(*names, **options, conflict_handler="resolve")

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("reference", help="such as RXX-2026-1")
        parser.add_argument("--version", type=int, dest="result_version", help="of the result; without it, the last one")

    def handle(self, *args, file, reference, result_version, **options):
        submission = self.submission(reference, result_version)
        try:
            compared, differences, names = verify(file.read_bytes(), file.name, submission)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        except NoPack as error:
            raise CommandError(str(error)) from error
        for told in names:
            self.stdout.write(f"Only the name of a member: {told}")
        for told in differences[:MOST]:
            self.stdout.write(f"Differs: {told}")
        if len(differences) > MOST:
            self.stdout.write(f"And {len(differences) - MOST} places more")
        whole = f"{submission.reference}, version {submission.version}"
        if differences:
            raise CommandError(f"{file.name} does not show what was submitted as {whole}: {len(differences)} of {compared} places differ")
        self.stdout.write(f"{file.name} shows what was submitted as {whole}: {compared} places compared")

    def submission(self, reference, version):
        found = Submission.objects.filter(reference=reference.upper()).order_by("version")
        submission = found.filter(version=version).first() if version is not None else found.last()
        if submission is None:
            raise CommandError(f"No result was submitted as {reference}{f', version {version}' if version is not None else ''}")
        return submission
