"""Calls of NumPy that do not warn."""

import threading

import numpy as np
import pytest

from minitorch.quiet import Silence, quiet


def test_run_is_silent_and_ends():
    # pytest makes errors of warnings
    assert quiet.run(np.divide, np.ones(1), 0.0).tolist() == [np.inf]
    assert quiet.run(np.sum, np.ones((2, 2)), axis=0).tolist() == [2, 2]
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.divide(np.ones(1), 0.0)


def test_an_error_inside_leaves_it_usable():
    with pytest.raises(ValueError, match="broadcast"):
        quiet.run(np.add, np.ones(2), np.ones(3))
    assert quiet.run(np.log, 0.0) == -np.inf


def test_every_thread_has_its_own():
    results = []

    def work():
        for _ in range(10):  # NumPy lets other threads run during a call as long as this
            results.append(quiet.run(np.divide, np.ones(1_000_000), 0.0).min())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [np.inf] * 40


def test_silence_is_silent_nests_and_ends():
    with Silence():
        with Silence():
            assert (np.ones(1) / 0.0).tolist() == [np.inf]
        assert (np.ones(1) / 0.0).tolist() == [np.inf]
        assert quiet.run(np.log, 0.0) == -np.inf
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.ones(1) / 0.0
    with pytest.raises(KeyError), Silence():
        raise KeyError
    assert np.geterr()["divide"] == "warn"
