"""Who a sender is: the page of an organization that a first text leads to."""

from flask import render_template

from portal.services.people import organizations
from portal.wording.public_page import PUBLIC_WORDS

from . import bp
from .shown import SenderPage


@bp.get("/who/<ref>")
def show_sender(ref: str) -> str:
    """Who it is, where they can be reached, and how to stop their texts; in English and in French."""
    return render_template("notices/sender.html", page=SenderPage(organizations.find_public_details(ref), PUBLIC_WORDS))
