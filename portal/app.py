"""The application: settings in, blueprints and guards on."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from flask import Flask
from huey.storage import MemoryStorage, SqliteStorage
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import carriers, cli, databases, extensions, logs, stored_files
from portal.blueprints import BLUEPRINTS, hooks, spam
from portal.carriers.base import Carrier
from portal.carriers.kinds import CarrierSetup
from portal.config import Settings, read_or_make_key
from portal.extensions import babel, db, huey, listen_at, migrate
from portal.processes import tasks
from portal.services.carriers import known_texts
from portal.web import (
    compression,
    doors,
    errors,
    form_tokens,
    headers,
    hosts,
    origins,
    pages,
    reader,
    requests,
    static_files,
    template_words,
    uploads,
)
from portal.web.page_turns import PageTurns

ROOT = Path(__file__).parent


def create_app(environ: Mapping[str, str] | None = None, instance: Path | None = None) -> Flask:
    """The portal as a WSGI application. Refused: a setting is unsafe or not understood."""
    instance = instance or ROOT.parent / "instance"
    settings = Settings.from_environ(os.environ if environ is None else environ, instance)
    app = Flask(__name__, instance_path=str(instance.absolute()))
    app.jinja_environment = template_words.TemplateEnvironment
    app.config.update(settings.to_flask(), SETTINGS=settings)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = databases.engine_options(settings.database_url)
    logs.set_up_logging()
    _plug_in(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # Carriers sign what they send and have no token.
    form_tokens.csrf.exempt(hooks.bp)
    # A report without the token is taken all the same, and read last.
    form_tokens.csrf.exempt(spam.bp)
    cli.add_commands(app)
    return app


def _plug_in(app: Flask, settings: Settings) -> None:
    """Extensions, and what stands before and after every request."""
    hops = settings.proxy_hops
    app.wsgi_app = hosts.OwnNameMiddleware(app.wsgi_app, settings)  # type: ignore[method-assign]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=hops)  # type: ignore[method-assign]
    app.wsgi_app = PageTurns(app.wsgi_app)  # type: ignore[method-assign]
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    babel.init_app(app, locale_selector=reader.locale_of_reader, timezone_selector=reader.zone_of_reader)
    compression.compress_answers(app)
    requests.read_storable_requests(app)
    # Uploads are larger than forms; this must be known before the CSRF protection reads the form.
    app.before_request(uploads.allow_upload)
    app.before_request(hosts.measure_body)
    form_tokens.csrf.init_app(app)
    origins.guard_forms(app)
    doors.guard_views(app)
    headers.send_headers(app)
    app.after_request(reader.remember_language)
    static_files.serve_static_files(app)
    errors.register_error_pages(app)
    pages.furnish_templates(app)
    _queue(app, settings)
    listen_at(stored_files.WORKER_SOCKET.beside(settings.database) if settings.embedded else None)
    app.extensions["carrier"] = _pretend_carrier(app, settings)


def _pretend_carrier(app: Flask, settings: Settings) -> Carrier:
    """The carrier that is part of the portal, with its files beside the database and a key for its webhooks."""
    folder = stored_files.CARRIER_FOLDER.beside(settings.database)
    key = read_or_make_key(stored_files.WEBHOOK_KEY_FILE.inside(folder)).encode()
    return carriers.make_carrier("pretend", CarrierSetup(
        "pretend", key=key, own_among=known_texts.make_numbers_finder(app), folder=folder,
        clock=lambda: extensions.now()))  # noqa: PLW0108 - tests set the clock


def _queue(app: Flask, settings: Settings) -> None:
    """Make the queue of the tasks that the clock starts, beside the database's file; the first use opens it.

    Workers that share a server's database have one each, in memory: what is in it, each of them puts there for itself.
    """
    huey.storage = _queue_file(settings) if settings.embedded else MemoryStorage(huey.name)
    tasks.attach_app(app)


def _queue_file(settings: Settings) -> SqliteStorage:
    file = stored_files.QUEUE_FILE.beside(settings.database)
    if file.parent.is_dir():
        with suppress(OSError):
            file.touch(mode=0o600)
    huey.storage_kwargs.update(filename=str(file), timeout=5)
    return huey.create_storage()
