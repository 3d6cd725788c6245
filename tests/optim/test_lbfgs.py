"""LBFGS against dense matrices, the secant method and the conditions of its line search."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import LBFGS
from minitorch.optim.lbfgs import (
    InverseHessian,
    Trial,
    cubic_minimum,
    find_bracket,
    strong_wolfe,
    zoom,
)

WOLFE = {"line_search_fn": "strong_wolfe"}
both_searches = pytest.mark.parametrize("options", [{"lr": 0.1}, WOLFE], ids=["fixed", "wolfe"])


def leaf(values: Any, dtype: Any = np.float64) -> Any:
    return minitorch.tensor(np.array(values, dtype), requires_grad=True)


class Problem:
    """A loss of one vector, given by NumPy functions, with a count of the calls."""

    def __init__(self, start: Any, loss: Any, gradient: Any, **options: Any) -> None:
        self.w = leaf(start)
        self.optimizer = LBFGS([self.w], **options)
        self.loss, self.gradient = loss, gradient
        self.points: list[Any] = []

    def closure(self) -> float:
        self.points.append(self.w.array.copy())
        self.w.grad = minitorch.tensor(np.asarray(self.gradient(self.w.array)))
        return float(self.loss(self.w.array))

    def step(self) -> Any:
        return self.optimizer.step(self.closure)

    @property
    def state(self) -> Any:
        return self.optimizer.state[self.w]


def quartic(start: Any = (1.0, -2.0, 0.5), **options: Any) -> Problem:
    """Σ w⁴ + w², strictly convex, with its minimum at 0."""
    return Problem(start, lambda w: (w**4 + w**2).sum(), lambda w: 4 * w**3 + 2 * w, **options)


# -- the direction --------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "size"), [(0, 5), (1, 5), (5, 5), (9, 4), (3, 0)])
def test_the_two_loops_multiply_by_the_dense_matrix(
    count: int, size: int, rng: np.random.Generator
) -> None:
    """H ← (I - ρ s yᵀ) H (I - ρ y sᵀ) + ρ s sᵀ over the latest pairs, written as matrices."""
    hessian = InverseHessian(size, {})
    pairs = []
    for _ in range(count):
        step = rng.normal(size=6)
        change = step * rng.uniform(1, 3, size=6)  # y·s > 0
        hessian.update(step, change)
        pairs.append((step, change))
    eye = dense = np.eye(6)
    if pairs:
        step, change = pairs[-1]
        dense = eye * (step @ change) / (change @ change)
    for step, change in pairs[len(pairs) - min(size, len(pairs)) :]:
        rho = 1 / (change @ step)
        left = eye - rho * np.outer(step, change)
        dense = left @ dense @ left.T + rho * np.outer(step, step)
    vector = rng.normal(size=6)
    np.testing.assert_allclose(hessian.times(vector), dense @ vector, rtol=1e-11, atol=1e-13)


def test_a_pair_without_curvature_is_left_out() -> None:
    hessian = InverseHessian(5, {})
    hessian.update(np.array([1.0, 0.0]), np.array([-1.0, 5.0]))
    hessian.update(np.array([1e-10, 0.0]), np.array([1.0, 5.0]))  # y·s = 1e-10, not above it
    assert hessian.times(np.array([3.0, 4.0])).tolist() == [3.0, 4.0]
    assert hessian.steps == hessian.changes == hessian.factors == []


def test_in_one_dimension_it_is_the_secant_method() -> None:
    problem = quartic([1.0], lr=0.7, max_iter=6)
    problem.step()

    def slope(w: float) -> float:
        return 4 * w**3 + 2 * w

    points = [1.0, 1.0 - 0.7 * min(1.0, 1 / 6.0) * 6.0]
    for _ in range(5):
        last, now = points[-2:]
        points.append(now - 0.7 * slope(now) * (now - last) / (slope(now) - slope(last)))
    assert [point.item() for point in problem.points] == pytest.approx(points[:-1], rel=1e-12)
    assert problem.w.array.item() == pytest.approx(points[-1], rel=1e-12)


@pytest.mark.parametrize(("slope", "expected"), [(0.25, -0.125), (8.0, -0.5)])
def test_the_first_move_is_at_most_as_long_as_the_learning_rate(
    slope: float, expected: float
) -> None:
    problem = Problem([0.0], lambda w: 1.0, lambda w: np.full(1, slope), lr=0.5, max_iter=1)
    problem.step()
    assert problem.w.array.item() == expected


def test_a_quadratic_is_solved(rng: np.random.Generator) -> None:
    basis = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    matrix = basis * np.geomspace(1, 1e4, 20) @ basis.T
    target = rng.normal(size=20)
    problem = Problem(
        np.zeros(20),
        lambda w: w @ matrix @ w / 2 - target @ w,
        lambda w: matrix @ w - target,
        max_iter=200,
        tolerance_change=0,
        **WOLFE,
    )
    problem.step()
    assert np.abs(matrix @ problem.w.array - target).max() <= 1e-7
    assert len(problem.points) < 150  # steepest descent takes about a hundred thousand
    np.testing.assert_allclose(problem.w.array, np.linalg.solve(matrix, target), atol=1e-7)


# -- the line search ------------------------------------------------------------------------------


def trial(t: float, loss: float, slope: float) -> Trial:
    return Trial(t, loss, np.array([slope]), np.float64(slope))


@pytest.mark.parametrize("swapped", [False, True])
def test_the_minimum_of_a_cubic(swapped: bool, rng: np.random.Generator) -> None:
    for _ in range(20):
        low, high = np.sort(rng.normal(size=2))  # φ' = (t - high)(t - low), least at `high`
        ends = [
            trial(t, t**3 / 3 - (low + high) * t**2 / 2 + low * high * t, (t - high) * (t - low))
            for t in (low - 0.4, high + 0.7)
        ]
        assert cubic_minimum(*ends[:: -1 if swapped else 1], -9, 9) == pytest.approx(high)
        assert cubic_minimum(*ends, high + 1, high + 2) == high + 1
        assert cubic_minimum(*ends, high - 2, high - 1) == high - 1


def test_a_cubic_without_minimum_gives_the_middle() -> None:
    rising = [trial(t, t**3 + t, 3 * t**2 + 1) for t in (-1.0, 2.0)]
    assert cubic_minimum(*rising, 0.5, 1.5) == 1.0
    assert cubic_minimum(trial(1.0, 0.0, -1.0), trial(1.0, 0.0, -1.0), 2.0, 4.0) == 3.0


def along(function: Callable[[float], tuple[float, float]]) -> Any:
    tried: list[float] = []

    def evaluate(t: float) -> Trial:
        tried.append(float(t))
        return trial(t, *function(float(t)))

    return evaluate, tried


@pytest.mark.parametrize("first", [1e-4, 0.1, 1.0, 30.0])
def test_the_strong_wolfe_conditions_hold(first: float, rng: np.random.Generator) -> None:
    for _ in range(50):
        a, b, c = np.abs(rng.normal(size=3)) + 0.05

        def wavy(t: float, a: float = a, b: float = b, c: float = c) -> tuple[float, float]:
            return (
                a * (t - 1) ** 2 + b * np.cos(4 * t + c) / 4,
                2 * a * (t - 1) - b * np.sin(4 * t + c),
            )

        evaluate, tried = along(wavy)
        start = evaluate(0.0)
        if start.slope >= 0:
            continue
        tried.clear()
        found = strong_wolfe(evaluate, start, first, 60, 1e-9)
        assert found.loss <= start.loss + 1e-4 * found.t * start.slope
        assert abs(found.slope) <= -0.9 * start.slope
        assert (found.loss, found.slope) == wavy(found.t)
        assert found.t in tried


def test_a_bracket_and_its_narrowing_by_hand() -> None:
    """φ = (t - 3)² has its minimum where the cubic says: one step to pass it, one to find it."""
    evaluate, tried = along(lambda t: ((t - 3) ** 2, 2 * (t - 3)))
    start = evaluate(0.0)
    bracket, left = find_bracket(evaluate, start, 6.5, 10)
    assert [point.t for point in bracket] == [0.0, 6.5] and left == 10
    assert zoom(evaluate, start, bracket, left, 1e-9).t == pytest.approx(3.0)
    assert tried == pytest.approx([0.0, 6.5, 3.0])


def test_an_end_of_a_bracket_is_not_tried_again() -> None:
    """A cubic with its minimum outside; a tenth of the width from the nearer end is tried."""
    evaluate, tried = along(lambda t: (-1.0, 0.0))
    start = trial(0.0, 0.0, -1.0)
    for slope, expected in ((1.0, 2.4), (-1.0, 5.6)):
        line = [trial(t, slope * t, slope) for t in (2.0, 6.0)]
        with np.errstate(divide="ignore"):
            zoom(evaluate, start, line, 1, 0.0)
        assert tried.pop() == pytest.approx(expected)


def test_a_search_goes_at_most_tenfold_at_a_time_and_ends() -> None:
    evaluate, tried = along(lambda t: (-t - t * t, -1 - 2 * t))
    with np.errstate(divide="ignore"):  # a cubic that falls forever
        found = strong_wolfe(evaluate, evaluate(0.0), 1.0, 3, 1e-9)
    assert tried == [0.0, 1.0, 10.0, 100.0, 1000.0]
    assert found.t == 1000.0


def test_a_narrow_bracket_is_given_up() -> None:
    """Losses and slopes that contradict each other; the lower end is the result."""
    evaluate, tried = along(lambda t: (t, -1.0))
    start = evaluate(0.0)
    assert strong_wolfe(evaluate, start, 1.0, 1000, 0.5) is start
    assert len(tried) < 10


# -- when a step ends -----------------------------------------------------------------------------


def test_the_number_of_iterations_and_calls() -> None:
    problem = quartic(lr=0.1, max_iter=4)
    for step in range(1, 4):
        problem.step()
        assert problem.state["n_iter"] == 4 * step
        assert problem.state["func_evals"] == len(problem.points) == 4 * step


def test_the_number_of_calls_is_limited() -> None:
    problem = quartic(lr=0.1, max_iter=4, max_eval=3)
    problem.step()
    assert (len(problem.points), problem.state["n_iter"]) == (3, 2)
    assert LBFGS([leaf(1.0)], max_iter=11).param_groups[0]["max_eval"] == 13


@both_searches
def test_a_small_gradient_ends_a_step(options: Any) -> None:
    problem = quartic(max_iter=500, tolerance_grad=1e-3, tolerance_change=0, **options)
    problem.step()
    assert 1e-7 < np.abs(problem.gradient(problem.w.array)).max() <= 1e-3
    calls = len(problem.points)
    problem.step()
    assert len(problem.points) == calls + 1  # nothing is left to do


@pytest.mark.parametrize(
    ("rate", "tolerance", "iterations", "moved"),
    [
        (9.0, 0.025, 1, 0.025),  # the first move
        (9.0, 0.0249, 4, 0.175),
        (0.5, 0.0126, 1, 0.025),  # the first change of the loss
        (0.5, 0.0124, 4, 0.175),
        (9.0, 4.1, 1, 0.0),  # the slope
        (9.0, 3.9, 1, 0.025),
    ],
)
def test_a_small_change_ends_a_step(
    rate: float, tolerance: float, iterations: int, moved: float
) -> None:
    """The gradient is always 2, so nothing is learned of the curvature."""
    problem = Problem([0.0], lambda w: rate * w[0], lambda w: w * 0 + 2, lr=0.025, max_iter=4)
    problem.optimizer.param_groups[0]["tolerance_change"] = tolerance
    problem.step()
    assert problem.state["n_iter"] == iterations
    assert problem.w.array.item() == pytest.approx(-moved, rel=1e-12)


def test_the_first_loss_is_returned() -> None:
    w = leaf([3.0])
    optimizer = LBFGS([w], max_iter=3)
    losses: list[Any] = []

    def closure() -> Any:
        assert minitorch.is_grad_enabled()
        optimizer.zero_grad()
        losses.append((w * w).sum())
        losses[-1].backward()
        return losses[-1]

    with minitorch.no_grad():
        assert optimizer.step(closure) is losses[0]
        assert not minitorch.is_grad_enabled()
    assert len(losses) == 3


# -- parameters -----------------------------------------------------------------------------------


@both_searches
def test_parameters_are_one_vector(options: Any) -> None:
    """Strided, transposed, 0-d and empty ones take the path of one flat parameter."""
    values = np.linspace(-1, 2, 11)
    one = quartic(values, max_iter=6, **options)
    base = np.zeros((4, 6))
    parts = [leaf(np.zeros(shape)) for shape in [(2, 3), (), (0, 2), (4,)]]
    parts[0].data = np.asfortranarray(values[:6].reshape(2, 3))
    parts[1].data = values[6:7].copy().reshape(())
    parts[3].data = base[:, 2]
    parts[3].array[...] = values[7:]
    optimizer = LBFGS(parts, max_iter=6, **options)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = sum(((part**4).sum() + (part**2).sum() for part in parts), minitorch.tensor(0.0))
        loss.backward()
        return loss

    for _ in range(2):
        one.step()
        optimizer.step(closure)
    flat = np.concatenate([part.array.ravel() for part in parts])
    np.testing.assert_allclose(flat, one.w.array, rtol=1e-9)
    assert np.shares_memory(parts[3].array, base)


def test_a_missing_gradient_is_one_of_zeros() -> None:
    idle, w = leaf([5.0, 6.0]), leaf([1.0])
    optimizer = LBFGS([idle, w], max_iter=3)

    def closure() -> Any:
        optimizer.zero_grad()
        (w**4).sum().backward()
        return (w**4).sum()

    optimizer.step(closure)
    assert idle.array.tolist() == [5.0, 6.0] and w.array != 1.0
    assert list(optimizer.state_dict()["state"]) == [0]
    assert optimizer.state[idle]["d"].array.shape == (3,)


@both_searches
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_dtype_is_the_parameters(dtype: Any, options: Any) -> None:
    w = leaf([1.0, -0.5], dtype)
    lr = minitorch.tensor(np.float32(0.1))
    optimizer = LBFGS([w], **{**options, "lr": lr, "max_iter": 5})

    def closure() -> Any:
        w.grad = minitorch.tensor(2 * w.array)
        return float((w.array**2).sum())

    for _ in range(2):
        optimizer.step(closure)
    state = optimizer.state[w]
    assert w.array.dtype == dtype and np.abs(w.array).max() < 0.5
    for tensor in (state["d"], state["prev_flat_grad"], state["H_diag"], *state["ro"]):
        assert tensor.array.dtype == dtype


@both_searches
def test_a_change_is_noted(options: Any) -> None:
    problem = quartic(max_iter=1, **options)
    other = leaf([1.0, 1.0, 1.0])
    product = (problem.w.detach() * other).sum()
    problem.step()
    with pytest.raises(RuntimeError, match="inplace operation"):
        product.backward()


@both_searches
def test_overflow_does_not_warn_but_the_closure_may(options: Any) -> None:
    def gradient(w: Any) -> Any:
        return np.log(w - w) * 1e300  # -inf, with NumPy's warning

    problem = Problem([1.0], lambda w: 1e308, gradient, max_iter=3, **options)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        problem.step()
    assert {str(warning.message) for warning in caught} == {"divide by zero encountered in log"}
    assert np.geterr()["over"] == "warn"


# -- saving and loading ---------------------------------------------------------------------------


@both_searches
@pytest.mark.parametrize("way", ["state dict", "pickled", "pickle", "deepcopy"])
def test_resuming_changes_no_bit(options: Any, way: str) -> None:
    lr = minitorch.tensor(np.float32(0.3))
    settings = {**options, "lr": lr, "max_iter": 3, "history_size": 4}
    straight, saved = quartic(**settings), quartic(**settings)
    for _ in range(2):
        straight.step(), saved.step()
    if way in ("pickle", "deepcopy"):
        through = copy.deepcopy if way == "deepcopy" else lambda it: pickle.loads(pickle.dumps(it))
        saved.w, saved.optimizer = through((saved.w, saved.optimizer))
        resumed = saved
    else:
        state_dict = saved.optimizer.state_dict()
        if way == "pickled":
            state_dict = pickle.loads(pickle.dumps(state_dict))
        resumed = quartic(saved.w.array)
        resumed.optimizer.load_state_dict(state_dict)
    for _ in range(3):
        straight.step(), resumed.step()
        assert straight.w.array.tobytes() == resumed.w.array.tobytes()
    assert straight.state["func_evals"] == resumed.state["func_evals"]


def test_a_state_dict_does_not_change_later() -> None:
    problem = quartic(lr=0.1, max_iter=2, history_size=2)
    problem.step()
    problem.step()
    state = problem.state
    kept = {key: state[key] for key in ("old_dirs", "old_stps", "ro", "d", "prev_flat_grad")}
    before = copy.deepcopy(kept)
    problem.step()
    for key, value in kept.items():
        assert str(value) == str(before[key])
    assert len(problem.state["old_dirs"]) == 2


@both_searches
def test_an_error_in_the_closure_can_be_survived(options: Any) -> None:
    """The state fits where the parameters were left, so that the next step goes on from there."""
    settings = {"max_iter": 8, **options}
    problem = quartic(**settings)
    inner = problem.closure

    def failing() -> float:
        if len(problem.points) == 4:
            raise KeyboardInterrupt
        return inner()

    with pytest.raises(KeyboardInterrupt):
        problem.optimizer.step(failing)
    state = problem.state
    assert state["func_evals"] == 4
    gradient = minitorch.tensor(problem.gradient(problem.w.array))
    newest = state["prev_flat_grad"], state["d"].array * float(state["t"])
    problem.optimizer.param_groups[0]["max_iter"] = 1
    problem.step()
    np.testing.assert_array_equal(
        problem.state["old_dirs"][-1].array, gradient.array - newest[0].array
    )
    np.testing.assert_array_equal(problem.state["old_stps"][-1].array, newest[1])


# -- errors ---------------------------------------------------------------------------------------


def test_only_one_group() -> None:
    a, b = leaf([1.0]), leaf([2.0])
    with pytest.raises(ValueError, match="per-parameter options"):
        LBFGS([{"params": [a], "lr": 0.1}, {"params": [b]}])
    optimizer = LBFGS([{"params": [a], "lr": 0.1}])
    with pytest.raises(ValueError, match="per-parameter options"):
        optimizer.add_param_group({"params": [b]})
    assert [group["lr"] for group in optimizer.param_groups] == [0.1]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"lr": "fast"}, TypeError, "lr must be a number, got str"),
    ],
)
def test_wrong_options(options: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        LBFGS([leaf([1.0])], **options)


def test_an_unknown_line_search_changes_nothing() -> None:
    problem = quartic(line_search_fn="armijo")
    with pytest.raises(RuntimeError, match=r"only 'strong_wolfe' is supported.*'armijo'"):
        problem.step()
    assert not problem.points and not problem.optimizer.state


def test_wrong_closures_and_parameters() -> None:
    w = leaf([1.0])
    with pytest.raises(TypeError, match="closure"):
        LBFGS([w]).step()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="closure must return the loss"):
        LBFGS([w]).step(lambda: None)
    with pytest.raises(RuntimeError, match="without elements"):
        LBFGS([leaf(np.zeros((0, 3)))]).step(lambda: 1.0)
    frozen = leaf([1.0])
    frozen.array.flags.writeable = False
    frozen.grad = minitorch.tensor(np.ones(1))
    with pytest.raises(RuntimeError, match="read-only"):
        LBFGS([w, frozen]).step(lambda: 1.0)


def test_hooks_run_around_a_step() -> None:
    problem = quartic(max_iter=2)
    seen: list[int] = []
    problem.optimizer.register_step_pre_hook(lambda *_: seen.append(len(problem.points)))
    problem.optimizer.register_step_post_hook(lambda *_: seen.append(len(problem.points)))
    problem.step()
    assert seen == [0, 2]
