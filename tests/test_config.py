"""Settings: every row of the table, what follows from several, and what is refused."""

import dataclasses
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask, request, session

from portal.config import RefusedSetting, Settings
from portal.variables import SETTINGS, document_settings

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = {"PORTAL_URL": "https://texting.example.com"}
LONG = "kx7Qe2mVb9Zr4Tt8Wy1Nc6Hs3Jd5Lf0P"


@pytest.fixture
def read(tmp_path):
    return lambda **environ: Settings.from_environ(environ, tmp_path / "instance")


# --- the table ------------------------------------------------------------------

def test_every_variable_is_a_field_and_the_other_way_round():
    fields = {field.name for field in dataclasses.fields(Settings)} - {"instance"}
    assert {setting.name.lower() for setting in SETTINGS} == fields


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_default_is_of_its_own_kind_and_every_row_is_described(setting):
    setting.value({})
    assert setting.description.endswith(".")
    assert setting.default or setting.otherwise


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_no_variable_takes_anything(setting, read):
    with pytest.raises(RefusedSetting) as refused:
        read(**{setting.name: "a\x07 value nobody would allow"})
    assert str(refused.value) == f"{setting.name} is not understood: use {setting.kind.allowed}."


@pytest.mark.parametrize("wrong", [
    "a@example.com,b@example.com", "Help <a@example.com>", "a@example.com?bcc=b@example.com", "a@b@c", "@example.com",
    "a@", "a b@example.com", "a@example.com\nBcc: b@example.com", f"{'a' * 200}@example.com", "a@-example.com"])
def test_the_address_of_the_provider_is_one_and_nothing_else(read, wrong):
    """It begins an address that opens a letter."""
    with pytest.raises(RefusedSetting, match="PROVIDER_EMAIL is not understood"):
        read(PROVIDER_EMAIL=wrong)
    assert read(PROVIDER_EMAIL="help+us@provider.example").provider_email == "help+us@provider.example"


def test_the_documentation_is_up_to_date():
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == document_settings()


def test_the_documentation_needs_no_flask_and_leaves_nothing_behind(tmp_path):
    code = (
        "import runpy, sys; runpy.run_module('portal.config', run_name='__main__');"
        "assert 'flask' not in sys.modules"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True,
    )
    assert printed.stdout.decode() == document_settings()
    assert not list(tmp_path.iterdir())


# --- reading ----------------------------------------------------------------------

def test_without_any_variable(read, tmp_path):
    settings = read()
    assert (settings.host, settings.port, settings.portal_url) == ("127.0.0.1", 5000, "http://127.0.0.1:5000")
    assert settings.loopback
    assert settings.private
    assert not settings.https
    assert settings.demo
    assert not settings.debug
    assert settings.territories == {"PR"}
    assert settings.operator == settings.provider == "the provider"
    assert settings.database == tmp_path / "instance" / "portal.db"


def test_an_empty_variable_counts_as_not_given(read):
    assert read(PORT="", HTMX=" ", PORTAL_URL="").port == 5000


@pytest.mark.parametrize(("name", "said", "value"), [
    ("PORT", "8080", 8080),
    ("HTMX", "Self", "self"),
    ("DEMO", "0", False),
    ("TERRITORIES", "pr, GU", {"PR", "GU"}),
    ("TERRITORIES", "none", set()),
    ("PROVIDER", "Exämple Telecom", "Exämple Telecom"),
    ("OPERATOR", "Example Town", "Example Town"),
    ("REGISTRATION_URL", "https://example.com/brands?new=1", "https://example.com/brands?new=1"),
    ("PORTAL_URL", "https://Texting.example.com:8443/", "https://texting.example.com:8443"),
    ("APP_VERSION_RULE", "warn", "warn"),
])
def test_what_a_value_becomes(read, name, said, value):
    assert getattr(read(**{name: said}), name.lower()) == value


