"""The programs of `make bench`, each with the seconds after which it is ended."""

from typing import NamedTuple


class Program(NamedTuple):
    """The module that measures, the seconds that it may take, and what it measures."""

    module: str
    seconds: int
    what: str


PROGRAMS = {
    "pages": Program("page_rates", 240, "PERF-01, 02: pages beside the bare page, requests a second"),
    "growth": Program("page_growth", 240, "PERF-03: pages at 100 and at 100,000 users, processor time"),
    "toggle": Program("toggling", 120, "PERF-04: turning a user's texting on and off"),
    "accept": Program("accepting", 180, "PERF-05: accepting texts"),
    "latency": Program("latency", 180, "PERF-06: from the button to the delivered receipt"),
    "kannel": Program("latency_kannel", 180, "PERF-06: the same through Kannel, beside Kannel alone"),
    "drain": Program("drain", 300, "PERF-07: texts that wait leave"),
    "decide": Program("deciding", 60, "PERF-08: the rules beside two rule libraries"),
    "import": Program("importing", 240, "PERF-09: users from a file"),
    "preview": Program("previewing", 120, "PERF-10: the effect of a switch"),
    "purge": Program("purging", 240, "PERF-11: erasing old texts while pages are asked for"),
    "reports": Program("joining", 300, "PERF-12: a report of spam finds its case"),
    "wire": Program("wire", 180, "PERF-13: bytes and requests of a first view and a next page"),
    "memory": Program("memory", 240, "PERF-14: memory after ten thousand requests"),
}
