"""Any form of any app is drawn as NHS components: labels, hints, errors and their links in their places, ids once."""

import re
from datetime import date

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import engines

CHOICES = [("lead", "Lead"), ("viewer", "Viewer")]


class EveryField(forms.Form):
    """One of each, as a form author writes them: no base class, no widget of ours."""

    nhs = {"role": {"hints": {"lead": "May invite people"}}}

    email = forms.EmailField(label="E-mail", help_text="Not <b>bold</b>", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    role = forms.ChoiceField(label="Role", choices=CHOICES, widget=forms.RadioSelect, error_messages={"required": "Select a role"})
    days = forms.MultipleChoiceField(label="Days", choices=[("1", "Monday"), ("2", "Tuesday")], widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="I agree")
    place = forms.ChoiceField(label="Place", choices=[("", "Choose"), ("1", "Leeds")])
    until = forms.DateField(label="Until", widget=forms.SelectDateWidget, error_messages={"invalid": "Enter a real date"})
    note = forms.CharField(label="Note", max_length=100, widget=forms.Textarea)
    words = forms.CharField(label="Words", widget=forms.Textarea(attrs={"rows": 3}))
    evidence = forms.FileField(label="Evidence")
    secret = forms.CharField(label="Secret", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    number = forms.IntegerField(label="Number")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


VISIBLE = {name for name in EveryField.base_fields if name != "hidden"}


@pytest.fixture
def draw(rf):
    def page(form, **context):
        request = rf.get("/")
        request.user, request.session = AnonymousUser(), {}
        request._messages = []
        return engines["jinja2"].get_template("form_page.jinja").render({"title": "Invite", "form": form, "button": "Send", **context}, request)

    return page


def test_each_error_leads_to_the_first_thing_to_fill_in(draw):
    html = draw(EveryField({"until_day": "31", "until_month": "x", "until_year": "2027"}))
    links = re.findall(r'<a href="#(id_\w+)">', html)
    assert links == [f"id_{name}_day" if name == "until" else f"id_{name}" for name in EveryField.base_fields if name != "hidden"]
    for link in links:
        assert re.search(rf'<(input|select|textarea)[^>]* id="{link}"', html), link
    assert "<title>Error: Invite - " in html
    assert '<a href="#id_until_day">Enter a real date</a>' in html
    assert [f'value="{part}"' in html for part in ("31", "x", "2027")] == [True] * 3


def test_every_id_is_there_once_and_every_label_and_description_finds_its_own(draw):
    for form in (EveryField(), EveryField({}), EveryField(prefix="one")):
        html = draw(form)
        ids = re.findall(r' id="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        pointed_at = re.findall(r' for="([^"]+)"', html) + " ".join(re.findall(r' aria-describedby="([^"]+)"', html)).split()
        assert set(pointed_at) <= set(ids)


def test_what_was_there_before_is_shown(draw):
    initial = {
        "email": "ann@example.org",
        "role": "viewer",
        "days": ["2"],
        "agreed": True,
        "place": "1",
        "until": date(2027, 3, 28),
        "note": "Hello",
        "secret": "x",
    }
    html = draw(EveryField(initial=initial))
    assert 'value="ann@example.org"' in html
    assert re.findall(r'name="(\w+)" type="(?:radio|checkbox)" value="(\w+)" checked', html) == [("role", "viewer"), ("days", "2"), ("agreed", "on")]
    assert '<option value="1" selected>Leeds</option>' in html
    assert re.findall(r'name="until_(\w+)" type="text" value="(\d+)"', html) == [("day", "28"), ("month", "3"), ("year", "2027")]
    assert ">Hello</textarea>" in html
    assert 'value="x"' not in html


def test_browsers_own_bubbles_stay_away_and_words_stay_words(draw):
    html = draw(EveryField({}))
    assert not re.search(r"\srequired[\s>=]", html)
    assert "novalidate" in html
    assert 'enctype="multipart/form-data"' in html
    assert "Not &lt;b&gt;bold&lt;/b&gt;" in html
    assert 'id="id_role-item-hint"' in html
    assert 'autocomplete="new-password"' in html


def test_hostile_text_in_a_form_stays_text(draw):
    hostile = '"><script>alert(1)</script>'
    form = EveryField(dict.fromkeys([*VISIBLE, "until_day", "until_month", "until_year", "hidden"], hostile))
    form.fields["email"].label = form.fields["role"].help_text = hostile
    form.add_error(None, hostile)
    form.add_error("number", hostile)
    assert "<script>alert" not in draw(form, lede=hostile, hint=hostile, notice=hostile, links=[(hostile, hostile)], back=(hostile, hostile))


def test_what_is_wrong_with_the_whole_form_stands_first_without_a_link(draw):
    form = EveryField({})
    form.add_error(None, "Somebody was quicker")
    first = re.search(r'nhsuk-error-summary__list">\s*<li>(.*?)</li>', draw(form))[1]
    assert first == "Somebody was quicker"