@pytest.mark.parametrize(("name", "said"), [
    ("PORT", "0"), ("PORT", "65536"), ("PORT", "٣"), ("PORT", "-1"), ("PORT", "1e3"),
    ("THREADS", "7"), ("THREADS", "201"), ("PROXY_HOPS", "6"),
    ("DEMO", "yes"), ("DEMO", "10"), ("HTMX", "cdn self"),
    ("TERRITORIES", "PR,TX"), ("TERRITORIES", "none,PR"),
    ("PORTAL_URL", "texting.example.com"), ("PORTAL_URL", "https://example.com/texting"),
    ("PORTAL_URL", "https://user:word@example.com"), ("PORTAL_URL", "https://example.com?x=1"),
    ("PORTAL_URL", "https://example.com:99999"), ("PORTAL_URL", "ftp://example.com"), ("PORTAL_URL", "https://"),
    ("PORTAL_URL", "http://[::1]:5000"),
    ("OFFER_URL", "http://example.com"), ("OFFER_URL", "javascript:alert(1)"), ("OFFER_URL", "https://a b"),
    ("TRUSTED_HOSTS", "*"), ("TRUSTED_HOSTS", "a.example.com:80"), ("HOST", "0.0.0.0:80"),
    ("DATABASE_URL", "mysql://u:hidden@db/x"), ("DATABASE_URL", "a.db"), ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "postgresql://u:hidden@db"), ("DATABASE_URL", "postgresql://u:hidden@db:port/x"),
    ("DATABASE_URL", "postgresql://u:hidden@db/x/y"), ("DATABASE_URL", "postgresql://u:hid den@db/x"),
    ("DATABASE_URL", "sqlite:///"), ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "sqlite:///a.db?mode=ro"), ("DATABASE_URL", "sqlite:///file:a.db"),
])
def test_values_that_are_not_understood(read, name, said):
    with pytest.raises(RefusedSetting, match=f"^{name} is not understood: use ") as refused:
        read(**{name: said})
    assert "hidden" not in str(refused.value)


def test_a_relative_database_lies_in_instance_and_an_absolute_one_where_it_says(read, tmp_path):
    assert read(DATABASE_URL="sqlite:///other.db").database == tmp_path / "instance" / "other.db"
    assert read(DATABASE_URL="sqlite:////var/lib/portal.db").database == Path("/var/lib/portal.db")


@pytest.mark.parametrize(("said", "shown"), [
    ("postgresql://u:hidden@db.example.com:5433/texting", "db.example.com/texting"),
    ("postgresql:///texting?host=/var/run/postgresql", "this machine/texting"),
])
def test_a_server_is_reached_by_its_driver_and_shown_without_its_password(read, tmp_path, said, shown):
    settings = read(DATABASE_URL=said)
    assert settings.database_url == said.replace("postgresql:", "postgresql+psycopg:")
    assert (settings.embedded, settings.shown_database) == (False, shown)
    assert "hidden" not in repr(settings)
    assert settings.database.parent == tmp_path / "instance"


def test_without_the_driver_a_server_is_refused(read, monkeypatch):
    monkeypatch.setattr("portal.database_urls.find_spec", lambda name: None)
    with pytest.raises(RefusedSetting, match=r"driver is not installed: run make postgresql\.$") as refused:
        read(DATABASE_URL="postgresql://u:hidden@db/x")
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("folder", ["plain", "with space", "50%3F", "what?", "a#b", "ü"])
def test_a_folder_may_have_any_name(tmp_path, folder):
    from sqlalchemy import create_engine

    from portal.extensions import as_writer

    settings = Settings.from_environ({}, tmp_path / folder)
    engine = create_engine(settings.database_url)
    with as_writer(), engine.connect() as connection:
        connection.exec_driver_sql("create table proof (here)")
    engine.dispose()
    assert settings.database == tmp_path / folder / "portal.db"
    assert settings.database.is_file()


# --- safety -----------------------------------------------------------------------

