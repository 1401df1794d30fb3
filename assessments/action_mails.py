"""The weekly mail to whoever sees to actions: one message a person, each claimed before it goes and marked after, so that none goes twice."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from smtplib import SMTPException

from django.core.mail import get_connection
from django.utils import timezone

from accounts.letters import link, send
from assessments.action_list import SOON
from assessments.models import Action, ActionMail
from assessments.models.action_mail import week_of


@dataclass
class Sent:
    """What became of a run: mails that the mail server took and refused, people who wait for it to answer, and mails of which nobody knows."""

    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    unknown: int = 0  # claimed this week by a run that was killed, or that is still at it: never sent again


def send_all():
    """Send this week's mail to everybody who has not had it. What was not taken is tried again the next time this is run."""
    sent, week, server = Sent(), week_of(timezone.localdate()), get_connection()
    people = whom_to_mail(week)
    for place, (person, actions) in enumerate(people):
        if not _answers(server):
            sent.waiting = len(people) - place
            break
        claimed = ActionMail.objects.claim(person, week)
        if claimed:
            mail, token = claimed
            taken = _send_one(person, actions, token, server)
            mail.mark(taken)
            sent.accepted += taken
            sent.refused += not taken
            if not taken:
                _hang_up(server)  # it may have hung up on us: the next mail begins anew
    _hang_up(server)
    sent.unknown = ActionMail.objects.filter(week=week, state=ActionMail.State.SENDING).count()
    return sent


def whom_to_mail(week):
    """[(person, their live actions, those due first)]: whoever sees to something overdue or due soon, wants the mail, and has not had this week's."""
    actions = Action.objects.live().owned_by_members().filter(owner__action_mail_stops=None)
    had = ActionMail.objects.filter(week=week).exclude(state=ActionMail.State.REFUSED).values("user")
    due = actions.filter(due_on__lte=timezone.localdate() + timedelta(days=SOON)).values("owner")
    theirs = actions.filter(owner__in=due).exclude(owner__in=had).select_related("owner", "organisation", "question")
    in_order = theirs.order_by("owner", "organisation__name", *Action._meta.ordering)
    return [(person, list(rows)) for person, rows in groupby(in_order, key=lambda action: action.owner)]


def _send_one(person, actions, token, server):
    """Mail one person. Did the mail server take it?"""
    stop = link("assessments:action_mail_stop", token)
    overdue = sum(action.is_overdue for action in actions)
    return send(
        "actions",
        person.email,
        f"your actions, {overdue} overdue" if overdue else "your actions",
        connection=server,
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated"},
        person=person,
        organisations=[_of_organisation(organisation, list(rows)) for organisation, rows in groupby(actions, key=lambda action: action.organisation)],
        stop=stop,
    )


def _of_organisation(organisation, actions):
    """(its name, the address of one's own actions there, [(action, its address)])."""
    return (
        organisation.name,
        f"{link('assessments:actions', organisation.code)}?owner=me",
        [(action, link("assessments:action", organisation.code, action.public_id)) for action in actions],
    )


def _answers(server):
    """Is there an open line to the mail server?"""
    try:
        server.open()
    except (SMTPException, OSError):
        return False
    return True


def _hang_up(server):
    with suppress(SMTPException, OSError):
        server.close()
