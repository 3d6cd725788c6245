"""DataLoader in one process."""

from __future__ import annotations

import itertools
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.utils.data import (
    DataLoader,
    Dataset,
    IterableDataset,
    Subset,
    TensorDataset,
    default_collate,
    default_convert,
    fetch,
)


class Squares(Dataset):
    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> Any:
        return index, float(index * index)


class Endless(IterableDataset):
    def __iter__(self) -> Any:
        return itertools.count()


class Claims(IterableDataset):
    """Says another length than it has."""

    def __iter__(self) -> Any:
        return iter(range(5))

    def __len__(self) -> int:
        return 3


def rows(count: int = 7) -> TensorDataset:
    return TensorDataset(minitorch.arange(2 * count).reshape(count, 2), minitorch.arange(count))


def numbers(loader: Any) -> Any:
    """The batches as lists."""
    return [batch.tolist() for batch in loader]


def test_batches():
    batches = list(DataLoader(Squares(), batch_size=3))
    assert [inputs.tolist() for inputs, _ in batches] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [targets.tolist() for _, targets in batches] == [
        [0.0, 1.0, 4.0],
        [9.0, 16.0, 25.0],
        [36.0],
    ]


def test_the_last_batch_dropped():
    loader = DataLoader(range(7), batch_size=3, drop_last=True)  # type: ignore[arg-type]
    assert numbers(loader) == [[0, 1, 2], [3, 4, 5]]
    assert len(loader) == 2


def test_no_batches():
    loader = DataLoader(["a", np.ones(2)], batch_size=None)  # type: ignore[arg-type]
    assert loader.collate_fn is default_convert
    text, ones = loader
    assert text == "a"
    assert type(ones) is minitorch.Tensor


