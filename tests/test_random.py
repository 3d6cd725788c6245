"""Random streams: known numbers of MT19937, ranges, and independence of generators."""

from __future__ import annotations

import copy
import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import minitorch

MASK = 2**24 - 1


def words(seed: int, count: int) -> list[int]:
    """The stream that PyTorch's generator is documented to be: MT19937, by NumPy's own."""
    bits = np.random.MT19937()
    bits._legacy_seeding(seed)
    return [int(bits.random_raw()) & 0xFFFFFFFF for _ in range(count)]


def test_published_numbers():
    """The first output of MT19937 for the seed 5489 is 3499211612, by its authors' paper."""
    minitorch.manual_seed(5489)
    assert minitorch.rand(1).item() == (3499211612 & MASK) / 2**24


def test_float32_takes_the_low_24_bits_of_a_word():
    minitorch.manual_seed(3)
    assert minitorch.rand(5).tolist() == [(word & MASK) / 2**24 for word in words(3, 5)]


def test_float64_takes_53_bits_of_two_words():
    minitorch.manual_seed(3)
    drawn = words(3, 6)
    pairs = zip(drawn[::2], drawn[1::2], strict=True)
    expected = [((high << 32 | low) & (2**53 - 1)) / 2**53 for high, low in pairs]
    assert minitorch.rand(3, dtype=minitorch.float64).tolist() == expected


def test_permutations_swap_forwards():
    minitorch.manual_seed(3)
    order = [0, 1, 2, 3, 4]
    for place, word in enumerate(words(3, 4)):
        other = place + word % (5 - place)
        order[place], order[other] = order[other], order[place]
    assert minitorch.randperm(5).tolist() == order


def test_printed_numbers():
    """What PyTorch's documentation and countless notebooks print for seed 0."""
    minitorch.manual_seed(0)
    assert repr(minitorch.rand(2, 3)) == (
        "tensor([[0.4963, 0.7682, 0.0885],\n        [0.1320, 0.3074, 0.6341]])"
    )


@pytest.mark.parametrize("dtype", [minitorch.float16, minitorch.float32, minitorch.float64])
def test_rand_is_uniform_below_one(dtype):
    minitorch.manual_seed(0)
    x = minitorch.rand(50000, dtype=dtype).array.astype(np.float64)
    assert x.min() >= 0
    assert x.max() < 1
    counts, _ = np.histogram(x, 20, (0, 1))
    assert np.abs(counts - 2500).max() < 5 * np.sqrt(2500)


@pytest.mark.parametrize("size", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_sizes(size):
    assert minitorch.rand(size).shape == size
    assert minitorch.rand(list(size)).shape == size
    assert minitorch.rand(size=size).shape == size
    if size:
        assert minitorch.rand(*size).shape == size


def test_options_of_rand():
    assert minitorch.rand(2).dtype is minitorch.float32
    assert minitorch.rand(2, requires_grad=True).requires_grad
    assert minitorch.rand(2, requires_grad=True).is_leaf
    minitorch.set_default_dtype(minitorch.float64)
    try:
        assert minitorch.rand(2).dtype is minitorch.float64
    finally:
        minitorch.set_default_dtype(minitorch.float32)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: minitorch.rand(-1), RuntimeError),
        (lambda: minitorch.rand(2.5), TypeError),
        (lambda: minitorch.rand("2"), TypeError),
        (lambda: minitorch.rand(2, dtype=minitorch.int64), NotImplementedError),
        (lambda: minitorch.rand(2, generator=5), TypeError),
        (lambda: minitorch.rand(2, device="cuda"), RuntimeError),
        (lambda: minitorch.randperm(-1), RuntimeError),
        (lambda: minitorch.randperm(2.5), TypeError),
        (lambda: minitorch.randperm("text"), TypeError),
        (lambda: minitorch.randperm(3, generator="text"), TypeError),
        (lambda: minitorch.randperm(3, requires_grad=True), RuntimeError),
        (lambda: minitorch.randperm(3, dtype=minitorch.bool), NotImplementedError),
        (lambda: minitorch.randperm(257, dtype=minitorch.uint8), RuntimeError),
        (lambda: minitorch.randperm(2050, dtype=minitorch.float16), RuntimeError),
    ],
)
def test_what_is_refused_draws_nothing(call, error):
    minitorch.manual_seed(0)
    with pytest.raises(error):
        call()
    assert minitorch.rand(1).item() == (words(0, 1)[0] & MASK) / 2**24


