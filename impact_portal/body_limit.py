"""How much may be sent to the portal at once. Refused by what the request declares, before anything reads it.

A form's check against forgery reads the whole form first, and Django sets no limit to files in it. What declares no length is read by
nothing: Django takes as many bytes as were declared.
"""

from django.urls import reverse

from accounts.etr import LARGEST
from impact_portal.errors import too_large
from resources import workbook

FORM = 2_500_000  # bytes: about what Django takes of a form without files
AROUND_A_FILE = 100_000  # bytes: the other fields of its form
IMPORTS = {
    "admin:accounts_organisation_import": LARGEST,
    "admin:assessments_framework_import": workbook.LARGEST,
    "admin:resources_import": workbook.LARGEST,
}


class BodyLimitMiddleware:
    """Answers 413 to whoever is about to send too much."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = declared(request)
        return self.get_response(request) if length <= FORM or length <= most(request) else too_large(request)


def declared(request):
    """How many bytes the request says it has; none where that is no number, as Django reads it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def most(request):
    """How many bytes a page takes: the files that administrators import may be larger than a form."""
    return next((largest + AROUND_A_FILE for page, largest in IMPORTS.items() if request.path == reverse(page)), FORM)
