"""What people typed, made fit for files, and cut where there is no room: nothing lost unseen, nothing that breaks a file."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from assessments.pack.words import aside, cut, fit, fit_text

pytestmark = pytest.mark.one_database

TEXT = st.text(st.characters(), max_size=200) | st.text("ab \n\r\x00\x01\x1b\x7f\ud800\ufffe\u202a\u202e\u202c\u2067\u2069\u200d\U0001f469́", max_size=60)


@given(TEXT)
def test_a_text_made_fit_can_stand_in_xml_and_in_utf_8_and_is_fit_already(text):
    fitted = fit_text(text)
    etree.Element("t").text = fitted
    fitted.encode()
    assert fit_text(fitted) == fitted


@given(
    st.text(st.characters(min_codepoint=32, exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), max_size=100).filter(
        lambda text: not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    )
)
def test_a_text_without_anything_odd_stays_as_it_is(text):
    assert fit_text(text) == text


def test_line_ends_become_one_kind_and_control_characters_their_pictures():
    assert fit_text("a\r\nb\rc\x0bd\u2028e") == "a\nb\nc\nd\ne"
    assert fit_text("a\x1bb\x7fc\x00\td") == "a␛b␡c␀\td"
    assert fit_text("a\ud800b\ufffec\x90") == "a�b�c�"


def test_a_line_that_turns_the_direction_ends_that_before_the_next():
    assert fit_text("a \u202eb\nc") == "a \u202eb\u202c\nc"
    assert fit_text("\u2067a\u2069 \u202ab\u202c") == "\u2067a\u2069 \u202ab\u202c"


def test_values_are_made_fit_however_deep_they_lie():
    assert fit({"a": ["\x01", {"b": "c\r"}], "n": 1, "none": None}) == {"a": ["␁", {"b": "c\n"}], "n": 1, "none": None}


@given(TEXT.map(fit_text), st.integers(10, 60))
def test_a_cut_text_is_the_beginning_of_the_whole_and_says_where_the_rest_is(text, most):
    line, shown = " ".join(text.split()), cut(text, most, "whole in the report")
    if len(line) <= most:
        assert shown == line
    else:
        head = shown.removesuffix("… (whole in the report)")
        assert head != shown
        head = head.rstrip("\u202c\u2069")
        assert line.startswith(head) and len(head) <= most


def test_a_text_is_cut_between_words_and_never_within_a_sign_of_several_parts():
    assert cut("one two three four", 10, "whole") == "one two… (whole)"
    assert cut("xxxxxxxxxé" + "́" * 3 + "y" * 20, 11, "whole") == "xxxxxxxxx… (whole)"
    assert cut("ab\U0001f469\u200d\U0001f469" + "y" * 20, 4, "whole") == "ab… (whole)"


def test_a_name_that_runs_from_right_to_left_leaves_what_is_beside_it_in_place():
    assert aside("Our Trust") == "Our Trust"
    assert aside("שלום") == "\u200eשלום\u200e"
