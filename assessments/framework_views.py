"""In the making."""

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView


@method_decorator(login_not_required, name="dispatch")
class FrameworkListView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class FrameworkView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class FrameworkYAMLView(TemplateView):
    template_name = "page.jinja"


@method_decorator(login_not_required, name="dispatch")
class FrameworkWorkbookView(TemplateView):
    template_name = "page.jinja"

