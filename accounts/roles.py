"""The roles in an organisation: each a readable list of verbs."""

from django.db import models

READ = frozenset({"read"})
CONTRIBUTE = READ | {"contribute", "key_in_sheets", "follow_rounds", "agree", "see_actions"}
LEAD = CONTRIBUTE | {
    "run_rounds",
    "see_raters",
    "invite",
    "decide_requests",
    "change_roles",
    "remove_people",
    "hand_over",
    "set_domains",
    "read_log",
    "share_after_merger",
}

VERBS = {"viewer": READ, "contributor": CONTRIBUTE, "lead": LEAD}  # what each role may do, in full
RANK = {"viewer": 1, "contributor": 2, "lead": 3}
# All that anybody may still do at a closed organisation.
WHEN_CLOSED = frozenset({"read", "follow_rounds", "see_raters", "see_actions", "read_log", "share_after_merger"})


def roles_that_can(verb):
    """The roles that have a verb."""
    return [role for role, verbs in VERBS.items() if verb in verbs]


class Role(models.TextChoices):
    LEAD = "lead", "Lead"
    CONTRIBUTOR = "contributor", "Contributor"
    VIEWER = "viewer", "Viewer"


ROLE_HINTS = {
    "lead": "Runs the self-assessment, decides who belongs here and reads the log",
    "contributor": "Takes part in what your organisation does here",
    "viewer": "Reads, and changes nothing",
}
