"""Who may open which door: one line a route, asked by nine kinds of person. A route without a line fails.

A new route: give it a line in ACCESS, or let its name fall under a pattern there. Where its address names a row, make one of each in
tests/world.py, `fill`, under the name the address has for it: the tests of foreign, missing and malformed identifiers then ask for it too.
"""

import fnmatch
import hashlib
import io
import logging
import tomllib
import uuid
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from assessments.models import Framework
from impact_portal.models import Page
from tests.world import CANARY, KINDS_OF_PERSON, same_browser

pytestmark = pytest.mark.django_db

OK, SIGN_IN, NOT_FOUND, FORBIDDEN, NOT_SO, ELSEWHERE = "200", "sign in", "404", "403", "405", "elsewhere"

PUBLIC = (OK,) * 9
MOVED = (ELSEWHERE,) * 9

#            anonymous, nobody, stranger, viewer, contributor, lead, curator, administrator, disabled
SIGNED_IN = (SIGN_IN, OK, OK, OK, OK, OK, OK, OK, SIGN_IN)
MEMBERS = (SIGN_IN, NOT_FOUND, NOT_FOUND, OK, OK, OK, NOT_FOUND, NOT_FOUND, SIGN_IN)
LEADS = (SIGN_IN, NOT_FOUND, NOT_FOUND, FORBIDDEN, FORBIDDEN, OK, NOT_FOUND, NOT_FOUND, SIGN_IN)
LEADS_SEND = (SIGN_IN, NOT_FOUND, NOT_FOUND, FORBIDDEN, FORBIDDEN, NOT_SO, NOT_FOUND, NOT_FOUND, SIGN_IN)  # by POST alone
LEADS_LATER = (SIGN_IN, NOT_FOUND, NOT_FOUND, FORBIDDEN, FORBIDDEN, ELSEWHERE, NOT_FOUND, NOT_FOUND, SIGN_IN)  # a round at another stage
WORKERS = (SIGN_IN, NOT_FOUND, NOT_FOUND, FORBIDDEN, OK, OK, NOT_FOUND, NOT_FOUND, SIGN_IN)  # contributors and leads
WORKERS_SEND = (SIGN_IN, NOT_FOUND, NOT_FOUND, FORBIDDEN, NOT_SO, NOT_SO, NOT_FOUND, NOT_FOUND, SIGN_IN)
BY_POST = (SIGN_IN, NOT_SO, NOT_SO, NOT_SO, NOT_SO, NOT_SO, NOT_SO, NOT_SO, SIGN_IN)
NOT_SIGNED_IN = (OK, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, OK)
UNDER_WAY = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, SIGN_IN)  # a step of something not begun
WITH_APP = (SIGN_IN, NOT_FOUND, ELSEWHERE, NOT_FOUND, NOT_FOUND, ELSEWHERE, ELSEWHERE, ELSEWHERE, SIGN_IN)  # who asks confirms it is them
DESK = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, OK, OK, SIGN_IN)  # curators and administrators
DESK_SEND = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, NOT_SO, NOT_SO, SIGN_IN)  # by POST alone
DESK_ALONE = (ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, OK, OK, ELSEWHERE)
OFFICE = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, FORBIDDEN, OK, SIGN_IN)  # administrators alone
SHUT = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, FORBIDDEN, FORBIDDEN, SIGN_IN)
PUBLISHED = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, FORBIDDEN, ELSEWHERE, SIGN_IN)  # a framework that is: back to its page, with words
NO_SUCH_ROW = (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, SIGN_IN)

