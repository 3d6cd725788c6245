"""DataLoader beside PyTorch's: batch by batch, and the streams afterwards at the same place."""

from __future__ import annotations

import copy
import gc
import itertools
import multiprocessing
import os
import pickle
import random
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minitorch.utils.data  # noqa: F401 - the scripts find it as an attribute
from tests.parity.side_by_side import outcome, side_by_side

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*workers are more than:UserWarning"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning"),
    # From Python 3.12 on, for any fork beside NumPy's threads.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

SEEDS = [0, 1, 42, 2**31, 2**40]
WEIGHTS = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6, 1.0, 1.0, 1.0, 1.0, 0.5]


@pytest.fixture(autouse=True)
def no_process_is_left_over() -> Iterator[None]:
    yield
    if multiprocessing.active_children():
        gc.collect()  # after an error PyTorch's iterators are in cycles
    assert multiprocessing.active_children() == []


def dataset_of(torch: Any, count: int = 11) -> Any:
    """A dataset with a sample of several kinds."""

    class Samples(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return count

        def __getitem__(self, index: int) -> Any:
            return {"x": torch.full((2,), float(index)), "y": (index, str(index))}

    return Samples()


def rows_of(torch: Any, count: int = 11) -> Any:
    return torch.utils.data.TensorDataset(
        torch.arange(2.0 * count).reshape(count, 2), torch.arange(count)
    )


def workers(count: int) -> dict[str, Any]:
    """Options for so many workers, which know what this module defines."""
    return {"num_workers": count, "multiprocessing_context": "fork"} if count else {}


def outcomes(loader: Any) -> Any:
    """Batches, or the errors in their place, up to the end, where PyTorch's workers end too."""
    iterator, results = iter(loader), [outcome(lambda: None)]
    while not isinstance(results[-1], StopIteration):
        results.append(outcome(next, iterator))
    return results[1:]


OPTIONS: dict[str, Any] = {
    "defaults": lambda data, generator: {},
    "batches": lambda data, generator: {"batch_size": 4},
    "full batches": lambda data, generator: {"batch_size": 4, "drop_last": True},
    "one batch": lambda data, generator: {"batch_size": 100},
    "no batch": lambda data, generator: {"batch_size": 100, "drop_last": True},
    "single samples": lambda data, generator: {"batch_size": None},
    "single shuffled": lambda data, generator: {"batch_size": None, "shuffle": True},
    "shuffled": lambda data, generator: {"batch_size": 4, "shuffle": True},
    "by a generator": lambda data, generator: {
        "batch_size": 4, "shuffle": True, "generator": generator
    },
    "seeded by a generator": lambda data, generator: {"batch_size": 4, "generator": generator},
    "with replacement": lambda data, generator: {
        "batch_size": 5, "sampler": data.RandomSampler(range(11), True, 40, generator)
    },
    "weighted": lambda data, generator: {
        "batch_size": 4, "sampler": data.WeightedRandomSampler(WEIGHTS, 9)
    },
    "subset": lambda data, generator: {
        "batch_size": 2, "sampler": data.SubsetRandomSampler([1, 3, 5, 7, 9])
    },
    "eager sampler": lambda data, generator: {"batch_size": None, "sampler": Eager(data)},
    "eager in batches": lambda data, generator: {"batch_size": 4, "sampler": Eager(data)},
    "batch sampler": lambda data, generator: {
        "batch_sampler": data.BatchSampler(data.RandomSampler(range(11)), 3, True)
    },
    "listed batches": lambda data, generator: {"batch_sampler": [[0, 1], [5], [2, -1, 2]]},
    "own collation": lambda data, generator: {"batch_size": 3, "collate_fn": len},
}  # fmt: skip


class Eager:
    """A sampler that draws its order when the iteration begins."""

    def __init__(self, data: Any) -> None:
        self.subset = data.SubsetRandomSampler(range(11))

    def __iter__(self) -> Any:
        return iter(list(self.subset))

    def __len__(self) -> int:
        return 11


def epochs(torch: Any, dataset: Any, name: str, seed: int, count: int, **more: Any) -> Any:
    """Two epochs, one that is given up, and what the streams give next."""
    torch.manual_seed(seed)
    own = torch.Generator().manual_seed(seed + 1)
    options = OPTIONS[name](torch.utils.data, own)
    loader = torch.utils.data.DataLoader(dataset, **options, **workers(count), **more)
    made = torch.rand(1)
    first = [list(loader), torch.rand(1), torch.rand(1, generator=own)]
    second = [list(loader), torch.rand(1), torch.rand(1, generator=own)]
    iterator = iter(loader)
    begun = [outcome(next, iterator) for _ in range(2)]
    length = len(iterator)
    del iterator
    given_up = [begun, torch.rand(1), torch.rand(1, generator=own)]
    # Drawing is done by the sampler, which does not know of the workers.
    return made, first, second, length, len(loader), given_up


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OPTIONS)
@side_by_side
def test_batches(torch: Any, name: str, seed: int) -> Any:
    return (
        epochs(torch, dataset_of(torch), name, seed, 0),
        epochs(torch, rows_of(torch), name, seed, 0),
    )


