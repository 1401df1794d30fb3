"""A member's private link to a calendar of an organisation's actions."""

from django.conf import settings
from django.db import models, transaction

from accounts.models import AuditEntry, Membership
from accounts.tokens import hashed, new_token


class ActionFeedManager(models.Manager):
    @transaction.atomic
    def make(self, *, mine):
        """`membership.action_feeds.make(...)`: give a member a link, and return its token. Any that they had before there dies."""
        token, membership = new_token(), self.instance
        self.update_or_create(defaults={"token_hash": hashed(token), "mine": mine, "made_by": membership.user})
        AuditEntry.objects.note("made_action_feed", by=membership.user, organisation=membership.organisation)
        return token

    def opened_by(self, token):
        """The feed of this private link, while its maker can sign in, belongs to the organisation and sees its actions; or none."""
        feeds = self.filter(membership__in=Membership.objects.current(), membership__user__is_active=True)
        feed = feeds.select_related("membership__organisation", "membership__user").filter(token_hash=hashed(token)).first()
        return feed if feed and feed.membership.can("see_actions") else None


class ActionFeed(models.Model):
    """A private link to a calendar: of all live actions of an organisation, or of those that its maker sees to. It dies with the membership."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="action_feeds")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", help_text="The member: so that it is handed to them with what we hold"
    )
    mine = models.BooleanField(help_text="Only the actions that its maker sees to")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now=True)

    objects = ActionFeedManager()

    goes_with = "made_by"  # see accounts/personal_data.py

    class Meta:
        constraints = [models.UniqueConstraint("membership", name="one_action_feed_each")]

    def __str__(self):
        return f"Calendar of {self.membership}"

    def actions(self):
        """What the calendar holds: live actions that have a due date."""
        actions = self.membership.organisation.actions.live().filter(due_on__isnull=False)
        return actions.filter(owner=self.membership.user) if self.mine else actions

    def revoke(self):
        AuditEntry.objects.note("revoked_action_feed", by=self.membership.user, organisation=self.membership.organisation)
        self.delete()
