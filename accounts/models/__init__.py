"""Who is asking: people, organisations, and what connects them."""

from accounts.models.audit import AuditEntry
from accounts.models.invitation import Invitation
from accounts.models.joining import FirstLeadRequest, JoinDomain, JoinRequest
from accounts.models.mail_home import MailHome
from accounts.models.membership import Membership
from accounts.models.organisation import FormerName, Merger, Organisation, Placement
from accounts.models.user import User

__all__ = [
    "AuditEntry",
    "FirstLeadRequest",
    "FormerName",
    "Invitation",
    "JoinDomain",
    "JoinRequest",
    "MailHome",
    "Membership",
    "Merger",
    "Organisation",
    "Placement",
    "User",
]
