"""What starts Kannel: the configuration of the docs page with other ports, and what a machine without it says."""

import pytest

from . import kannel as peer
from .kannel import Kannel, printed_config, with_own_lines


def test_a_line_is_changed_in_its_group_only():
    config = "group = core\nlog-level = 2\n# a note\n\ngroup = smsbox\nlog-level = 2\n"
    assert with_own_lines(config, {("smsbox", "log-level"): "1"}) == config[:-2] + "1\n"


def test_a_line_that_the_page_does_not_have_is_told():
    """Or Kannel would run with ports and passwords that nobody chose."""
    with pytest.raises(AssertionError, match="no-such-line"):
        with_own_lines(printed_config(), {("core", "no-such-line"): "1"})


def test_what_is_the_readers_stands_in_capitals_in_the_page():
    config = printed_config()
    for word in ("FIRST-SECRET", "SECOND-SECRET", "THIRD-SECRET", "OPERATORS-HOST", "OPERATORS-PORT",
                 "OPERATORS-SYSTEM-ID", "OPERATORS-PASSWORD", "PORTALS-PORT", "LAST-PART"):
        assert config.count(word) == 1


def test_a_machine_without_kannel_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(peer, "BEARERBOX", str(tmp_path / "bearerbox"))
    monkeypatch.delenv("PEERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="only root can install it"), Kannel(tmp_path, None, ""):
        pass
    monkeypatch.setenv("PEERS", "1")
    with pytest.raises(pytest.fail.Exception, match="only root can install it"), Kannel(tmp_path, None, ""):
        pass
