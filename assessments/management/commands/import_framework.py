"""manage.py import_framework: a framework from a YAML file or a workbook."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessments import framework_import
from assessments.framework_text import FrameworkFileError


class Command(BaseCommand):
    help = "Bring in a framework of the self-assessment. Without --apply or --publish it only shows what would come."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help=".yaml, .yml or .xlsx, as export_framework writes them")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="only show what would come: so it is without --apply, too")
        how.add_argument("--apply", action="store_true", help="write it as a draft, which another import can replace")
        how.add_argument("--publish", action="store_true", help="write it and publish it: from then on nothing of it can change")

    def handle(self, *args, file, apply, publish, **options):
        try:
            plan = framework_import.plan(self._content(file), file.name)
            self._show(plan)
            if apply or publish:
                self._write(plan, publish)
        except FrameworkFileError as error:
            faults = "\n".join(f"  {fault}" for fault in error.faults)
            raise CommandError(f"Nothing was changed. What is wrong in {file.name}:\n{faults}") from error
        if not (apply or publish):
            self.stdout.write("\nThis was a dry run: nothing was changed. --apply writes it as a draft, --publish fixes it for good.")

    def _content(self, file):
        try:
            return file.read_bytes()
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {file}: check the path.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read ({error.strerror}): give the path of a file that you may read.") from error

    def _show(self, plan):
        self.stdout.write(f"{plan.text.title}, {plan.text.edition}")
        self.stdout.write(f"Address: /self-assessment/{plan.text.slug}/")
        self.stdout.write(f"Questions: {len(plan.text.questions)}")
        for component, count in plan.components():
            self.stdout.write(f"  {component.number} {component.name}: {count}")
        self.stdout.write("It replaces the draft that is here." if plan.before else "It is new here.")

    def _write(self, plan, publish):
        with transaction.atomic():
            framework = framework_import.apply(plan)
            if publish:
                try:
                    framework_import.publish(framework.slug)
                except ValidationError as error:
                    raise CommandError(f"Nothing was changed. {' '.join(error.messages)}") from error
        self.stdout.write("\nDone. It is published and fixed." if publish else "\nDone. It is a draft: --publish, or the admin, fixes it for good.")
