"""The code an authenticator app shows: RFC 6238, as apps do it."""

import base64
import hashlib
import hmac
import struct
import time


def code(secret, later=0):
    """The six digits for a key in base 32, `later` half-minutes from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + later)
    digest = hmac.new(base64.b32decode(secret.replace(" ", "")), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
