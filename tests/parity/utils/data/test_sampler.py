"""Samplers beside PyTorch's: the same indices, and the streams afterwards at the same place."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import minitorch.utils.data  # noqa: F401 - the scripts find it as an attribute
from tests.parity.side_by_side import outcome, side_by_side

SEEDS = [0, 1, 42, 2**31, 2**40]
WEIGHTS = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]

SAMPLERS: dict[str, Any] = {
    "sequential": lambda data, generator: data.SequentialSampler(range(7)),
    "random": lambda data, generator: data.RandomSampler(range(7), generator=generator),
    "fewer": lambda data, generator: data.RandomSampler(range(7), False, 3, generator),
    "more": lambda data, generator: data.RandomSampler(range(7), False, 17, generator),
    "twice": lambda data, generator: data.RandomSampler(range(7), False, 14, generator),
    "one": lambda data, generator: data.RandomSampler(range(1), generator=generator),
    "replacement": lambda data, generator: data.RandomSampler(range(70), True, None, generator),
    "replacement of 32": lambda data, generator: data.RandomSampler(range(9), True, 32, generator),
    "replacement of 33": lambda data, generator: data.RandomSampler(range(9), True, 33, generator),
    "subset": lambda data, generator: data.SubsetRandomSampler([5, 3, 9, 1], generator),
    "empty subset": lambda data, generator: data.SubsetRandomSampler([], generator),
    "weighted": lambda data, generator: data.WeightedRandomSampler(WEIGHTS, 20, True, generator),
    "weighted left": lambda data, generator: data.WeightedRandomSampler(
        WEIGHTS, 6, False, generator
    ),
    "batches": lambda data, generator: data.BatchSampler(
        data.RandomSampler(range(10), generator=generator), 3, False
    ),
    "full batches": lambda data, generator: data.BatchSampler(
        data.RandomSampler(range(10), generator=generator), 3, True
    ),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SAMPLERS)
@side_by_side
def test_indices(torch: Any, name: str, seed: int) -> Any:
    torch.manual_seed(seed)
    sampler = SAMPLERS[name](torch.utils.data, None)
    made = torch.rand(1)  # making one draws nothing
    first, between, second = list(sampler), torch.rand(1), list(sampler)
    own = torch.Generator().manual_seed(seed)
    sampler = SAMPLERS[name](torch.utils.data, own)
    begun = iter(sampler)
    own_made = torch.rand(1, generator=own)
    third = list(begun), list(sampler)
    return (
        made, first, between, second, torch.rand(1), len(sampler),
        own_made, third, torch.rand(1), torch.rand(1, generator=own),
    )  # fmt: skip


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "empty subset"])
@pytest.mark.parametrize("count", [1, 2])
@side_by_side
def test_how_much_is_drawn_before_it_is_needed(torch: Any, name: str, count: int) -> Any:
    own = torch.Generator().manual_seed(3)
    taken = list(itertools.islice(SAMPLERS[name](torch.utils.data, own), count))
    return taken, torch.rand(1, generator=own)


@side_by_side
def test_attributes(torch: Any) -> Any:
    data = torch.utils.data
    own = torch.Generator()
    random = data.RandomSampler("abc", True, 5, own)
    weighted = data.WeightedRandomSampler([1, 2], 3, generator=own)
    batches = data.BatchSampler(range(5), 2, True)
    growing = [1, 2]
    sampler = data.RandomSampler(growing)
    growing.append(3)
    return (
        data.SequentialSampler("abc").data_source,
        (random.data_source, random.replacement, random.num_samples, random.generator is own),
        (weighted.weights, weighted.num_samples, weighted.replacement, weighted.generator is own),
        (batches.sampler, batches.batch_size, batches.drop_last),
        (data.SubsetRandomSampler([3]).indices, data.SubsetRandomSampler([3]).generator),
        len(sampler),
        sampler.num_samples,
        [len(data.BatchSampler(range(5), 2, last)) for last in (False, True)],
        outcome(len, data.BatchSampler(iter(range(5)), 2, True)),
        outcome(lambda: iter(data.Sampler())),
        outcome(lambda: len(data.Sampler())),
        outcome(data.Sampler, "abc"),
        type(data.WeightedRandomSampler(torch.ones(2), 3).weights),
        data.WeightedRandomSampler(np.ones(2, "f"), 3).weights,
    )


BAD: dict[str, Any] = {
    "replacement": lambda data: data.RandomSampler("abc", replacement=1),
    "num_samples 0": lambda data: data.RandomSampler("abc", num_samples=0),
    "num_samples -1": lambda data: data.RandomSampler("abc", num_samples=-1),
    "num_samples 1.5": lambda data: data.RandomSampler("abc", num_samples=1.5),
    "num_samples True": lambda data: len(data.RandomSampler("abc", num_samples=True)),
    "empty": lambda data: data.RandomSampler(""),
    "empty with num_samples": lambda data: list(data.RandomSampler("", num_samples=2)),
    "empty with replacement": lambda data: list(data.RandomSampler("", True, 2)),
    "weighted 0": lambda data: data.WeightedRandomSampler([1.0], 0),
    "weighted True": lambda data: data.WeightedRandomSampler([1.0], True),
    "weighted text": lambda data: data.WeightedRandomSampler([1.0], "1"),
    "weighted replacement": lambda data: data.WeightedRandomSampler([1.0], 1, 1),
    "weights of two dimensions": lambda data: data.WeightedRandomSampler([[1.0]], 1),
    "weights of none": lambda data: data.WeightedRandomSampler(1.0, 1),
    "weights that are text": lambda data: data.WeightedRandomSampler("ab", 1),
    "negative weights": lambda data: list(data.WeightedRandomSampler([-1.0, 2.0], 1)),
    "weights of zero": lambda data: list(data.WeightedRandomSampler([0.0, 0.0], 1)),
    "too few weights": lambda data: list(data.WeightedRandomSampler([1.0, 2.0], 3, False)),
    "too few above zero": lambda data: list(data.WeightedRandomSampler([1.0, 0.0], 2, False)),
    "batch_size 0": lambda data: data.BatchSampler(range(3), 0, False),
    "batch_size True": lambda data: data.BatchSampler(range(3), True, False),
    "batch_size 1.0": lambda data: data.BatchSampler(range(3), 1.0, False),
    "drop_last": lambda data: data.BatchSampler(range(3), 1, 0),
    "drop_last missing": lambda data: data.BatchSampler(range(3), 1),
}


@pytest.mark.parametrize("name", BAD)
@side_by_side
def test_what_is_refused(torch: Any, name: str) -> Any:
    return outcome(BAD[name], torch.utils.data)


@side_by_side
def test_a_batch_sampler_takes_no_more_than_it_needs(torch: Any) -> Any:
    taken = []

    def endless() -> Any:
        for number in itertools.count():
            taken.append(number)
            yield number

    def broken() -> Any:
        yield from range(3)
        raise ZeroDivisionError

    results = []
    for drop_last in (False, True):
        results.append(next(iter(torch.utils.data.BatchSampler(endless(), 3, drop_last))))
        results.append(outcome(list, torch.utils.data.BatchSampler(broken(), 2, drop_last)))
    return results, taken