@pytest.mark.parametrize("count", [0, 1, 2, 17, 1000])
def test_permutations(count):
    order = minitorch.randperm(count)
    assert order.dtype is minitorch.int64
    assert sorted(order.tolist()) == list(range(count))
    assert minitorch.randperm(count, dtype=minitorch.float32).dtype is minitorch.float32
    assert sorted(minitorch.randperm(256, dtype=minitorch.uint8).tolist()) == list(range(256))


def test_permutations_are_uniform():
    minitorch.manual_seed(0)
    counts: dict[tuple[int, ...], int] = {}
    for _ in range(6000):
        order = tuple(minitorch.randperm(3).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert max(abs(count - 1000) for count in counts.values()) < 5 * np.sqrt(1000)


def test_a_seed_starts_the_stream_afresh():
    assert minitorch.manual_seed(4) is minitorch.default_generator
    first = minitorch.rand(3).tolist()
    assert minitorch.rand(3).tolist() != first
    minitorch.manual_seed(4)
    assert minitorch.rand(3).tolist() == first
    assert minitorch.initial_seed() == 4


def test_generators_are_independent():
    minitorch.manual_seed(0)
    expected = minitorch.rand(4).tolist()
    minitorch.manual_seed(0)
    own = minitorch.Generator().manual_seed(0)
    halves = minitorch.rand(2).tolist()
    assert minitorch.rand(4, generator=own).tolist() == expected
    minitorch.randperm(5, generator=own)
    assert halves + minitorch.rand(2).tolist() == expected
    assert own.initial_seed() == 0


def test_a_new_generator_starts_from_pytorchs_default():
    assert minitorch.Generator().initial_seed() == 67280421310721
    first = minitorch.rand(2, generator=minitorch.Generator()).tolist()
    assert minitorch.rand(2, generator=minitorch.Generator("cpu")).tolist() == first


@pytest.mark.parametrize(
    ("seed", "kept"),
    [(-1, 2**64 - 1), (-5, 2**64 - 5), (2**64 - 1, 2**64 - 1), (-(2**63), 2**63), (1.9, 1)],
)
def test_seeds(seed, kept):
    minitorch.manual_seed(seed)
    assert minitorch.initial_seed() == kept
    low = kept % 2**32  # MT19937 is seeded by 32 bits
    assert minitorch.rand(1).item() == (words(low, 1)[0] & MASK) / 2**24


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, 2**100])
def test_a_seed_that_is_too_large(seed):
    minitorch.manual_seed(3)
    with pytest.raises(ValueError, match=r"from -2\*\*63 to 2\*\*64 - 1"):
        minitorch.manual_seed(seed)
    assert minitorch.initial_seed() == 3


def test_numpys_global_stream_is_left_alone():
    np.random.seed(0)
    expected = np.random.rand()
    np.random.seed(0)
    minitorch.manual_seed(1)
    minitorch.rand(5)
    assert np.random.rand() == expected


def test_a_state_is_a_place_in_the_stream():
    generator = minitorch.Generator().manual_seed(4)
    minitorch.randn(3, generator=generator)  # an odd number: one of a pair is kept
    state = generator.get_state()
    assert state.dtype is minitorch.uint8
    assert state.shape == (5056,)
    first = minitorch.randn(5, generator=generator).tolist()
    assert generator.set_state(state) is generator
    assert minitorch.randn(5, generator=generator).tolist() == first
    other = minitorch.Generator().set_state(state)
    assert minitorch.randn(5, generator=other).tolist() == first
    assert other.initial_seed() == 4


