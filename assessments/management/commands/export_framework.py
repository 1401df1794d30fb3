"""manage.py export_framework: a framework as a YAML file or a workbook, which import_framework takes back unchanged."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from assessments.framework_file import as_file, format_of
from assessments.framework_text import FrameworkFileError, FrameworkText
from assessments.models import Framework


class Command(BaseCommand):
    help = "Write a framework of the self-assessment to a file, draft or published."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="its address, such as working-edition")
        parser.add_argument("file", type=Path, help="where to write it: .yaml or .xlsx")

    def handle(self, *args, slug, file, **options):
        framework = Framework.objects.filter(slug=slug).first()
        if framework is None:
            known = ", ".join(Framework.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"There is no framework {slug!r}: use one of {known or 'none yet'}.")
        try:
            format_of(file.name)
            file.write_bytes(as_file(FrameworkText.of(framework), file.suffix.lower()))
        except FrameworkFileError as error:
            raise CommandError(f"Nothing was written. {error}") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be written ({error.strerror}): give another path.") from error
        self.stdout.write(f"Written: {framework}, to {file}")
