"""What update rules work on: blocks of joined, cut and whole parameters, and plans of them."""

from __future__ import annotations

import copy
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import SGD, Adam, Optimizer
from minitorch.optim.work import BLOCK_SIZE, SMALL, Constants, Scratch, adjustment

FLOAT32 = np.dtype(np.float32)
SHAPES: list[tuple[int, ...]] = [(3, 4), (5,), (), (0, 2), (1, 2, 3)]


class Drag(Optimizer):
    """w - γ t m with m = κ m + g, or w - γ t g: a rule with a number and perhaps an array.

    It notes the size of each block.
    """

    def __init__(self, params: Any, lr: float = 0.1, keep: float = 0.7) -> None:
        super().__init__(params, {"lr": lr, "keep": keep, "remembers": True})
        self.sizes: list[int] = []

    def scalar_state(self, group: Any) -> dict[str, float]:
        return {"step": 0.0}

    def array_state(self, group: Any, shape: tuple[int, ...]) -> dict[str, float]:
        return {"mean": 0.0} if group["remembers"] else {}

    def update_rule(self, group: Any, work: Any) -> None:
        rate = work.constants.once(group["lr"] * work.step)
        for weights, grad, scratch, other, *state in work.blocks():
            self.sizes.append(weights.size)
            for array in (grad, scratch, other, *state):
                assert array.shape == weights.shape
            scratch[...] = other[...] = np.nan  # the rule may overwrite them
            direction = grad
            for mean in state:
                direction = mean
                np.multiply(mean, work.constants[group["keep"]], mean)
                np.add(mean, grad, mean)
            np.multiply(direction, rate, scratch)
            np.subtract(weights, scratch, weights)


class WholeDrag(Drag):
    """The same rule, as if it needed the shapes of the parameters."""

    elementwise = False


class Alone:
    """The same rule for one array, in plain NumPy: what `Drag` must give to the last bit."""

    def __init__(self, array: Any) -> None:
        self.array = array.copy()
        self.mean = np.zeros_like(array)
        self.step_count = 0

    def step(self, grad: Any, options: dict[str, Any]) -> None:
        self.step_count += 1
        dtype, wide = self.array.dtype, np.result_type(self.array.dtype, np.float32)
        direction = grad
        if options["remembers"]:
            kept = self.mean.astype(wide) * wide.type(options["keep"])
            self.mean = np.asarray(kept.astype(dtype) + grad, dtype)
            direction = self.mean
        moved = direction.astype(wide) * wide.type(options["lr"] * self.step_count)
        self.array = np.asarray(self.array.astype(wide) - moved, dtype)


class Run:
    """An optimizer over some parameters, and each of them alone."""

    def __init__(self, arrays: Any, rng: np.random.Generator, kind: Any = Drag) -> None:
        self.rng = rng
        self.parameters = [minitorch.tensor(array, requires_grad=True) for array in arrays]
        self.alone = [Alone(array) for array in arrays]
        self.optimizer = kind(self.parameters)

    def step(self, missing: Any = ()) -> list[int]:
        """One step in which some have no gradient; check all and give the sizes of the blocks."""
        self.optimizer.sizes.clear()
        options = self.optimizer.param_groups[0]
        for index, (parameter, alone) in enumerate(zip(self.parameters, self.alone, strict=True)):
            parameter.grad = None
            if index not in missing:
                grad = normal(self.rng, alone.array.shape, alone.array.dtype)
                parameter.grad = minitorch.tensor(grad)
                alone.step(-grad if options.get("maximize") else grad, options)
        self.optimizer.step()
        self.check()
        return sorted(self.optimizer.sizes)

    def steps(self, count: int) -> list[int]:
        """Several steps; the sizes of the blocks in the last."""
        for _ in range(count):
            sizes = self.step()
        return sizes

    def check(self) -> None:
        for parameter, alone in zip(self.parameters, self.alone, strict=True):
            np.testing.assert_array_equal(parameter.array, alone.array, strict=True)
            if alone.step_count:
                state = self.optimizer.state[parameter]
                assert state["step"].item() == alone.step_count
                assert state["step"].shape == ()
                if "mean" in state:
                    np.testing.assert_array_equal(state["mean"].array, alone.mean, strict=True)


def normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
    return np.asarray(rng.normal(size=shape), dtype)


def leaf(values: Any, dtype: Any = np.float32) -> Any:
    return minitorch.tensor(np.array(values, dtype), requires_grad=True)


# -- joined, cut and whole --------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_division_changes_no_bit(dtype: Any, rng: np.random.Generator) -> None:
    """Small parameters become one block, large ones several, others one each."""
    shapes = [(3, 4), (70, 1000), (5,), (), (0, 2), (64, 64), (SMALL + 1,), (BLOCK_SIZE,)]
    arrays = [normal(rng, shape, dtype) for shape in shapes]
    small, large = 12 + 5 + 1 + 0 + 64 * 64, 70 * 1000
    rest = large - BLOCK_SIZE
    joined = Run(arrays, rng)
    assert joined.steps(4) == sorted([small, SMALL + 1, BLOCK_SIZE, BLOCK_SIZE, rest])
    whole = Run(arrays, rng, WholeDrag)
    assert whole.steps(4) == sorted(array.size for array in arrays)


def test_many_small_parameters_fill_several_blocks(rng: np.random.Generator) -> None:
    run = Run([normal(rng, (64, 64)) for _ in range(20)], rng)
    sizes = run.steps(4)
    assert sum(sizes) == 20 * 64 * 64
    assert max(sizes) <= BLOCK_SIZE
    assert len(sizes) < 20


def test_small_parameters_without_state_are_joined_too(rng: np.random.Generator) -> None:
    run = Run([normal(rng, (size,)) for size in range(8)], rng)
    run.optimizer.param_groups[0]["remembers"] = False
    run.steps(4)
    assert len(run.optimizer.sizes) == 1


def test_dtypes_are_not_mixed(rng: np.random.Generator) -> None:
    dtypes = [np.float32, np.float64, np.float16, np.float32, np.float64, np.float16]
    run = Run([normal(rng, (size,), dtype) for size, dtype in enumerate(dtypes)], rng)
    assert run.steps(4) == [0 + 3, 1 + 4, 2 + 5]


@pytest.mark.parametrize("size", [6, 300])
def test_parameters_and_gradients_of_any_strides(size: int, rng: np.random.Generator) -> None:
    """Transposed and strided parameters; transposed, strided and broadcast gradients."""
    run = Run([normal(rng, (size, size)) for _ in range(4)], rng)
    run.parameters[1].data = np.asfortranarray(run.parameters[1].array)
    spread = np.zeros((size, 2 * size), np.float32)
    spread[:, ::2] = run.parameters[2].array
    run.parameters[2].data = spread[:, ::2]
    for _ in range(4):
        grads = [
            minitorch.tensor(normal(rng, (size, size))).T,
            minitorch.tensor(normal(rng, (2 * size, size)))[::2],
            minitorch.tensor(normal(rng, (size,))).expand(size, size),
            minitorch.tensor(normal(rng, (size, size))),
        ]
        for parameter, alone, grad in zip(run.parameters, run.alone, grads, strict=True):
            parameter.grad = grad
            alone.step(grad.array, run.optimizer.param_groups[0])
        run.optimizer.step()
        run.check()
    np.testing.assert_array_equal(spread[:, ::2], run.alone[2].array)
    assert not spread[:, 1::2].any()


@pytest.mark.parametrize("kind", [Drag, WholeDrag])
def test_the_scratch_arrays_do_not_hold_the_gradient(kind: Any, rng: np.random.Generator) -> None:
    """Not even the opposite of it, which the rule gets when it maximizes."""
    run = Run([normal(rng, shape) for shape in [*SHAPES, (70, 1000)]], rng, kind)
    run.optimizer.param_groups[0]["maximize"] = True
    run.steps(4)


def test_gradients_are_left_as_they_are(rng: np.random.Generator) -> None:
    """Also by maximizing and weight decay, and also a gradient that several parameters have."""
    shared = minitorch.tensor(normal(rng, (5,)))
    before = shared.array.copy()
    parameters = [leaf(np.ones(5)) for _ in range(3)]
    optimizer = Drag(parameters)
    optimizer.param_groups[0].update(maximize=True, weight_decay=0.5)
    for _ in range(4):
        for parameter in parameters:
            parameter.grad = shared
        optimizer.step()
        assert shared.array.tolist() == before.tolist()


