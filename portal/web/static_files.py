"""Style sheet, icon and htmx under addresses with a fingerprint of their content that a browser keeps for a year."""

import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Any

from flask import Flask, Response, abort, current_app, make_response, redirect, url_for
from werkzeug.security import safe_join

from portal.extensions import current_settings
from portal.processes import htmx_file
from portal.web.kept_content import ASK, DIGITS, KeptContent, answer_with_content, keep_content

# Where the fingerprint stands in a name: portal.0123456789ab.css
NAMED = re.compile(rf"(?P<stem>.+)\.(?P<print>[0-9a-f]{{{DIGITS}}})(?P<end>\.\w+)")
YEAR = "public, max-age=31536000, immutable"
# Of a style sheet: what stays as it is, what comes between, and what needs nothing beside it.
KEPT = r"""("[^"]*"|'[^']*'|url\([^)]*\))"""
BETWEEN = re.compile(KEPT + r"|(?:/\*.*?\*/|\s)+", re.DOTALL)
NEEDLESS = re.compile(KEPT + r"| ?;? ?(}) ?| ?([{;,>]) ?|(:) |^ ")


def serve_static_files(app: Flask) -> None:
    """Answer Flask's own route for static files, and let `url_for` give the addresses with a fingerprint."""
    app.view_functions["static"] = send_file_by_name
    app.url_defaults(_name_by_content)


def find_static_file(name: str) -> KeptContent | None:
    """The file under this name as it is now: htmx from instance/, all others from portal/static; None without one."""
    path = safe_join(str(current_app.static_folder), name)
    if name == htmx_file.HTMX_NAME:
        path = str(htmx_file.path_of_htmx_file(current_settings().instance))
    try:
        found = Path(path or "").stat()
        return _read(Path(path or ""), found.st_mtime_ns, found.st_size) if S_ISREG(found.st_mode) else None
    except (OSError, ValueError):  # a name may hold what no file system takes
        return None


@lru_cache(maxsize=32)
def _read(path: Path, _changed_at: int, _size: int) -> KeptContent:
    """Read and compress a file once for each of its states. Content and fingerprint always belong together."""
    content = path.read_bytes()
    if path.suffix == ".css":
        content = shorten_stylesheet(content.decode()).encode()
    return keep_content(content)


def shorten_stylesheet(sheet: str) -> str:
    """The same style sheet without comments, line ends and indentation, for browsers: the file is for people."""
    single = BETWEEN.sub(lambda found: found[1] or " ", sheet)
    return NEEDLESS.sub(lambda found: found[found.lastindex or 0].strip(), single)


def fingerprinted_name(name: str) -> str:
    """The name with the fingerprint of the file's content; the name alone where there is no such file."""
    found, path = find_static_file(name), Path(name)
    return str(path.with_name(f"{path.stem}.{found.fingerprint}{path.suffix}")) if found else name


def _name_by_content(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and values.get("filename"):
        values["filename"] = fingerprinted_name(values["filename"])


def send_file_by_name(filename: str) -> Response:
    """A static file. With a fingerprint that is not of its present content, the way to the present one."""
    found = find_static_file(filename)
    if found is not None:
        return _file_answer(found, filename, ASK)
    parts = NAMED.fullmatch(filename) or abort(404)
    plain = parts["stem"] + parts["end"]
    found = find_static_file(plain) or abort(404)
    if found.fingerprint != parts["print"]:
        answer = make_response(redirect(url_for("static", filename=plain)))
        answer.headers["Cache-Control"] = ASK
        return answer
    return _file_answer(found, filename, YEAR)


def _file_answer(found: KeptContent, name: str, kept: str) -> Response:
    return answer_with_content(found, mimetypes.guess_type(name)[0] or "application/octet-stream", kept)