CASES = [(name, SEEDS[place % 5], place % 2 + 1) for place, name in enumerate(OPTIONS)]
CASES += [("by a generator", seed, count) for count in (1, 2) for seed in SEEDS]
CASES += [("shuffled", 1, 3), ("by a generator", 2**40, 3)]


@pytest.mark.parametrize("name, seed, count", CASES)
@side_by_side
def test_batches_of_workers(torch: Any, name: str, seed: int, count: int) -> Any:
    return epochs(torch, dataset_of(torch), name, seed, count)


@pytest.mark.parametrize("prefetch_factor", [1, 3])
@pytest.mark.parametrize("name", ["shuffled", "with replacement", "eager sampler"])
@side_by_side
def test_prefetching(torch: Any, name: str, prefetch_factor: int) -> Any:
    return epochs(torch, dataset_of(torch), name, 5, 2, prefetch_factor=prefetch_factor)


@pytest.mark.parametrize("name", ["by a generator", "with replacement", "eager sampler"])
@side_by_side
def test_persistent_workers(torch: Any, name: str) -> Any:
    """No further seed is drawn for the second epoch."""
    return epochs(torch, dataset_of(torch), name, 5, 2, persistent_workers=True)


def random_numbers(torch: Any) -> Any:
    """What the three streams give in this process."""
    return torch.rand(1), random.random(), float(np.random.rand())


def randomness(torch: Any, count: int = 6) -> Any:
    class Randomness(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return count

        def __getitem__(self, index: int) -> Any:
            info = torch.utils.data.get_worker_info()
            numbers = np.random.randint(0, 2**31, 2).tolist()
            return random_numbers(torch), numbers, info and (info.id, info.num_workers, info.seed)

    return Randomness()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("generated", [False, True])
@side_by_side
def test_streams_in_workers(torch: Any, seed: int, generated: bool) -> Any:
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    generator = torch.Generator().manual_seed(seed + 1) if generated else None
    loader = torch.utils.data.DataLoader(
        randomness(torch), batch_size=None, generator=generator, **workers(2)
    )
    return list(loader), list(loader), random_numbers(torch)


@side_by_side
def test_streams_of_persistent_workers(torch: Any) -> Any:
    torch.manual_seed(4)
    loader = torch.utils.data.DataLoader(
        randomness(torch), batch_size=None, persistent_workers=True, **workers(2)
    )
    return list(loader), torch.rand(1), list(loader), torch.rand(1)


@side_by_side
def test_worker_init_fn(torch: Any) -> Any:
    def seed_numpy(worker_id: int) -> None:
        info = torch.utils.data.get_worker_info()
        assert info.id == worker_id
        np.random.seed((info.seed + worker_id) % 2**32)
        random.seed(worker_id)
        info.dataset.mark = worker_id

    class Marked(torch.utils.data.Dataset):
        mark = -1

        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Any:
            return self.mark, random.random(), float(np.random.rand())

    torch.manual_seed(1)
    dataset = Marked()
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=None, worker_init_fn=seed_numpy, **workers(2)
    )
    alone = torch.utils.data.DataLoader(dataset, batch_size=2, worker_init_fn=lambda number: 1 / 0)
    return list(loader), dataset.mark, len(list(alone)), torch.utils.data.get_worker_info()


def stream_of(torch: Any, ends: Any, length: int | None = None) -> Any:
    """An iterable dataset that gives worker w the numbers 100 w, ... of which there are ends[w]."""

    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            info = torch.utils.data.get_worker_info()
            number = info.id if info else 0
            return iter(range(100 * number, 100 * number + ends[number]))

    class Sized(Stream):
        def __len__(self) -> int:
            return length

    return Stream() if length is None else Sized()


