"""DataLoader with workers: what comes from them, and that none is left over."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    TensorDataset,
    get_worker_info,
    multiprocess,
)
from minitorch.utils.data.channel import Channel

ROOT = Path(__file__).parents[3]
HAS_FORK = "fork" in multiprocessing.get_all_start_methods()
SPAWNING = [name for name in multiprocessing.get_all_start_methods() if name != "fork"]

pytestmark = [
    pytest.mark.skipif(not HAS_FORK, reason="most of these workers know what a test defines"),
    pytest.mark.filterwarnings("ignore:.*workers are more than:UserWarning"),
    # From Python 3.12 on, for any fork beside NumPy's threads.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture(autouse=True)
def no_process_is_left_over() -> Iterator[None]:
    """Also without the garbage collector's help."""
    gc.disable()
    yield
    gc.enable()
    assert multiprocessing.active_children() == []


def loading(dataset: Any, num_workers: int = 2, **options: Any) -> DataLoader[Any]:
    options.setdefault("multiprocessing_context", "fork")
    return DataLoader(dataset, num_workers=num_workers, **options)


def pids(iterator: Any) -> list[int]:
    return [worker.process.pid for worker in iterator._workers]


class Numbers(Dataset):
    """The index, after something was done about it."""

    def __init__(self, action: Any = None, count: int = 8) -> None:
        self.action = action
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Any:
        if self.action is not None:
            self.action(index)
        return index


class Randomness(Dataset):
    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        info = get_worker_info()
        numbers = minitorch.rand(1).item(), random.random(), float(np.random.rand())
        return numbers, (info.id, info.num_workers, info.seed, info.dataset is self)


class Shards(IterableDataset):
    """This worker's share of the numbers below an end."""

    def __init__(self, end: int) -> None:
        self.end = end

    def __iter__(self) -> Any:
        info = get_worker_info()
        return iter(range(info.id, self.end, info.num_workers))


# -- what comes ---------------------------------------------------------------------------


@pytest.mark.parametrize("num_workers", [1, 2, 3])
@pytest.mark.parametrize("prefetch_factor", [1, 4])
def test_the_order_is_kept_however_long_a_batch_takes(num_workers, prefetch_factor):
    dataset = Numbers(lambda index: time.sleep(0.02 * (index % 3 == 0)), 10)
    loader = loading(dataset, num_workers, batch_size=2, prefetch_factor=prefetch_factor)
    assert [batch.tolist() for batch in loader] == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_out_of_order_the_quicker_worker_is_first():
    released = multiprocessing.get_context("fork").Event()
    dataset = Numbers(lambda index: index == 0 and released.wait(20), 6)
    iterator = iter(loading(dataset, batch_size=None, in_order=False))
    first = [next(iterator) for _ in range(3)]
    released.set()
    assert first == [1, 3, 4]  # 0 and 2 are the other worker's
    assert sorted(iterator) == [0, 2, 5]


def test_batches_are_made_before_they_are_asked_for():
    made = multiprocessing.get_context("fork").Value("i", 0)

    def count(index: int) -> None:
        with made.get_lock():
            made.value += 1

    iterator = iter(loading(Numbers(count, 20), batch_size=2, prefetch_factor=2))
    deadline = time.monotonic() + 20
    while made.value < 8 and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.05)
    assert made.value == 8  # 2 workers, 2 batches of 2 samples each
    del iterator


def test_a_worker_that_has_ended_leaves_its_tasks_to_the_others():
    made = multiprocessing.get_context("fork").Value("i", 0)

    class OneHasNone(IterableDataset):
        def __iter__(self) -> Any:
            while get_worker_info().id == 1:
                made.value += 1
                yield made.value

    iterator = iter(loading(OneHasNone(), batch_size=None, prefetch_factor=1))
    assert next(iterator) == 1
    deadline = time.monotonic() + 20
    while made.value < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert made.value == 3  # the first, one in place of the end, one in place of the first


def test_shards_of_a_stream():
    assert [batch.tolist() for batch in loading(Shards(7), batch_size=2)] == [
        [0, 2], [1, 3], [4, 6], [5]
    ]  # fmt: skip


def test_large_batches_and_long_lists_of_indices():
    """More than a connection holds, both ways and at once."""
    loader = loading(
        range(500_000), batch_size=100_000, collate_fn=lambda samples: np.array(samples)
    )
    total = 0
    for batch in loader:
        batch += 1
        total += int(batch.sum())
    assert total == 500_000 * 500_001 // 2


