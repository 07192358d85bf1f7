"""Content that many get: compressed once, and with a fingerprint by which browsers ask whether it changed."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from flask import Response, request

from portal.web import compression

DIGITS = 12
# A browser keeps it and asks every time whether it is still the same.
ASK = "no-cache"


class KeptContent(NamedTuple):
    """The bytes that are sent, the same in each coding where it is worth it, and 12 hex digits of their SHA-256."""

    content: bytes
    packed: Mapping[str, bytes]
    fingerprint: str


def keep_content(content: bytes) -> KeptContent:
    """These bytes, compressed once for all who get them."""
    codings = compression.CODINGS if len(content) >= compression.SMALLEST else ()
    packed = {coding: compression.pack_content(content, coding, once=True) for coding in codings}
    return KeptContent(content, packed, sha256(content).hexdigest()[:DIGITS])


def answer_with_content(kept: KeptContent, mimetype: str, cache_control: str = ASK) -> Response:
    """The content as the browser takes it, or 304 where it has it. Each form of it has an ETag of its own."""
    coding = compression.wanted_coding() if mimetype in compression.TYPES and kept.packed else ""
    answer = Response(kept.packed[coding] if coding else kept.content, mimetype=mimetype)
    answer.set_etag(f"{kept.fingerprint}-{coding}" if coding else kept.fingerprint)
    answer.headers["Cache-Control"] = cache_control
    if coding:
        answer.headers["Content-Encoding"] = coding
    answer.make_conditional(request, accept_ranges=not coding, complete_length=len(kept.content))
    return answer