ACCESS = {
    "home": PUBLIC,
    "page": PUBLIC,
    "feed": PUBLIC,
    "health": PUBLIC,
    "robots": PUBLIC,
    "sitemap": PUBLIC,
    "sitemap_section": PUBLIC,
    "security_txt": PUBLIC,
    "change_password": MOVED,
    "favicon": MOVED,
    "resources:list": PUBLIC,
    "resources:json": PUBLIC,
    "resources:csv": PUBLIC,
    "resources:ris": PUBLIC,
    "resources:calendar": PUBLIC,
    "resources:suggest": PUBLIC,
    "resources:resource": PUBLIC,
    "resources:component": PUBLIC,
    "resources:category": PUBLIC,
    "resources:provider": PUBLIC,
    "resources:reading_list": PUBLIC,
    "resources:collections": PUBLIC,
    "resources:collection": PUBLIC,
    "resources:suggestion": PUBLIC,
    "resources:report": PUBLIC,
    "resources:useful": PUBLIC,
    "resources:tell_me": PUBLIC,
    "resources:*_thanks": PUBLIC,
    "resources:api_guide": PUBLIC,
    "resources:openapi": PUBLIC,
    "resources:api_list": PUBLIC,
    "resources:api_resource": PUBLIC,
    "assessments:frameworks": PUBLIC,
    "assessments:framework": PUBLIC,
    "assessments:framework_yaml": PUBLIC,
    "assessments:framework_xlsx": PUBLIC,
    "work": (SIGN_IN, OK, ELSEWHERE, ELSEWHERE, ELSEWHERE, OK, OK, OK, SIGN_IN),  # who has one organisation lands on it
    "work_rate": BY_POST,
    "accounts:organisation": MEMBERS,
    "accounts:people": MEMBERS,
    "accounts:leave": MEMBERS,
    "accounts:invite": LEADS,
    "accounts:hand_over": LEADS,
    "accounts:member": LEADS,
    "accounts:remove": LEADS,
    "accounts:request": LEADS,
    "accounts:domains": LEADS,
    "accounts:log": LEADS,
    "accounts:log_file": LEADS,
    "accounts:resend": LEADS_SEND,
    "accounts:revoke": LEADS_SEND,
    "accounts:domain_remove": LEADS_SEND,
    "accounts:share": LEADS_SEND,
    "assessments:how_results": PUBLIC,
    "assessments:lost_link": PUBLIC,
    "assessments:rate": PUBLIC,  # whoever holds the link
    "assessments:rate_component": PUBLIC,
    "assessments:rate_check": PUBLIC,
    "assessments:rate_thanks": PUBLIC,
    "assessments:rate_answers": PUBLIC,
    "assessments:shared_result": PUBLIC,
    "assessments:action_feed": PUBLIC,
    "assessments:action_mail_stop": PUBLIC,
    "bulletin:issues": PUBLIC,
    "bulletin:issue": PUBLIC,
    "bulletin:feed": PUBLIC,
    "bulletin:subscribe": PUBLIC,
    "bulletin:watch": PUBLIC,
    "bulletin:asked": PUBLIC,
    "bulletin:confirm": PUBLIC,  # whoever holds the link
    "bulletin:preferences": PUBLIC,
    "bulletin:unsubscribe": PUBLIC,
    "assessments:list": MEMBERS,
    "assessments:assessment": MEMBERS,
    "assessments:start": LEADS,
    "assessments:groups": LEADS,
    "assessments:raters": LEADS,
    "assessments:raters_add": LEADS,
    "assessments:mail_preview": LEADS,
    "assessments:raters_send": LEADS_SEND,
    "assessments:raters_remind": LEADS_SEND,
    "assessments:rater_send": LEADS_SEND,
    "assessments:rater_copy": LEADS_SEND,
    "assessments:rater_replace": LEADS,
    "assessments:rater_remove": LEADS,
    "assessments:extend": LEADS,
    "assessments:close": LEADS,
    "assessments:reopen": LEADS_LATER,
    "assessments:abandon": LEADS,
    "assessments:sheets": LEADS,
    "assessments:sheets_print": LEADS,
    "assessments:sheets_void": LEADS_SEND,
    "assessments:key_in": WORKERS,
    "assessments:board": WORKERS,
    "assessments:agree_begin": LEADS_LATER,
    "assessments:agree_accept": WORKERS_SEND,
    "assessments:answer": WORKERS,
    "assessments:priorities": WORKERS,
    "assessments:submit": LEADS,
    "assessments:reopen_result": LEADS,
    "assessments:result": MEMBERS,
    "assessments:result_version": MEMBERS,
    "assessments:pack*": MEMBERS,
    "assessments:reading_links": LEADS,
    "assessments:reading_link_revoke": LEADS_SEND,
    "assessments:predecessor_result": MEMBERS,
    "assessments:actions": WORKERS,
    "assessments:action_add": WORKERS,
    "assessments:actions_csv": WORKERS,
    "assessments:actions_xlsx": WORKERS,
    "assessments:action_calendar": WORKERS,
    "assessments:action_calendar_revoke": WORKERS_SEND,
    "assessments:action_mail": WORKERS_SEND,
    "assessments:action": WORKERS,
    "assessments:action_change": WORKERS,
    "accounts:join": SIGNED_IN,
    "accounts:ask": SIGNED_IN,
    "accounts:invitation": SIGNED_IN,
    "account": SIGNED_IN,
    "name": SIGNED_IN,
    "account_second_factor": SIGNED_IN,
    "account_login": NOT_SIGNED_IN,
    "account_signup": NOT_SIGNED_IN,
    "account_logout": SIGNED_IN,
    "account_inactive": PUBLIC,
    "account_reauthenticate": (SIGN_IN, OK, ELSEWHERE, OK, OK, ELSEWHERE, ELSEWHERE, ELSEWHERE, SIGN_IN),  # who has an app shows a code instead
    "account_email": SIGNED_IN,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_set_password": UNDER_WAY,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_confirm_login_code": UNDER_WAY,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": UNDER_WAY,
    "mfa_reauthenticate": (SIGN_IN, ELSEWHERE, OK, ELSEWHERE, ELSEWHERE, OK, OK, OK, SIGN_IN),
    "mfa_activate_totp": UNDER_WAY,
    "mfa_deactivate_totp": WITH_APP,
    "mfa_view_recovery_codes": WITH_APP,
    "mfa_download_recovery_codes": WITH_APP,
    "mfa_generate_recovery_codes": UNDER_WAY,
    "usersessions_list": SIGNED_IN,
    "admin:index": DESK_ALONE,
    "admin:app_list": DESK_ALONE,
    "admin:jsi18n": DESK_ALONE,
    "admin:password_change_done": DESK_ALONE,
    "admin:password_change": DESK,
    "admin:logout": DESK_ALONE,
    "admin:login": (SIGN_IN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, ELSEWHERE, ELSEWHERE, SIGN_IN),
    "admin:autocomplete": (ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, FORBIDDEN, FORBIDDEN, ELSEWHERE),
    "admin:view_on_site": MOVED,
    "admin:unnamed": NO_SUCH_ROW,  # an old address of the admin's, which leads to the row's page
    "admin:resources_failedsearch_decide": DESK_SEND,
    "admin:resources_resource_reviewed": DESK_SEND,
    "admin:resources_failedsearch_changelist": DESK,
    "admin:resources_failedsearch_add": SHUT,
    "admin:resources_failedsearch_*": NO_SUCH_ROW,
    "admin:resources_batch_apply": DESK_SEND,
    "admin:resources_batch_discard": DESK_SEND,
    "admin:resources_batch_distinct": DESK_SEND,
    "admin:resources_batch_care": DESK_SEND,
    "admin:resources_suggestion_add": SHUT,
    "admin:resources_suggestion_done": DESK_SEND,
    "admin:resources_report_add": SHUT,
    "admin:resources_report_check": DESK_SEND,
    "admin:resources_report_works": DESK_SEND,
    "admin:resources_report_done": DESK_SEND,
    "admin:resources_usefulcount_add": SHUT,
    "admin:resources_usefulcount_delete": SHUT,
    "admin:resources_*": DESK,
    "admin:bulletin_*": DESK,
    "admin:impact_portal_page_*": DESK,
    "admin:impact_portal_worker_changelist": DESK,
    "admin:impact_portal_worker_again": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, NOT_SO, NOT_SO, SIGN_IN),
    "admin:assessments_pick_*": DESK,
    "admin:auth_group_*": OFFICE,
    "admin:assessments_framework_add": SHUT,
    "admin:assessments_framework_publish": PUBLISHED,
    "admin:assessments_framework_delete": PUBLISHED,
    "admin:assessments_framework_*": OFFICE,
    "admin:accounts_firstleadrequest_changelist": OFFICE,
    "admin:accounts_firstleadrequest_change": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE, FORBIDDEN, ELSEWHERE, SIGN_IN),
    "admin:accounts_firstleadrequest_history": NO_SUCH_ROW,
    "admin:accounts_firstleadrequest_*": SHUT,
    "admin:accounts_*_delete": SHUT,
    "admin:accounts_*": OFFICE,
}