def test_streams_start_from_the_seed_and_the_worker():
    minitorch.manual_seed(1)
    seed = minitorch.empty((), dtype=minitorch.int64).random_().item()
    minitorch.manual_seed(1)
    here = random.getstate(), np.random.get_state()[1].tolist()
    samples = list(loading(Randomness(), batch_size=None))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == here
    for worker in range(2):
        mine = samples[worker::2]
        assert [who for _, who in mine] == [[worker, 2, seed + worker, True]] * 3
        minitorch.manual_seed(seed + worker)
        own = random.Random(seed + worker)
        state = np.random.SeedSequence([worker, seed % 2**32, seed // 2**32, 0]).generate_state(4)
        numpys = np.random.RandomState(state)
        for (ours, pythons, numpy), _ in mine:
            assert ours == minitorch.rand(1).item()
            assert pythons == own.random()
            assert numpy == numpys.rand()
    assert get_worker_info() is None


@pytest.mark.parametrize("method", SPAWNING)
def test_other_start_methods(method):
    minitorch.manual_seed(1)
    expected = list(loading(Randomness(), batch_size=None))
    minitorch.manual_seed(1)
    assert list(loading(Randomness(), batch_size=None, multiprocessing_context=method)) == expected
    rows = TensorDataset(minitorch.arange(10))
    (batch,) = next(iter(loading(rows, batch_size=5, multiprocessing_context=method)))
    assert batch.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("method", SPAWNING)
def test_what_cannot_be_pickled_for_a_worker(method):
    with (
        pytest.warns(UserWarning, match="top level of a module") as caught,
        pytest.raises((AttributeError, TypeError, multiprocess.PicklingError)),
    ):
        iter(loading(range(3), collate_fn=lambda samples: 0, multiprocessing_context=method))
    assert caught[0].filename == __file__


# -- persistent workers -------------------------------------------------------------------


def test_persistent_workers_stay_for_the_next_epoch():
    loader = loading(Shards(5), batch_size=None, persistent_workers=True)
    assert list(loader) == list(range(5))
    before = pids(iter(loader))
    assert list(loader) == list(range(5))
    assert pids(iter(loader)) == before
    assert len(multiprocessing.active_children()) == 2


def test_an_epoch_of_persistent_workers_that_is_given_up():
    slow = Numbers(lambda index: time.sleep(0.01))
    loader = loading(slow, batch_size=None, persistent_workers=True, prefetch_factor=3)
    for taken in (1, 3, 0):
        iterator = iter(loader)
        assert [next(iterator) for _ in range(taken)] == list(range(taken))
    assert list(loader) == list(range(8))


def test_persistent_workers_after_an_error():
    killed = multiprocessing.get_context("fork").Value("i", 0)

    def die_once(index: int) -> None:
        if index == 3 and not killed.value:
            killed.value = 1
            os.kill(os.getpid(), signal.SIGKILL)

    loader = loading(Numbers(die_once), batch_size=None, persistent_workers=True)
    with pytest.raises(RuntimeError, match="SIGKILL"):
        list(loader)
    assert list(loader) == list(range(8))


def test_persistent_workers_that_were_interrupted():
    """As by Control-C in a notebook, where the program goes on."""
    loader = loading(Numbers(), batch_size=None, persistent_workers=True)
    assert list(loader) == list(range(8))
    for worker in multiprocessing.active_children():
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGINT)
        worker.join(20)
        assert worker.exitcode == 0
    assert list(loader) == list(range(8))


# -- the end of the workers ---------------------------------------------------------------


def wait_for_the_end(iterator: Any) -> Any:
    list(iterator)
    return iterator


def break_off(iterator: Any) -> None:
    for _ in iterator:
        break


def raise_here(iterator: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        for _ in iterator:
            raise ZeroDivisionError


@pytest.mark.parametrize("end", [wait_for_the_end, break_off, raise_here])
@pytest.mark.parametrize("persistent", [False, True])
def test_workers_end_with_their_iterator(end, persistent):
    loader = loading(Numbers(), persistent_workers=persistent)
    started = time.monotonic()
    kept = end(iter(loader))
    if persistent:
        del loader, kept
    assert multiprocessing.active_children() == []
    assert time.monotonic() - started < 4


def test_a_worker_finishes_the_batch_that_it_is_at():
    begun, ended = (multiprocessing.get_context("fork").Value("i", 0) for _ in range(2))

    def work(index: int) -> None:
        begun.value += 1
        time.sleep(0.1)
        ended.value += 1

    iterator = iter(loading(Numbers(work), num_workers=1, batch_size=2, prefetch_factor=4))
    deadline = time.monotonic() + 20
    while not begun.value and time.monotonic() < deadline:
        time.sleep(0.005)
    del iterator
    assert begun.value == ended.value == 2


def test_workers_are_daemons():
    """So that they can have no children, and end with the program whatever happens."""
    iterator = iter(loading(Numbers()))
    assert [process.daemon for process in multiprocessing.active_children()] == [True, True]
    del iterator


def test_a_worker_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(multiprocess, "_PATIENCE", 0.2)
    iterator = iter(loading(Numbers(lambda index: time.sleep(60))))
    started = time.monotonic()
    del iterator
    assert time.monotonic() - started < 5


def test_other_forked_processes_do_not_keep_workers_alive():
    """They inherit our ends of the channels."""
    iterator = iter(loading(Numbers()))
    next(iterator)
    other = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    other.start()
    started = time.monotonic()
    del iterator
    took = time.monotonic() - started
    other.kill()
    other.join()
    assert took < 2


def test_garbage_that_a_worker_inherits_does_not_end_its_siblings():
    loader = loading(Numbers(), batch_size=None)
    cycle: list[Any] = [iter(loader)]
    cycle.append(cycle)
    workers = pids(cycle[0])
    del cycle
    assert list(
        loading(Numbers(lambda index: index == 0 and gc.collect()), batch_size=None)
    ) == list(range(8))
    assert {process.pid for process in multiprocessing.active_children()} == set(workers)
    gc.collect()


# -- errors -------------------------------------------------------------------------------


def test_an_error_of_the_dataset():
    def refuse(index: int) -> None:
        if index == 1:
            raise LookupError("not this one")

    iterator = iter(loading(Numbers(refuse, 4), batch_size=None))
    assert next(iterator) == 0
    with pytest.raises(LookupError, match=r"(?s)worker process 1.*refuse.*not this one"):
        next(iterator)
    assert list(iterator) == [2, 3]


def test_an_error_of_the_dataset_ends_the_workers_of_a_loop():
    def refuse(index: int) -> None:
        raise LookupError

    try:
        for _ in loading(Numbers(refuse)):
            pass
    except LookupError:
        pass
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("in_order", [True, False])
def test_a_worker_that_is_killed(in_order):
    def die(index: int) -> None:
        if index == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    iterator = iter(loading(Numbers(die), batch_size=None, in_order=in_order))
    dying = pids(iterator)[1]
    started = time.monotonic()
    with pytest.raises(RuntimeError, match=rf"pid {dying}\) was killed by signal SIGKILL"):
        list(iterator)
    assert time.monotonic() - started < 4
    assert multiprocessing.active_children() == []
    with pytest.raises(RuntimeError, match="iterate anew"):
        next(iterator)


def test_a_worker_that_is_killed_from_outside_while_another_is_waited_for():
    iterator = iter(loading(Numbers(lambda index: time.sleep(60 * (index == 0)))))
    dying = pids(iterator)[1]
    threading.Timer(0.2, os.kill, (dying, signal.SIGKILL)).start()
    started = time.monotonic()
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(RuntimeError, match=rf"pid {dying}\)"),
    ):
        patch.setattr(multiprocess, "_PATIENCE", 0.5)
        next(iterator)
    assert time.monotonic() - started < 5


def test_a_worker_that_is_killed_while_it_is_given_a_task():
    iterator = iter(loading(Numbers(count=100), num_workers=1, batch_size=None))
    next(iterator)
    (worker,) = iterator._workers  # type: ignore[attr-defined]
    assert worker.channel.has_message(20)  # the next batch, with which the next task is given
    dying = worker.process.pid
    worker.process.kill()
    worker.process.join()
    with pytest.raises(RuntimeError, match=rf"pid {dying}\)"):
        list(iterator)


@pytest.mark.parametrize("leave, code", [(sys.exit, 3), (os._exit, 4)])
def test_a_worker_that_leaves(leave, code):
    with pytest.raises(RuntimeError, match=f"exited unexpectedly with code {code}"):
        list(loading(Numbers(lambda index: index == 2 and leave(code))))


def test_a_batch_that_comes_too_late_is_not_lost():
    released = multiprocessing.get_context("fork").Event()
    dataset = Numbers(lambda index: index == 1 and released.wait(20), 4)
    iterator = iter(loading(dataset, batch_size=None, timeout=0.2))
    assert next(iterator) == 0
    with pytest.raises(RuntimeError, match=r"timeout=0.2"):
        next(iterator)
    released.set()
    assert list(iterator) == [1, 2, 3]


def test_an_interruption_within_a_message_ends_the_workers(monkeypatch):
    def interrupt(channel: Channel) -> Any:
        raise KeyboardInterrupt

    iterator = iter(loading(Numbers()))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Channel, "receive", interrupt)
        next(iterator)
    assert multiprocessing.active_children() == []
    with pytest.raises(RuntimeError, match="iterate anew"):
        next(iterator)


