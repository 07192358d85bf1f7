"""The programs of `make bench`, each with the seconds after which it is ended."""

from typing import NamedTuple


class Program(NamedTuple):
    """The module that measures, the seconds that it may take, and what it measures.

    `large`: among 100,000 users. `not_on_server` says why it does not run with DB=postgresql, `not_on_file` why it does
    not run without; "" where it does.
    """

    module: str
    seconds: int
    what: str
    large: bool = False
    not_on_server: str = ""
    not_on_file: str = ""


# Why a program is not run with DB=postgresql.
READS_FILE = "it looks for what arrives in SQLite's file; through a server texts pass the same worker and carrier"
NO_DATABASE = "what it measures asks no database"
SAME_BYTES = "pages have the same bytes with either database"
ABOUT_FILE = "it is about SQLite's file: its size, its log, its lock, or the overwriting of what is erased"
SAME_PAGES = "it measures the web server's processes; pages, accept and growth tell what the other database costs"
OWN_FILE = "it fills and reads a file of its own"
ONLY_SERVER = "several machines need a server: DB=postgresql"

PROGRAMS = {
    "pages": Program("page_rates", 400, "PERF-01, 02: pages beside the bare page, requests a second", large=True),
    "growth": Program("page_growth", 400, "PERF-03: pages at 100 and at 100,000 users, processor time", large=True),
    "toggle": Program("toggling", 300, "PERF-04: turning a user's texting on and off", large=True),
    "accept": Program("accepting", 300, "PERF-05: accepting texts", large=True),
    "latency": Program("latency", 240, "PERF-06: from the button to the delivered receipt", not_on_server=READS_FILE),
    "loaded": Program("latency_loaded", 300, "PERF-06: the same while 100 texts a second are accepted", large=True,
                      not_on_server=READS_FILE),
    "kannel": Program("latency_kannel", 300, "PERF-06: the same through Kannel, beside Kannel alone",
                      not_on_server=READS_FILE),
    "seen": Program("page_latency", 240, "PERF-06: from the button to two open pages", not_on_server=READS_FILE),
    "drain": Program("drain", 600, "PERF-07: texts that wait leave"),
    "several": Program("several", 300, "one process that accepts texts, beside several", not_on_file=ONLY_SERVER),
    "workers": Program("workers", 1200, "one worker, beside several", not_on_file=ONLY_SERVER),
    "decide": Program("deciding", 120, "PERF-08: the rules beside two rule libraries", not_on_server=NO_DATABASE),
    "import": Program("importing", 300, "PERF-09: users from a file"),
    "preview": Program("previewing", 200, "PERF-10: the effect of a switch", large=True),
    "purge": Program("purging", 400, "PERF-11: erasing old texts while pages are asked for", large=True,
                     not_on_server=ABOUT_FILE),
    "reports": Program("joining", 600, "PERF-12: a report of spam finds its case", not_on_server=OWN_FILE),
    "wire": Program("wire", 300, "PERF-13: bytes and requests of a first view and a next page",
                    not_on_server=SAME_BYTES),
    "polling": Program("polling", 300, "PERF-13: two hundred open pages that ask for news", large=True),
    "memory": Program("memory", 400, "PERF-14: memory after ten thousand requests", large=True,
                      not_on_server=SAME_PAGES),
    "writers": Program("writers", 200, "writers in the portal's queue, beside SQLite's own", not_on_server=ABOUT_FILE),
    "processes": Program("processes", 400, "one process of the web server beside two", large=True,
                         not_on_server=SAME_PAGES),
    "crowd": Program("crowd", 240, "REL-23: mixed traffic of hundreds of users", large=True, not_on_server=READS_FILE),
    "soak": Program("soak", 480, "REL-24: the same for longer: nothing lost, nothing grows", large=True,
                    not_on_server=ABOUT_FILE),
}