def test_parameters_of_different_ages_are_apart(rng: np.random.Generator) -> None:
    """Their numbers of steps differ, so a rule sees them one after the other."""
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    run.steps(3)
    run.step(missing=(0, 2))
    run.step(missing=(1, 2, 3))
    assert run.steps(2) == [1, 6, 12 + 5 + 0]
    assert [alone.step_count for alone in run.alone] == [6, 6, 5, 6, 7]


# -- parameters that share memory ---------------------------------------------------------------


def shared_buffer(*parts: Any, size: int = 12) -> tuple[Any, list[Any]]:
    buffer = np.arange(size, dtype=np.float32)
    parameters = []
    for part in parts:
        parameter = leaf(0.0)
        parameter.data = buffer[part]
        parameters.append(parameter)
    return buffer, parameters


@pytest.mark.parametrize(
    ("parts", "sizes"),
    [
        ((slice(0, 5), slice(3, 9)), [5, 6]),
        ((slice(3, 9), slice(0, 5)), [5, 6]),
        ((slice(0, 12), slice(4, 6), slice(6, 8)), [2, 2, 12]),
        ((slice(None, None, 2), slice(3, None, 3)), [3, 6]),
        ((slice(None, None, -1), slice(0, 4)), [4, 12]),
        ((slice(0, 5), slice(5, 12)), [5 + 7]),  # only beside each other
    ],
)
def test_parameters_that_share_memory_are_not_joined(parts: Any, sizes: list[int]) -> None:
    """Each place gets the sum of what its parameters get.

    With gradients of 1, m is 1, 1.5, 1.75 and 1.875, and a parameter loses γ t m in step t.
    """
    buffer = np.arange(12, dtype=np.float32)
    expected = buffer.copy()
    parameters = [leaf(0.0) for _ in parts]
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.data = buffer[part]
        expected[part] -= 0.25 * (1 * 1 + 2 * 1.5 + 3 * 1.75 + 4 * 1.875)
    optimizer = Drag(parameters, lr=0.25, keep=0.5)
    for _ in range(4):
        optimizer.sizes.clear()
        for parameter in parameters:
            parameter.grad = minitorch.ones(parameter.shape)
        optimizer.step()
    np.testing.assert_array_equal(buffer, expected)
    assert sorted(optimizer.sizes) == sizes


# -- plans ------------------------------------------------------------------------------------


def new_array(run: Run) -> None:
    """`p.data = ...`: what the optimizer holds of it is another array."""
    fresh = normal(run.rng, run.alone[1].array.shape)
    run.parameters[1].data = minitorch.tensor(fresh)
    run.alone[1].array = fresh.copy()


def new_state_tensor(run: Run) -> None:
    fresh = normal(run.rng, run.alone[1].array.shape)
    run.optimizer.state[run.parameters[1]]["mean"] = minitorch.tensor(fresh)
    run.alone[1].mean = fresh.copy()


def new_array_in_a_state_tensor(run: Run) -> None:
    fresh = normal(run.rng, run.alone[1].array.shape)
    run.optimizer.state[run.parameters[1]]["mean"].data = minitorch.tensor(fresh)
    run.alone[1].mean = fresh.copy()


def bare_array_as_state(run: Run) -> None:
    fresh = normal(run.rng, run.alone[1].array.shape)
    run.optimizer.state[run.parameters[1]]["mean"] = fresh.copy()
    run.alone[1].mean = fresh


def state_filled_in_place(run: Run) -> None:
    run.optimizer.state[run.parameters[1]]["mean"].zero_()
    run.alone[1].mean[...] = 0


def count_changed_in_place(run: Run) -> None:
    run.optimizer.state[run.parameters[1]]["step"].fill_(9.0)
    run.alone[1].step_count = 9


def count_of_all_changed_in_place(run: Run) -> None:
    for parameter, alone in zip(run.parameters, run.alone, strict=True):
        run.optimizer.state[parameter]["step"].fill_(9.0)
        alone.step_count = 9


