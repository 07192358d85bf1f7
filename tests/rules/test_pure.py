"""The rules can be asked where there is neither a web server nor a database."""

import subprocess
import sys
from pathlib import Path

ASK = """
import sys
sys.path.insert(0, sys.argv[1])
from portal.rules import Act, Facts, decide
assert decide(Act.SEND, Facts()).allowed
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_a_bare_interpreter_decides_without_flask_and_sqlalchemy():
    command = [sys.executable, "-I", "-c", ASK, Path(__file__).parents[2]]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "portal" in loaded
    assert not loaded & {"flask", "sqlalchemy", "werkzeug", "babel", "wtforms", "huey"}
