"""The weekly mail of those who watch searches: who is due one, and what stands in it."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bulletin import watching
from bulletin.mails import Mould, short
from bulletin.models import Alert, Delivery, Subscriber

AT_A_TIME = 500


def week_of(day):
    """A week by its Monday."""
    return day - timedelta(days=day.weekday())


@transaction.atomic
def make_deliveries(week):
    """A row for each subscriber who watches something and has none for this week. Twice is once."""
    theirs = Subscriber.objects.with_alerts().exclude(deliveries__week=week)
    rows = []
    for pk in theirs.order_by("pk").values_list("pk", flat=True).iterator(AT_A_TIME):
        rows.append(Delivery(week=week, subscriber_id=pk))
        if len(rows) == AT_A_TIME:
            Delivery.objects.bulk_create(rows, ignore_conflicts=True)
            rows = []
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


class AlertMails:
    """`alert_mails.for_delivery(delivery)` is what is new to its subscriber, or none."""

    def __init__(self):
        self.until = timezone.now()
        self.found = {}  # (search, since): many watch the same

    def for_delivery(self, delivery):
        subscriber = delivery.subscriber
        sections = [section for alert in subscriber.alerts.all() if (section := self._section(alert))]
        if not sections:
            return None
        total = sum(len(section["found"]) + section["more"] for section in sections)
        heading = f"{total} new {'resource' if total == 1 else 'resources'} in the searches you watch"
        return Mould("bulletin_alerts", heading, heading=heading, sections=sections).for_one(subscriber.email, subscriber.key)

    def _section(self, alert):
        key = (alert.search, alert.seen_until)
        if key not in self.found:
            if len(self.found) > AT_A_TIME:
                self.found.clear()
            watched = watching.read(alert.search)
            self.found[key] = watched and _drawn(watched, watching.new_in(watched.search, alert.seen_until))
        return self.found[key]

    def sent(self, delivery):
        """What they have been told of is not new to them any more."""
        Alert.objects.filter(subscriber=delivery.subscriber_id, seen_until__lt=self.until).update(seen_until=self.until)


def _drawn(watched, new):
    if not new:
        return None
    items = [watching.as_item(record) for record in new[: watching.SHOWN]]
    for item in items:
        item["words"] = short(item.pop("summary"))
    return {"words": watched.words, "address": settings.BASE_URL + watched.address, "found": items, "more": len(new) - len(items)}