STREAMS = [
    (0, [7]), (0, [0]), (0, [8]), (1, [7]), (2, [7, 3]), (2, [3, 7]), (2, [0, 5]), (2, [5, 0]),
    (2, [8, 8]), (2, [0, 0]), (3, [9, 2, 5]), (3, [0, 9, 1]), (3, [1, 1, 12]),
]  # fmt: skip


@pytest.mark.parametrize("count, ends", STREAMS, ids=str)
@side_by_side
def test_iterable_datasets(torch: Any, count: int, ends: Any) -> Any:
    results = []
    for options in ({"batch_size": None}, {"batch_size": 2}, {"batch_size": 2, "drop_last": True}):
        torch.manual_seed(3)
        loader = torch.utils.data.DataLoader(stream_of(torch, ends), **options, **workers(count))
        results.append([list(loader), torch.rand(1), outcome(len, loader), outcome(len, iter([]))])
    return results


@side_by_side
def test_iterable_datasets_of_persistent_workers(torch: Any) -> Any:
    loader = torch.utils.data.DataLoader(
        stream_of(torch, [5, 2]), batch_size=2, persistent_workers=True, **workers(2)
    )
    whole = list(loader)
    part = list(itertools.islice(loader, 1))
    return whole, part, list(loader)


@pytest.mark.parametrize("count", [0, 2])
@side_by_side
def test_an_endless_dataset(torch: Any, count: int) -> Any:
    class Endless(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return itertools.count()

    loader = torch.utils.data.DataLoader(Endless(), batch_size=3, **workers(count))
    return list(itertools.islice(loader, 5)), outcome(len, loader)


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize("options", [{"batch_size": None}, {"batch_size": 3}], ids=str)
@side_by_side
def test_a_stream_that_is_longer_than_it_says(torch: Any, count: int, options: Any) -> Any:
    loader = torch.utils.data.DataLoader(
        stream_of(torch, [9, 9], length=2), **options, **workers(count)
    )
    results = []
    for asked in (False, True):
        if asked:
            results.append(len(loader))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            results.append(list(loader))
        results.append([each.category for each in caught if "multi-thr" not in str(each.message)])
    return results


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("length", [0, 1, 6, 7])
@side_by_side
def test_lengths(torch: Any, length: int, drop_last: bool) -> Any:
    data = torch.utils.data
    sized = stream_of(torch, [length], length)
    batch_sampler = data.BatchSampler(range(length), 2, drop_last)
    return [
        len(data.DataLoader(range(length), batch_size=3, drop_last=drop_last)),
        len(data.DataLoader(sized, batch_size=3, drop_last=drop_last)),
        len(data.DataLoader(sized, batch_size=None)),
        len(data.DataLoader(range(length), batch_size=None)),
        len(data.DataLoader(range(length), batch_sampler=batch_sampler)),
        len(iter(data.DataLoader(range(length), batch_size=3, drop_last=drop_last))),
        outcome(len, data.DataLoader(range(length), sampler=iter(range(length)))),
        outcome(len, iter(data.DataLoader(sized, batch_size=3))),
    ]


@side_by_side
def test_empty_datasets(torch: Any) -> Any:
    data = torch.utils.data
    return (
        list(data.DataLoader([])),
        outcome(data.DataLoader, [], shuffle=True),
        list(data.DataLoader([], batch_size=None)),
        list(data.DataLoader([], **workers(2))),
        list(data.DataLoader([1], batch_size=1, **workers(2))),
        outcome(list, data.DataLoader([1], batch_sampler=[[]])),
        outcome(list, data.DataLoader(rows_of(torch), batch_sampler=[[]])),
    )


@side_by_side
def test_attributes(torch: Any) -> Any:
    data = torch.utils.data
    dataset = rows_of(torch)
    own = torch.Generator()
    plain = data.DataLoader(dataset)
    full = data.DataLoader(
        dataset, 4, True, num_workers=2, timeout=7, generator=own, drop_last=True, in_order=False
    )
    by_batches = data.DataLoader(dataset, batch_sampler=[[1]])
    names = [
        "batch_size",
        "num_workers",
        "pin_memory",
        "drop_last",
        "timeout",
        "prefetch_factor",
        "persistent_workers",
        "pin_memory_device",
        "in_order",
        "worker_init_fn",
        "multiprocessing_context",
    ]
    return (
        [[getattr(each, name) for name in names] for each in (plain, full, by_batches)],
        [[type(each.sampler), type(each.batch_sampler)] for each in (plain, full, by_batches)],
        [each.collate_fn is data.default_collate for each in (plain, by_batches)],
        data.DataLoader(dataset, batch_size=None).collate_fn is data.default_convert,
        data.DataLoader(dataset, batch_size=None).batch_sampler,
        type(data.DataLoader(stream_of(torch, [1])).batch_sampler),
        plain.dataset is dataset,
        full.generator is own,
        full.sampler.generator is own,
        plain.sampler.data_source is dataset,
        plain.batch_sampler.sampler is plain.sampler,
        full.batch_sampler.drop_last,
        data.DataLoader[int] is not None,
    )


PROTECTED = ["batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"]
FREE = [
    "num_workers",
    "collate_fn",
    "timeout",
    "generator",
    "pin_memory",
    "worker_init_fn",
    "prefetch_factor",
]


@side_by_side
def test_what_can_be_assigned(torch: Any) -> Any:
    class Own(torch.utils.data.DataLoader):
        def __init__(self) -> None:
            self.dataset = None  # before it is made it can be
            super().__init__(range(3))

    loader = Own()
    results = [outcome(setattr, loader, name, None) for name in PROTECTED]
    for name in FREE:
        setattr(loader, name, getattr(loader, name))
    loader.anything = 3
    loader.collate_fn = str
    return results, loader.anything, list(loader)


REFUSED: dict[str, Any] = {
    "negative workers": {"num_workers": -1},
    "negative timeout": {"timeout": -1},
    "timeout without workers": {"timeout": 1},
    "prefetching without workers": {"prefetch_factor": 2},
    "negative prefetching": {"num_workers": 1, "prefetch_factor": -1},
    "persistent without workers": {"persistent_workers": True},
    "context without workers": {"multiprocessing_context": "spawn"},
    "unknown context": {"num_workers": 1, "multiprocessing_context": "none"},
    "no context": {"num_workers": 1, "multiprocessing_context": 3},
    "sampler and shuffle": {"sampler": [1], "shuffle": True},
    "sampler and no shuffle": {"sampler": [1], "shuffle": False},
    "batch sampler and size": {"batch_sampler": [[1]], "batch_size": 2},
    "batch sampler and no size": {"batch_sampler": [[1]], "batch_size": None},
    "batch sampler and size one": {"batch_sampler": [[1]], "batch_size": 1},
    "batch sampler and shuffle": {"batch_sampler": [[1]], "shuffle": True},
    "batch sampler and sampler": {"batch_sampler": [[1]], "sampler": [1]},
    "batch sampler and drop_last": {"batch_sampler": [[1]], "drop_last": True},
    "no batches and drop_last": {"batch_size": None, "drop_last": True},
    "batch size 0": {"batch_size": 0},
    "batch size -1": {"batch_size": -1},
    "batch size 1.5": {"batch_size": 1.5},
    "batch size True": {"batch_size": True},
    "drop_last 1": {"drop_last": 1},
    "workers as text": {"num_workers": "2"},
    "unknown option": {"number": 2},
    "shuffle 0": {"shuffle": 0},
    "shuffle 1": {"shuffle": 1},
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("iterable", [False, True])
@side_by_side
def test_options_that_are_refused(torch: Any, name: str, iterable: bool) -> Any:
    torch.manual_seed(0)
    dataset = stream_of(torch, [3]) if iterable else range(3)
    results = []
    loader = outcome(torch.utils.data.DataLoader, dataset, **REFUSED[name])
    if not isinstance(loader, Exception):
        results.append(outcome(list, loader))
    return isinstance(loader, Exception) and loader, results


@side_by_side
def test_a_keyword_that_is_positional_elsewhere(torch: Any) -> Any:
    """The order of the arguments."""
    loader = torch.utils.data.DataLoader(
        range(4), 2, False, None, None, 0, sum, False, True, 0, None, None, None
    )
    return list(loader), outcome(torch.utils.data.DataLoader, *[range(4), *[None] * 13])


def caught_warnings(call: Any) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    ours = [each for each in caught if "multi-threaded" not in str(each.message)]
    return [(each.category, os.path.basename(each.filename)) for each in ours]


@side_by_side
def test_warnings_of_pinning(torch: Any) -> Any:
    data = torch.utils.data
    plain = data.DataLoader(range(2), pin_memory=True)
    named = data.DataLoader(range(2), pin_memory=True, pin_memory_device="cuda")
    unused = data.DataLoader(range(2), pin_memory_device="cuda")
    return [
        [category for category, _ in caught_warnings(lambda each=each: list(each))]
        for each in (plain, named, unused)
    ]


@side_by_side
def test_warnings_of_more_workers_than_processors(
    torch: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0}, raising=False)
    DataLoader = torch.utils.data.DataLoader
    loader = DataLoader(range(2), **workers(2))
    results = [
        [category for category, _ in caught_warnings(lambda: DataLoader(range(2), **workers(2)))],
        [category for category, _ in caught_warnings(lambda: list(loader))],
    ]
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1}, raising=False)
    return [*results, caught_warnings(lambda: DataLoader(range(2), **workers(2)))]


