"""In the making."""

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView


@method_decorator(login_not_required, name="dispatch")
class LostLinkView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class CoverView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class ComponentView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class CheckView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class ThanksView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class AnswersFileView(TemplateView):
    template_name = "page.jinja"

