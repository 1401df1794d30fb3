"""Private links: who holds one may open what it is for. Only a hash of it is kept, so that a copy of the database opens nothing."""

import hashlib
import secrets


def new_token():
    """128 random bits, as they stand in an address."""
    return secrets.token_urlsafe(16)


def hashed(token):
    return hashlib.sha256(token.encode()).hexdigest()
