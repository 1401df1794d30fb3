"""What is done in the background. Each is safe to run twice, and to be killed half-way: what is done is marked as done, row by row."""

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tasks import task

from bulletin import watching
from bulletin.alert_mail import AlertMails, make_deliveries, week_of
from bulletin.issue_mail import IssueMail
from bulletin.mails import Mould, TooLarge
from bulletin.models import Delivery, Issue, SignUp, Subscriber, Suppression
from bulletin.sender import MailLine, send_waiting

TEST_KEY = "-" * 22  # nobody's


@task()
def send_confirmation(sign_up_id):
    """Ask the owner of an address whether they want what was asked for. What cannot go now is tried again by `send_due`."""
    sign_up = SignUp.objects.filter(pk=sign_up_id).first()
    if sign_up is None or sign_up.state != SignUp.State.WAITING or not sign_up.email:
        return
    if Suppression.objects.of(sign_up.email).filter(never=True).exists():
        sign_up.mark(SignUp.State.UNWANTED)
        return
    with MailLine() as line:
        if not line.is_open() or not sign_up.claim():
            return
        outcome = line.send(question(sign_up))
    states = {Delivery.State.WAITING: SignUp.State.WAITING, Delivery.State.REFUSED: SignUp.State.REFUSED}
    sign_up.mark(states.get(outcome.state, SignUp.State.ACCEPTED))


def question(sign_up):
    """The mail that asks; or, for somebody who gets the bulletin and asked for nothing more, that says so."""
    subscriber = Subscriber.objects.getting_mail().filter(email=sign_up.email).first()
    if sign_up.search:
        watched = watching.read(sign_up.search)
        wanted = f"an e-mail when something new fits the search {watched.words if watched else ''}".strip()
        mould = Mould("bulletin_confirm", "confirm that you want this e-mail", heading="Do you want this e-mail?", wanted=wanted)
    elif subscriber and subscriber.frequency:
        return Mould("bulletin_known", "you already subscribe").for_one(subscriber.email, subscriber.key)
    else:
        wanted = f"the bulletin, {'once a month' if sign_up.frequency == 'monthly' else 'once a week'}"
        mould = Mould("bulletin_confirm", "confirm that you want the bulletin", heading="Do you want the bulletin?", wanted=wanted)
    return mould.for_one(sign_up.email, sign_up.key)


@task(queue_name="slow")
def send_issue(issue_id):
    """Send an issue to whoever has not had it: begins it, goes on with it, or finds nothing to do."""
    issue = Issue.objects.filter(pk=issue_id).first()
    if issue is None or issue.is_draft:
        return
    try:
        IssueMail(issue).mould({})
        issue.start(by_itself=True)
    except (ValidationError, TooLarge):  # since it was scheduled, everything in it was withdrawn, or its summaries have grown
        issue.cancel()
        return
    if issue.state != Issue.State.SENDING:
        return
    mail = IssueMail(issue)
    issue.at_work()
    send_waiting(Delivery.objects.filter(issue=issue), lambda delivery: mail.for_subscriber(delivery.subscriber), working=issue.at_work)
    issue.finish()


@task()
def send_test(issue_id, user_id):
    """Send an issue as it stands to the curator who asks."""
    issue, person = Issue.objects.filter(pk=issue_id).first(), get_user_model().objects.filter(pk=user_id, is_active=True, is_staff=True).first()
    mould = IssueMail(issue).mould({}) if issue and person else None
    if mould:
        with MailLine() as line:
            if line.is_open():
                line.send(mould.for_one(person.email.lower(), TEST_KEY))


@task()
def send_due():
    """Begin what is scheduled, go on with what was left, and ask those who could not be asked before. Run it every few minutes."""
    for issue in [*Issue.objects.due(), *Issue.objects.left_alone()]:
        send_issue.enqueue(issue.pk)
    for sign_up in [*SignUp.objects.unsent()[:200], *SignUp.objects.release()]:
        send_confirmation.enqueue(sign_up.pk)


@task(queue_name="slow")
def send_alerts():
    """Tell those who watch searches what is new in them, once a week however often it is run."""
    week, mails = week_of(timezone.localdate()), AlertMails()
    make_deliveries(week)
    send_waiting(Delivery.objects.filter(week=week), mails.for_delivery, sent=mails.sent)
