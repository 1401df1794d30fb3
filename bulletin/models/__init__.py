"""The bulletin's nouns: who asked for it, who gets it, who wants none, an issue and its items, and one delivery for each mail."""

from bulletin.models.delivery import Delivery
from bulletin.models.issue import Issue, IssueItem
from bulletin.models.sign_up import Gate, SignUp, TooMany
from bulletin.models.subscriber import Alert, Consent, Frequency, Subscriber
from bulletin.models.suppression import FormerKey, Suppression

__all__ = ["Alert", "Consent", "Delivery", "FormerKey", "Frequency", "Gate", "Issue", "IssueItem", "SignUp", "Subscriber", "Suppression", "TooMany"]