def new_count(run: Run) -> None:
    run.optimizer.state[run.parameters[1]]["step"] = minitorch.tensor(9.0)
    run.alone[1].step_count = 9


def bare_number_as_count(run: Run) -> None:
    run.optimizer.state[run.parameters[1]]["step"] = 9
    run.alone[1].step_count = 9


def new_record(run: Run) -> None:
    fresh = normal(run.rng, run.alone[1].array.shape)
    mean, count = minitorch.tensor(fresh), minitorch.tensor(9.0)
    run.optimizer.state[run.parameters[1]] = {"step": count, "mean": mean}
    run.alone[1].mean, run.alone[1].step_count = fresh.copy(), 9


def record_deleted(run: Run) -> None:
    del run.optimizer.state[run.parameters[1]]
    run.alone[1].mean[...], run.alone[1].step_count = 0, 0


def state_cleared(run: Run) -> None:
    run.optimizer.state.clear()
    for alone in run.alone:
        alone.mean[...], alone.step_count = 0, 0


def state_replaced(run: Run) -> None:
    run.optimizer.state = defaultdict(dict)
    for alone in run.alone:
        alone.mean[...], alone.step_count = 0, 0


def state_loaded(run: Run) -> None:
    saved = copy.deepcopy(run.optimizer.state_dict())
    before = copy.deepcopy(run.alone)
    run.steps(2)
    run.optimizer.load_state_dict(saved)
    for alone, old in zip(run.alone, before, strict=True):
        alone.mean, alone.step_count = old.mean, old.step_count


def parameter_added(run: Run) -> None:
    array = normal(run.rng, (2, 2))
    run.parameters.insert(1, leaf(array))
    run.alone.insert(1, Alone(array))
    run.optimizer.param_groups[0]["params"] = list(run.parameters)


def parameter_removed(run: Run) -> None:
    del run.parameters[1], run.alone[1]
    run.optimizer.param_groups[0]["params"] = list(run.parameters)


def parameter_replaced(run: Run) -> None:
    run.parameters[1] = leaf(run.alone[1].array)
    run.alone[1] = Alone(run.alone[1].array)
    run.optimizer.param_groups[0]["params"] = list(run.parameters)


def parameter_replaced_by_one_of_the_same_array(run: Run) -> None:
    other = leaf(0.0)
    other.data = run.parameters[1].array
    assert other.array is run.parameters[1].array
    run.parameters[1] = other
    run.alone[1] = Alone(run.alone[1].array)
    run.optimizer.param_groups[0]["params"] = list(run.parameters)


def order_turned(run: Run) -> None:
    run.parameters.reverse()
    run.alone.reverse()
    run.optimizer.param_groups[0]["params"] = list(run.parameters)


def rule_forgets(run: Run) -> None:
    run.optimizer.param_groups[0]["remembers"] = False


def another_learning_rate(run: Run) -> None:
    run.optimizer.param_groups[0]["lr"] = 0.5


def copied(run: Run) -> None:
    run.parameters, run.optimizer = copy.deepcopy((run.parameters, run.optimizer))
    run.optimizer.sizes = []


ACTIONS = [
    new_array,
    new_state_tensor,
    new_array_in_a_state_tensor,
    bare_array_as_state,
    state_filled_in_place,
    count_changed_in_place,
    count_of_all_changed_in_place,
    new_count,
    bare_number_as_count,
    new_record,
    record_deleted,
    state_cleared,
    state_replaced,
    state_loaded,
    parameter_added,
    parameter_removed,
    parameter_replaced,
    parameter_replaced_by_one_of_the_same_array,
    order_turned,
    rule_forgets,
    another_learning_rate,
    copied,
]


@pytest.mark.parametrize("before", [1, 2, 4])
@pytest.mark.parametrize("action", ACTIONS)
def test_what_a_user_changes_between_steps_counts(
    action: Callable[[Run], None], before: int, rng: np.random.Generator
) -> None:
    """Before small parameters are joined, just then, and after."""
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    run.steps(before)
    action(run)
    run.steps(4)


def test_what_was_forgotten_comes_back(rng: np.random.Generator) -> None:
    """A rule that stops to use an array of the state, and begins again, finds it as it was."""
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    for remembers in (True, False, True):
        run.optimizer.param_groups[0]["remembers"] = remembers
        run.steps(3)


