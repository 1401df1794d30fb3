"""Compress public pages as they are made, at the settings that cost least for what they save.

Django's own GZipMiddleware has one level (6), which costs three times what brotli's level 2 does and leaves more
bytes. Private pages are not compressed: their length would tell an attacker something of what stands in them (BREACH).
"""

import gzip

import brotli
from django.utils.cache import patch_vary_headers

WORTH_IT = 1000  # bytes; less fits into one packet anyway
KINDS = ("text/", "application/json", "application/xml", "application/yaml", "application/atom+xml", "image/svg+xml")


class CompressionMiddleware:
    """Sends text as brotli or gzip to browsers that take it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.streaming or len(response.content) < WORTH_IT or not response.headers["Content-Type"].startswith(KINDS):
            return response
        if response.has_header("Content-Encoding") or "private" in response.headers.get("Cache-Control", ""):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        accepted = request.headers.get("Accept-Encoding", "")
        if "br" in accepted and "br;q=0" not in accepted:
            response.content = brotli.compress(response.content, quality=2)
            response["Content-Encoding"] = "br"
        elif "gzip" in accepted:
            response.content = gzip.compress(response.content, compresslevel=3, mtime=0)
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
        return response
