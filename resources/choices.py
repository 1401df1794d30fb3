"""A choice of several rows in a form."""

from django import forms
from django.core.exceptions import ValidationError

LARGEST = 2**63 - 1  # a key that any database here can hold


class SeveralRows(forms.ModelMultipleChoiceField):
    """Django's field, which falls over a key that is larger than the database's numbers."""

    def _check_values(self, value):
        for key in value if isinstance(value, (list, tuple)) else ():
            if str(key).isdecimal() and int(str(key)[:40]) > LARGEST:
                raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(key)[:40]})
        return super()._check_values(value)
