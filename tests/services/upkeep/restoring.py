"""Restores that are killed at every step, or run out of disk: each step is a process of its own.

`python -m tests.services.upkeep.restoring FOLDER HOW` begins with FOLDER as it is for every step, lets a copy of itself
put back FOLDER/copy.db, and prints a line of JSON: which step, how it ended, what was found afterwards. HOW is `kill`
(at every line of the restore), `swap` (at every line that changes what is there) or `full` (so many kilobytes fit).
"""

import json
import os
import resource
import shutil
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from portal.services.upkeep import backups, database_files, schemas

FILES = (backups.__file__, database_files.__file__)
SWAP = ("restore_database_file", "_set_aside", "install_key")
OLD, NEW = "the key that was there before, long enough", "the key that came with the backup, long enough"


def restore(folder):
    key_file = folder / "number_key"
    backups.restore_database_file(folder / "copy.db", folder / "portal.db", key_file, key_file.read_text().strip())


def kill_at(wanted, functions=()):
    """Have this process killed when the so-many-eth new line of these functions, or of all, is about to run."""
    seen = set()

    def step(frame, event, _what):
        if frame.f_code.co_filename not in FILES or (functions and frame.f_code.co_name not in functions):
            return None
        if event == "line" and (frame.f_code.co_name, frame.f_lineno) not in seen:
            seen.add((frame.f_code.co_name, frame.f_lineno))
            if len(seen) > wanted:
                os.kill(os.getpid(), signal.SIGKILL)
        return step

    sys.settrace(step)


def fill_up(kilobytes):
    """No file of this process grows beyond so much, as on a disk without room."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, resource.RLIM_INFINITY))


def attempt(folder, before, number):
    """Restore in a copy of this process; 0 done, 1 refused with a sentence, 2 broke otherwise, -9 killed."""
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 2
    try:
        before(number)
        restore(folder)
        code = 0
    except database_files.BrokenBackup:
        code = 1
    finally:
        sys.settrace(None)
        os._exit(code)


def names(file):
    """What the users of a database are called, and whether it is sound."""
    with closing(sqlite3.connect(file)) as rows:
        sound = rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = sorted(name for (name,) in rows.execute("SELECT DISTINCT name FROM users"))
    return found if sound else ["not sound"]


def look(folder):
    """What stands where: by kind of file, the people in it; the key; files of a restore that did not end."""
    kept = [file for file in folder.glob("portal.db.before-restore-*") if not file.name.endswith(("-wal", "-shm"))]
    return {"database": names(folder / "portal.db"), "kept": [names(file) for file in sorted(kept)],
            "key": (folder / "number_key").read_text().strip(),
            "keys kept": [file.read_text().strip() for file in folder.glob("number_key.before-restore-*")],
            "drafts": len(list(folder.glob(".portal.db.*")) + list(folder.glob(".number_key.*")))}


def again(folder, pristine):
    """Everything as it was."""
    shutil.rmtree(folder)
    shutil.copytree(pristine, folder)


def main(folder, how):
    pristine = folder.with_name(f"{folder.name}.pristine")
    shutil.copytree(folder, pristine)
    schemas.expected_schema(max(schemas.known_revisions()))  # learned once, for all copies
    before = {"kill": kill_at, "swap": lambda wanted: kill_at(wanted, SWAP), "full": fill_up}[how]
    for number in range(0, 10_000, 128 if how == "full" else 1):
        again(folder, pristine)
        code = attempt(folder, before, number)
        files = sorted(file.name for file in folder.iterdir())
        told = {"step": number, "code": code, "files": files, **look(folder)}
        if code:
            restore(folder)
            told["then"] = look(folder)
        print(json.dumps(told), flush=True)
        if code == 0:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
