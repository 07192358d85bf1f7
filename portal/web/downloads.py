"""Files that a person saves."""

from collections.abc import Iterator

from flask import Response, stream_with_context


def text_download(content: str, name: str) -> Response:
    """A plain text file to save under a name."""
    answer = Response(content, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_download(content: str | bytes | Iterator[str] | Iterator[bytes], name: str) -> Response:
    """A CSV file to save under a name; what comes in pieces is sent in pieces."""
    whole = content if isinstance(content, str | bytes) else stream_with_context(content)
    answer = Response(whole, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
