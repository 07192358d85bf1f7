"""Import users from a file, and export them."""

from flask import abort, render_template
from werkzeug.wrappers import Response

from . import bp


@bp.get("/import")
def imports() -> str:
    """The page to start an import from."""
    return render_template("admin/import.html")


@bp.post("/import")
def upload() -> Response:
    """Take a file."""
    abort(404)


@bp.get("/import/<ref>")
def dry_run(ref: str) -> Response:
    """What the file would do."""
    abort(404)


@bp.post("/import/<ref>")
def run_import(ref: str) -> Response:
    """Do it."""
    abort(404)


@bp.get("/import/<ref>/errors")
def import_errors(ref: str) -> Response:
    """The rows that are wrong."""
    abort(404)


@bp.post("/import/<ref>/links")
def import_links(ref: str) -> Response:
    """Sign-in links, once."""
    abort(404)


@bp.get("/users/export")
def export_users() -> Response:
    """All users as a file."""
    abort(404)


@bp.get("/import/template")
def import_template() -> Response:
    """An empty file with the right header."""
    abort(404)
