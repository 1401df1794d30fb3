"""Django forms drawn as NHS components: any django.forms.Form of any app, without a base class. The admin draws its own.

A form author writes `label`, `help_text` and `error_messages`. What else a component can say stands in the widget's own
attributes (autocomplete, inputmode, rows, spellcheck, any other) and in an optional `nhs` on the form's class:
`nhs = {"role": {"size": "m", "hints": {"lead": "May invite people"}, "small": True, "inline": True, "width": 10}}`.
A date is asked in three boxes by `forms.DateField(widget=forms.SelectDateWidget)`, whose names and reading are the same.
"""

from django.forms.renderers import TemplatesSetting


class NHSRenderer(TemplatesSetting):
    """Draws `{{ form }}` and `{{ field.as_field_group() }}` by templates/forms/; a widget alone is drawn as Django draws it."""

    form_template_name = "forms/form.jinja"
    field_template_name = "forms/field.jinja"


def error_list(form):
    """The errors of a form as an NHS error summary has them, in the order of the page: (text, href), no href for the whole form's."""
    errors: list[tuple] = [(error, None) for error in form.non_field_errors()]
    errors += [(error, None) for field in form.hidden_fields() for error in field.errors]
    errors += [(error, f"#{first_id(field)}") for field in form.visible_fields() for error in field.errors]
    return errors


def first_id(field):
    """The id of what a person types into or chooses first, in the field as forms/field.jinja draws it."""
    return f"{field.auto_id}_day" if field.widget_type == "selectdate" else field.auto_id
