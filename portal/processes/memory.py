"""How processes hold memory: large pieces are given back, and what is loaded for good stays as it is."""

import ctypes
import gc
import sys

# Names of malloc.h. Glibc keeps a place for each thread and, once a large piece was given back, all that is smaller; a
# password check alone takes 19 MB, which every thread would hold for ever.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
LARGE_PIECE, MOST_ARENAS = 1024 * 1024, 2


def bound_allocator() -> None:
    """Give large pieces of memory back to the system when they are freed. Other systems than Linux do so or do not."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        mallopt(_M_MMAP_THRESHOLD, LARGE_PIECE)
        mallopt(_M_ARENA_MAX, MOST_ARENAS)


def keep_loaded() -> None:
    """Take what is loaded by now from the garbage collector: it need not look at it while people wait, and writes
    nothing on memory that processes share."""
    gc.collect()
    gc.freeze()
