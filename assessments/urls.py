"""The self-assessment's addresses: what anybody may read, the raters' private links, and an organisation's rounds and actions."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from assessments import (
    action_file_views,
    action_link_views,
    action_views,
    agree_views,
    framework_views,
    lost_link,
    pack_views,
    rater_views,
    rating_views,
    reading_link_views,
    result_views,
    round_views,
    shared_result,
    sheet_views,
    submit_views,
)

app_name = "assessments"


class TokenConverter(StringConverter):
    """128 random bits as accounts.tokens writes them. What cannot be one never reaches the database."""

    regex = "[A-Za-z0-9_-]{22}"


class QuestionConverter(StringConverter):
    """A question's number, such as 2.3. What cannot be one never reaches the database."""

    regex = "[1-9][.][1-9][0-9]?"


register_converter(TokenConverter, "token")
register_converter(QuestionConverter, "question")

frameworks = [
    path("", framework_views.FrameworkListView.as_view(), name="frameworks"),
    path("how-results-are-worked-out/", result_views.HowResultsView.as_view(), name="how_results"),
    path("<slug:slug>/", framework_views.FrameworkView.as_view(), name="framework"),
    path("<slug:slug>.yaml", framework_views.FrameworkYAMLView.as_view(), name="framework_yaml"),
    path("<slug:slug>.xlsx", framework_views.FrameworkWorkbookView.as_view(), name="framework_xlsx"),
]

rate = [
    path("", lost_link.LostLinkView.as_view(), name="lost_link"),
    path("<token:token>/", rating_views.CoverView.as_view(), name="rate"),
    path("<token:token>/<int:component>/", rating_views.ComponentView.as_view(), name="rate_component"),
    path("<token:token>/check/", rating_views.CheckView.as_view(), name="rate_check"),
    path("<token:token>/thanks/", rating_views.ThanksView.as_view(), name="rate_thanks"),
    path("<token:token>/answers.txt", rating_views.AnswersFileView.as_view(), name="rate_answers"),
]

