"""The one door to what an organisation owns: /organisations/<code>/. Middleware opens it before any view runs, or there is nothing."""

from django.http import Http404


class OrganisationMiddleware:
    """Turns the code of the address into request.organisation and request.membership; who does not belong there gets a 404.

    The 404 is the one for a code that does not exist, so that nobody learns which organisations use the portal.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "ods_code" not in kwargs or not request.user.is_authenticated:
            return  # LoginRequiredMiddleware has sent those who are not signed in to do so
        membership = request.user.memberships.current().select_related("organisation", "user").filter(organisation__code=kwargs.pop("ods_code").upper()).first()
        if membership is None:
            raise Http404
        request.membership, request.organisation = membership, membership.organisation
