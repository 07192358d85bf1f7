"""Keep programs going side by side, and end them together.

Each is a fork of this process, so that what they all have loaded lies in memory once.
"""

import contextlib
import contextvars
import ctypes
import os
import runpy
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

# Seconds between the signal to stop and the kill; gunicorn's graceful_timeout and the worker's fit into it.
SECONDS_TO_STOP = 30

_ASKED = {signal.SIGINT, signal.SIGTERM}
_PR_SET_PDEATHSIG = 1
# Loaded before any fork, where little is safe.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
# Between two looks at a child that was asked to stop, in seconds.
_PAUSE = 0.02


class ForkedProgram:
    """A program in a child of this process, as `subprocess.Popen` shows one. `program` runs in the child and ends it.

    For a process with one thread and without open databases, which must not cross a fork.
    """

    def __init__(self, program: Callable[[], object]) -> None:
        self.returncode: int | None = None
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _run_as_child(program, parent)

    def poll(self) -> int | None:
        """Its exit code, -n for signal n; None while it runs."""
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if ended else None
        return self.returncode

    def has_ended_by(self, deadline: float) -> bool:
        """Wait for its end until a moment (of time.monotonic), and say whether it came."""
        while self.poll() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
        return True


def run_module(module: str, *words: str) -> None:
    """Do in this process what `python -m MODULE WORDS` does in a new one."""
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def supervise_processes(programs: Mapping[str, Callable[[], object]], grace: float = SECONDS_TO_STOP) -> int:
    """Run all until asked to stop or one ends; TERM the others once, kill after `grace` seconds.

    The exit code: 0 asked to stop and all did, 1 one had to be killed or ended without an error,
    else the code of the one that ended first (128 + n for signal n, as in a shell).
    """
    signal.signal(signal.SIGCHLD, lambda *_: None)  # ignored, as it is by default, sigwait would never see it
    signal.pthread_sigmask(signal.SIG_BLOCK, {*_ASKED, signal.SIGCHLD})
    children = {name: ForkedProgram(program) for name, program in programs.items()}
    ended = _first_end(children)
    for child in children.values():
        if child.poll() is None:
            os.kill(child.pid, signal.SIGTERM)
    killed = _wait_or_kill(list(children.values()), grace)
    return int(killed) if ended is None else _code_of_end(ended, children[ended].poll() or 0)


def _code_of_end(name: str, code: int) -> int:
    """What this process ends with when a child ended by itself, and says so."""
    print(f"The {name} ended by itself (code {code}), so the portal stops.", file=sys.stderr)
    return 128 - code if code < 0 else code or 1


def _first_end(children: Mapping[str, ForkedProgram]) -> str | None:
    """Wait; the name of the child that ended, or None when asked to stop."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return name
        # Blocked signals stay pending: an end between the look above and this line is not missed.
        if signal.sigwait({*_ASKED, signal.SIGCHLD}) in _ASKED:
            return None


def _wait_or_kill(children: Sequence[ForkedProgram], grace: float) -> bool:
    """Whether a child had to be killed. What a child leaves behind of its group goes with it."""
    deadline, killed = time.monotonic() + grace, False
    for child in children:
        killed |= not child.has_ended_by(deadline)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.has_ended_by(float("inf"))
    return killed


def _run_as_child(program: Callable[[], object], parent: int) -> NoReturn:
    """Run a program in a child that was just forked, and end it there: nothing of the parent's goes on in it."""
    code: object = 1
    try:
        _begin_child(parent)
        # In an empty context: the parent's application context is not the child's.
        contextvars.Context().run(program)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - whatever it is must not reach what the parent has begun
        traceback.print_exc()
    finally:
        if not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _begin_child(parent: int) -> None:
    """Hear signals again, and stop when the parent is gone.

    In a session of its own: Ctrl-C in the terminal reaches the supervisor only, which signals once. The kernel sends
    the signal, so it also comes after kill -9 and the programs need not know. Other systems than Linux cannot do it and
    go without.
    """
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*_ASKED, signal.SIGCHLD})
    if _LIBC and (_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) or os.getppid() != parent):
        os._exit(1)