def test_shuffling_takes_each_sample_once_and_differs_between_epochs():
    minitorch.manual_seed(0)
    loader = DataLoader(range(100), batch_size=7, shuffle=True)  # type: ignore[arg-type]
    first, second = ([number for batch in loader for number in batch.tolist()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    minitorch.manual_seed(0)
    assert [number for batch in loader for number in batch.tolist()] == first


def test_one_seed_is_drawn_for_an_epoch_in_order():
    minitorch.manual_seed(3)
    minitorch.empty((), dtype=minitorch.int64).random_()
    expected = minitorch.rand(1).item()
    minitorch.manual_seed(3)
    iter(DataLoader(range(100)))  # type: ignore[arg-type]
    assert minitorch.rand(1).item() == expected


def test_all_is_drawn_from_the_loaders_generator():
    minitorch.manual_seed(3)
    expected = minitorch.rand(1).item()
    minitorch.manual_seed(3)
    own = minitorch.Generator().manual_seed(8)
    loader = DataLoader(range(20), shuffle=True, generator=own)  # type: ignore[arg-type]
    first = numbers(loader)
    assert minitorch.rand(1).item() == expected
    own.manual_seed(8)
    assert numbers(loader) == first


def test_batches_of_a_stream():
    assert numbers(itertools.islice(DataLoader(Endless(), batch_size=2), 3)) == [
        [0, 1],
        [2, 3],
        [4, 5],
    ]
    with pytest.raises(TypeError):
        len(DataLoader(Endless()))


def test_a_stream_that_is_longer_than_it_says():
    loader = DataLoader(Claims())
    assert numbers(loader) == [[0], [1], [2], [3], [4]]
    assert len(loader) == 3
    with pytest.warns(UserWarning, match="length is 3 .* batches have come"):
        list(loader)


def test_a_stream_is_not_asked_again_after_its_end():
    class Resumes(IterableDataset):
        def __iter__(self) -> Any:
            self.left = 3
            return self

        def __next__(self) -> int:
            self.left -= 1
            if self.left == 0:
                raise StopIteration
            return self.left

    assert numbers(DataLoader(Resumes(), batch_size=4)) == [[2, 1]]


@pytest.mark.parametrize(
    "batch_size, drop_last, length", [(2, False, 2), (2, True, 1), (None, False, 3)]
)
def test_lengths_of_streams(batch_size, drop_last, length):
    assert len(DataLoader(Claims(), batch_size=batch_size, drop_last=drop_last)) == length


def test_attributes_that_the_batches_were_planned_with():
    loader = DataLoader(range(3))  # type: ignore[arg-type]
    for name in ("dataset", "batch_size", "sampler", "batch_sampler", "drop_last"):
        with pytest.raises(ValueError, match=name):
            setattr(loader, name, None)
    assert loader.batch_size == 1
    loader.collate_fn = len
    assert list(loader) == [1, 1, 1]


@pytest.mark.parametrize(
    "options, text",
    [
        ({"num_workers": -1}, "num_workers"),
        ({"timeout": -1}, "timeout"),
        ({"prefetch_factor": 2}, "num_workers > 0"),
        ({"prefetch_factor": -2, "num_workers": 1}, "prefetch_factor"),
        ({"persistent_workers": True}, "num_workers > 0"),
        ({"multiprocessing_context": "fork"}, "num_workers > 0"),
        ({"multiprocessing_context": "fork it", "num_workers": 1}, "fork it"),
        ({"sampler": [1], "shuffle": True}, "shuffle"),
        ({"batch_sampler": [[1]], "batch_size": 2}, "batch_size"),
        ({"batch_size": None, "drop_last": True}, "drop_last"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_options_that_contradict_one_another(options, text):
    with pytest.raises(ValueError, match=text):
        DataLoader(range(3), **options)


@pytest.mark.parametrize("option", [{"shuffle": True}, {"sampler": [1]}, {"batch_sampler": [[1]]}])
def test_a_stream_has_its_own_order(option):
    (name,) = option
    with pytest.raises(ValueError, match=name):
        DataLoader(Endless(), **option)


def test_a_context_of_another_kind():
    with pytest.raises(TypeError, match="start method"):
        DataLoader(range(3), num_workers=1, multiprocessing_context=3)  # type: ignore[arg-type]


def test_a_timeout_without_workers():
    """PyTorch too says so only when the iteration begins."""
    loader = DataLoader(range(3), timeout=1)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="num_workers > 0"):
        iter(loader)


def test_pinning_has_no_effect():
    with pytest.warns(UserWarning, match="pin_memory=True has no effect") as caught:
        list(DataLoader(range(2), pin_memory=True))  # type: ignore[arg-type]
    assert caught[0].filename == __file__


def test_a_loader_is_pickled_and_its_iterator_not():
    loader = pickle.loads(pickle.dumps(DataLoader(range(3), batch_size=2)))  # type: ignore[arg-type]
    assert numbers(loader) == [[0, 1], [2]]
    with pytest.raises(NotImplementedError, match="SingleProcessIterator"):
        pickle.dumps(iter(loader))


# -- rows of tensors, taken together ------------------------------------------------------


def one_by_one(dataset: Any, indices: Any) -> Any:
    return default_collate([dataset[index] for index in indices])


@pytest.mark.parametrize(
    "indices", [[0], [6, 0, 3, 3], [-1, -7, 2], [np.int64(2), np.uint8(6)]], ids=str
)
def test_rows_taken_together_are_the_rows(indices):
    dataset = TensorDataset(
        minitorch.rand(7, 2, 3), minitorch.arange(7), minitorch.rand(3, 7).T, minitorch.ones(7, 0)
    )
    together = fetch._rows(dataset, indices)
    assert together is not None
    for ours, expected in zip(together, one_by_one(dataset, indices), strict=True):
        np.testing.assert_array_equal(ours.array, expected.array, strict=True)
        assert not any(np.shares_memory(ours.array, each.array) for each in dataset.tensors)
    subset = Subset(Subset(dataset, [6, 5, 4, 3, 2, 1, 0]), range(7))
    flipped = fetch._rows(subset, indices)
    assert flipped is not None
    for ours, expected in zip(flipped, one_by_one(subset, indices), strict=True):
        np.testing.assert_array_equal(ours.array, expected.array, strict=True)


class Doubled(TensorDataset):
    def __getitem__(self, index: Any) -> Any:
        return [2 * each for each in super().__getitem__(index)]


@pytest.mark.parametrize(
    "dataset, indices",
    [
        (Doubled(minitorch.ones(3)), [0, 1]),
        (TensorDataset(minitorch.ones(3, requires_grad=True)), [0, 1]),
        (rows(), [True, False]),
        (rows(), []),
        (rows(), (0, 1)),
        (rows(), [[0], [1]]),
        (Subset(rows(), [slice(2)]), [0]),
        (range(3), [0, 1]),
    ],
    ids=str,
)
def test_when_samples_are_made_one_by_one(dataset, indices):
    assert fetch._rows(dataset, indices) is None


def test_a_row_that_is_not_there():
    with pytest.raises(IndexError):
        list(DataLoader(rows(), batch_sampler=[[7]]))


# -- importing ----------------------------------------------------------------------------


def test_importing_brings_no_multiprocessing():
    program = (
        "import sys, minitorch.utils.data;"
        "print(*{'multiprocessing', 'socket', 'queue', 'random'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")