def test_gradients_that_come_and_go(rng: np.random.Generator) -> None:
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    for _ in range(40):
        run.step(missing=np.flatnonzero(rng.random(len(SHAPES)) < 0.3))


def test_the_tensors_of_the_state_stay_the_same_objects(rng: np.random.Generator) -> None:
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    run.step()
    tensors = [dict(run.optimizer.state[parameter]) for parameter in run.parameters]
    run.steps(4)
    for parameter, before in zip(run.parameters, tensors, strict=True):
        state = run.optimizer.state[parameter]
        assert list(state) == ["step", "mean"]
        assert state["step"] is before["step"]
        assert state["mean"] is before["mean"]


@pytest.mark.parametrize("before", [1, 2, 4])
def test_recorded_state_is_guarded(before: int, rng: np.random.Generator) -> None:
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    run.steps(before)
    weight = leaf(np.ones(5))
    loss = (weight * run.optimizer.state[run.parameters[1]]["mean"]).sum()
    run.step()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_state_of_another_dtype_keeps_it(rng: np.random.Generator) -> None:
    """So it is not joined with the others."""
    parameters = [leaf(np.ones(size)) for size in (2, 3, 4)]
    optimizer = Drag(parameters)
    optimizer.state[parameters[1]]["mean"] = minitorch.zeros(3, dtype=minitorch.float64)
    for _ in range(4):
        optimizer.sizes.clear()
        for parameter in parameters:
            parameter.grad = minitorch.ones(parameter.shape)
        optimizer.step()
    assert optimizer.state[parameters[1]]["mean"].dtype == minitorch.float64
    assert sorted(optimizer.sizes) == [3, 2 + 4]


def test_a_state_of_the_wrong_shape_is_refused(rng: np.random.Generator) -> None:
    run = Run([normal(rng, shape) for shape in SHAPES], rng)
    run.steps(3)
    run.optimizer.state[run.parameters[1]]["mean"] = minitorch.zeros(7)
    with pytest.raises(RuntimeError, match=r"'mean' .* \[5\] .* has \[7\]"):
        run.step()


# -- what a rule is told ------------------------------------------------------------------------


class Telling(Optimizer):
    """Keeps a factor that it halves in each step, and an array of the rows' shape."""

    elementwise = False

    def __init__(self, params: Any) -> None:
        super().__init__(params, {})
        self.told: list[Any] = []

    def scalar_state(self, group: Any) -> dict[str, float]:
        return {"step": 0.0, "factor": 1.0}

    def array_state(self, group: Any, shape: tuple[int, ...]) -> dict[str, Any]:
        return {"mean": 0.5, "rows": shape[:1]}

    def update_rule(self, group: Any, work: Any) -> None:
        work.scalars["factor"] *= 0.5
        for weights, _, _, _, mean, rows in work.blocks():
            self.told.append((weights.shape, work.step, work.is_first))
            assert rows.shape == weights.shape[:1]
            if work.is_first:
                assert (mean == 0.5).all()
                assert not rows.any()


def test_the_rule_is_told_the_step_and_whether_it_is_the_first() -> None:
    first, second = leaf(np.ones((2, 3))), leaf(np.ones((4,)))
    optimizer = Telling([first, second])
    for given in ([first], [first, second], [second], [first, second]):
        optimizer.zero_grad()
        for parameter in given:
            parameter.grad = minitorch.ones(parameter.shape)
        optimizer.step()
    assert optimizer.told == [
        ((2, 3), 1.0, True),
        ((2, 3), 2.0, False),
        ((4,), 1.0, True),
        ((4,), 2.0, False),
        ((2, 3), 3.0, False),
        ((4,), 3.0, False),
    ]
    for parameter in (first, second):
        state = optimizer.state[parameter]
        assert state["step"].item() == 3.0
        assert state["factor"].item() == 0.125
        assert state["factor"].shape == ()


