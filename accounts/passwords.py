"""What a password must be, in words that say what to do: Django's rules with our messages."""

from django.contrib.auth import password_validation as django_rules


class LongEnough(django_rules.MinimumLengthValidator):
    """Length alone makes a password strong: no rules on capitals, digits or signs."""

    def get_error_message(self):
        return f"Enter a password of at least {self.min_length} characters"


class NotCommon(django_rules.CommonPasswordValidator):
    """Not on the list of the 20,000 most common passwords that Django ships."""

    def get_error_message(self):
        return "Enter a password that is harder to guess: many people use this one"


class NotLikeThePerson(django_rules.UserAttributeSimilarityValidator):
    """Neither the name nor the address with a letter changed."""

    def get_error_message(self):
        return "Enter a password that is less like your name or e-mail address"
