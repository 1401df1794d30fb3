"""Mail to readers who asked for it: one message each, claimed before it goes and marked after, so that none goes twice."""

from contextlib import contextmanager, suppress
from smtplib import SMTPException

from django.core.mail import get_connection

from accounts.letters import link, send

AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def tell(notices):
    """Mail each of these that the link works, and delete it. One that the mail server refuses waits for the next run."""
    with open_line() as server:
        for notice in notices.filter(claimed_at=None).select_related("resource"):
            if not answers(server):
                return
            if notice.claim():
                notice.mark(_tell_one(notice, server))


def _tell_one(notice, server):
    """Mail one. Did the mail server take it?"""
    resource = notice.resource
    page = link("resources:resource", resource.slug)
    return _send("mended", notice.email, f"the link to {resource.title} works again", server, resource=resource, page=page)


def answer(rows):
    """Mail what a curator answered to each of these readers. One that the mail server refuses waits for the next run."""
    with open_line() as server:
        for row in rows:
            if not answers(server):
                return
            address = row.claim_address()
            if address:
                row.mark(_send("answer", address, f"an answer about {row.about}", server, row=row), address)


def _send(template, to, subject, server, **context):
    """Send one. Did the mail server take it?"""
    taken = send(template, to, subject, connection=server, headers=AUTOMATIC, **context)
    if not taken:
        hang_up(server)  # it may have hung up on us: the next mail begins anew
    return taken


@contextmanager
def open_line():
    """One line to the mail server, for as many messages as there are."""
    server = get_connection()
    try:
        yield server
    finally:
        hang_up(server)


def answers(server):
    """Is there an open line to the mail server?"""
    try:
        server.open()
    except (SMTPException, OSError):
        return False
    return True


def hang_up(server):
    """End it, whatever state it is in."""
    with suppress(SMTPException, OSError):
        server.close()