def test_the_numbers_of_the_state_are_float32_unless_the_default_is_float64() -> None:
    for default, dtype in [
        (minitorch.float16, minitorch.float32),
        (minitorch.float32, minitorch.float32),
        (minitorch.float64, minitorch.float64),
    ]:
        parameters = [leaf(np.ones(2), kind) for kind in (np.float16, np.float64)]
        with default_dtype(default):
            optimizer = Drag(parameters)
            for parameter in parameters:
                parameter.grad = parameter.detach()
            optimizer.step()
        assert [optimizer.state[each]["step"].dtype for each in parameters] == [dtype, dtype]
        assert [optimizer.state[each]["mean"].dtype for each in parameters] == [
            minitorch.float16,
            minitorch.float64,
        ]


@contextmanager
def default_dtype(dtype: Any) -> Iterator[None]:
    before = minitorch.get_default_dtype()
    minitorch.set_default_dtype(dtype)
    try:
        yield
    finally:
        minitorch.set_default_dtype(before)


# -- constants and scratch ----------------------------------------------------------------------


def test_a_constant_has_the_dtype_and_is_made_once() -> None:
    constants = Constants(FLOAT32)
    for value in (0.1, 3, Fraction(1, 8), np.float64(0.7), np.int64(2), True):
        array = constants[value]
        assert (array.shape, array.dtype) == ((), FLOAT32)
        assert array == np.float32(float(value))
        assert constants[value] is array
    with pytest.raises(ValueError, match="read-only"):
        constants[0.1][...] = 2


def test_a_tensor_is_read_each_time() -> None:
    constants = Constants(FLOAT32)
    for rate in (minitorch.tensor(0.5), minitorch.tensor([0.5], dtype=minitorch.float64)):
        assert constants[rate] == 0.5
        assert constants[rate].shape == ()
        rate.fill_(0.25)
        assert constants[rate] == 0.25
    assert not constants


def test_values_of_one_step_are_not_kept() -> None:
    constants = Constants(FLOAT32)
    array = constants.once(0.1)
    assert (array.shape, array.dtype, array) == ((), FLOAT32, np.float32(0.1))
    assert not constants


def test_constants_do_not_grow_for_ever() -> None:
    constants = Constants(FLOAT32)
    for index in range(5000):
        assert constants[index / 8] == index / 8
        assert len(constants) <= 1024


@pytest.mark.parametrize(
    ("value", "error"), [("0.1", TypeError), (None, TypeError), (1j, TypeError)]
)
def test_a_constant_must_be_a_number(value: Any, error: Any) -> None:
    with pytest.raises(error, match="must be a number"):
        Constants(FLOAT32)[value]


def test_a_constant_must_be_one_number() -> None:
    with pytest.raises(ValueError, match="1-element"):
        Constants(FLOAT32)[minitorch.ones(2)]


@pytest.mark.parametrize(
    ("dtype", "wide"),
    [(np.float16, np.float32), (np.float32, np.float32), (np.float64, np.float64)],
)
def test_scratch_arrays_lie_as_the_parameter_does(dtype: Any, wide: Any) -> None:
    scratch = Scratch()
    for shape in [(), (0, 3), (4, 5), (3, BLOCK_SIZE)]:
        for array in (np.zeros(shape, dtype), np.zeros(shape, dtype, order="F")):
            three = scratch.like(array)
            assert len(three) == 3
            for index, each in enumerate(three):
                assert (each.shape, each.dtype) == (shape, wide)
                assert each.flags.c_contiguous == array.flags.c_contiguous
                assert each.flags.f_contiguous == array.flags.f_contiguous
                assert not any(np.shares_memory(each, other) for other in three[:index])


def test_scratch_arrays_are_shared_by_parameters() -> None:
    scratch = Scratch()
    large, small = np.zeros(BLOCK_SIZE, np.float32), np.zeros((2, 3), np.float16)
    for one, other in zip(scratch.like(large), scratch.like(small), strict=True):
        assert np.shares_memory(one, other)