@side_by_side
def test_contexts(torch: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    loader = torch.utils.data.DataLoader(range(3), num_workers=1, multiprocessing_context=context)
    named = torch.utils.data.DataLoader(range(3), num_workers=1, multiprocessing_context="fork")
    named.multiprocessing_context = None
    refused = outcome(setattr, loader, "multiprocessing_context", "none")
    return (
        loader.multiprocessing_context is context,
        named.multiprocessing_context,
        refused,
        loader.multiprocessing_context is context,
    )


ERRORS: dict[str, Any] = {
    "ValueError": lambda: ValueError("bad"),
    "KeyError": lambda: KeyError("bad"),
    "IndexError": lambda: IndexError(3, "bad"),
    "ZeroDivisionError": lambda: ZeroDivisionError(),
    "UnicodeDecodeError": lambda: UnicodeDecodeError("utf-8", b"a", 0, 1, "bad"),
    "StopIteration": lambda: StopIteration(),
    "OSError": lambda: OSError(2, "bad"),
}


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize("name", ERRORS)
@side_by_side
def test_errors_of_the_dataset(torch: Any, name: str, count: int) -> Any:
    """They come in place of their batch, and the next batches after them."""

    class Broken(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 6

        def __getitem__(self, index: int) -> Any:
            if index in (1, 2):
                raise ERRORS[name]()
            return index

    iterator = iter(torch.utils.data.DataLoader(Broken(), **workers(count)))
    results = [outcome(next, iterator) for _ in range(7)]
    found = [re.findall(r"Caught \w+ in DataLoader worker process \d+", str(x)) for x in results]
    return results, found if count else None


@pytest.mark.parametrize("count", [0, 1, 2])
@side_by_side
def test_errors_of_collation(torch: Any, count: int) -> Any:
    samples = [(1,), (1, 2), (1,), (1,)]
    return outcomes(torch.utils.data.DataLoader(samples, batch_size=2, **workers(count)))


@side_by_side
def test_errors_of_the_start_of_a_worker(torch: Any) -> Any:
    def refuse(worker_id: int) -> None:
        raise LookupError(worker_id)

    return outcomes(torch.utils.data.DataLoader(range(4), worker_init_fn=refuse, **workers(2)))[0]


@pytest.mark.parametrize("count", [0, 2])
@side_by_side
def test_errors_of_an_iterable_dataset(torch: Any, count: int) -> Any:
    class Broken(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            yield 1
            raise ZeroDivisionError

    return outcomes(torch.utils.data.DataLoader(Broken(), **workers(count)))


@pytest.mark.parametrize("count", [0, 2])
@side_by_side
def test_errors_of_the_sampler(torch: Any, count: int) -> Any:
    def indices() -> Any:
        yield from range(count * 2 + 1)
        raise ZeroDivisionError

    loader = torch.utils.data.DataLoader(range(50), sampler=indices(), **workers(count))
    iterator = iter(loader)
    return [outcome(next, iterator) for _ in range(2)]


@pytest.mark.parametrize("count", [0, 2])
@side_by_side
def test_after_the_end(torch: Any, count: int) -> Any:
    iterator = iter(torch.utils.data.DataLoader(range(2), **workers(count)))
    return [outcome(next, iterator) for _ in range(5)], iter(iterator) is iterator


@pytest.mark.parametrize("count", [0, 2])
@side_by_side
def test_a_gradient_in_a_batch(torch: Any, count: int) -> Any:
    """The graph does not leave a worker."""
    weight = torch.ones(4, 2, requires_grad=True)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(weight), batch_size=2, **workers(count)
    )
    batches = outcomes(loader)
    if not count:
        batches[0][0].sum().backward()
    return batches, weight.grad


@side_by_side
def test_tensors_of_every_dtype_from_a_worker(torch: Any) -> Any:
    names = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]

    class Kinds(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> Any:
            kinds = {name: torch.ones(2, 3, dtype=getattr(torch, name)) for name in names}
            return kinds, torch.zeros(0, 3), torch.ones(300, 300), torch.arange(6).reshape(2, 3).T

    (batch,) = torch.utils.data.DataLoader(Kinds(), batch_size=2, **workers(1))
    batch[2] += 1  # it can be written to
    return batch


@pytest.mark.parametrize("count", [0, 2])
@side_by_side
def test_getitems(torch: Any, count: int) -> Any:
    class AtOnce(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 7

        def __getitems__(self, indices: Any) -> Any:
            return [index * 10 + len(indices) for index in indices]

    dataset = AtOnce()
    data = torch.utils.data
    return (
        list(data.DataLoader(dataset, batch_size=3, **workers(count))),
        list(data.DataLoader(data.Subset(dataset, [6, 0, 3]), batch_size=2, **workers(count))),
        outcomes(data.DataLoader(dataset, batch_size=None, **workers(count))),
    )


@side_by_side
def test_rows_by_any_index(torch: Any) -> Any:
    """Where samples are taken together, where not, and what is refused."""
    data = torch.utils.data
    rows = rows_of(torch)
    listed = [
        [0, 5], [-1, 10], [np.int64(3), np.int32(4)], [True, 2], [torch.tensor(3), 4], [11],
        [-12], [1.0], [slice(0, 2), slice(2, 4)], [[0, 1], [2, 3]], (1, 2),
        torch.tensor([1, 2]), np.array([1, 2]), [np.uint64(3), 2],
    ]  # fmt: skip
    subset = data.Subset(data.Subset(rows, [10, 3, 5, 7]), np.array([2, 1, 0]))

    class Doubled(data.TensorDataset):
        def __getitem__(self, index: Any) -> Any:
            return index * 2

    class Half(data.Subset):
        def __getitems__(self, indices: Any) -> Any:
            return [index / 2 for index in indices]

    return (
        [outcome(list, data.DataLoader(rows, batch_sampler=[each])) for each in listed],
        list(data.DataLoader(subset, batch_size=2)),
        outcome(list, data.DataLoader(subset, batch_sampler=[[3]])),
        list(data.DataLoader(Doubled(torch.ones(3)), batch_size=2)),
        list(data.DataLoader(Half(rows, [1, 2, 3]), batch_size=2)),
        list(data.DataLoader(data.Subset(Half(rows, [1, 2, 3]), [2, 0]), batch_size=2)),
        list(data.DataLoader(data.TensorDataset(torch.ones(4, 0)), batch_size=3)),
        next(iter(data.DataLoader(rows, batch_size=3, collate_fn=lambda samples: samples))),
    )


@side_by_side
def test_a_batch_of_rows_is_a_copy(torch: Any) -> Any:
    x = torch.zeros(4, 2)
    dataset = torch.utils.data.TensorDataset(x)
    for (batch,) in torch.utils.data.DataLoader(dataset, batch_size=2):
        batch += 1
    (single,) = next(iter(torch.utils.data.DataLoader(dataset, batch_size=None)))
    single += 5
    return x


@side_by_side
def test_copies_of_a_loader(torch: Any) -> Any:
    loader = torch.utils.data.DataLoader(range(5), batch_size=2)
    again = pickle.loads(pickle.dumps(loader))
    return (
        list(again),
        list(copy.copy(loader)),
        list(copy.deepcopy(loader)),
        outcome(pickle.dumps, iter(loader)),
        outcome(setattr, again, "dataset", 3),
    )


@side_by_side
def test_two_iterations_at_once(torch: Any) -> Any:
    data = torch.utils.data
    outer = data.DataLoader(range(4), batch_size=2, **workers(2))
    inner = data.DataLoader(range(3), shuffle=True, **workers(1))
    torch.manual_seed(2)
    return [(batch, list(inner)) for batch in outer], list(zip(outer, outer, strict=True))


@side_by_side
def test_batches_out_of_order(torch: Any) -> Any:
    """The same batches in any order; of one worker in its own order."""
    data = torch.utils.data
    loader = data.DataLoader(range(12), batch_size=2, in_order=False, **workers(2))
    alone = data.DataLoader(range(12), batch_size=2, in_order=False, **workers(1))
    streams = data.DataLoader(stream_of(torch, [5, 1]), in_order=False, **workers(2))
    return (
        sorted(batch.tolist() for batch in loader),
        list(alone),
        sorted(batch.tolist() for batch in streams),
    )
