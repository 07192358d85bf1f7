"""What every process needs, loaded before there are several: what they only read lies in memory once then."""

from babel import Locale
from flask import Flask
from flask_babel import get_translations
from sqlalchemy.orm import configure_mappers

from portal.rules.number_plans import load_number_plans
from portal.wording.languages import LOCALES, write_in_language

from .memory import bound_allocator, keep_loaded


def preload_portal(app: Flask) -> None:
    """Load number plans, languages, templates and tables: a second of work, of which nobody's first page waits."""
    bound_allocator()
    load_number_plans()
    configure_mappers()
    for code, locale in LOCALES.items():
        with app.app_context(), write_in_language(code):
            _ = get_translations(), Locale.parse(locale).decimal_formats
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)
    keep_loaded()
