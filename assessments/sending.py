"""Mail to many raters: one message each over one connection, each kept as soon as it is sent, and none sent twice.

What a mail server hanging up interrupts is as if it had not been begun: those still to come have their old link, or none, and can
be sent theirs by pressing again.
"""

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from smtplib import SMTPException

from django.core.mail import get_connection
from django.utils import timezone

from assessments.letters import contacts, send_link

LONGEST = 25  # seconds: nobody looks at a page longer; the rest waits for the next press


@dataclass
class Sent:
    """How many links the mail server took, how many it refused, and how many people are still to be sent theirs."""

    accepted: int = 0
    refused: int = 0
    waiting: int = 0
    broken: bool = False  # the mail server could not be reached, or hung up


def send_invitations(assessment):
    """Send a link to everybody on the list who has none yet."""
    return _send(assessment, assessment.raters.without_link(), "invitation", _claim_link)


def send_reminders(assessment):
    """Send a new link to those who have not finished, once a day."""
    return _send(assessment, assessment.raters.to_remind(), "reminder", _claim_day)


def send_again(rater):
    """Send one rater a new link. Did the mail server take it? If not, the old one still works; none where another press has just sent it."""
    before = _as_it_was(rater)
    if not rater.assessment.raters.filter(pk=rater.pk, token_hash=rater.token_hash).update(token_hash=f"being sent {rater.pk}"):
        return None
    taken = send_link(rater, rater.renew_link(), kind="again" if before["delivery"] else "invitation")
    if not taken:
        _put_back(rater, before, delivery=rater.delivery)
    return taken


def _send(assessment, raters, kind, claim):
    sent, started = Sent(), time.monotonic()
    with _mail_server() as server:
        leads = contacts(assessment) if server else []
        for rater in raters if server else []:
            if sent.broken or time.monotonic() - started > LONGEST:
                break
            before = _as_it_was(rater)
            if not claim(raters, rater):
                continue  # another press has just sent it
            taken = send_link(rater, rater.renew_link(), kind=kind, connection=server, leads=leads)
            sent.accepted += taken
            if not taken:
                sent.broken = _has_hung_up(server)
                sent.refused += not sent.broken
                _put_back(rater, before, **({} if sent.broken else {"delivery": rater.delivery}))
        sent.broken = sent.broken or server is None
    sent.waiting = raters.all().count()  # asked afresh
    return sent


def _claim_link(raters, rater):
    """Be the only one to send this rater their first link: whoever makes it first."""
    return raters.filter(pk=rater.pk).update(token_hash=f"being sent {rater.pk}")


def _claim_day(raters, rater):
    """Be the only one to remind this rater today."""
    return raters.filter(pk=rater.pk).update(reminded_on=timezone.localdate())


def _as_it_was(rater):
    return {name: getattr(rater, name) for name in ("token_hash", "link_shown", "delivery", "reminded_on")}


def _put_back(rater, before, **kept):
    for name, value in {**before, **kept}.items():
        setattr(rater, name, value)
    rater.save(update_fields=list(before))


@contextmanager
def _mail_server():
    """An open connection to the mail server, or none where it cannot be reached."""
    server = get_connection()
    try:
        server.open()
    except (SMTPException, OSError):
        yield None
        return
    try:
        yield server
    finally:
        with suppress(SMTPException, OSError):
            server.close()


def _has_hung_up(server):
    """Did the mail server close the line? Where it only refused an address, the line is open."""
    line = getattr(server, "connection", None)
    return line is not None and getattr(line, "sock", line) is None