@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine(read, host):
    settings = read(HOST=host)
    assert settings.loopback
    assert settings.private


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "portal.internal"])
def test_other_machines_need_https(read, host):
    for address in ("", "http://localhost:5000", "http://texting.example.com"):
        with pytest.raises(RefusedSetting, match=r"^PORTAL_URL must be an https address"):
            read(HOST=host, PORTAL_URL=address)
    settings = read(HOST=host, **PUBLIC)
    assert settings.https
    assert not settings.loopback


def test_plain_http_leads_to_this_machine_only(read):
    assert read(PORTAL_URL="http://localhost:9000").private
    with pytest.raises(RefusedSetting, match=r"^PORTAL_URL must begin with https"):
        read(PORTAL_URL="http://texting.example.com")


def test_behind_a_proxy_on_the_same_machine_others_can_get_in(read):
    settings = read(**PUBLIC)
    assert settings.loopback
    assert not settings.private


def test_debug_is_for_this_machine(read):
    assert read(DEBUG="1").debug
    with pytest.raises(RefusedSetting, match=r"^DEBUG "):
        read(DEBUG="1", **PUBLIC)


@pytest.mark.parametrize("name", ["SECRET_KEY", "CSRF_KEY"])
@pytest.mark.parametrize(
    "key", ["dev", "changeme", LONG[:31], "a" * 40, "abcabcab" * 5, "change-me-" + LONG, "Secret" + LONG],
)
def test_keys_that_can_be_guessed(read, name, key):
    assert getattr(read(**{name: key}), name.lower()) == key
    with pytest.raises(RefusedSetting, match=f"^{name} can be guessed") as refused:
        read(**{name: key}, **PUBLIC)
    assert key not in str(refused.value)


def test_keys_that_cannot_be_guessed(read):
    settings = read(SECRET_KEY=LONG, CSRF_KEY=LONG[::-1], **PUBLIC)
    assert (settings.secret_key, settings.csrf_key) == (LONG, LONG[::-1])


def test_keys_and_passwords_do_not_show_in_logs(read):
    shown = repr(read(SECRET_KEY=LONG, CSRF_KEY=LONG, DEMO_PASSWORD="open sesame"))
    assert LONG not in shown
    assert "sesame" not in shown


# --- key files --------------------------------------------------------------------

def test_keys_are_made_once_and_kept_for_the_owner_alone(read, tmp_path):
    first, second = read(), read()
    assert first.secret_key == second.secret_key != first.csrf_key == second.csrf_key
    assert len(first.secret_key) >= 32
    for name in ("secret_key", "csrf_key"):
        assert stat.S_IMODE((tmp_path / "instance" / name).stat().st_mode) == 0o600


def test_first_starts_at_the_same_time_agree(read, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = {settings.secret_key for settings in pool.map(lambda _: read(), range(40))}
    assert len(keys) == 1
    assert {file.name for file in (tmp_path / "instance").iterdir()} == {
        "secret_key", "csrf_key", "number_key", "carrier_key"}


def test_given_keys_leave_no_files(read, tmp_path):
    read(SECRET_KEY=LONG, CSRF_KEY=LONG, NUMBER_KEY=LONG, CARRIER_KEY=f"{LONG}, {LONG}")
    assert not (tmp_path / "instance").exists()


def test_a_refused_start_leaves_no_files(read, tmp_path):
    with pytest.raises(RefusedSetting):
        read(HOST="0.0.0.0")
    assert not (tmp_path / "instance").exists()


KEYS = ("SECRET_KEY", "CSRF_KEY", "NUMBER_KEY", "CARRIER_KEY")
SERVER = {"DATABASE_URL": "postgresql://portal:hidden@db/texting"}


@pytest.mark.parametrize("missing", [KEYS, KEYS[:1], KEYS[2:]])
@pytest.mark.parametrize("public", [PUBLIC, {"HOST": "0.0.0.0", **PUBLIC}])
def test_machines_that_share_a_database_make_no_keys_of_their_own(read, tmp_path, missing, public):
    given = {name: LONG for name in KEYS if name not in missing}
    with pytest.raises(RefusedSetting, match=f"^{' and '.join(missing)} must be set, because DATABASE_URL") as refused:
        read(**SERVER, **public, **given)
    assert "hidden" not in str(refused.value)
    assert not (tmp_path / "instance").exists()


def test_keys_that_were_given_or_copied_are_shared(read):
    here = read(**SERVER)
    assert read(**SERVER, **PUBLIC).number_key == here.number_key, "made for this machine alone, and there now"
    assert read(**SERVER, **PUBLIC, **dict.fromkeys(KEYS, LONG)).number_key == LONG


def test_half_a_key_file_is_refused(read, tmp_path):
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "csrf_key").write_text("cut of")
    with pytest.raises(RefusedSetting, match="csrf_key holds no whole key: remove it"):
        read()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "instance").write_text("a file where the folder should be")
    with pytest.raises(RefusedSetting, match="SECRET_KEY"):
        Settings.from_environ({}, tmp_path / "instance")


