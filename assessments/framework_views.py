"""The framework in public: what the self-assessment is, which editions there are, and each of them whole, to read, print, cite and take away."""

from itertools import groupby

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from assessments.framework_file import TYPES, as_file
from assessments.framework_text import FrameworkText
from assessments.models import Framework

FORMATS = {".xlsx": "Excel workbook", ".yaml": "YAML"}


@method_decorator(login_not_required, name="dispatch")
class FrameworkListView(TemplateView):
    """What the self-assessment is, how it is done here, and every published edition, newest first."""

    template_name = "assessments/framework_list.jinja"

    def get_context_data(self, **kwargs):
        frameworks = list(Framework.objects.published().annotate(total=Count("questions")).order_by("-published_at", "slug"))
        return super().get_context_data(frameworks=frameworks, **kwargs)


@method_decorator(login_not_required, name="dispatch")
class FrameworkView(TemplateView):
    """One edition whole. A draft does not exist yet."""

    template_name = "assessments/framework_detail.jinja"

    def get_context_data(self, slug, **kwargs):
        framework = get_object_or_404(Framework.objects.published(), slug=slug)
        questions = framework.with_everything()
        text = FrameworkText.of(framework, questions)
        return super().get_context_data(
            framework=framework,
            components=by_component(questions),
            total=len(questions),
            files=[(name, f"{framework.get_absolute_url().rstrip('/')}{suffix}", len(as_file(text, suffix))) for suffix, name in FORMATS.items()],
            **kwargs,
        )


def by_component(questions):
    """The questions of a framework under their components, in order."""
    return [(component, list(group)) for component, group in groupby(questions, key=lambda question: question.component)]


@method_decorator(login_not_required, name="dispatch")
class FrameworkFileView(View):
    """One edition as a file, which an import takes back unchanged."""

    http_method_names = ["get", "head", "options"]
    suffix: str

    def get(self, request, slug):
        framework = get_object_or_404(Framework.objects.published(), slug=slug)
        return file_response(framework, self.suffix)


def file_response(framework, suffix):
    """A framework as a download."""
    content = as_file(FrameworkText.of(framework), suffix)
    return HttpResponse(content, content_type=TYPES[suffix], headers={"Content-Disposition": f'attachment; filename="{framework.slug}{suffix}"'})


class FrameworkYAMLView(FrameworkFileView):
    """YAML, to compare and keep."""

    suffix = ".yaml"


class FrameworkWorkbookView(FrameworkFileView):
    """A workbook, to read and fill in in Excel."""

    suffix = ".xlsx"