def routes(patterns=None, space="", above=()):
    """Every named route of the portal, with the names of its arguments."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        wanted = [*above, *sorted(pattern.pattern.regex.groupindex)]
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else ""), wanted)
        else:
            yield space + (pattern.name or "unnamed"), wanted


ROUTES = dict(routes())
WITH_HISTORY = [name for name in ROUTES if name.endswith("_simple_history")]  # their addresses have no names for their arguments
ASKED = [name for name in ROUTES if name not in WITH_HISTORY]
ORGANISATION_ROUTES = sorted(name for name, wanted in ROUTES.items() if "ods_code" in wanted)


def row(name):
    """The table's line for a route: its own, or that of the pattern it falls under."""
    found = [line for key, line in ACCESS.items() if fnmatch.fnmatchcase(name, key)]
    return found[0] if found else None


SLUGS = {
    "resources:component": "investing-in-people-and-culture",
    "resources:category": "case-studies",
    "resources:provider": "nhs-england",
    "page": "about",
    "resources:collection": "start-learning",
}


def arguments(name, place, **others):
    """What the address of a route needs, in one place (ours or theirs)."""
    known = {
        "slug": SLUGS.get(name, "team-huddles"), "code": place.organisation.code, "section": "resources", "key": "abc-def", "uidb36": "1",
        "pk": 1, "object_id": 1, "id": 1, "content_type_id": ContentType.objects.get_for_model(Page).pk, "app_label": "resources", "url": "nowhere", "row": uuid.UUID(int=1), **place.ids,
    }  # fmt: skip
    if "framework" in name:
        framework = Framework.objects.get(slug="working-edition")
        known |= {"slug": framework.slug, "pk": framework.pk, "object_id": framework.pk}
    for pattern, own in place.own.items():
        known |= own if fnmatch.fnmatchcase(name, pattern) else {}
    return {key: (known | others)[key] for key in ROUTES[name]}