def test_batches_that_cannot_be_sent():
    weight = minitorch.ones(3, requires_grad=True)
    for dataset in (TensorDataset(weight), [threading.Lock()]):
        with pytest.raises((RuntimeError, TypeError), match="DataLoader worker process 0"):
            list(loading(dataset, 1, collate_fn=lambda samples: samples))


def refuse_in_the_main_process() -> str:
    if get_worker_info() is None:
        raise LookupError("not here")
    return "there"


class NotHere:
    """Can be pickled; cannot be made of the pickle in the main process."""

    def __reduce__(self) -> Any:
        return refuse_in_the_main_process, ()


def test_a_batch_that_cannot_be_unpacked_is_an_error_in_its_place():
    iterator = iter(loading([0, *[NotHere()] * 6, 7, 8], batch_size=None))
    results = []
    for _ in range(9):
        try:
            results.append(next(iterator))
        except LookupError:
            results.append(None)
    assert results == [0, *[None] * 6, 7, 8]
    assert list(iterator) == []


def test_no_prefetching():
    with pytest.raises(AssertionError, match="prefetch_factor"):
        iter(loading(Numbers(), prefetch_factor=0))


def test_an_error_of_the_sampler_at_the_start_ends_the_workers():
    def indices() -> Any:
        yield 0
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        iter(loading(Numbers(), sampler=indices()))
    assert multiprocessing.active_children() == []  # though the error holds the iterator
    del caught


