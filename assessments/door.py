"""The raters' door: a private link at /rate/<token>/ is all that opens it, and nobody is asked who they are."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import Error, transaction
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware, method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.tokens import hashed
from assessments import faults
from assessments.faults import DeadLink
from assessments.models import Assessment, Rater
from assessments.models.rating import RoundClosed

logger = logging.getLogger(__name__)

RATERS = Rater.objects.select_related("assessment__organisation").order_by()  # a link is one rater's alone, so there is nothing to put in order


def rater_of(token):
    """The rater whose private link this is. Raises DeadLink.

    A link that somebody else has seen never opens what was said: where there is something, it is dead.
    """
    rater = next(iter(RATERS.for_token(token)), None)
    if rater is None or (rater.link_shown and rater.has_begun):
        raise DeadLink
    return rater


@transaction.atomic
def save(token, act):
    """Do something for a rater, `act(rater)`, in one step or not at all. Returns them, and the token under which they are found from now on.

    The round is locked first, so that what is true of link and round then is true until it is done. A link that somebody else
    has seen is exchanged before anything is saved by it. Raises DeadLink, and RoundClosed.
    """
    assessment = Assessment.objects.select_for_update(of=("self",)).select_related("organisation").filter(raters__token_hash=hashed(token)).order_by().first()
    rater = assessment and assessment.raters.for_token(token).order_by("pk").first()
    if rater is None or (rater.link_shown and rater.has_begun):
        raise DeadLink
    if not assessment.is_rating:
        raise RoundClosed("This round is closed")
    if rater.link_shown:
        token = rater.renew_link()
    act(rater)
    return rater, token


class NoReferrerMiddleware(CsrfViewMiddleware):
    """Django's check, for pages that send no Referer: from those, browsers give the origin of a form as null."""

    def _origin_verified(self, request):
        return request.META["HTTP_ORIGIN"] == "null" or super()._origin_verified(request)


@method_decorator([login_not_required, csrf_exempt, decorator_from_middleware(NoReferrerMiddleware)], name="dispatch")
class DoorView(View):
    """A page that needs no account. Whatever fails, what was typed comes back, and nobody keeps a copy of the page."""

    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request, *args, **kwargs):
        try:
            response = self.answer(request, *args, **kwargs)
        except Error:
            logger.exception("The database failed a rater")
            response = faults.no_database(request)
        return faults.private(response)

    def answer(self, request, *args, **kwargs):
        """The page, or the page for a link that opens none."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except DeadLink:
            return faults.dead_link(request)