def test_a_state_holds_the_twister_where_it_is_documented_to_be():
    """Seed, then 624 numbers of 64 bits from byte 24 on, as NumPy's own MT19937 has them."""
    generator = minitorch.Generator().manual_seed(2**40 + 3)
    minitorch.rand(10, generator=generator)
    data = generator.get_state().numpy().tobytes()
    twister = np.random.RandomState(3)
    twister.randint(0, 2**32, 10, dtype=np.uint32)
    _, numbers, place, _, _ = twister.get_state()
    assert int.from_bytes(data[:8], "little") == 2**40 + 3
    assert np.frombuffer(data, np.uint64, 624, 24).tolist() == numbers.tolist()
    assert int.from_bytes(data[16:24], "little") == place == 10


COPIES = [
    minitorch.Generator.clone_state,
    copy.copy,
    copy.deepcopy,
    lambda generator: pickle.loads(pickle.dumps(generator)),
]


@pytest.mark.parametrize("way", COPIES)
def test_copies_go_on_by_themselves(way):
    generator = minitorch.Generator().manual_seed(4)
    minitorch.randn(3, generator=generator)
    other = way(generator)
    first = minitorch.randn(5, generator=generator).tolist()
    assert minitorch.randn(5, generator=other).tolist() == first
    assert other is not generator


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (3, TypeError),
        (np.zeros(5056, np.uint8), TypeError),
        (minitorch.zeros(5056), TypeError),
        (minitorch.zeros(5055, dtype=minitorch.uint8), RuntimeError),
        (minitorch.zeros(5056, dtype=minitorch.uint8), RuntimeError),
    ],
)
def test_what_is_no_state_changes_nothing(state, error):
    generator = minitorch.Generator().manual_seed(1)
    minitorch.rand(2, generator=generator)
    before = generator.get_state().tolist()
    with pytest.raises(error, match="state"):
        generator.set_state(state)
    assert generator.get_state().tolist() == before
    assert generator.initial_seed() == 1


def test_fork_rng_keeps_the_stream_in_place():
    minitorch.manual_seed(2)
    first = minitorch.rand(1).item()
    with pytest.raises(KeyError), minitorch.random.fork_rng():
        minitorch.rand(100)
        minitorch.manual_seed(9)
        raise KeyError
    second = minitorch.rand(1).item()
    minitorch.manual_seed(2)
    assert minitorch.rand(2).tolist() == [first, second]
    assert minitorch.initial_seed() == 2
    with minitorch.random.fork_rng(enabled=False):
        inside = minitorch.rand(1).item()
    minitorch.manual_seed(2)
    assert minitorch.rand(3)[2].item() == inside


def test_seeds_that_nobody_chose():
    generator = minitorch.Generator()
    seeds = {generator.seed(), generator.seed(), minitorch.seed(), minitorch.random.seed()}
    assert len(seeds) == 4
    assert all(0 <= seed < 2**64 for seed in seeds)
    assert minitorch.initial_seed() in seeds


def test_only_the_cpu():
    assert minitorch.Generator("cpu").device == minitorch.device("cpu")
    with pytest.raises(RuntimeError, match="use 'cpu'"):
        minitorch.Generator("cuda")


@pytest.mark.parametrize("draw", [minitorch.rand, minitorch.randn])
def test_threads_share_a_stream_without_drawing_a_number_twice(draw):
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for seed in range(20):
            generator = minitorch.Generator().manual_seed(seed)
            start = threading.Barrier(4)

            def take(generator=generator, start=start):
                start.wait()
                return [draw(3, generator=generator).tolist() for _ in range(20)]

            with ThreadPoolExecutor(4) as pool:
                parts = [future.result() for future in [pool.submit(take) for _ in range(4)]]
            numbers = [number for part in parts for drawn in part for number in drawn]
            assert len(set(numbers)) == len(numbers)
    finally:
        sys.setswitchinterval(interval)


def test_a_read_only_array_draws_nothing():
    array = np.zeros(3)
    array.flags.writeable = False
    minitorch.manual_seed(0)
    with pytest.raises(ValueError, match="read-only"):
        minitorch.from_numpy(array).normal_()
    assert minitorch.rand(1).item() == (words(0, 1)[0] & MASK) / 2**24