def address(name, place, **others):
    if name == "admin:unnamed":
        return "/admin/resources/resource/1/"
    return reverse(name, kwargs=arguments(name, place, **others))


def outcome(response):
    """A response in the table's words."""
    if response.status_code in (301, 302):
        return SIGN_IN if response["Location"].startswith("/accounts/login/") else ELSEWHERE
    return str(response.status_code)


def test_every_route_has_a_line_and_every_line_a_route():
    assert [name for name in ROUTES if row(name) is None] == []
    assert [key for key in ACCESS if not fnmatch.filter(ROUTES, key)] == []


def ask(client, method, url, data=None):
    """One request, of which nothing stays: (the response)."""
    client.raise_request_exception = False
    mark = transaction.savepoint()
    try:
        return getattr(client, method)(url, data or {})
    finally:
        transaction.savepoint_rollback(mark)


# What each kind of person meets who opens every page once: walked once, and asked about below ------------------------------

PASSING = {"session", "usersession", "failedsearch"}  # a GET may write these, and when somebody last signed in


def whole_database():
    """A hash of each table."""
    hashes = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.model_name not in PASSING and not model._meta.proxy:
            fields = [f.attname for f in model._meta.concrete_fields if f.name != "last_login"]
            rows = list(model._base_manager.order_by("pk").values_list(*fields))
            hashes[model._meta.label] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return hashes


