"""Views of limitations, notices and privacy. Every sentence comes from the rule table."""

from flask import (
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext
from flask_login import current_user

from portal import rules, wording
from portal.services.people import notices as service
from portal.services.records import requests as records
from portal.services.upkeep import retention
from portal.web.htmx import path_on_this_site
from portal.web.public_pages import answer_all_strangers
from portal.wording import accessibility

from . import bp
from .appeals import reader_restrictions_context
from .limitations_page import EditionFacts, limitations_page, quiet_hours_page, rules_as_json
from .shown import AccessibilityPage


@bp.get("/limitations")
def show_limitations() -> Response:
    """Every rule, grouped by what one wants to do. No query for a reader who is not signed in."""
    return answer_all_strangers(limitations_page, EditionFacts.read())


@bp.get("/limitations/hours")
def show_quiet_hours() -> Response:
    """When texts that advertise may be sent, by state and province."""
    return answer_all_strangers(quiet_hours_page, rules.EDITIONS[-1].number)


@bp.get("/limitations/rules.json")
def export_rules() -> Response:
    """The table for machines, in the reader's language."""
    return answer_all_strangers(rules_as_json, EditionFacts.read(), current_user.is_authenticated,
                                mimetype="application/json")


@bp.get("/notices")
def show_notices() -> str:
    """Restrictions on the reader, notices to confirm, and what changed."""
    user = current_user._get_current_object()
    asked = [(notice, service.find_confirmation(user, notice)) for notice in service.notices_for_user(user)]
    return render_template(
        "notices/notices.html", asked=asked,
        back=path_on_this_site(request.args.get("back", "")),
        unread=sum(done is None and service.may_confirm_notice(user, notice) for notice, done in asked),
        **reader_restrictions_context(), releases=records.list_releases_about(user),
        editions=rules.EDITIONS[::-1], about=wording.translate_sentence)


@bp.post("/notices")
def confirm_notice() -> Response:
    """Confirm a notice in the version that was shown."""
    notice, user = service.NOTICES.get(request.form.get("notice", "")), current_user._get_current_object()
    if notice is None:
        abort(404)
    if not service.store_confirmation(user, notice, request.form.get("version", 0, int)):
        flash(gettext("The notice has changed since you opened the page. Read it again, then confirm it."))
    elif service.may_confirm_notice(user, notice):
        flash(gettext("Your confirmation is saved."))
    else:
        flash(gettext("You need not confirm this notice, so nothing was saved."))
    return make_response(redirect(path_on_this_site(request.form.get("back", "")) or url_for("notices.show_notices"),
                                  303))


@bp.get("/privacy")
def show_privacy() -> Response:
    """Who runs this, what is stored, who reads it, how long."""
    return answer_all_strangers(privacy_page, rules.BY_ID["retention-400"].limits["days"],
                                retention.UNMATCHED_KEPT.days)


def privacy_page(days: int, unmatched: int) -> str:
    """The page with how many days texts are kept, and reports of texts that were not sent from here."""
    return render_template("notices/privacy.html", days=days, unmatched=unmatched)


@bp.get("/accessibility")
def show_accessibility() -> Response:
    """What is tested, what is not, and whom to tell what does not work."""
    return answer_all_strangers(accessibility_page,
                                AccessibilityPage(accessibility.STATED_ON, accessibility.REVIEW_ON))


def accessibility_page(page: AccessibilityPage) -> str:
    """The statement with its two days."""
    return render_template("notices/accessibility.html", page=page)
