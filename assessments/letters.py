"""Mail to the people who rate: their private link, when they are asked, reminded, or have lost it."""

from accounts.letters import link, send
from assessments.wording import until, who_sees_what

SUBJECTS = {
    "invitation": "your view of {organisation}",
    "reminder": "your view of {organisation} is still wanted",
    "again": "your new link to rate {organisation}",
}


def contacts(assessment):
    """The people whom a rater can ask: the organisation's leads of today."""
    return [membership.user for membership in assessment.organisation.leads().select_related("user").order_by("user__name", "user__email")]


def words_of(rater, link, *, kind, leads):
    """What the mail is drawn with; a preview draws it with a link that opens nothing."""
    assessment = rater.assessment
    return {
        "kind": kind,
        "rater": rater,
        "assessment": assessment,
        "organisation": assessment.organisation_name,
        "leads": leads,
        "until": until(assessment),
        "who_sees_what": who_sees_what(assessment.anonymous, assessment.practice),
        "link": link,
    }


def subject_of(rater, kind):
    return SUBJECTS[kind].format(organisation=rater.assessment.organisation_name)


def send_link(rater, token, *, kind, connection=None, leads=None):
    """Mail a rater their private link and keep whether the mail server took it. `kind`: invitation, reminder or again.

    Who mails many gives one open `connection`, and the `leads` so that they are looked up once.
    """
    leads = contacts(rater.assessment) if leads is None else leads
    words = words_of(rater, link("assessments:rate", token), kind=kind, leads=leads)
    reply_to = [lead.email for lead in leads]
    taken = send("rating", rater.email, subject_of(rater, kind), connection=connection, reply_to=reply_to, **words)
    rater.delivery = rater.Delivery.ACCEPTED if taken else rater.Delivery.REFUSED
    rater.save(update_fields=["delivery"])
    return taken
