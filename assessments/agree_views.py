"""In the making."""

from django.views.generic import TemplateView


class BoardView(TemplateView):
    template_name = "page.jinja"


class BeginView(TemplateView):
    template_name = "page.jinja"


class AcceptView(TemplateView):
    template_name = "page.jinja"


class AnswerView(TemplateView):
    template_name = "page.jinja"


class PrioritiesView(TemplateView):
    template_name = "page.jinja"


class SubmitView(TemplateView):
    template_name = "page.jinja"


class ReopenResultView(TemplateView):
    template_name = "page.jinja"
