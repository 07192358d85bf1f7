"""Files that a person saves."""

from collections.abc import Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Response, stream_with_context

# Of a file that comes in pieces, so many bytes are kept in memory; what is longer lies on the disk, without a name.
MOST_IN_MEMORY = 1024 * 1024
SENT_AT_ONCE = 64 * 1024


def text_download(content: str, name: str) -> Response:
    """A plain text file to save under a name."""
    answer = Response(content, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_download(content: str | bytes | Iterator[str] | Iterator[bytes], name: str) -> Response:
    """A CSV file to save under a name. What comes in pieces is whole before the first of them is sent.

    As fast as the database gives it, then, and not as slowly as a browser takes it: as long as its rows are read, no
    other moment of the database can be forgotten, and the log of SQLite grows with everything that is written.
    """
    if isinstance(content, str | bytes):
        answer = Response(content, mimetype="text/csv")
    else:
        answer = _answer_from_disk(content)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_stream(pieces: Iterator[str], name: str) -> Response:
    """A CSV file of any length to save under a name, sent while it is made.

    For pieces that hold no moment of the database from one to the next: a browser may take as long as it likes.
    """
    answer = Response(stream_with_context(pieces), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _answer_from_disk(pieces: Iterator[str] | Iterator[bytes]) -> Response:
    kept = SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - closed, and gone, with the answer
    try:
        for piece in pieces:
            kept.write(piece.encode() if isinstance(piece, str) else piece)
    except BaseException:
        kept.close()
        raise
    answer = Response(_read_and_close(kept), mimetype="text/csv")
    answer.content_length = kept.tell()
    answer.call_on_close(kept.close)
    kept.seek(0)
    return answer


def _read_and_close(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, SENT_AT_ONCE), b"")