# --- what Flask makes of it ---------------------------------------------------------

@pytest.fixture
def visit(read):
    def visit(environ, address, **more):
        app = Flask(__name__)
        app.config.update(read(**environ).to_flask())

        @app.route("/", methods=["GET", "POST"])
        def index():
            session["seen"] = True
            return str(len(request.form))

        return app.test_client().open("/", base_url=address, **more)

    return visit


def test_the_cookie_over_https(visit):
    cookie = visit(PUBLIC, "https://texting.example.com").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_cookie_on_this_machine(visit):
    cookie = visit({}, "http://localhost:5000").headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "Secure" not in cookie


@pytest.mark.parametrize(("environ", "address", "status"), [
    ({}, "http://localhost:5000", 200),
    ({}, "http://127.0.0.1:5000", 200),
    ({}, "http://attacker.example", 400),
    ({"HOST": "::1"}, "http://localhost:5000", 200),
    (PUBLIC, "https://texting.example.com", 200),
    (PUBLIC, "https://other.example.com", 400),
    (PUBLIC | {"TRUSTED_HOSTS": "other.example.com, .inside.example"}, "https://other.example.com", 200),
    (PUBLIC | {"TRUSTED_HOSTS": "other.example.com, .inside.example"}, "https://a.inside.example", 200),
    (PUBLIC | {"HOST": "0.0.0.0"}, "https://texting.example.com", 200),
    (PUBLIC | {"HOST": "0.0.0.0"}, "https://localhost", 400),
])
def test_the_hosts_it_answers_to(visit, environ, address, status):
    assert visit(environ, address).status_code == status


def test_large_requests_are_turned_away(visit):
    assert visit({}, "http://localhost", method="POST", data={"body": "x" * 60_000}).status_code == 200
    assert visit({}, "http://localhost", method="POST", data={"body": "x" * 70_000}).status_code == 413


def test_a_form_left_open_stays_good_and_has_its_own_key(read):
    config = read().to_flask()
    assert config["WTF_CSRF_TIME_LIMIT"] is None
    assert config["WTF_CSRF_SECRET_KEY"] != config["SECRET_KEY"]


# --- carriers -------------------------------------------------------------------------------------

def test_private_networks_of_carriers(read):
    assert read().carrier_networks == ()
    assert [str(one) for one in read(CARRIER_NETWORKS="127.0.0.0/8, ::1/128").carrier_networks] == [
        "127.0.0.0/8", "::1/128"]
    for wrong in ("127.0.0.1/8", "here", "10.0.0.0/33"):
        with pytest.raises(RefusedSetting, match="CARRIER_NETWORKS"):
            read(CARRIER_NETWORKS=wrong)


def test_each_of_several_carrier_keys_is_looked_at(read):
    assert read(CARRIER_KEY=f"{LONG},{LONG[::-1]}", **PUBLIC).carrier_key
    with pytest.raises(RefusedSetting, match=r"^CARRIER_KEY can be guessed"):
        read(CARRIER_KEY=f"{LONG},changeme", **PUBLIC)