# -- maximizing and weight decay ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "decoupled", "weights", "grad"),
    [
        ({"maximize": True}, False, [4.0, 8.0], [-1.0, 2.0]),
        ({"weight_decay": 0.5, "lr": 0.25}, False, [4.0, 8.0], [1.0 + 2.0, -2.0 + 4.0]),
        ({"weight_decay": 0.5, "maximize": True}, False, [4.0, 8.0], [-1.0 + 2.0, 2.0 + 4.0]),
        ({"weight_decay": 0.5, "lr": 0.25}, True, [3.5, 7.0], [1.0, -2.0]),
        ({"weight_decay": 0.5, "lr": 0.25, "maximize": True}, True, [3.5, 7.0], [-1.0, 2.0]),
        ({"weight_decay": minitorch.tensor(0.5), "lr": 1}, False, [4.0, 8.0], [3.0, 2.0]),
        ({"weight_decay": 0.5, "lr": minitorch.tensor([0.25])}, True, [3.5, 7.0], [1.0, -2.0]),
    ],
)
def test_the_gradient_is_adjusted(group: Any, decoupled: bool, weights: Any, grad: Any) -> None:
    """g becomes -g, then g + λ w; or w becomes (1 - γ λ) w."""
    given, array = np.array([1.0, -2.0], np.float32), np.array([4.0, 8.0], np.float32)
    adjust = adjustment(group, Constants(FLOAT32), decoupled)
    assert adjust is not None
    adjusted = adjust(array, given, np.empty_like(array), np.empty_like(array))
    assert (array.tolist(), adjusted.tolist()) == (weights, grad)
    assert given.tolist() == [1.0, -2.0]


@pytest.mark.parametrize("group", [{}, {"maximize": False, "weight_decay": 0, "lr": 0.1}])
def test_there_may_be_nothing_to_adjust(group: Any) -> None:
    assert adjustment(group, Constants(FLOAT32), decoupled=False) is None
    assert adjustment(group, Constants(FLOAT32), decoupled=True) is None


def test_a_group_may_say_how_its_weights_decay() -> None:
    """A gradient of zero leaves (1 - γ λ) w in the first step, but only one way remembers λ w."""
    for decoupled in (True, False):
        parameter = leaf([4.0, 8.0])
        parameter.grad = minitorch.zeros(2)
        optimizer = Drag([parameter], lr=0.25)
        optimizer.param_groups[0].update(weight_decay=0.5, decoupled_weight_decay=decoupled)
        optimizer.step()
        assert parameter.array.tolist() == [3.5, 7.0]
        mean = optimizer.state[parameter]["mean"]
        assert mean.tolist() == ([0.0, 0.0] if decoupled else [2.0, 4.0])


# -- steps that do not happen, or happen otherwise ------------------------------------------------


def with_grad(values: Any, grad: Any) -> Any:
    parameter = leaf(values)
    parameter.grad = minitorch.tensor(np.array(grad, np.float32))
    return parameter


def test_a_first_step_that_failed_leaves_no_state() -> None:
    """Else the second would take its zeros for the momentum so far."""
    weight = with_grad([1.0], [1.0])
    optimizer = SGD([weight], lr=0.1, momentum=0.9, dampening=0.5)
    optimizer.param_groups[0]["lr"] = "x"
    with pytest.raises(TypeError, match="must be a number"):
        optimizer.step()
    assert optimizer.state_dict()["state"] == {}
    optimizer.param_groups[0]["lr"] = 0.1
    optimizer.step()
    assert optimizer.state[weight]["momentum_buffer"].tolist() == [1.0]


def test_a_state_that_is_refused_in_a_later_group_changes_nothing() -> None:
    first, second = with_grad([1.0], [1.0]), with_grad([1.0], [1.0])
    optimizer = Adam([{"params": [first]}, {"params": [second]}], lr=0.1)
    optimizer.step()
    optimizer.state[second]["exp_avg"] = minitorch.ones(2)
    before = first.tolist(), first._version
    with pytest.raises(RuntimeError, match="exp_avg"):
        optimizer.step()
    assert (first.tolist(), first._version) == before
    assert optimizer.state[first]["step"].item() == 1


def test_a_state_of_none_counts_as_missing() -> None:
    """So old checkpoints of PyTorch had it."""
    weight = with_grad([1.0], [1.0])
    optimizer = SGD([weight], lr=0.1, momentum=0.9, dampening=0.5)
    optimizer.state[weight]["momentum_buffer"] = None
    optimizer.step()
    assert optimizer.state[weight]["momentum_buffer"].tolist() == [1.0]


