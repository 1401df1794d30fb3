"""In the making."""

from django.views.generic import TemplateView


class HowResultsView(TemplateView):
    template_name = "page.jinja"


class ResultView(TemplateView):
    template_name = "page.jinja"


class ResultVersionView(TemplateView):
    template_name = "page.jinja"


class ReadingLinksView(TemplateView):
    template_name = "page.jinja"


class ReadingLinkRevokeView(TemplateView):
    template_name = "page.jinja"


class PredecessorResultView(TemplateView):
    template_name = "page.jinja"


class SharedResultView(TemplateView):
    template_name = "page.jinja"