# -- the end of the program ---------------------------------------------------------------

PROGRAM = """
import os, signal, sys, time
from minitorch.utils.data import DataLoader, Dataset

class Slow(Dataset):
    def __len__(self):
        return 1000

    def __getitem__(self, index):
        time.sleep({seconds} if index > 1 else 0)
        return index

def main():
    global iterator
    signal.signal(signal.SIGTERM, signal.{sigterm})
    loader = DataLoader(Slow(), num_workers=2, multiprocessing_context="{method}")
    iterator = iter(loader)
    next(iterator), next(iterator)  # both workers have begun
    print("ready", flush=True)
    {end}

if __name__ == "__main__":
    main()
"""


def run(
    folder: Path,
    end: str,
    method: str = "fork",
    seconds: float = 0.01,
    sigterm: str = "SIG_DFL",
    kill: Any = None,
) -> tuple[int, str, float]:
    """Run a program to the end of its last process, which holds its output open."""
    file = folder / "program.py"
    file.write_text(PROGRAM.format(end=end, method=method, seconds=seconds, sigterm=sigterm))
    program = subprocess.Popen(
        [sys.executable, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "always::ResourceWarning"},
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n", program.communicate(timeout=20)
        started = time.monotonic()
        if kill is not None:
            time.sleep(0.1)
            kill(program.pid)
        _, errors = program.communicate(timeout=20)
        return program.returncode, errors, time.monotonic() - started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "method, end, code, last_line",
    [
        ("fork", "pass", 0, ""),
        ("fork", "1 / 0", 1, "ZeroDivisionError: division by zero"),
        ("fork", "sys.exit(3)", 3, ""),
        ("spawn", "pass", 0, ""),
    ],
)
def test_a_program_that_ends_with_workers(tmp_path, method, end, code, last_line):
    returned, errors, took = run(tmp_path, end, method)
    assert (returned, "".join(errors.splitlines()[-1:])) == (code, last_line)
    assert took < 10


@pytest.mark.parametrize(
    "method, end",
    [("fork", "list(iterator)"), ("fork", "time.sleep(60)"), ("spawn", "list(iterator)")],
)
def test_control_c(tmp_path, end, method):
    """The terminal interrupts all processes of the program."""
    _, errors, took = run(tmp_path, end, method, kill=lambda pid: os.killpg(pid, signal.SIGINT))
    assert errors.count("Traceback") == 1
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert took < 10


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_program_that_is_ended_from_outside(tmp_path, how):
    """Only its main process; the workers are at a batch."""
    returned, _, took = run(
        tmp_path, "list(iterator)", seconds=0.3, kill=lambda pid: os.kill(pid, how)
    )
    assert returned == -how
    assert took < 10


def test_a_program_whose_workers_are_busy_and_deaf_to_sigterm(tmp_path):
    returned, errors, took = run(tmp_path, "pass", seconds=60, sigterm="SIG_IGN")
    assert (returned, errors) == (0, "")
    assert took < 10
