"""Every template compiles, and none holds what the strict policy forbids."""

import re

import pytest
from django.conf import settings
from django.template import engines

pytestmark = pytest.mark.one_database

TEMPLATES = sorted(p.relative_to(settings.BASE_DIR / "templates").as_posix() for p in (settings.BASE_DIR / "templates").rglob("*.jinja"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles_and_holds_no_inline_script_or_style(name):
    engines["jinja2"].get_template(name)
    text = (settings.BASE_DIR / "templates" / name).read_text()
    if re.fullmatch(r"mail/\w+\.html\.jinja", name):  # a mail has no stylesheet to go to; the admin shows it under a policy of its own
        assert not re.search(r"\son\w+=|<script|javascript:|<img|url\((?!\")|@import|<link", text)
    else:
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", text)


def test_no_lock_file_names_an_address():
    for path in [*(settings.BASE_DIR / "requirements").glob("*.txt"), settings.BASE_DIR / "package-lock.json"]:
        assert "://" not in path.read_text(), path.name
