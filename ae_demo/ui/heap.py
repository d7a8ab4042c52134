"""Returns freed memory to the system, where the C library is glibc, which otherwise keeps most of it."""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of malloc.h
ARENAS = 2  # separate heaps of threads: each keeps what its threads have freed
LARGE = 8 << 20  # bytes from which a block has pages of its own, which are returned when it is freed


def bound_heap() -> None:
    """Bound what stays allocated after it was freed; to be called before threads are started."""
    if libc := _glibc():
        libc.mallopt(M_ARENA_MAX, ARENAS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def trim_heap() -> None:
    """Return the pages that are free to the system."""
    if libc := _glibc():
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None
