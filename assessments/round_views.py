"""In the making."""

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView


class AssessmentListView(TemplateView):
    template_name = "page.jinja"


class StartView(TemplateView):
    template_name = "page.jinja"


class AssessmentView(TemplateView):
    template_name = "page.jinja"


class GroupsView(TemplateView):
    template_name = "page.jinja"


class RatersView(TemplateView):
    template_name = "page.jinja"


class RatersAddView(TemplateView):
    template_name = "page.jinja"


class MailPreviewView(TemplateView):
    template_name = "page.jinja"


class SendView(TemplateView):
    template_name = "page.jinja"


class RemindView(TemplateView):
    template_name = "page.jinja"


class RaterSendView(TemplateView):
    template_name = "page.jinja"


class RaterCopyView(TemplateView):
    template_name = "page.jinja"


class RaterReplaceView(TemplateView):
    template_name = "page.jinja"


class RaterRemoveView(TemplateView):
    template_name = "page.jinja"


class ExtendView(TemplateView):
    template_name = "page.jinja"


class CloseView(TemplateView):
    template_name = "page.jinja"


class ReopenView(TemplateView):
    template_name = "page.jinja"


class AbandonView(TemplateView):
    template_name = "page.jinja"

