"""What curators do about a link: another address, a withdrawal, a label, a look of their own. Each is a line in the resource's history."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from resources.mending import mended
from resources.models import Link, Resource


@transaction.atomic
def new_address(resource, url, reason, *, instead_of=None):
    """Give a resource another address. ValidationError where it has another than `instead_of` by now: somebody else was quicker."""
    held = Resource.objects.select_for_update().get(pk=resource.pk)
    if instead_of is not None and held.url != instead_of:
        raise ValidationError(f"Somebody has given it another address meanwhile: {held.url}")
    held.url = url
    save(held, reason)
    link = Link.objects.select_for_update().filter(resource=held).first()
    if link:
        link.start_afresh(url)
        link.keep()
    mended(held)


@transaction.atomic
def take_proposed(link, proposed):
    """Take the new address that the old one names. ValidationError where another is proposed by now."""
    held = Link.objects.select_for_update().select_related("resource").get(pk=link.pk)
    if not proposed or held.moved_to != proposed or held.resource.url != held.address:
        raise ValidationError("What is proposed has changed meanwhile: look at it again")
    new_address(held.resource, proposed, "Its old address says that it has moved here for good", instead_of=held.address)


@transaction.atomic
def withdraw(resource, *, why="", successor=None):
    """Take a resource whose link does not work out of the lists; whoever follows an old address is told why, or where to go."""
    held = Resource.objects.select_for_update().get(pk=resource.pk)
    if held.withdrawn_at:
        raise ValidationError("It is withdrawn already")
    held.withdrawn_at, held.withdrawn_reason, held.successor = timezone.now(), why, successor
    held.clean()
    save(held, "Withdrawn: its link does not work")


@transaction.atomic
def label_sign_in(resource, sign_in):
    """Say on its page that a sign-in is needed, and which."""
    held = Resource.objects.select_for_update().get(pk=resource.pk)
    held.sign_in = sign_in
    save(held, "The link checker met a sign-in")


@transaction.atomic
def look(resource, by):
    """A curator has looked, and it is there. Kept with the link, since nothing of the resource changes."""
    Link.objects.get_or_create(resource=resource, defaults={"address": resource.url})
    link = Link.objects.select_for_update().get(resource=resource)
    if link.address != resource.url:
        link.start_afresh(resource.url)
    was_broken = link.verdict == Link.Verdict.GONE
    link.look(by)
    link.keep()
    if was_broken:
        mended(resource)


def save(resource, reason):
    """Save it with the reason in its history."""
    resource._change_reason = reason
    resource.save()
