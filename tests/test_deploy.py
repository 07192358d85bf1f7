"""What deploy/ and docs/hosting.md name is there: commands, settings, files, units, checks."""

import re
import shlex
import stat
from pathlib import Path

import click
import pytest

from portal.config import Settings
from portal.extensions import db
from portal.processes import htmx_file
from portal.processes.arrivals import LONGEST_BODY
from portal.services.upkeep import doctor, health, machine
from portal.variables import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
HOSTING = (ROOT / "docs/hosting.md").read_text(encoding="utf-8")
MACHINES = (ROOT / "docs/machines.md").read_text(encoding="utf-8")
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [path for path in UNITS if path.suffix == ".service"]
SCRIPTS = [path for path in sorted(DEPLOY.iterdir()) if path.read_bytes().startswith(b"#!")]
FLASK = "/srv/portal/.venv/bin/python -m flask --app wsgi "
# What the scripts read, and the portal does not.
OF_SCRIPTS = {"AGE_RECIPIENT", "OFFSITE_TARGET"}
PREFIXES = ("portal ", ".venv/bin/flask --app wsgi ", "deploy/portal ", '"$here/deploy/portal" ',
            '"$copy/code/deploy/portal" ', "/usr/local/sbin/portal ")


def settings_in(text):
    """The variables that a file of settings gives, those behind a # included."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def blocks(text):
    """The lines of the commands in a page."""
    return [line for block in re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
            for line in block.splitlines()]


def commands():
    """Every command of the portal that a unit, a script or the page gives: (where, its words)."""
    for path in SERVICES:
        started = re.search(r"^ExecStart=(.*)$", path.read_text(), re.MULTILINE)[1]
        if started.startswith(FLASK):
            yield path.name, shlex.split(started.removeprefix(FLASK))
    lines = [(path.name, line) for path in SCRIPTS for line in path.read_text().splitlines()]
    for name, page in (("hosting.md", HOSTING), ("machines.md", MACHINES)):
        lines += [(name, line) for line in (*blocks(page), *re.findall("`(.*?)`", page))]
    for where, line in lines:
        said = re.sub(r"^\*/5( \*){4} ", "", line.strip())
        for prefix in PREFIXES:
            if said.startswith(prefix):
                yield where, shlex.split(said.removeprefix(prefix))


def refusal(app, words):
    """What the command line says against a command, or ""; nothing is run."""
    command, rest = app.cli, list(words)
    context = click.Context(command, obj=None)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return f"no command {rest[0]}"
        command, rest = found, rest[1:]
    given = {word for word in rest if word.startswith("--")}
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    if isinstance(command, click.Group) and not given & {"--help"}:
        return "half a command"
    return f"no option {given - known}" if given - known else ""


@pytest.mark.parametrize(("where", "words"), list(commands()), ids=str)
def test_every_command_exists(app, where, words):
    assert refusal(app, words) == ""
    if words[0] == "doctor":
        assert {word for word in words[1:] if word[0] != "-"} <= doctor.CHECKS.keys()


def test_what_is_vacuumed_are_tables():
    """Those that hold words and numbers of texts that end."""
    named = set(re.findall(r"VACUUM FULL (\w+)", MACHINES))
    assert named <= set(db.metadata.tables)
    assert {"messages", "conversations", "arrivals", "arrived_parts", "drafts", "reports", "evidence", "web_asks",
            "opt_outs", "unread_answers", "refused_addresses", "hand_overs", "records_requests",
            "retention_holds"} <= named


def test_commands_were_found():
    """And nobody wrote them in a way that this test does not see."""
    assert {words[0] for _where, words in commands()} >= {
        "serve", "work", "backup", "restore", "doctor", "db", "htmx", "admin", "retention"}
    assert {where for where, _words in commands()} >= {"hosting.md", "rehearse", "upgrade", "portal-web.service"}


@pytest.mark.parametrize(("words", "why"), [
    (["serve", "--pages-only"], ""), (["serve", "--page-only"], "no option {'--page-only'}"),
    (["srve"], "no command srve"), (["retention"], "half a command"), (["retention", "prove"], ""), (["--help"], ""),
])
def test_what_is_refused(app, words, why):
    assert refusal(app, words) == why


def test_every_setting_of_the_example_exists_and_is_understood(tmp_path):
    given = settings_in((DEPLOY / "portal.env").read_text())
    assert given.keys() - {setting.name for setting in SETTINGS} == OF_SCRIPTS
    read = Settings.from_environ({name: shlex.split(value)[0] if value else "" for name, value in given.items()},
                                 tmp_path)
    assert (read.https, read.proxy_hops, read.demo) == (True, 1, False)
    assert all(f"${{{name}:?}}" in (DEPLOY / "offsite").read_text() for name in OF_SCRIPTS)


@pytest.mark.parametrize("proxy", ["nginx.conf", "Caddyfile"])
def test_the_proxies_lead_to_where_the_portal_listens(proxy, tmp_path):
    """And set what visitors must not, take what may be uploaded, and keep no log of who came."""
    text, read = (DEPLOY / proxy).read_text(), Settings.from_environ({}, tmp_path)
    assert f"{read.host}:{read.port}" in text
    assert re.search(r"X-Forwarded-For (\$remote_addr;|{remote_host})", text)
    assert re.search(r"X-Forwarded-Host (\$host;|{host})", text)
    assert int(re.search(r"(?:max_body_size|max_size) (\d+)M", text, re.IGNORECASE)[1]) * 1024 ** 2 == LONGEST_BODY
    assert "access_log off;" in text or "log {" not in text


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_every_service_is_shut_in(service):
    lines = service.read_text().splitlines()
    assert {"User=portal", "UMask=0077", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=",
            "WorkingDirectory=/srv/portal", "EnvironmentFile=/etc/portal/portal.env"} <= set(lines)
    writes = next(line for line in lines if line.startswith("ReadWritePaths=")).partition("=")[2].split()
    assert set(writes) <= {"/srv/portal/instance", "/var/backups/portal", "/var/lib/portal"}
    started = next(line for line in lines if line.startswith("ExecStart=")).partition("=")[2]
    assert started.startswith(FLASK) or (ROOT / started.removeprefix("/srv/portal/")).is_file()


def test_every_timer_has_its_service_and_every_unit_that_is_named_exists():
    names = {path.stem for path in SERVICES}
    assert {path.stem for path in UNITS if path.suffix == ".timer"} <= names
    said = [HOSTING, MACHINES, *(path.read_text() for path in (*UNITS, *SCRIPTS)),
            *(Path(module.__file__).read_text() for module in (health, machine))]
    named = {name for text in said for name in re.findall(r"\bportal-[a-z]+\b", text)}
    assert named - names == {"portal-rehearsal"}


def test_a_page_names_every_file_of_the_folder():
    """A file that no step of a page mentions is never used."""
    pages = HOSTING + MACHINES
    named = {path.name for path in DEPLOY.iterdir() if f"deploy/{path.name}" in pages or path.stem in HOSTING}
    assert named == {path.name for path in DEPLOY.iterdir()}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run_and_stop_at_the_first_mistake(script):
    assert script.stat().st_mode & stat.S_IXUSR
    assert "\nset -eu\n" in script.read_text()


def test_the_rehearsal_cannot_reach_the_real_database():
    """Its settings end with a database of its own: the last line wins, in the shell and for the portal."""
    text = (DEPLOY / "rehearse").read_text()
    assert re.search(r'cat .*portal\.env}"; echo; echo "DATABASE_URL=sqlite:///\$copy/portal\.db"; }', text)


def test_the_htmx_file_comes_from_where_it_is_pinned():
    assert f" {htmx_file.CDN}\n" in HOSTING


def test_no_proxy_compresses():
    """Pages with a secret keep their length: nginx compresses by itself on Debian, Caddy only when told to."""
    assert re.search(r"^    gzip off;$", (DEPLOY / "nginx.conf").read_text(), re.MULTILINE)
    assert "encode" not in (DEPLOY / "Caddyfile").read_text()
