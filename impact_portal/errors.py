"""Error pages in NHS dress. None of them asks the database for anything, and none repeats what was asked, but a rater's own text to them."""

from django.http import HttpResponse
from django.template import engines

from assessments import faults

RATERS = "/rate/"  # where what was typed comes back


def error_page(name, status):
    """One of templates/errors/, drawn with neither request nor database."""
    return HttpResponse(engines["jinja2"].get_template(f"errors/{name}.jinja").render({}), status=status)


def bad_request(request, exception=None):
    return error_page("400", 400)


def permission_denied(request, exception=None):
    return error_page("403", 403)


def csrf_failure(request, reason=""):
    if request.path.startswith(RATERS):
        return faults.stale_form(request)
    return error_page("403_form", 403)


def not_found(request, exception=None):
    if request.path.startswith(RATERS):
        return faults.dead_link(request)
    return error_page("404", 404)


def too_large(request):
    return error_page("413", 413)


def too_many_requests(request):
    return error_page("429", 429)


def server_error(request):
    return error_page("500", 500)
