"""manage.py import_ods: the list of NHS trusts from the command line."""

from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts import ods

FEW = 20  # lines shown of each group, unless asked for all


def day(text):
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--as-of {text!r} is not a date: write it as 2026-04-01.") from error


class Command(BaseCommand):
    help = "Bring in the published list of NHS trusts (etr). Without --apply it only shows what would change; --verbosity 2 shows every row."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the list as published: 27 columns, no header")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="only show what would change: so it is without --apply, too")
        how.add_argument("--apply", action="store_true", help="make the changes, all or none")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="the day from which new names and places hold: that of the edition (today)")
        parser.add_argument("--allow-closures", action="store_true", help="even if more than 1 in 10 of the trusts open here would close")

    def handle(self, *args, file, apply, as_of, allow_closures, verbosity, **options):
        try:
            plan = ods.plan(self._content(file), as_of and day(as_of))
            self._show(plan, None if verbosity > 1 else FEW)
            if apply:
                self._apply(plan, allow_closures)
        except ods.OdsError as error:
            raise CommandError(f"Nothing was changed. {error}") from error
        if not apply:
            self._say_what_next(plan)

    def _content(self, file):
        try:
            return file.read_bytes()
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {file}: check the path.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read ({error.strerror}): give the path of a file that you may read.") from error

    def _show(self, plan, few):
        self.stdout.write(f"As of {plan.as_of}: {len(plan.rows) + len(plan.malformed)} rows")
        for heading, lines in plan.groups():
            self.stdout.write(f"\n{heading}: {len(lines)}")
            for line in lines[:few]:
                self.stdout.write(f"  {line.code:5} {line.name}{self._difference(line)}")
            if len(lines[:few]) < len(lines):
                self.stdout.write(f"  ... and {len(lines) - few} more: --verbosity 2 shows all")
        self.stdout.write(f"\nRefused: {len(plan.refused)}")
        for refused in plan.refused:
            self.stdout.write(f"  row {refused.row}, {refused.column}, {refused.value!r}: {refused.reason}")

    def _difference(self, line):
        if line.before and line.after:
            return f": {line.before} -> {line.after}"
        return f": {line.after}" if line.after else ""

    def _apply(self, plan, allow_closures):
        with tqdm(total=len(plan.changes), unit="row", desc="Importing") as bar:
            ods.apply(plan, allow_closures=allow_closures, progress=bar.update)
        self.stdout.write(f"\nDone. Organisations made or changed: {len(plan.changes)}. Rows refused: {len(plan.refused)}.")

    def _say_what_next(self, plan):
        if plan.closes_too_many:
            self.stdout.write(f"\n{plan.closing} of the {plan.open_before} trusts open here would close: --apply needs --allow-closures.")
        self.stdout.write("\nThis was a dry run: nothing was changed. --apply makes the changes.")
