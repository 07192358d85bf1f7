"""Whatever the disk does later, no number waits for a file."""

import subprocess
import sys

from tests.browser.portal import ROOT

SERVED = """
from phonenumbers import PhoneMetadata
{started}
waiting = [*PhoneMetadata._region_available.items(), *PhoneMetadata._country_code_available.items()]
assert len(waiting) > 200 and not [name for name, loader in waiting if loader is not None]
"""
LOADED = """
from portal.rules.number_plans import load_number_plans
load_number_plans()
load_number_plans()
"""
WEB_SERVER = """
from portal.processes import gunicorn_conf
gunicorn_conf.when_ready(None)
"""
WORKER = """
from portal.processes import background
class Begun(Exception): pass
def begin(): raise Begun
background.worker_marks.note_heartbeat = begin
try:
    background.work_until_stopped(None)
except Begun:
    pass
"""


def start(program):
    """Run the first lines of a process in one of its own, since plans stay loaded."""
    return subprocess.run([sys.executable, "-c", SERVED.format(started=program)], cwd=ROOT, check=False).returncode


def test_load_number_plans_leaves_none_for_later():
    assert start(LOADED) == 0


def test_the_web_server_has_every_plan_before_the_first_request():
    assert start(WEB_SERVER) == 0


def test_the_background_process_has_every_plan_before_its_first_work():
    assert start(WORKER) == 0


def test_without_it_plans_are_read_later():
    assert start("import portal.rules.numbers") == 1
