"""Sends what waits: one connection, one message a recipient, each claimed before it goes and marked after.

A sender that is killed leaves at most the one it was sending: that one is uncertain, and is never sent again unless a curator says so.
Two senders at once share the work, since only one of them can claim a delivery.
"""

import logging
import time
from dataclasses import dataclass
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import get_connection

from bulletin.models import Delivery

logger = logging.getLogger(__name__)

AT_A_TIME = 100
PAUSES = (0.2, 1)  # seconds before another try to reach the mail server
CLOSING = 421  # what a mail server says that is about to hang up

State = Delivery.State


@dataclass(frozen=True)
class Outcome:
    """What became of one message: a state; or to be tried again, at once where the line broke before anything was said."""

    state: str
    reply: int | None = None
    no_such_address: bool = False
    at_once: bool = False


class MailLine:
    """An open line to the mail server, kept for many messages."""

    def __init__(self):
        self.server = get_connection()
        self.saying = False  # has a message been begun, and no answer come?

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.hang_up()

    def is_open(self):
        """Is there a line, or could one be had in a few tries?"""
        for pause in (*PAUSES, None):
            try:
                if self.server.open():
                    self._listen()
                return True
            except (SMTPException, OSError):
                self.hang_up()
                if pause is None:
                    return False
                time.sleep(pause)
        return False

    def _listen(self):
        """Note from when to when nobody could know whether the server has taken a message."""
        smtp = getattr(self.server, "connection", None)
        if smtp is None:
            return
        data = smtp.data

        def noting(message):
            self.saying = True
            answer = data(message)
            self.saying = False
            return answer

        smtp.data = noting

    def hang_up(self):
        self.saying = False
        try:
            self.server.close()
        except (SMTPException, OSError):
            self.server.connection = None

    def send(self, message):
        """Send one message. Never raises for what a mail server says or does."""
        self.saying = False
        try:
            self.server.send_messages([message])
            return Outcome(State.ACCEPTED, 250)
        except SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            return self._refused(code, no_such_address=code >= 500)
        except SMTPDataError as refused:  # an answer, so nothing is uncertain, even if the server then hung up
            self.saying = False
            return self._refused(refused.smtp_code)
        except SMTPResponseException as refused:
            return self._refused(refused.smtp_code)
        except (SMTPException, OSError):
            uncertain = self.saying
            self.hang_up()
            return Outcome(State.UNCERTAIN) if uncertain else Outcome(State.WAITING, at_once=True)

    def _refused(self, code, **more):
        if code == CLOSING:
            self.hang_up()
        return Outcome(State.REFUSED, code, **more) if code >= 500 else Outcome(State.WAITING, code)


def send_waiting(deliveries, message_for, *, sent=None, working=None):
    """Send what of these can go now. `message_for(delivery)` is its message, or none where there is nothing for them.

    `sent(delivery)` is told of each that was accepted or may have been, `working()` is called now and then. False where the mail server
    could not be reached: the rest waits.
    """
    with MailLine() as line:
        while True:
            deliveries.drop_leavers()
            rows = list(deliveries.ready()[:AT_A_TIME])
            if not rows:
                return True
            if working:
                working()
            for delivery in rows:
                if not line.is_open():
                    return False
                if delivery.claim():
                    _send_one(delivery, message_for, line, sent)


def _send_one(delivery, message_for, line, sent):
    try:
        message = message_for(delivery)
    except Exception:  # whatever is wrong with one must not keep the others from theirs
        logger.exception("Delivery %s could not be written", delivery.pk)
        return delivery.mark(State.REFUSED)
    if message is None:
        return delivery.mark(State.NOTHING)
    outcome = line.send(message)
    if outcome.state == State.WAITING:
        return delivery.put_back(outcome.reply, at_once=outcome.at_once)
    delivery.mark(outcome.state, outcome.reply)
    if outcome.no_such_address:
        delivery.subscriber.count_refusal()
    elif outcome.state in (State.ACCEPTED, State.UNCERTAIN):
        delivery.subscriber.reached()
        if sent:
            sent(delivery)
    return None
