"""Samplers: which indices come, and from which stream."""

from __future__ import annotations

import collections
import itertools
from typing import Any

import pytest

import minitorch
from minitorch.utils.data import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)


def test_a_sampler_without_iter():
    with pytest.raises(NotImplementedError, match="Sampler has no __iter__"):
        iter(Sampler())
    with pytest.raises(TypeError):
        len(Sampler())  # type: ignore[arg-type]


def test_in_order():
    assert list(SequentialSampler("abcd")) == [0, 1, 2, 3]
    assert len(SequentialSampler("abcd")) == 4


@pytest.mark.parametrize("num_samples", [None, 3, 10, 20, 25])
def test_without_replacement_each_comes_once_before_any_comes_again(num_samples):
    drawn = list(RandomSampler(range(10), num_samples=num_samples))
    assert len(drawn) == (num_samples or 10)
    for start in range(0, len(drawn), 10):
        part = drawn[start : start + 10]
        assert len(set(part)) == len(part)
        assert set(part) <= set(range(10))


def test_every_order_is_equally_likely():
    """χ² of the six orders of three, from 1200 draws: 5 degrees of freedom, 99.9 % below 20.5."""
    minitorch.manual_seed(0)
    sampler = RandomSampler("abc")
    counts = collections.Counter(tuple(sampler) for _ in range(1200))
    assert len(counts) == 6
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 20.5


@pytest.mark.parametrize("num_samples", [None, 31, 32, 33, 100])
def test_with_replacement(num_samples):
    drawn = list(RandomSampler(range(5), True, num_samples))
    assert len(drawn) == (num_samples or 5)
    assert set(drawn) <= set(range(5))


def test_the_length_follows_the_data():
    data = [1, 2]
    sampler = RandomSampler(data)
    data.append(3)
    assert len(sampler) == 3
    assert sorted(sampler) == [0, 1, 2]


def test_one_draw_from_the_default_generator_starts_a_shuffle():
    minitorch.manual_seed(5)
    short, after_short = list(RandomSampler(range(2))), minitorch.rand(1).item()
    minitorch.manual_seed(5)
    long, after_long = list(RandomSampler(range(1000))), minitorch.rand(1).item()
    assert (len(short), len(long)) == (2, 1000)
    assert after_short == after_long


@pytest.mark.parametrize("replacement", [False, True])
def test_a_generator_leaves_the_default_one_alone(replacement):
    minitorch.manual_seed(5)
    expected = minitorch.rand(1).item()
    minitorch.manual_seed(5)
    own = minitorch.Generator().manual_seed(1)
    samplers: list[Any] = [
        RandomSampler(range(9), replacement, generator=own),
        SubsetRandomSampler(range(9), own),
        WeightedRandomSampler([1.0, 2.0], 2, replacement, own),
    ]
    for sampler in samplers:
        list(sampler)
    assert minitorch.rand(1).item() == expected


def test_a_subset_in_random_order():
    sampler = SubsetRandomSampler([10, 20, 30])
    assert len(sampler) == 3
    assert {tuple(sampler) for _ in range(200)} == set(itertools.permutations([10, 20, 30]))


def test_weights():
    """Of 10,000 draws with weight 3 of 4, 7500 ± 4 · √(10,000 · ¾ · ¼)."""
    minitorch.manual_seed(0)
    drawn = collections.Counter(WeightedRandomSampler([1.0, 0.0, 3.0], 10_000))
    assert drawn[1] == 0
    assert abs(drawn[2] - 7500) < 174


def test_weights_without_replacement():
    assert sorted(WeightedRandomSampler([0.1, 5.0, 0.1], 3, replacement=False)) == [0, 1, 2]


@pytest.mark.parametrize(
    "make, error",
    [
        (lambda: RandomSampler("abc", replacement=0), TypeError),
        (lambda: RandomSampler("abc", num_samples=0), ValueError),
        (lambda: RandomSampler(""), ValueError),
        (lambda: WeightedRandomSampler([1.0], 0), ValueError),
        (lambda: WeightedRandomSampler([1.0], True), ValueError),
        (lambda: WeightedRandomSampler([1.0], 1, 0), ValueError),
        (lambda: WeightedRandomSampler([[1.0]], 1), ValueError),
        (lambda: BatchSampler("abc", 0, False), ValueError),
        (lambda: BatchSampler("abc", True, False), ValueError),
        (lambda: BatchSampler("abc", 1, None), ValueError),
    ],
)
def test_what_is_refused(make, error):
    with pytest.raises(error, match=r"got|shape"):
        make()


@pytest.mark.parametrize("drop_last, batches", [(False, ["ab", "cd", "e"]), (True, ["ab", "cd"])])
def test_batches(drop_last, batches):
    sampler = BatchSampler("abcde", 2, drop_last)
    assert ["".join(batch) for batch in sampler] == batches
    assert len(sampler) == len(batches)
    assert len(BatchSampler("abcd", 2, drop_last)) == 2
    assert list(BatchSampler("", 2, drop_last)) == []
    assert len(BatchSampler("", 2, drop_last)) == 0


def test_a_batch_is_ready_as_soon_as_it_is_whole():
    taken: list[int] = []
    numbers = (taken.append(number) or number for number in itertools.count())  # type: ignore[func-returns-value]
    batches = iter(BatchSampler(numbers, 3, True))
    assert next(batches) == [0, 1, 2]
    assert taken == [0, 1, 2]