def test_a_view_of_the_state_stays_one() -> None:
    weights = [with_grad([1.0], [1.0]), with_grad([1.0], [1.0])]
    optimizer = Adam(weights)
    optimizer.step()
    view = optimizer.state[weights[0]]["exp_avg"].view(1, 1)
    for _ in range(3):
        optimizer.step()
    assert view.tolist() == [optimizer.state[weights[0]]["exp_avg"].tolist()]


@pytest.mark.parametrize("size", [5, BLOCK_SIZE + 5])
def test_parameters_that_share_memory_are_updated_in_order(size: int) -> None:
    base = np.ones(size, np.float32)
    whole, part = leaf(0.0), leaf(0.0)
    whole.data, part.data = base, base[:3]
    whole.grad, part.grad = minitorch.ones(size), minitorch.full((3,), 3.0)
    SGD([whole, part], lr=0.1, weight_decay=1.0).step()
    assert base[0] == pytest.approx(0.8 - 0.1 * (3 + 0.8))
    assert base[4] == pytest.approx(0.8)


def test_a_parameter_that_is_listed_twice_takes_two_steps() -> None:
    weight = with_grad([1.0], [1.0])
    with pytest.warns(UserWarning, match="duplicate parameters"):
        optimizer = Adam([weight, weight], lr=0.1)
    optimizer.step()
    optimizer.step()
    assert optimizer.state[weight]["step"].item() == 4
    assert weight.item() == pytest.approx(0.6)


def test_an_expanded_parameter_is_refused() -> None:
    weight = minitorch.zeros(1).expand(5).requires_grad_()
    weight.grad = minitorch.ones(5)
    with pytest.raises(RuntimeError, match="single memory location"):
        SGD([weight], lr=0.1).step()


def test_a_computed_parameter_cannot_be_differentiated_through() -> None:
    weight = leaf([1.0]).clone()
    weight.retain_grad()
    weight.grad = minitorch.ones(1)
    SGD([weight], lr=0.5).step()
    assert weight.tolist() == [0.5]
    with pytest.raises(NotImplementedError, match="differentiable=True"):
        SGD([weight], lr=0.5, differentiable=True).step()
    assert weight.tolist() == [0.5]


def test_a_rule_may_be_extended() -> None:
    """A further array of the state is no business of the rule that is inherited."""

    class Counting(Adam):
        def array_state(self, group: Any, shape: tuple[int, ...]) -> dict[str, float]:
            return {**super().array_state(group, shape), "count": 7.0}

    for amsgrad in (True, False):
        weight = with_grad([1.0], [1.0])
        optimizer = Counting([weight], amsgrad=amsgrad)
        optimizer.step()
        assert optimizer.state[weight]["count"].tolist() == [7.0]


@pytest.mark.parametrize("count", [2, 9])
def test_blocks_are_gone_through_once_and_to_the_end(count: int) -> None:
    class Twice(SGD):
        def update_rule(self, group: Any, work: Any) -> None:
            super().update_rule(group, work)
            list(work.blocks())

    class Half(SGD):
        def update_rule(self, group: Any, work: Any) -> None:
            next(work.blocks())

    for kind, message in ((Twice, "only once"), (Half, "to the end")):
        optimizer = kind([with_grad([1.0], [1.0]) for _ in range(count)], lr=0.1)
        with pytest.raises(RuntimeError, match=message):
            optimizer.step()


def test_a_learning_rate_of_several_elements_is_refused() -> None:
    optimizer = Adam([with_grad([1.0], [1.0])])
    optimizer.param_groups[0]["lr"] = minitorch.ones(2)
    with pytest.raises(ValueError, match=r"must be 1-element, got \[2\]"):
        optimizer.step()


def test_joined_parameters_take_little_memory_beside_their_state() -> None:
    """Copies of parameters and gradients are those of one block."""
    weights = [with_grad(np.zeros((64, 64)), np.ones((64, 64))) for _ in range(128)]
    optimizer = SGD(weights, lr=0.1, momentum=0.9)
    tracemalloc.start()
    for _ in range(4):
        optimizer.step()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    state = 128 * 64 * 64 * 4
    assert state < used < state + 6 * BLOCK_SIZE * 4 + 500_000
