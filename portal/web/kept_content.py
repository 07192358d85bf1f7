"""Content that many get: compressed once, and with a fingerprint by which browsers ask whether it changed."""

from hashlib import sha256
from typing import NamedTuple

from flask import Response, request

from portal.web import compression

DIGITS = 12
# Done once, so it may take its time.
HARDEST = 9
# A browser keeps it and asks every time whether it is still the same.
ASK = "no-cache"


class KeptContent(NamedTuple):
    """The bytes that are sent, the same compressed where it is worth it, and 12 hex digits of their SHA-256."""

    content: bytes
    packed: bytes | None
    fingerprint: str


def keep_content(content: bytes) -> KeptContent:
    """These bytes, compressed once for all who get them."""
    packed = compression.pack_content(content, HARDEST) if len(content) >= compression.SMALLEST else None
    return KeptContent(content, packed, sha256(content).hexdigest()[:DIGITS])


def answer_with_content(kept: KeptContent, mimetype: str, cache_control: str = ASK) -> Response:
    """The content as the browser takes it, or 304 where it has it. Each form of it has an ETag of its own."""
    packed = kept.packed if mimetype in compression.TYPES and compression.is_gzip_wanted() else None
    answer = Response(packed or kept.content, mimetype=mimetype)
    answer.set_etag(kept.fingerprint + ("-gzip" if packed else ""))
    answer.headers["Cache-Control"] = cache_control
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.make_conditional(request, accept_ranges=not packed, complete_length=len(kept.content))
    return answer
