"""Mail about belonging to organisations. Every link begins with BASE_URL, whatever host was asked; one message a recipient."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

logger = logging.getLogger(__name__)


def send(template, to, subject, *, connection=None, reply_to=None, headers=None, **context):
    """Send templates/mail/<template>.txt to one address. Did the mail server take it? Who sends many gives one open `connection`."""
    try:
        text = body_of(template, **context)
        return EmailMessage(whole_subject(subject), text, to=[to], reply_to=reply_to, headers=headers, connection=connection).send() == 1
    except (SMTPException, OSError):
        logger.warning("A mail (%s) was not taken by the mail server", template, exc_info=True)
        return False


def whole_subject(subject):
    """A subject as it goes: it says first whose mail it is."""
    return " ".join(f"{settings.SERVICE_NAME}: {subject}".split())


def body_of(template, **context):
    """The text of a mail as it goes."""
    context = {"service_name": settings.SERVICE_NAME, "base_url": settings.BASE_URL, "contact": settings.CONTACT_EMAIL, **context}
    return render_to_string(f"mail/{template}.txt.jinja", context)


def link(name, *args):
    """The full address of a page."""
    return settings.BASE_URL + reverse(name, args=args)


def send_invitation(invitation, token, *, by):
    """Mail the private link, and keep whether the mail server took it."""
    taken = send(
        "invitation",
        invitation.email,
        f"join {invitation.organisation}",
        invitation=invitation,
        organisation=invitation.organisation,
        by=by,
        link=link("accounts:invitation", token),
    )
    invitation.delivery = invitation.Delivery.ACCEPTED if taken else invitation.Delivery.REFUSED
    invitation.save(update_fields=["delivery"])
    return taken


def tell_of_request(request, person, *, lead):
    """Tell one of those who decide, a lead or an administrator, that somebody asks to join."""
    page = link("accounts:request", request.organisation.code, request.public_id) if lead else link("admin:accounts_firstleadrequest_changelist")
    send("request", person.email, f"somebody asks to join {request.organisation}", request=request, organisation=request.organisation, link=page)


def tell_of_decision(request):
    """Tell the person who asked."""
    send("decision", request.user.email, f"your request to join {request.organisation}", request=request, organisation=request.organisation, link=link("work"))


def tell_of_new_lead(organisation, person, *, by):
    """Tell the other leads that there is a new one."""
    for membership in organisation.leads().exclude(user=person).select_related("user"):
        send(
            "new_lead",
            membership.user.email,
            f"a new lead at {organisation}",
            organisation=organisation,
            person=person,
            by=by,
            link=link("accounts:people", organisation.code),
        )
