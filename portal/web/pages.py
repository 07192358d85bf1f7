"""What every page needs: language and zone, ways on, the words around the content."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, url_for
from flask_babel import get_locale

from portal import wording
from portal.extensions import current_settings, write_number
from portal.processes import htmx_file
from portal.web import counts, device, headers, kept_forms, page_frame, reader, template_words
from portal.wording import places, texts
from portal.wording.languages import LANGUAGES
from portal.wording.lists import join_names
from portal.wording.moments import format_day, moment_for_browsers
from portal.wording.settings import operator_in_words
from portal.wording.stored import stored_in_words


@dataclass(frozen=True, slots=True)
class HtmxScript:
    """Where htmx comes from, and its integrity hash when that is not the portal itself."""

    src: str
    integrity: str


def full_address(view: str, **values: Any) -> str:
    """The address of a page for people who are not here: in a letter, or on a slip of paper."""
    return str(current_settings().portal_url) + url_for(view, **values)


def htmx_script() -> HtmxScript:
    """The script tag's address and hash, by the setting HTMX."""
    if current_settings().htmx == "self":
        return HtmxScript(url_for("static", filename=htmx_file.HTMX_NAME), "")
    return HtmxScript(htmx_file.CDN, htmx_file.INTEGRITY)


def service_name() -> str:
    """What the portal is called here."""
    return str(current_settings().service)


def furnish_templates(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(
        language=lambda: str(get_locale()).replace("_", "-"), languages=LANGUAGES,
        reader_language=reader.language_of_reader, address_of_page=reader.address_of_page,
        is_for_everybody=headers.may_be_cached,
        htmx_script=htmx_script,
        service_name=service_name, operator_name=operator_in_words,
        mails_links=lambda: bool(current_settings().mail_server),
        count_badges=counts.list_count_badges, version_of_counts=counts.version_of_counts,
        links_to_tell=device.list_links_to_tell, give_back_form=kept_forms.give_back_form,
        settings=app.config["SETTINGS"],
        pretends=counts.is_pretending,
    )
    app.jinja_env.filters.update(
        moment=wording.moment_in_words, full_moment=wording.full_moment_in_words, phone=texts.display_number,
        country=wording.name_of_country,
        label=wording.enum_in_words, join_names=join_names, numberformat=write_number, dateformat=format_day,
        visible_controls=texts.mark_hidden_characters, stored_words=stored_in_words,
        call_reason=texts.call_reason_in_words, line_day=texts.line_day_in_words, line_time=texts.line_time_in_words,
        moment_for_browsers=moment_for_browsers,
        with_count=counts.title_with_count, for_header=counts.title_for_header, zone_name=places.name_of_zone,
    )
    template_words.let_templates_translate(app)
    page_frame.furnish_frame(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
