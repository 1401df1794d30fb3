"""Everything between a fresh clone and a running portal, in one process, quick when nothing changed."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.curators import curators
from accounts.demo import ORGANISATIONS, make_demo
from accounts.fixture import load_organisations
from accounts.models import Organisation
from assessments import demo
from assessments.seed import load_frameworks
from impact_portal.background import state
from impact_portal.pages import load_pages
from resources.seed import FixtureError, load_catalogue


class Command(BaseCommand):
    help = "Migrate, load the catalogue and the portal's pages, and (with --static) build the static files."

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true", help="also make fictional organisations and people, on one's own machine alone")
        parser.add_argument("--static", action="store_true", help="also build hashed and compressed static files")

    def handle(self, *args, demo, static, **options):
        call_command("migrate", verbosity=0, skip_checks=False)
        call_command("createcachetable", verbosity=0)
        try:
            counts = load_everything()
        except FixtureError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        self.stdout.write(f"Content: {counts.made} rows made, {counts.updated} brought up to date, {counts.kept} left as curators have them")
        for note in counts.notes:
            self.stdout.write(note)
        call_command("tidy")
        if demo and settings.LOCAL:
            self.tell_of_demo(make_demo(settings.VAR / "demo-accounts.csv"))
            fill_demo()
        if static:
            call_command("build_static")
        for sentence in state().sentences():
            self.stdout.write(sentence)

    def tell_of_demo(self, rows):
        """How to sign in to the demonstration: each row at the first run, the file's name from then on."""
        for row in rows:
            where = f"{row['role']} of {row['organisation']}" if row["organisation"] else row["role"]
            code = f", authenticator key {row['totp_secret']}" if row["totp_secret"] else ""
            self.stdout.write(f"  {where}: {row['email']} with password {row['password']}{code}")
        self.stdout.write("Demo sign-ins, for this machine only: var/demo-accounts.csv")
        if settings.MAIL_IS_LOCAL:
            self.stdout.write("EMAIL_URL is not set, so mail is sent to nobody: each message is a file in var/mail/")


def fill_demo():
    """Rounds of the self-assessment for the fictional organisations, where they have none."""
    for organisation in Organisation.objects.filter(fictional=True, code__in=ORGANISATIONS, assessments=None):
        people = {membership.role: membership.user for membership in organisation.memberships.select_related("user")}
        if people.keys() >= {"lead", "contributor"} and organisation.is_open:
            if organisation.code == "DEMO1":
                demo.fill(organisation, lead=people["lead"], other=people["contributor"])
            else:
                demo.begin(organisation, lead=people["lead"])


@transaction.atomic
def load_everything():
    """The catalogue, the portal's pages, the organisations and the frameworks, from the fixtures."""
    counts = load_catalogue(settings.BASE_DIR / "fixtures")
    load_pages(settings.BASE_DIR / "fixtures" / "pages", counts)
    curators()
    load_organisations(settings.BASE_DIR / "fixtures" / "organisations.json", counts)
    load_frameworks(settings.BASE_DIR / "fixtures" / "frameworks", counts)
    return counts
