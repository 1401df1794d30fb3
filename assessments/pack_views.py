"""The pack for the board: a page that lists its files, the board page to print, and each file. For every member who may read the result.

Each file is made when it is asked for, in memory and whole, and then sent: see docs/decisions/016-pack-in-the-request.md.
"""

import logging
import secrets
import traceback

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property
from django.views.generic import View

from assessments.pack.board import board
from assessments.pack.parts import PARTS, result_of
from assessments.pack.pdf import NotTypeset
from assessments.views import RoundPage, RoundView

log = logging.getLogger(__name__)


class PackView(RoundView):
    """Something of the pack of one version of a submitted result."""

    @cached_property
    def submission(self):
        return get_object_or_404(self.assessment.submissions.select_related("assessment__organisation"), version=self.kwargs["version"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"submission": self.submission, **kwargs})


class PackPage(PackView, RoundPage):
    """What the pack holds, each file with its type and how large it is at most."""

    template_name = "assessments/pack.jinja"

    def get_context_data(self, **kwargs):
        files = [(part, f"{self.request.path}{part.name}") for part in PARTS.values()]
        return super().get_context_data(files=files, check=self.submission.pack_checks.first(), **kwargs)


class BoardPageView(PackView, RoundPage):
    """The board page: one side of A4, to read and to print."""

    template_name = "assessments/board_page.jinja"

    def get(self, request, **kwargs):
        submission = self.submission
        try:
            return super().get(request, submission=submission, **kwargs).render()
        except Exception as error:
            return not_made(request, self, "The board page", error)

    def get_context_data(self, **kwargs):
        return super().get_context_data(board=board(result_of(self.submission)), **kwargs)


class PackFileView(PackView, View):
    """One file of the pack, as a download."""

    http_method_names = ["get", "head", "options"]
    part = ""

    def get(self, request, **kwargs):
        part, submission = PARTS[self.part], self.submission
        try:
            content = part.of(submission)
        except Exception as error:  # whatever its library raises: the other files are made on their own
            return not_made(request, self, part.title, error)
        named = {"Content-Disposition": f'attachment; filename="{part.file_name(submission)}"'}
        return HttpResponse(content, content_type=part.content_type, headers=named)


def not_made(request, view, title, error):
    """A page that says which part could not be made, with an incident's number that the log has too.

    What people wrote can stand in an error's own words, so the log has its kind and where it came from; the typesetter's words are safe.
    """
    incident = secrets.token_hex(4)
    where = "".join(traceback.format_tb(error.__traceback__))
    said = f"{type(error).__name__}{f': {error}' if isinstance(error, NotTypeset) else ''}"
    log.error("%s of %s could not be made, incident %s: %s\n%s", title, view.submission, incident, said, where)
    to = view.to("pack", view.submission.version)
    return render(request, "assessments/pack_not_made.jinja", {"title": title, "incident": incident, "to": to}, status=503)