def open_every_page(client, place, before):
    """One walk: what each page answered, the tables that differ afterwards, and what was logged on the way."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    client.raise_request_exception = False
    logging.getLogger().addHandler(handler)
    mark = transaction.savepoint()
    try:
        met = {name: seen(client.get(address(name, place))) for name in ASKED}
        after = whole_database()
    finally:
        transaction.savepoint_rollback(mark)
        logging.getLogger().removeHandler(handler)
    return SimpleNamespace(met=met, changed=[table for table in before if before[table] != after[table]], log=written.getvalue())


def seen(response):
    """What the tests below ask of an answer."""
    body = b"".join(response) if response.streaming else response.content
    return SimpleNamespace(outcome=outcome(response), kept=response.get("Cache-Control", ""), cookies=bool(response.cookies), canary=CANARY.encode() in body)


WALK_ON_ANY = ("stranger", "lead", "administrator")  # between them every query of every page; the others' ways need one database


@pytest.fixture(scope="module")
def walks(shared_world):
    before = whole_database()
    kinds = KINDS_OF_PERSON if connection.vendor == "sqlite" else WALK_ON_ANY
    return {kind: open_every_page(same_browser(shared_world.clients[kind]), shared_world.ours, before) for kind in kinds}


def test_each_kind_of_person_meets_what_the_table_says(walks):
    wrong = []
    for name in ASKED:
        said = dict(zip(KINDS_OF_PERSON, row(name), strict=True))
        wrong += [f"{name} {kind}: {m}, not {said[kind]}" for kind, walk in walks.items() if (m := walk.met[name].outcome) != said[kind]]
    assert not wrong, "\n".join(wrong)


def test_a_get_changes_no_row(walks):
    assert {kind: walk.changed for kind, walk in walks.items() if walk.changed} == {}


LOOKS_AFTER = ("admin:accounts_user_", "admin:accounts_firstleadrequest", "admin:accounts_merger")  # the administrators: who may sign in, and mergers


def test_what_one_organisation_wrote_appears_in_nobody_else_s_page_file_mail_or_log(walks, world, caplog):
    """The canaries stand in their people's names, an invitation, a request, a domain and the log."""
    for kind in walks.keys() - {"stranger"}:
        for name, answer in walks[kind].met.items():
            assert not answer.canary or (kind == "administrator" and name.startswith(LOOKS_AFTER)), (kind, name)
        assert CANARY not in walks[kind].log
    world.clients["lead"].post("/organisations/AB1/people/invite/", {"email": "new@example.org", "role": "viewer"})
    assert len(mail.outbox) == 1
    assert CANARY not in str(mail.outbox[0].message())
    assert CANARY not in caplog.text


HOLD_A_FORM = {
    "assessments:lost_link",
    "resources:suggestion",
    "resources:report",
    "resources:useful",
    "resources:tell_me",
    "bulletin:subscribe",
}  # open to all, with a token each


def test_private_pages_are_kept_by_nobody_and_public_ones_set_no_cookie(walks):
    for name, answer in walks["lead"].met.items():
        if row(name) == PUBLIC and not name.startswith("account") and "token" not in ROUTES[name] and name not in HOLD_A_FORM:
            assert not answer.cookies, name
            assert "no-store" not in answer.kept, name
        elif name not in ("favicon", "change_password"):
            assert answer.kept == "private, no-store", name


def test_the_history_of_a_row_is_the_curators_alone(world):
    for name in WITH_HISTORY:
        model = apps.get_model(*name.removeprefix("admin:").removesuffix("_simple_history").rsplit("_", 1))
        past = model.history.first() or model.objects.first().history.create()
        url = reverse(name, args=[past.pk if not past.instance else past.instance.pk, past.pk])
        met = tuple(outcome(ask(world.clients[kind], "get", url)) for kind in KINDS_OF_PERSON)
        assert met == row(name), name


# An organisation's door ------------------------------------------------------------------------------------------------

OUTSIDERS = ("nobody", "stranger", "curator", "administrator")
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
EACH_METHOD = [method if method == "get" else pytest.param(method, marks=pytest.mark.one_database) for method in METHODS]


@pytest.mark.parametrize("method", EACH_METHOD)
def test_an_outsider_s_answer_is_byte_for_byte_that_for_a_code_that_does_not_exist(method, world):
    """The door is shut before a view is asked, so what is neither read nor sent is tried by one of them alone."""
    for name in ORGANISATION_ROUTES:
        absent = ask(world.clients["nobody"], method, address(name, world.ours, ods_code="ZZZZ9"))
        for kind in OUTSIDERS if method in ("get", "post") else ("stranger",):
            real = ask(world.clients[kind], method, address(name, world.ours))
            assert real.status_code == absent.status_code == 404, (name, kind)
            assert real.content == absent.content
            assert dict(real.headers) == dict(absent.headers)
            assert b"csrf" not in real.content
            assert b"AB1" not in real.content


