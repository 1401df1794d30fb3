from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from resources import link_run
from resources.models import Link, LinkRun


class Command(BaseCommand):
    help = "Check where resources are: what is due, politely, and never inside our own network. Run it daily."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="all addresses, due or not")
        parser.add_argument("--limit", type=int, default=link_run.MOST, help=f"at most so many addresses (usually {link_run.MOST})")
        parser.add_argument("--resource", metavar="SLUG", help="this resource alone, due or not")

    def handle(self, *args, **options):
        if not settings.LINK_CHECKS:
            self.stdout.write(link_run.OFF)
            return
        Link.objects.make_missing()
        links = self.chosen(options)
        limit = max(options["limit"], 0)
        with tqdm(total=min(links.due().count(), limit), unit="link", disable=None) as bar:
            run = link_run.check(LinkRun.objects.create(), links, limit=limit, report=lambda finding: bar.update())
        self.stdout.write(f"{run.total} checked. {run.note.removesuffix('.')}.")

    def chosen(self, options):
        """The links that were asked for."""
        links = Link.objects.all()
        if options["resource"]:
            links = links.filter(resource__slug=options["resource"])
            if not links.exists():
                raise CommandError(f"There is no resource {options['resource']}, or it is withdrawn")
        if options["all"] or options["resource"]:
            links.make_due()
        return links
