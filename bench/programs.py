"""The programs of `make bench`, each with the seconds after which it is ended."""

from typing import NamedTuple


class Program(NamedTuple):
    """The module that measures, the seconds that it may take, and what it measures; `large`: among 100,000 users."""

    module: str
    seconds: int
    what: str
    large: bool = False


PROGRAMS = {
    "pages": Program("page_rates", 400, "PERF-01, 02: pages beside the bare page, requests a second", large=True),
    "growth": Program("page_growth", 400, "PERF-03: pages at 100 and at 100,000 users, processor time", large=True),
    "toggle": Program("toggling", 300, "PERF-04: turning a user's texting on and off", large=True),
    "accept": Program("accepting", 300, "PERF-05: accepting texts", large=True),
    "latency": Program("latency", 240, "PERF-06: from the button to the delivered receipt"),
    "loaded": Program("latency_loaded", 300, "PERF-06: the same while 100 texts a second are accepted", large=True),
    "kannel": Program("latency_kannel", 300, "PERF-06: the same through Kannel, beside Kannel alone"),
    "seen": Program("page_latency", 240, "PERF-06: from the button to the word on the page"),
    "drain": Program("drain", 600, "PERF-07: texts that wait leave"),
    "decide": Program("deciding", 120, "PERF-08: the rules beside two rule libraries"),
    "import": Program("importing", 300, "PERF-09: users from a file"),
    "preview": Program("previewing", 200, "PERF-10: the effect of a switch", large=True),
    "purge": Program("purging", 400, "PERF-11: erasing old texts while pages are asked for", large=True),
    "reports": Program("joining", 600, "PERF-12: a report of spam finds its case"),
    "wire": Program("wire", 300, "PERF-13: bytes and requests of a first view and a next page"),
    "polling": Program("polling", 300, "PERF-13: two hundred open pages that ask for news", large=True),
    "memory": Program("memory", 400, "PERF-14: memory after ten thousand requests", large=True),
    "writers": Program("writers", 200, "writers in the portal's queue, beside SQLite's own"),
    "processes": Program("processes", 400, "one process of the web server beside two", large=True),
    "crowd": Program("crowd", 240, "REL-23: mixed traffic of hundreds of users", large=True),
    "soak": Program("soak", 480, "REL-24: the same for longer: nothing lost, nothing grows", large=True),
}
