"""The curators' side of the bulletin. Each page registers itself."""

from bulletin import issue_admin, subscriber_admin

__all__ = ["issue_admin", "subscriber_admin"]
