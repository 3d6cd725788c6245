"""The package loads its parts when they are asked for."""

import subprocess
import sys

import pytest

import minitorch


def test_data_is_there_without_an_import_of_its_own():
    command = "import minitorch; print(minitorch.utils.data.DataLoader.__name__)"
    assert subprocess.check_output([sys.executable, "-c", command], text=True) == "DataLoader\n"


def test_importing_the_package_does_not_load_what_workers_need():
    names = "('multiprocessing', 'minitorch.utils.data')"
    command = f"import sys, minitorch; print([name for name in {names} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", command], text=True) == "[]\n"


def test_what_is_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        minitorch.utils.nothing  # noqa: B018
