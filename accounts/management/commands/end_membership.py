from django.core.management.base import BaseCommand, CommandError

from accounts.models import AuditEntry, Membership


class Command(BaseCommand):
    help = "End somebody's membership from the server: for an organisation whose only lead has gone for good, so that a first lead can be approved again."

    def add_arguments(self, parser):
        parser.add_argument("code", help="ODS code")
        parser.add_argument("email")

    def handle(self, *args, code, email, **options):
        membership = Membership.objects.filter(organisation__code=code.upper(), user__email__iexact=email).select_related("organisation", "user").first()
        if membership is None:
            raise CommandError(f"{email} does not belong to {code}")
        AuditEntry.objects.note("removed_person", by=None, organisation=membership.organisation, subject=membership.user, role=membership.role)
        membership.delete()
        self.stdout.write(f"{email} no longer belongs to {membership.organisation}; its log says that the portal's operator ended it")
