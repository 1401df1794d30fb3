"""In the making."""

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView


class SheetsView(TemplateView):
    template_name = "page.jinja"


class SheetsPrintView(TemplateView):
    template_name = "page.jinja"


class KeyInView(TemplateView):
    template_name = "page.jinja"

