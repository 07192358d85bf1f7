"""The counts of the navigation and the title, asked for again and again by every page that is open."""

from flask import Response, make_response, render_template, request

from portal.web import counts

from . import bp


@bp.get("/notices/counts")
def show_counts() -> Response:
    """The badges and the title of the page that asks; 204 when it shows them already. It writes nothing."""
    seen = request.args.get("seen", "")
    if seen == counts.version_of_counts():
        return Response(status=204)
    page = counts.CountsNews(counts.read_page_title(), counts.more_texts_in_words(seen))
    return make_response(render_template("notices/counts.html", page=page))
