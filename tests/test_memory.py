"""Freed memory is used again."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
if sys.argv[1] == "minitorch":
    import minitorch

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

np.ones(2**16)
before = faults()
for _ in range(20):
    first, second = np.ones(2**17), np.ones(2**17)
    del first, second
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries work otherwise")
def test_arrays_that_come_and_go_take_no_new_pages():
    """Forty arrays of 1 MiB, two at a time: the pages of two, not of forty."""
    count = {
        package: int(subprocess.check_output([sys.executable, "-c", FAULTS, package], text=True))
        for package in ("minitorch", "numpy")
    }
    assert count["minitorch"] < 3 * 256  # pages of 4 KiB
    assert count["minitorch"] < count["numpy"]
