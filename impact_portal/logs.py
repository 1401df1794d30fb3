"""What is written down never opens anything: private links are masked in every record, wherever it comes from."""

import logging
import re

MASK = "[private]"
PRIVATE_LINKS = re.compile(
    r"(?<![\w-])"  # a word of its own: not corporate/...
    r"((?:rate|invitations|accounts/password/reset/key|accounts/confirm-email)/(?=[^/\s?#\"'])|(?:result|actions|actions/stop|bulletin/(?:confirm|preferences|unsubscribe))/(?=[\w-]{22}(?![\w-])))"
    r"[^/\s?#\"'<>)\]},;]+"
)
TRACEBACKS = logging.Formatter()


def masked(text):
    """The text without the secret part of any private link."""
    return PRIVATE_LINKS.sub(rf"\1{MASK}", text)


class PrivateLinks(logging.Filter):
    """Masks the private links of a record: in its message and arguments, its traceback and its stack. Every handler of ours has it."""

    def filter(self, record):
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # a call that does not fit its own message, which Python would print with all it was given
            message = f"{record.msg!r} {record.args!r}"
        record.msg, record.args = masked(message), ()
        if record.exc_info:
            record.exc_text = masked(record.exc_text or TRACEBACKS.formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        return True