rounds = [
    path("", round_views.AssessmentListView.as_view(), name="list"),
    path("start/", round_views.StartView.as_view(), name="start"),
    path("<int:number>/", round_views.AssessmentView.as_view(), name="assessment"),
    path("<int:number>/groups/", round_views.GroupsView.as_view(), name="groups"),
    path("<int:number>/raters/", rater_views.RatersView.as_view(), name="raters"),
    path("<int:number>/raters/add/", rater_views.RatersAddView.as_view(), name="raters_add"),
    path("<int:number>/raters/mail/", rater_views.MailPreviewView.as_view(), name="mail_preview"),
    path("<int:number>/raters/send/", rater_views.SendView.as_view(), name="raters_send"),
    path("<int:number>/raters/remind/", rater_views.RemindView.as_view(), name="raters_remind"),
    path("<int:number>/raters/<uuid:rater>/send/", rater_views.RaterSendView.as_view(), name="rater_send"),
    path("<int:number>/raters/<uuid:rater>/copy/", rater_views.RaterCopyView.as_view(), name="rater_copy"),
    path("<int:number>/raters/<uuid:rater>/replace/", rater_views.RaterReplaceView.as_view(), name="rater_replace"),
    path("<int:number>/raters/<uuid:rater>/remove/", rater_views.RaterRemoveView.as_view(), name="rater_remove"),
    path("<int:number>/extend/", round_views.ExtendView.as_view(), name="extend"),
    path("<int:number>/close/", round_views.CloseView.as_view(), name="close"),
    path("<int:number>/reopen/", round_views.ReopenView.as_view(), name="reopen"),
    path("<int:number>/abandon/", round_views.AbandonView.as_view(), name="abandon"),
    path("<int:number>/sheets/", sheet_views.SheetsView.as_view(), name="sheets"),
    path("<int:number>/sheets/print/", sheet_views.SheetsPrintView.as_view(), name="sheets_print"),
    path("<int:number>/sheets/void/", sheet_views.SheetsVoidView.as_view(), name="sheets_void"),
    path("<int:number>/sheets/key-in/", sheet_views.KeyInView.as_view(), name="key_in"),
    path("<int:number>/agree/", agree_views.BoardView.as_view(), name="board"),
    path("<int:number>/agree/begin/", agree_views.BeginView.as_view(), name="agree_begin"),
    path("<int:number>/agree/accept/", agree_views.AcceptView.as_view(), name="agree_accept"),
    path("<int:number>/agree/<question:question>/", agree_views.AnswerView.as_view(), name="answer"),
    path("<int:number>/priorities/", submit_views.PrioritiesView.as_view(), name="priorities"),
    path("<int:number>/submit/", submit_views.SubmitView.as_view(), name="submit"),
    path("<int:number>/reopen-result/", submit_views.ReopenResultView.as_view(), name="reopen_result"),
    path("<int:number>/result/", result_views.ResultView.as_view(), name="result"),
    path("<int:number>/result/<int:version>/", result_views.ResultVersionView.as_view(), name="result_version"),
    path("<int:number>/result/<int:version>/pack/", pack_views.PackPage.as_view(), name="pack"),
    path("<int:number>/result/<int:version>/pack/board/", pack_views.BoardPageView.as_view(), name="pack_board"),
    path("<int:number>/result/<int:version>/pack/board.pdf", pack_views.PackFileView.as_view(part="board.pdf"), name="pack_board_pdf"),
    path("<int:number>/result/<int:version>/pack/report.pdf", pack_views.PackFileView.as_view(part="report.pdf"), name="pack_report"),
    path("<int:number>/result/<int:version>/pack/slides.pptx", pack_views.PackFileView.as_view(part="slides.pptx"), name="pack_slides"),
    path("<int:number>/result/<int:version>/pack/workbook.xlsx", pack_views.PackFileView.as_view(part="workbook.xlsx"), name="pack_workbook"),
    path("<int:number>/result/links/", reading_link_views.ReadingLinksView.as_view(), name="reading_links"),
    path("<int:number>/result/links/<uuid:link>/revoke/", reading_link_views.ReadingLinkRevokeView.as_view(), name="reading_link_revoke"),
    path("predecessors/<code:predecessor>/<int:number>/", result_views.PredecessorResultView.as_view(), name="predecessor_result"),
]

actions = [
    path("", action_views.ActionListView.as_view(), name="actions"),
    path("add/", action_views.ActionAddView.as_view(), name="action_add"),
    path("actions.csv", action_file_views.ActionCSVView.as_view(), name="actions_csv"),
    path("actions.xlsx", action_file_views.ActionWorkbookView.as_view(), name="actions_xlsx"),
    path("calendar/", action_file_views.ActionCalendarView.as_view(), name="action_calendar"),
    path("calendar/revoke/", action_file_views.ActionCalendarRevokeView.as_view(), name="action_calendar_revoke"),
    path("mail/", action_file_views.ActionMailView.as_view(), name="action_mail"),
    path("<uuid:action>/", action_views.ActionView.as_view(), name="action"),
    path("<uuid:action>/change/", action_views.ActionChangeView.as_view(), name="action_change"),
]

urlpatterns = [
    path("self-assessment/", include(frameworks)),
    path("rate/", include(rate)),
    path("result/<token:token>/", shared_result.SharedResultView.as_view(), name="shared_result"),
    path("organisations/<code:ods_code>/assessments/", include(rounds)),
    path("organisations/<code:ods_code>/actions/", include(actions)),
    path("actions/<token:token>.ics", action_link_views.ActionFeedView.as_view(), name="action_feed"),
    path("actions/stop/<token:token>/", action_link_views.ActionMailStopView.as_view(), name="action_mail_stop"),
]
