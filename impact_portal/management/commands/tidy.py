from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from accounts.models import Invitation
from bulletin.models import SignUp, Subscriber
from impact_portal import background
from resources.models import FailedSearch, ImportBatch, LinkCheck, LinkRun, MendNotice, Report, Suggestion


class Command(BaseCommand):
    help = "Delete what is past its time: sessions, counters, invitations, searches, addresses, links' checks, dry runs. Daily, and at every start."

    def handle(self, *args, **options):
        now = timezone.now()
        Session.objects.filter(expire_date__lt=now).delete()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        Invitation.objects.filter(accepted_at=None, expires_at__lt=now - timedelta(days=90)).delete()
        FailedSearch.objects.filter(day__lt=timezone.localdate() - FailedSearch.objects.KEPT_FOR).delete()
        ImportBatch.objects.tidy()
        SignUp.objects.past().tidy_away()
        Subscriber.objects.long_stopped().delete()
        LinkCheck.objects.old().delete()
        LinkRun.objects.old().delete()
        for model in (Suggestion, Report, MendNotice):
            model.objects.past().forget()
        background.tidy()
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [connection.ops.adapt_datetimefield_value(now)])
