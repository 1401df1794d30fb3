"""Reminders of reviews: one mail a person a day, of at most ten resources; each is claimed before it goes and marked after, so that none goes twice."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.letters import link, send
from accounts.models import User
from resources.models import Resource, ReviewReminder
from resources.reader_mails import AUTOMATIC, answers, hang_up, open_line

AHEAD, TO_DEPUTY = timedelta(days=30), timedelta(days=14)
MOST = 10  # resources in a mail: the rest comes the next day
Kind, State = ReviewReminder.Kind, ReviewReminder.State


@dataclass
class Sent:
    """What became of a run: mails that the mail server took and refused, people who wait for it to answer, and reminders of which nobody knows."""

    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    unknown: int = 0  # claimed by a run that was killed, or that is still at it: never sent again


def send_all():
    """Remind everybody who has not been reminded today. What was not taken is tried again the next time this is run."""
    sent, people = Sent(), whom_to_remind()
    with open_line() as server:
        for place, (person, due) in enumerate(people.items()):
            if not answers(server):
                sent.waiting = len(people) - place
                break
            claimed = [(resource, reminder) for resource, kind in due[:MOST] if (reminder := ReviewReminder.objects.claim(resource, kind, person))]
            if claimed:
                taken = _send_one(person, claimed, len(due) - len(claimed), server)
                ReviewReminder.objects.mark([reminder for _, reminder in claimed], taken)
                sent.accepted += taken
                sent.refused += not taken
                if not taken:
                    hang_up(server)  # it may have hung up on us: the next mail begins anew
    sent.unknown = ReviewReminder.objects.filter(state=State.SENDING).count()
    return sent


def kind_for(resource, today):
    """Which reminder is due of it today."""
    if today >= resource.review_on + TO_DEPUTY:
        return Kind.DEPUTY
    return Kind.DUE if today >= resource.review_on else Kind.AHEAD


def whom_to_remind():
    """{person: [(resource, which reminder)]} of all that have not had it, the longest due first; nobody twice a day. Three queries."""
    today, people = timezone.localdate(), defaultdict(list)
    had = set(ReviewReminder.objects.exclude(state=State.REFUSED).values_list("resource", "review_on", "kind"))
    mailed_today = {person for person, at in ReviewReminder.objects.of_today() if timezone.localdate(at) == today}
    desk = {person.pk: person for person in at_the_desk()}
    for resource in Resource.objects.due_for_review(days=AHEAD.days).select_related("owner"):
        kind = kind_for(resource, today)
        person = desk.get(whom(resource, kind, desk))
        if person and person.pk not in mailed_today and (resource.pk, resource.review_on, kind) not in had:
            people[person].append((resource, kind))
    return people


def whom(resource, kind, desk):
    """The owner, or in the end the deputy; the other of them where one has left the desk or has no confirmed address."""
    first, second = resource.owner_id, resource.deputy_id
    if kind == Kind.DEPUTY:
        first, second = second, first
    return first if first in desk else second


def at_the_desk():
    """Who can do something about it: whoever may use the admin and has confirmed their address."""
    confirmed = {"emailaddress__verified": True, "emailaddress__primary": True}
    return User.objects.filter(is_staff=True, is_active=True, **confirmed)


def _send_one(person, claimed, more, server):
    """Mail one person. Did the mail server take it?"""
    items = [(resource, reminder, link("admin:resources_resource_change", resource.pk)) for resource, reminder in claimed]
    overdue = sum(resource.is_overdue for resource, _ in claimed)
    subject = f"{len(claimed)} resource{'' if len(claimed) == 1 else 's'} to review" + (f", {overdue} overdue" if overdue else "")
    return send("review", person.email, subject, connection=server, headers=AUTOMATIC, person=person, items=items, more=more, desk=link("admin:index"))
