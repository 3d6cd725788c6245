"""Random streams equal to PyTorch's, number by number."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch as reference

import minitorch
from tests.parity.side_by_side import outcome, side_by_side

SEEDS = [0, 1, 42, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40 + 7, 2**63 - 1, 2**64 - 1, -1, -5]
SEEDS += [-(2**63)]


@pytest.mark.parametrize("seed", SEEDS, ids=str)
@side_by_side
def test_seeds(torch: Any, seed: int) -> Any:
    generator = torch.manual_seed(seed)
    return (
        generator is torch.default_generator,
        torch.initial_seed(),
        generator.initial_seed(),
        torch.rand(5),
        torch.Generator().manual_seed(seed).initial_seed(),
    )


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1, "text", None, 2**70])
@side_by_side
def test_bad_seeds(torch: Any, seed: Any) -> Any:
    return outcome(torch.manual_seed, seed)


@pytest.mark.parametrize("seed", [1.0, 1.5, 3.99])
@side_by_side
def test_seeds_with_a_fraction(torch: Any, seed: float) -> Any:
    return outcome(torch.manual_seed, seed) is torch.default_generator, torch.initial_seed()


@side_by_side
def test_a_new_generator(torch: Any) -> Any:
    generator = torch.Generator()
    return (
        generator.initial_seed(),
        torch.rand(3, generator=generator),
        generator.manual_seed(3) is generator,
        torch.rand(3, generator=generator),
        outcome(torch.Generator, "cpu").initial_seed(),
        outcome(torch.Generator, device="cpu").initial_seed(),
    )


@side_by_side
def test_streams_do_not_mix(torch: Any) -> Any:
    torch.manual_seed(0)
    own = torch.Generator().manual_seed(0)
    drawn = [torch.rand(2), torch.rand(3, generator=own), torch.randperm(4, generator=own)]
    return drawn, torch.rand(2), torch.rand(2, generator=own)


SIZES = [(), (0,), (1,), (2, 3), (3, 0, 2), (1000,), (15,), (16,), (17,), (7, 5, 3)]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@side_by_side
def test_rand(torch: Any, size: tuple[int, ...], dtype: str) -> Any:
    torch.manual_seed(7)
    kind = getattr(torch, dtype)
    return torch.rand(size, dtype=kind), torch.rand(*size, 2, dtype=kind), torch.rand(2)


@side_by_side
def test_options_of_rand(torch: Any) -> Any:
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        default = torch.rand(2)
    finally:
        torch.set_default_dtype(before)
    return (
        default,
        torch.rand(2, requires_grad=True),
        torch.rand([2]),
        torch.rand(torch.ones(2, 3).shape),
        torch.rand(size=(2,)),
        torch.rand(2, device="cpu"),
        outcome(torch.rand, 2, dtype=torch.int64),
        outcome(torch.rand, -1),
        outcome(torch.rand, 2.5),
        outcome(torch.rand, "2"),
        outcome(torch.rand, 2, generator=5),
    )


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 100, 1000, 29999])
@pytest.mark.parametrize("seed", [0, 5])
@side_by_side
def test_randperm(torch: Any, seed: int, count: int) -> Any:
    torch.manual_seed(seed)
    return torch.randperm(count), torch.randperm(count), torch.rand(1)


@side_by_side
def test_options_of_randperm(torch: Any) -> Any:
    torch.manual_seed(0)
    return (
        torch.randperm(5, dtype=torch.int32),
        torch.randperm(5, dtype=torch.float32),
        torch.randperm(5, dtype=torch.float64, requires_grad=True),
        torch.randperm(5, generator=torch.Generator().manual_seed(1)),
        torch.randperm(n=3),
        *(outcome(torch.randperm, n, dtype=torch.int8) for n in (127, 128, 129)),
        *(outcome(torch.randperm, n, dtype=torch.float16) for n in (2049, 2050)),
        outcome(torch.randperm, 2, dtype=torch.bool),
        outcome(torch.randperm, -1),
        outcome(torch.randperm, 2.5),
        outcome(torch.randperm, "text"),
        outcome(torch.randperm, 5, requires_grad=True),
    )


@side_by_side
def test_many_draws_of_both_kinds(torch: Any) -> Any:
    """The streams stay in step, whatever was drawn before."""
    torch.manual_seed(11)
    drawn = []
    for count in range(1, 30):
        drawn.append(torch.rand(count))
        drawn.append(torch.rand(count, dtype=torch.float64))
        drawn.append(torch.randperm(count))
        layer = torch.nn.Linear(count, 3, bias=count % 2 == 0)
        drawn.append(layer.weight)
    return drawn


@side_by_side
def test_the_first_draw_after_a_seed_that_was_used(torch: Any) -> Any:
    torch.manual_seed(0)
    torch.rand(10)
    torch.manual_seed(0)
    return torch.rand(10)


# -- the state ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31, 2**40, -7])
@side_by_side
def test_bytes_of_a_state(torch: Any, seed: int) -> Any:
    """Fresh, after one draw, with a number kept, and when a block of 624 is just used up."""
    generator = torch.Generator().manual_seed(seed)
    states = [generator.get_state()]
    for draw in (
        lambda: torch.rand(1, generator=generator),
        lambda: torch.randn(3, generator=generator),
        lambda: torch.rand(624 - 5, generator=generator),
        lambda: torch.rand(1, generator=generator),
        lambda: torch.randn(1, generator=generator),
    ):
        draw()
        states.append(generator.get_state())
    return states, generator.initial_seed()


@side_by_side
def test_going_back_to_a_state(torch: Any) -> Any:
    torch.manual_seed(3)
    torch.randn(5)
    state = torch.get_rng_state()
    first = torch.randn(4), torch.rand(700)
    outcome_of_setting = torch.set_rng_state(state)
    second = torch.randn(4), torch.rand(700)
    fresh = torch.Generator().manual_seed(8)
    other = torch.Generator()
    returned = other.set_state(fresh.get_state()) is other
    return (
        first,
        second,
        outcome_of_setting,
        returned,
        other.initial_seed(),
        other.get_state(),
        torch.rand(3, generator=other),
        torch.rand(3, generator=fresh),
    )


def test_a_state_goes_over_to_the_other_package() -> None:
    minitorch.manual_seed(6)
    minitorch.randn(3)
    reference.set_rng_state(reference.from_numpy(minitorch.get_rng_state().numpy()))
    assert minitorch.randn(40).tolist() == reference.randn(40).tolist()
    minitorch.set_rng_state(minitorch.from_numpy(reference.get_rng_state().numpy()))
    assert minitorch.randn(3).tolist() == reference.randn(3).tolist()


COPIES = {
    "clone_state": lambda generator: generator.clone_state(),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda generator: pickle.loads(pickle.dumps(generator)),
}


@pytest.mark.parametrize("way", COPIES)
@side_by_side
def test_copies_go_on_by_themselves(torch: Any, way: str) -> Any:
    generator = torch.Generator().manual_seed(4)
    torch.randn(3, generator=generator)
    other = COPIES[way](generator)
    return (
        other is generator,
        other.initial_seed(),
        str(other.device),
        torch.randn(5, generator=generator),
        torch.randn(5, generator=other),
        other.get_state(),
    )


@side_by_side
def test_what_is_no_state(torch: Any) -> Any:
    generator = torch.Generator().manual_seed(0)
    torch.rand(2, generator=generator)
    state = generator.get_state()
    unseeded, beyond = state.clone(), state.clone()
    unseeded[12] = 0
    beyond[9] = 9
    errors = [
        outcome(generator.set_state, bad)
        for bad in (
            torch.zeros(5),
            torch.zeros(5, dtype=torch.uint8),
            torch.zeros(5056, dtype=torch.uint8),
            torch.zeros(5056, dtype=torch.int8),
            3,
            None,
            state.numpy(),
            unseeded,
            beyond,
        )
    ]
    return (
        errors,
        outcome(torch.set_rng_state, torch.zeros(3)),
        outcome(torch.Generator, "elsewhere"),
        *(outcome(torch.Generator().manual_seed, seed) for seed in ("3", 3.7, None, 2**64)),
        generator.get_state(),
    )


@side_by_side
def test_fork_rng(torch: Any) -> Any:
    torch.manual_seed(0)
    torch.randn(1)
    with torch.random.fork_rng():
        inside = torch.randn(3)
        torch.manual_seed(77)
    after = torch.randn(3)
    with torch.random.fork_rng(enabled=False):
        open_inside = torch.rand(3)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.rand(5)
            raise KeyError
    except KeyError:
        pass
    return inside, after, open_inside, torch.rand(3), torch.initial_seed()


@side_by_side
def test_seeds_that_nobody_chose(torch: Any) -> Any:
    generator = torch.Generator()
    seeds = [generator.seed(), generator.seed(), torch.seed(), torch.random.seed()]
    return (
        len(set(seeds)),
        all(0 <= seed < 2**64 for seed in seeds),
        generator.initial_seed() == seeds[1],
        torch.initial_seed() == torch.random.initial_seed() == seeds[3],
        torch.random.default_generator is torch.default_generator,
        torch.random.manual_seed(3) is torch.default_generator,
    )
