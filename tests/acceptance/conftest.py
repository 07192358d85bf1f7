"""A portal that runs, and the other sides of its carriers."""

from contextlib import closing

import pytest

from portal.rules import facts
from portal.services.texting import send_facts
from tests.acceptance.running import HookServer, RunningPortal
from tests.peers.center import MessageCenter


@pytest.fixture
def hook():
    """The web server of the portal, which answers once there is one."""
    with closing(HookServer()) as made:
        yield made


@pytest.fixture
def portal(app, another, people, hook):
    """The portal, running, with carriers allowed on this machine. The cast is there, and no carrier."""
    hook.app = another(CARRIER_NETWORKS="127.0.0.0/8", PORTAL_URL=hook.address)
    with RunningPortal(hook.app, hook, people) as running:
        yield running


@pytest.fixture
def center(tmp_path):
    """A message center of the test's own."""
    with MessageCenter(tmp_path) as made:
        yield made


@pytest.fixture
def busy_members(monkeypatch):
    """Members may send as many texts as they like: the limits of honest people would end a flood too soon."""
    monkeypatch.setattr(send_facts, "gather_usage", lambda *_given: facts.Usage())
