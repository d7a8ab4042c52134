"""Returns freed memory to the system. glibc, where it is the C library, otherwise keeps most of it."""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of malloc.h
ARENAS = 2  # heaps of threads: each keeps the memory that its threads have freed
LARGE = 8 << 20  # bytes: larger blocks have their own pages, which are returned when they are freed


def bound_heap() -> None:
    """Limit the freed memory that stays allocated. Call it before threads are started."""
    if libc := _glibc():
        libc.mallopt(M_ARENA_MAX, ARENAS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def trim_heap() -> None:
    """Return free pages to the system."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
