"""Memory of freed arrays is kept for the next ones.

The C library of Linux returns the memory of large arrays to the system as soon as they are freed,
and for each new array the system then has to clear every page again, which can take longer than
the computation itself. The library stops doing so once it has seen a large block freed: from then
on it keeps blocks up to that size. PyTorch's tensors do the same in passing.
"""

import numpy as np

_LARGEST = 2**25 - 2**16  # bytes; the C library does not raise its limit beyond 32 MiB


def keep_freed_memory() -> None:
    """Let the C library keep the memory of arrays up to 32 MiB when they are freed.

    A block of that size is requested and freed without being touched, which takes microseconds.
    Where the C library works otherwise, nothing changes.

    Source: the manual page mallopt(3), "dynamic mmap threshold".
    """
    np.empty(_LARGEST, np.uint8)