@pytest.mark.parametrize("method", EACH_METHOD)
def test_whoever_is_not_signed_in_is_asked_to_whether_or_not_there_is_such_an_organisation(method, world):
    for name in ORGANISATION_ROUTES:
        for code in ("AB1", "ZZZZ9"):
            url = address(name, world.ours, ods_code=code)
            assert outcome(ask(Client(), method, url)) == SIGN_IN, (name, code)


@pytest.mark.one_database
def test_a_viewer_and_a_contributor_change_nothing_of_a_lead_s(world):
    for name in ORGANISATION_ROUTES:
        if row(name) in (LEADS, LEADS_SEND):
            for kind in ("viewer", "contributor"):
                for method in METHODS[3:]:
                    assert ask(world.clients[kind], method, address(name, world.ours)).status_code == 403, (name, kind, method)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_missing_or_malformed_identifier_does_not_exist_for_a_lead(method, world):
    for name in ORGANISATION_ROUTES:
        good = arguments(name, world.ours)
        expected = {404, 405} if ask(world.clients["lead"], method, address(name, world.ours)).status_code == 405 else {404}
        for wanted in ROUTES[name]:
            if wanted == "ods_code":
                continue
            for other in (arguments(name, world.theirs)[wanted], missing(good[wanted]), "..%2F", "%00", "1e3", "' or 1=1"):
                if other == good[wanted]:
                    continue  # each organisation counts its own rounds
                url = address(name, world.ours).replace(f"/{good[wanted]}", f"/{other}")
                assert ask(world.clients["lead"], method, url).status_code in expected, url


def missing(identifier):
    """One of the same kind that no row has."""
    return {uuid.UUID: uuid.UUID(int=1), int: 999_999}.get(type(identifier), "nowhere")


@pytest.mark.parametrize("code", ["zz", "ZZZZZZ", "%00", "..", "AB1%00", "' or 1=1", "🙂", "A" * 300])
def test_a_malformed_code_does_not_exist(code, world):
    assert world.clients["lead"].get(f"/organisations/{code}/people/").status_code == 404


def test_a_closed_organisation_can_be_read_by_its_people_and_changed_by_nobody(world):
    ids = {"ods_code": world.closed.code, "member": world.closed.memberships.get().public_id}
    for name in ("accounts:organisation", "accounts:people", "accounts:log", "accounts:log_file"):
        assert ask(world.clients["lead"], "get", address(name, world.ours, **ids)).status_code == 200
    for name in ("accounts:invite", "accounts:domains", "accounts:hand_over", "accounts:member", "accounts:remove"):
        for method in ("get", "post"):
            assert ask(world.clients["lead"], method, address(name, world.ours, **ids)).status_code == 403, name


NEED_NO_TOKEN = {"assessments:action_mail_stop", "bulletin:unsubscribe"}  # mail programs press them for readers (RFC 8058); they stop mail and show nothing


@pytest.mark.one_database
def test_each_post_is_refused_without_its_token(world):
    taken = []
    for kind in ("anonymous", "lead", "administrator"):
        strict = Client(enforce_csrf_checks=True)
        if kind != "anonymous":
            strict.force_login(world.people[kind])
        for name in set(ASKED) - NEED_NO_TOKEN:
            response = ask(strict, "post", address(name, world.ours))
            refused = response.status_code in (403, 404, 405) or outcome(response) == SIGN_IN
            taken += [] if refused else [f"{kind} {name}: {response.status_code}"]
    assert not taken, "\n".join(taken)


def test_no_view_of_an_organisation_can_reach_the_models(world):
    """The import contract says it; this says that each of their modules stands in the contract."""
    contracts = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    contract = next(contract for contract in contracts if "accounts.models" in contract.get("forbidden_modules", ()))
    modules = {resolve(address(name, world.ours)).func.view_class.__module__ for name in ORGANISATION_ROUTES}
    assert modules == set(contract["source_modules"]) - {"assessments.views"}
    assert set(contract["forbidden_modules"]) == {"accounts.models", "assessments.models"}
